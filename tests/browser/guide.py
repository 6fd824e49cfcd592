"""Takes the pictures of 帮助与操作图解 from the running site, as each role sees it: `./dev guide`.

No file name of a test, so it runs only when it is named. The pictures go to static/zhgg/guide/, which git ignores.
"""

import io
import re
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image

from projects.guide.guides import pictures
from projects.guide.parts import FOLDER
from tests.browser.visitor import DESKTOP, HEIGHTS

pytestmark = pytest.mark.django_db
# Of one picture. A page with ten of them must open on a phone.
LIMIT = 90_000


@dataclass(frozen=True)
class Shot:
    """Where a picture is taken: the address, then links (or buttons) by their name; then so many rows are
    ticked."""

    opens: str
    follows: tuple[str, ...] = ()
    ticks: int = 0


# Who logs in through which entrance ("" is nobody, "staff" the officers' login) → picture → where it is taken.
SHOTS = {
    ("", ""): {"login": Shot("login")},
    ("legal", "重庆样例大学（虚构）"): {
        "unit-portal": Shot("portal"),
        "unit-edit": Shot("unit-edit"),
        "unit-authorise": Shot("authorisation"),
        "unit-departments": Shot("departments"),
        "unit-reviews": Shot("reviews", ticks=1),
        "unit-projects": Shot("proposals", ticks=2),
        "unit-proposal": Shot("proposals", ("处理.*基于类器官",)),
    },
    ("person", "周例言"): {"agent-portal": Shot("portal")},
    ("person", "陈样安"): {
        "manager-portal": Shot("portal"),
        "manager-reviews": Shot("reviews", ticks=2),
        "manager-review": Shot("reviews", ("审核.*黄拟涛",)),
        "manager-projects": Shot("proposals", ticks=2),
        "manager-proposal": Shot("proposals", ("处理.*山地城市低空",)),
    },
    ("person", "杨例溪"): {
        "person": Shot("person"),
        "person-edit": Shot("person-edit"),
        "pi-portal": Shot("portal"),
        "pi-call": Shot("calls", ("查看.*重点项目",)),
        "pi-edit": Shot("my-proposals", ("编辑.*三峡库区",)),
        "pi-attachments": Shot("my-proposals", ("编辑.*三峡库区", "附件")),
    },
    ("person", "冯试铭"): {"pi-check": Shot("my-proposals", ("编辑.*主轴", "^检查"))},
    ("person", "张样明"): {"pi-progress": Shot("my-proposals", ("查看.*山地城市低空",))},
    ("person", "沈样禾"): {"pi-returned": Shot("my-proposals", ("编辑.*柑橘",))},
    ("staff", "kjj"): {
        "bureau-portal": Shot("portal"),
        "bureau-calls": Shot("bureau-calls"),
        "bureau-call": Shot("bureau-calls", ("查看.*重点项目",)),
        "bureau-projects": Shot("proposals", ticks=2),
        "bureau-proposal": Shot("proposals", ("处理.*精密减速器",)),
        "bureau-figures": Shot("figures"),
        "bureau-units": Shot("bureau-units"),
        "bureau-announcements": Shot("bureau-announcements"),
    },
}


def go(page, shot):
    """To the page of the picture, by clicking what people click at a desk, where nothing is folded."""
    page.set_viewport_size({"width": DESKTOP, "height": HEIGHTS[DESKTOP]})
    page.goto(reverse(shot.opens))
    for name in shot.follows:
        before, main = page.url, page.get_by_role("main")
        link, button = (main.get_by_role(role, name=re.compile(name)) for role in ("link", "button"))
        link.or_(button).first.click()
        page.wait_for_url(lambda url, before=before: url != before)


def take(page, shot, file, width, height):
    """The part of the page that fits a window of this size, as WebP. The page is opened anew, because what it folds
    depends on the window."""
    page.set_viewport_size({"width": width, "height": height})
    page.reload()
    for row in range(shot.ticks):
        page.locator("tbody input[type=checkbox]").nth(row).check()
    packed = io.BytesIO()
    Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB").save(
        packed, "WEBP", quality=80, method=6
    )
    assert packed.tell() < LIMIT, f"{file} has {packed.tell():,} bytes"
    path = settings.BASE_DIR / "static" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed.getvalue())


@pytest.mark.parametrize(("entrance", "label"), SHOTS, ids=[label or "before the login" for _, label in SHOTS])
def test_pictures_as_they_are_seen_by(visitor, entrance, label):
    someone = visitor()
    if entrance == "staff":
        someone.sign_in_as_staff(label)
    elif entrance:
        someone.sign_in(entrance, label)

    for name, shot in SHOTS[entrance, label].items():
        picture = pictures()[name]
        go(someone.page, shot)
        take(someone.page, shot, picture.file, picture.width, picture.height)
        take(someone.page, shot, picture.phone_file, picture.phone_width, picture.phone_height)


def test_no_picture_is_left_from_before():
    """Runs last: what no guide shows any more goes."""
    shown = {file for picture in pictures().values() for file in (picture.file, picture.phone_file)}
    for path in (settings.BASE_DIR / "static" / FOLDER).glob("*"):
        if f"{FOLDER}/{path.name}" not in shown:
            path.unlink()

    assert len(list((settings.BASE_DIR / "static" / FOLDER).glob("*.webp"))) == len(shown)
