"""科技局's pages of 申报批次: preview, publishing, closing, extending, and who reads what."""

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.enums import Scope, State
from projects.models import Call, CallFile, Extension
from tests import factories as make
from tests.projects.calls import DAY, client, extension_data, form_data, moment, officer, page, pi
from tests.projects.pages import text_of
from tests.uploads import pdf, uploaded

__all__ = ["client", "officer", "pi"]

pytestmark = pytest.mark.django_db


# Preview, publishing, closing -----------------------------------------------------------------------------------------


def test_the_preview_is_the_page_that_a_pi_sees(client, login, pi):
    call = make.make_call(published=False, guide="# 申报条件")
    before = client.get(page("-preview", call))
    assert login(pi.user).get(call.get_absolute_url()).status_code == 404

    client.post(page("-publish", call), {"version": "1"})
    seen = login(pi.user).get(call.get_absolute_url())

    assert before.templates[0].name == seen.templates[0].name == "projects/call.html"
    for words in ("申报条件", "1.2 先进制造", "我要申报"):
        assert words in text_of(before)
        assert words in text_of(seen)


def test_publishing_asks_first_and_says_what_follows(client):
    call = make.make_call(published=False)

    question = client.get(page("-publish", call))
    assert Call.objects.get().published is False
    response = client.post(page("-publish", call), {"version": str(question.context["call"].version)}, follow=True)

    assert "发布后立即开始受理" in text_of(question)
    assert "已发布。" in text_of(response)
    assert Call.objects.get().published is True


def test_an_older_version_is_not_published(client):
    call = make.make_call(published=False)
    client.post(page("-edit", call), form_data(version="1", name="刚改的名字"))

    response = client.post(page("-publish", call), {"version": "1"})

    assert response.status_code == 409
    assert "周例于" in text_of(response)
    assert Call.objects.get().published is False


def test_what_is_incomplete_is_not_published_and_says_why(client):
    call = make.make_call(published=False, guide="")

    for response in (client.get(page("-publish", call)), client.post(page("-publish", call), {"version": "1"})):
        assert response.status_code == 409
        assert "请填写申报指南" in text_of(response)
    assert "请填写申报指南" in text_of(client.get(page("", call)))


@pytest.mark.parametrize("version", ["", "x", "9" * 40, "\x00"])
def test_a_broken_version_publishes_nothing(client, version):
    call = make.make_call(published=False)

    assert client.post(page("-publish", call), {"version": version}).status_code == 200
    assert Call.objects.get().published is False


def test_closing_needs_a_reason_that_everybody_reads(client, login, pi):
    call = make.make_call()
    make.make_proposal(pi, call)

    question = client.get(page("-close", call))
    without = client.post(page("-close", call), {"version": "1", "reason": " "})
    done = client.post(page("-close", call), {"version": "1", "reason": "指南有重大调整"}, follow=True)

    assert "现有 1 份未提交的申报书将不能再提交" in text_of(question)
    assert without.status_code == 200
    assert "请填写" in text_of(without)
    assert "已结束受理" in text_of(done)
    assert "提前结束受理。原因：指南有重大调整" in text_of(login(pi.user).get(call.get_absolute_url()))
    assert client.get(page("-close", call)).status_code == 409


# Extending ------------------------------------------------------------------------------------------------------------


def test_an_extension_is_asked_about_before_it_is_granted(client, login, pi):
    call = make.make_call()
    make.make_proposal(pi, call)
    make.make_proposal(pi, call, state=State.UNIT)
    data = extension_data()

    question = client.post(page("-extend", call), data)
    assert Extension.objects.count() == 0
    done = client.post(page("-extend", call), {**data, "confirm": "1"}, follow=True)

    assert "涉及 2 份申报书：未提交 1 份，单位审核 1 份" in text_of(question)
    assert "已延期，涉及 2 份申报书" in text_of(done)
    assert "周例 延期" in text_of(done)
    assert "系统故障" in text_of(done)
    shown = text_of(login(pi.user).get(call.get_absolute_url()))
    assert "延期通知" in shown
    assert "原因：系统故障" in shown


def test_units_are_found_and_ticked_step_by_step(client, login, pi):
    call = make.make_call(closes_at=timezone.now() - DAY)
    other = make.make_unit("重庆样例研究院（虚构）")
    data = extension_data(scope=Scope.UNITS)

    found = client.post(page("-extend", call), {**data, "unit_query": "样例大学", "find": "1"})
    ticked = [str(pi.unit_id)]
    more = client.post(page("-extend", call), {**data, "unit_query": "样例研究院", "find": "1", "units": ticked})
    done = client.post(page("-extend", call), {**data, "units": [*ticked, str(other.pk)], "confirm": "1"})

    assert "查到 1 个单位" in text_of(found)
    assert [pk for pk, _ in found.context["form"].fields["units"].choices] == [pi.unit_id]
    assert {pk for pk, _ in more.context["form"].fields["units"].choices} == {pi.unit_id, other.pk}
    assert "checked" in more.content.decode()
    assert done.status_code == 302
    assert set(Extension.objects.get().units.all()) == {pi.unit, other}
    assert "我要申报" in text_of(login(pi.user).get(call.get_absolute_url()))


def test_one_application_is_named_by_its_number_and_shows_the_reason(client, login, pi):
    call = make.make_call(closes_at=timezone.now() - DAY)
    draft, other = make.make_proposal(pi, call), make.make_proposal(pi, call)

    data = extension_data(scope=Scope.PROPOSAL, number=draft.number)
    client.post(page("-extend", call), {**data, "confirm": "1"})

    reader = login(pi.user)
    assert Extension.objects.get().proposal == draft
    assert "这份申报书的申报截止延至" in text_of(reader.get(draft.get_absolute_url()))
    assert "延期通知" not in text_of(reader.get(other.get_absolute_url()))
    assert "延期通知" not in text_of(reader.get(call.get_absolute_url()))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"submit_until": "2020-01-01 17:00"}, "submit_until", "已经过去"),
        ({"submit_until": moment(1)}, "submit_until", "应晚于现在的截止时间"),
        ({"submit_until": moment(30)}, "review_until", "不能早于申报截止"),
        ({"submit_until": "", "review_until": ""}, "submit_until", "至少一项"),
        ({"reason": ""}, "reason", "请填写"),
        ({"reason": "长" * 501}, "reason", "最多 500 字"),
        ({"reason": "含\x00"}, "reason", "控制字符"),
        ({"scope": "nobody"}, "scope", "不存在或已停用"),
        ({"scope": Scope.UNITS}, "unit_query", "请查找并勾选要延期的单位"),
        ({"scope": Scope.UNITS, "units": ["999999"]}, "units", "单位不存在"),
        ({"scope": Scope.UNITS, "units": ["9" * 40]}, "units", "单位不存在"),
        ({"scope": Scope.UNITS, "units": ["x\x00"]}, "units", "单位不存在"),
        ({"scope": Scope.PROPOSAL}, "number", "请填写申报编号"),
        ({"scope": Scope.PROPOSAL, "number": "没有这份"}, "number", "没有这份申报书"),
    ],
)
@pytest.mark.parametrize("button", [{}, {"confirm": "1"}])
def test_a_bad_extension_is_told_at_its_field_and_kept(client, changes, field, words, button):
    call = make.make_call()

    response = client.post(page("-extend", call), extension_data(**changes, **button))

    assert response.status_code == 200
    assert words in " ".join(response.context["form"].errors[field])
    assert Extension.objects.count() == 0
    assert Call.objects.get().closes_at == call.closes_at


def test_going_back_keeps_what_was_typed(client, pi):
    call = make.make_call()
    data = extension_data(scope=Scope.UNITS, units=[str(pi.unit_id)], back="1")

    form = client.post(page("-extend", call), data).context["form"]

    assert form["reason"].value() == "系统故障"
    assert form["scope"].value() == Scope.UNITS
    assert str(pi.unit_id) in form["units"].value()


# Files ----------------------------------------------------------------------------------------------------------------


def test_files_of_the_guide_are_added_and_deleted(client):
    call = make.make_call()
    client.post(page("-files", call), {"file": uploaded("申报指南.pdf", pdf())})
    [file] = CallFile.objects.all()
    question = reverse("bureau-call-file-delete", args=[call.pk, file.pk])

    assert "申报指南.pdf" in text_of(client.get(page("-files", call)))
    assert client.get(question).status_code == 200
    assert CallFile.objects.count() == 1
    assert client.post(question).headers["Location"] == page("-files", call)
    assert CallFile.objects.count() == 0
    assert client.post(question).status_code == 404


def test_without_a_file_the_form_says_so(client):
    response = client.post(page("-files", make.make_call()), {})

    assert "请选择文件" in text_of(response)


# What people of other roles read --------------------------------------------------------------------------------------


def test_other_units_do_not_read_of_an_extension(client, login, pi):
    call = make.make_call()
    data = extension_data(scope=Scope.UNITS, units=[str(pi.unit_id)])
    client.post(page("-extend", call), {**data, "confirm": "1"})
    stranger = make.make_person(unit=make.make_unit())

    answers = {
        "their own": text_of(login(pi.user).get(call.get_absolute_url())),
        "the unit's": text_of(login(pi.unit.account).get(call.get_absolute_url())),
        "a stranger's": text_of(login(stranger.user).get(call.get_absolute_url())),
    }

    assert {who: "延期通知" in words for who, words in answers.items()} == {
        "their own": True,
        "the unit's": True,
        "a stranger's": False,
    }
