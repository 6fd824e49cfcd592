"""帮助与操作图解: who reads which guide, that everything it names is there, and its pictures."""

import re
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from PIL import Image

from orgs.enums import Role
from projects.guide.guides import GUIDES, pictures
from tests import factories as make
from tests.browser.guide import SHOTS

ROOT = Path(__file__).resolve().parents[2]
HANZI = "[\u4e00-\u9fff]"


@pytest.fixture
def clients(db, login):
    """A client for each role that has a guide."""
    unit = make.make_unit(departments=["机器人研究所"])
    users = {
        Role.LEGAL: unit.account,
        Role.AGENT: make.make_agent(unit),
        Role.MANAGER: make.make_manager(unit.made_departments[0]),
        Role.PERSON: make.make_person(unit=unit, department=unit.made_departments[0]).user,
        Role.BUREAU: make.make_officer(),
    }
    return {role: login(user) for role, user in users.items()}


def links(page):
    """Addresses of the links of the page's own part, without those within the page."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.findall(r'<a href="([^"#]+)"', main)


def test_each_role_reads_its_guide_whose_places_it_can_open(clients):
    assert {guide.role for guide in GUIDES.values()} == set(clients)
    for role, client in clients.items():
        guide = GUIDES[role.value]
        page = client.get(reverse("guide", args=[guide.slug])).content.decode()
        places = [reverse(task.address) for task in guide.tasks if task.address != "login"]

        assert links(page) == [reverse("guides"), *places]
        for task in guide.tasks:
            assert f'<a href="#{task.key}">{task.title}</a>' in page
            assert page.count(f'id="{task.key}"') == 1
            assert all(f"<li>{step}</li>" in page for step in task.steps)
        # The staff login sends an officer, who has logged in, on.
        assert {client.get(place, follow=True).status_code for place in places} == {200}


def test_ones_own_guide_comes_first_and_says_so(clients):
    for role, client in clients.items():
        page = client.get(reverse("guides")).content.decode()
        listed = [address.split("/")[-2] for address in links(page)]
        everybodys = {slug for slug in GUIDES if slug != Role.BUREAU}

        assert listed[0] == role
        assert set(listed) == everybodys | {role}
        assert page.count(">您的身份<") == 1


def test_everybody_reads_the_guides_before_the_login_but_that_of_the_bureau(db):
    client = Client(headers={"host": "127.0.0.1"})
    answers = {slug: client.get(reverse("guide", args=[slug])).status_code for slug in (*GUIDES, "nobody")}
    login, index = (client.get(reverse(name)).content.decode() for name in ("login", "guides"))
    guide = client.get(reverse("guide", args=["legal"])).content.decode()

    assert answers == {"person": 200, "manager": 200, "agent": 200, "legal": 200, "bureau": 404, "nobody": 404}
    assert reverse("guides") in login
    assert len(links(index)) == 4
    assert ">您的身份<" not in index
    # What is behind the login is named, and no link.
    assert links(guide) == [reverse("guides")]
    assert "用户中心 → 单位信息" in guide


def test_another_roles_guide_names_places_without_links(clients):
    page = clients[Role.PERSON].get(reverse("guide", args=["legal"])).content.decode()

    assert links(page) == [reverse("guides")]


def test_every_button_and_page_that_a_guide_names_is_called_so():
    code = [
        path for app in ("accounts", "orgs", "profiles", "projects", "zhgg/kit") for path in ROOT.glob(f"{app}/**/*.py")
    ]
    site = "\n".join(
        path.read_text() for path in (*code, *ROOT.glob("templates/**/*.html")) if "guide" not in path.parts
    )
    told = "\n".join(
        words for guide in GUIDES.values() for task in guide.tasks for words in (*task.steps, *task.notes, task.where)
    )
    told += "\n" + "\n".join(picture.alt for picture in pictures().values())
    named = set(re.findall(r"【(.+?)】|“(.+?)”|→ (\w+)", told))
    words = {next(filter(None, found)) for found in named}
    missing = [word for word in words if not re.search(f"(?<!{HANZI}){re.escape(word)}(?!{HANZI})", site)]

    assert len(words) > 50
    assert missing == []


def test_every_picture_is_taken_once_and_only_those_that_are_shown():
    taken = [name for shots in SHOTS.values() for name in shots]
    shown = [picture for guide in GUIDES.values() for task in guide.tasks for picture in task.pictures]

    assert sorted(taken) == sorted({picture.name for picture in shown})
    assert {picture.name: picture for picture in shown} == pictures()
    assert len(set(shown)) == len(pictures())
    assert all(len(picture.alt) >= 15 for picture in shown)
    for shots in SHOTS.values():
        assert all(reverse(shot.opens) for shot in shots.values())


def test_a_guide_shows_the_pictures_that_were_taken_and_no_others(db, client, settings, tmp_path):
    picture = pictures()["unit-edit"]
    for file in (picture.file, picture.phone_file):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (2, 2)).save(tmp_path / file)
    address = reverse("guide", args=["legal"])
    settings.STATICFILES_DIRS = []
    without = client.get(address, headers={"host": "127.0.0.1"}).content.decode()
    settings.STATICFILES_DIRS = [tmp_path]
    page = client.get(address, headers={"host": "127.0.0.1"}).content.decode()

    assert "<picture" not in without
    assert page.count("<picture") == 1
    for part in (
        f'srcset="/static/{picture.phone_file}"',
        'width="390"',
        f'src="/static/{picture.file}"',
        f'alt="{picture.alt}"',
        'width="1120"',
        'height="640"',
        'loading="lazy"',
    ):
        assert page.count(part) == 1
    assert set(re.findall(r"<[^>]+>", without)) < set(re.findall(r"<[^>]+>", page))


def test_a_picture_that_came_after_collectstatic_is_left_out(settings, tmp_path):
    picture = pictures()["unit-edit"]
    (tmp_path / picture.file).parent.mkdir(parents=True)
    (tmp_path / picture.file).write_bytes(b"")
    settings.STATICFILES_DIRS = [tmp_path]
    assert picture.url == f"/static/{picture.file}"

    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

    assert type(storages["staticfiles"]).__name__ == "CompressedManifestStaticFilesStorage"
    assert picture.url == ""
