"""Takes the pictures of the README from the running site: `./dev test tests/browser/screenshots.py`.

No file name of a test, so it runs only when it is named. The pictures go to docs/screenshots/.
"""

import re
from pathlib import Path

import pytest

from tests.browser.png import smaller
from tests.browser.visitor import PHONE

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
# Bigger ones make the README slow to open.
LIMIT = 200_000
WIDTH, HEIGHT = 1280, 800


def take(visitor, name):
    """The part of the page that fits the window, as docs/screenshots/<name>.png."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture = smaller(visitor.page.screenshot(animations="disabled", caret="hide"))
    assert len(picture) < LIMIT, f"{name}.png has {len(picture):,} bytes"
    (FOLDER / f"{name}.png").write_bytes(picture)


def at_desktop(visitor):
    """A visitor with a window of the size of the pictures."""
    someone = visitor(width=WIDTH)
    someone.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    return someone


def test_login(visitor):
    someone = at_desktop(visitor)
    someone.open("/login/")
    take(someone, "login")


def test_unit_and_its_projects(visitor):
    unit = at_desktop(visitor).sign_in("legal", "重庆样例大学（虚构）")
    take(unit, "portal")
    unit.open("/unit/")
    take(unit, "unit")
    page = unit.open("/projects/")
    take(unit, "projects")
    page.get_by_role("link", name=re.compile("^处理.*基于类器官")).click()
    page.wait_for_url(re.compile(r"/projects/\d+/(\?.*)?$"))
    take(unit, "proposal")


def test_review_of_a_change(visitor):
    manager = at_desktop(visitor).sign_in("person", "陈样安")
    page = manager.open("/reviews/")
    page.get_by_role("link", name=re.compile("^审核\\s*黄拟涛")).click()
    page.wait_for_url(re.compile(r"/reviews/\d+/\?"))
    take(manager, "review")


def test_figures_of_the_bureau(visitor):
    officer = at_desktop(visitor).sign_in_as_staff("kjj")
    officer.open("/figures/")
    take(officer, "figures")


def test_on_a_phone(visitor):
    manager = visitor(width=PHONE).sign_in("person", "陈样安")
    manager.open("/projects/")
    take(manager, "phone")
