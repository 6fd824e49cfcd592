"""What the documents say is so."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_every_variable_of_the_settings_is_documented():
    settings = (ROOT / "zhgg" / "settings.py").read_text()
    names = set(re.findall(r'(?:env(?:\.\w+)?|required)\(\s*"([A-Z_]+)"', settings))
    for entrance in ("LEGAL", "PERSON"):
        names |= {f"OIDC_{entrance}_{part}" for part in ("CLIENT_ID", "CLIENT_SECRET", "EXTRA")}
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "operations.md").read_text()))

    assert len(names) > 20
    assert names - documented == set()


def test_every_picture_of_the_readmes_is_there_and_small():
    for readme in ("README.md", "README.en.md"):
        pictures = re.findall(r"\(([^()]+\.(?:png|svg))\)", (ROOT / readme).read_text())
        assert len(pictures) >= 7
        for picture in pictures:
            assert (ROOT / picture).stat().st_size < 200_000


def test_every_link_of_the_readmes_to_a_file_leads_somewhere():
    for readme in ("README.md", "README.en.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / readme).read_text()):
            assert (ROOT / target).exists(), f"{readme}: {target}"


def test_every_requirement_names_code_and_tests_that_are_there():
    text = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`((?:accounts|orgs|profiles|projects|zhgg|deploy|tests)/[^`:]+)(?:::(\w+))?`", text)
    missing = [
        f"{path}::{test}" if test else path
        for path, test in named
        if not (ROOT / path).exists() or (test and f"def {test}(" not in (ROOT / path).read_text())
    ]

    assert [f"T{number:02}" for number in range(1, 67)] == re.findall(r"^\| (T\d\d) ", text, re.MULTILINE)
    assert len(named) > 150
    assert missing == []
