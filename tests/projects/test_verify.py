"""The public page behind the QR code."""

import re

import pytest
from django.urls import reverse

from projects.enums import State
from projects.models import Submission
from tests import factories as make
from tests.projects.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pi():
    unit = make.make_unit(departments=["机器人研究所"])
    return make.make_person("欧阳样例", unit=unit, department=unit.made_departments[0])


def look(client, number, code):
    return client.get(reverse("verify", args=[number, code]), headers={"host": "127.0.0.1"})


def code_of(proposal, number=1):
    return proposal.submissions.get(number=number).digest[:16]


STATES = {
    State.DEPARTMENT: "审核中",
    State.UNIT: "审核中",
    State.BUREAU: "审核中",
    State.ACCEPTED: "已受理",
    State.DECLINED: "不予受理",
}


@pytest.mark.parametrize(("state", "words"), STATES.items())
def test_the_latest_submission_is_confirmed_without_a_login(client, pi, state, words):
    proposal = make.make_proposal(pi, state=state)

    answer = look(client, proposal.number, code_of(proposal))
    text = text_of(answer)

    assert answer.status_code == 200
    assert "这份申报书是系统中提交的内容，而且是最新的一次" in text
    for said in (proposal.number, proposal.title, proposal.unit.name, "第 1 次提交", words):
        assert said in text
    assert "no-store" in answer["Cache-Control"]


def test_nothing_personal_is_said(client, pi):
    proposal = make.make_proposal(pi, state=State.UNIT, return_reason="请负责人欧阳样例修改")

    text = text_of(look(client, proposal.number, code_of(proposal)))

    for secret in ("欧阳样例", "样例联系人", "机器人研究所", pi.mobile, pi.email, "16900000004"):
        assert secret not in text


def test_after_another_submission_the_old_code_says_so(client, pi):
    proposal = make.make_proposal(pi, state=State.UNIT, submission_count=2)
    first = proposal.submissions.get()
    data = first.data
    data["basics"]["title"] = "改过的题目"
    Submission.objects.create(
        proposal=proposal, number=2, data=data, unit=proposal.unit, submitted_at=first.submitted_at
    )

    old, new = (text_of(look(client, proposal.number, code_of(proposal, number))) for number in (1, 2))

    assert "这份申报书已有更新的版本" in old
    assert "改过的题目" not in old
    assert "而且是最新的一次" in new
    assert "改过的题目" in new


def test_what_came_back_says_so(client, pi):
    proposal = make.make_proposal(pi, submissions=1, returned_from=State.UNIT)

    text = text_of(look(client, proposal.number, code_of(proposal)))

    assert "现在已退回或撤回" in text
    assert "正在修改" in text


@pytest.mark.parametrize(
    "code", ["0" * 16, "0" * 15, "0" * 17, "０" * 16, "x", "%00", "%ED%A0%80", "1e309", "9" * 5000, "' OR 1"]
)
def test_a_wrong_code_is_not_found_and_says_what_to_do(client, pi, code):
    proposal = make.make_proposal(pi, state=State.UNIT)

    answer = client.get(f"/verify/{proposal.number}/{code}/", headers={"host": "127.0.0.1"})

    assert answer.status_code == 404
    assert "没有找到与这个编号和校验码相符的申报书" in text_of(answer)
    assert proposal.title not in text_of(answer)


@pytest.mark.parametrize("number", ["TEST-unknown", "%00", "a/b/c", "9" * 5000, "\u202e"])
def test_a_wrong_number_is_not_found(client, pi, number):
    proposal = make.make_proposal(pi, state=State.UNIT)

    answer = client.get(f"/verify/{number}/{code_of(proposal)}/", headers={"host": "127.0.0.1"})

    assert answer.status_code == 404


def test_the_code_of_another_application_is_not_found(client, pi):
    mine = make.make_proposal(pi, state=State.UNIT)
    other = make.make_proposal(pi, state=State.UNIT, basics={"title": "另一个项目"})

    assert look(client, mine.number, code_of(other)).status_code == 404


def test_number_and_code_can_be_typed_as_they_are_printed(client, pi):
    proposal = make.make_proposal(pi, state=State.UNIT)
    code = code_of(proposal).upper()
    spaced = " ".join(re.findall("....", code))

    answer = client.get(
        reverse("verify-form"), {"number": f" {proposal.number} ", "code": spaced}, headers={"host": "127.0.0.1"}
    )

    assert answer.headers["Location"] == reverse("verify", args=[proposal.number, code.lower()])
    half = client.get("/verify/?number=%00%ED%A0%80", headers={"host": "127.0.0.1"})
    assert (half.status_code, "都要填写" in text_of(half)) == (200, True)
    odd = client.get("/verify/?number=%00/%ED%A0%80&code=%0A1e309", headers={"host": "127.0.0.1"})
    assert client.get(odd.headers["Location"], headers={"host": "127.0.0.1"}).status_code == 404


def test_trying_out_codes_is_stopped_and_right_ones_cost_nothing(client, pi):
    proposal = make.make_proposal(pi, state=State.UNIT)
    right = code_of(proposal)

    assert {look(client, proposal.number, right).status_code for _ in range(40)} == {200}
    assert [look(client, proposal.number, f"{guess:016x}").status_code for guess in range(31)] == [404] * 30 + [429]
    assert look(client, proposal.number, right).status_code == 429


def test_it_asks_the_database_twice_whether_too_many_failed_and_what_there_is(client, pi, django_assert_num_queries):
    proposal = make.make_proposal(pi, state=State.UNIT)
    code = code_of(proposal)

    with django_assert_num_queries(2):
        look(client, proposal.number, code)
