"""【显示】: a number in full for a minute, after a reason, which the audit trail keeps."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from orgs.particulars import in_words
from tests import factories as make
from tests.orgs.pages import text
from tests.reveals import asks
from tests.test_bodies import BODIES, people  # noqa: F401 - the fixture
from tests.test_urls import world  # noqa: F401 - a fixture of that fixture

pytestmark = pytest.mark.django_db

REVEAL, HOME = "/reveal/", "/unit/"
ACCOUNT = "9999990000000006"
SHOWN = [each for each in BODIES if each[0] == "reveal"]
OWN = {("pi", "person")}


@pytest.fixture
def unit():
    return make.make_unit("重庆样例研究院（虚构）")


def lines():
    return list(AuditEvent.objects.filter(action="reveal"))


def test_without_a_reason_nobody_is_shown_a_number_but_their_own(people):  # noqa: F811
    answers = {
        (role, thing): {people["clients"][role].post(REVEAL, {"what": body["what"]}).status_code for body in asked}
        for _, thing, own, bodies in SHOWN
        for role in sorted(own)
        for asked in [list(bodies(None, people[thing].pk))]
    }

    assert len(answers) > 12
    assert answers == {key: {302} if key in OWN else {200} for key in answers}
    assert {line.detail["reason"] for line in lines()} == {"本人查看"}
    assert {line.user for line in lines()} == {people["person"].user}


def test_the_button_leads_to_a_page_that_asks_why_and_shows_nothing_yet(unit, login):
    visitor = login(unit.account)

    page = visitor.post(REVEAL, {"what": f"unit-bank-account:{unit.pk}", "next": HOME})

    assert page.status_code == 200
    assert "查看“重庆样例研究院（虚构）”的银行账号 完整号码显示 60 秒。" in text(page)
    assert "需要修改" not in text(page)
    assert ACCOUNT not in page.content.decode() + visitor.get(HOME).content.decode()
    assert f'<a class="btn" href="{HOME}">取消</a>' in page.content.decode()
    assert lines() == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"choice": ""}, "查看原因：请选择"),
        ({"choice": "because"}, "查看原因：所选的项不存在或已停用，请重新选择"),
        ({"choice": ["x", "no\0"]}, "查看原因：所选的项不存在或已停用，请重新选择"),
        ({"choice": "other"}, "说明：选了“其他”，请说明原因"),
        ({"choice": "other", "words": "  "}, "说明：选了“其他”，请说明原因"),
        ({"choice": "other", "words": "查"}, "说明：至少 2 字，现在只有 1 字，请补充"),
        ({"choice": "check", "words": "长" * 100_000}, "说明：最多 100 字"),
        ({"choice": "check", "words": "a\0b"}, "说明：第 2 个字是无法显示的控制字符"),
        ({"choice": "call", "words": "13812345678 来电"}, "说明：请不要写号码"),
        ({"choice": "call", "words": "１３８１２３４５６７８ 来电"}, "说明：请不要写号码"),
    ],
)
def test_without_a_good_reason_nothing_is_shown_and_what_was_typed_stays(unit, login, typed, sentence):
    visitor = login(unit.account)

    page = visitor.post(REVEAL, asks(f"unit-bank-account:{unit.pk}", next=HOME, **typed))

    assert page.status_code == 200
    assert f"有 1 处需要修改，没有显示 {sentence}" in text(page)
    words = typed.get("words", "").strip()
    assert words[:9].replace("\0", "") in page.content.decode().replace("\0", "")
    assert ACCOUNT not in page.content.decode() + visitor.get(HOME).content.decode()
    assert lines() == []


def test_half_a_character_is_no_reason(unit, login):
    body = f"what=unit-bank-account:{unit.pk}&choice=other&words=%ED%A0%80%ED%A0%80"
    page = login(unit.account).post(REVEAL, body, content_type="application/x-www-form-urlencoded")

    assert page.status_code in (200, 302)
    assert ACCOUNT not in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"choice": "payment"}, "办理银行拨款"),
        ({"choice": "call", "words": " 王主任来电 "}, "本人或管理员来电核实：王主任来电"),
        ({"choice": "other", "words": "财务处核对 2026 年账目"}, "财务处核对 2026 年账目"),
    ],
)
def test_the_reason_stands_in_the_audit_trail(unit, login, typed, reason):
    visitor = login(unit.account)

    answer = visitor.post(REVEAL, asks(f"unit-bank-account:{unit.pk}", next=HOME, **typed))

    assert (answer.status_code, answer.headers["Location"]) == (302, HOME)
    assert ACCOUNT in visitor.get(HOME).content.decode()
    (line,) = lines()
    assert line.detail == {"field": "unit-bank-account", "reason": reason}
    assert in_words(line) == f"银行账号，原因：{reason}"
    trail = login(make.make_officer()).get(reverse("bureau-audit"))
    assert f"查看完整号码 重庆样例研究院（虚构） 银行账号，原因：{reason}" in text(trail)


def test_the_dialog_stands_where_numbers_of_others_are_and_nowhere_else(unit, login):
    person = make.make_person(unit=unit)
    of_the_unit = login(unit.account).get(HOME).content.decode()
    own = login(person.user).get("/person/").content.decode()
    portal = login(unit.account).get("/").content.decode()

    assert (of_the_unit.count('data-dialog="reveal-why"'), of_the_unit.count('id="reveal-why"')) == (2, 1)
    assert (own.count('name="what" value="person-'), own.count("reveal-why")) == (2, 0)
    assert "reveal-why" not in portal
