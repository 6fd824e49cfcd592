"""A password or key that gets into the repository is found, wherever it stands; what the baseline knows is not."""

import json
import subprocess
import sys

from tests.dev.conftest import PROJECT
from zhgg.dev.leaks import BASELINE, new_secrets

# In pieces, so that this file is not what is found.
KEY = "c3VwZXItZ2VoZWlt" + "LXNjaGx1ZXNzZWw0Mg"


def test_a_key_is_found_with_its_place_until_the_baseline_knows_it(tmp_path):
    (tmp_path / BASELINE).write_text("{}")
    (tmp_path / "settings.py").write_text(f'\nSECRET_KEY = "{KEY}"\nNUMBER = "990000198501010019"\n')
    found = new_secrets(tmp_path)
    assert {line.split(": ")[0] for line in found} == {"settings.py:2"}

    scan = [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "settings.py"]
    results = json.loads(subprocess.run(scan, cwd=tmp_path, capture_output=True).stdout)["results"]
    digests = [each["hashed_secret"] for each in results["settings.py"]]
    (tmp_path / BASELINE).write_text(json.dumps({"elsewhere.py": digests}))
    assert new_secrets(tmp_path) == []


def test_the_bill_of_materials_names_what_production_installs():
    command = [sys.executable, "-m", "zhgg.dev", "sbom"]
    answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    names = {part["name"] for part in json.loads(answer.stdout)["components"]}
    assert {"django", "psycopg", "cryptography"} <= names
    assert "pytest" not in names
