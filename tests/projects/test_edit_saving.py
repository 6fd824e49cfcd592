"""What saves itself while an 申报书 is filled in, and two windows."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from projects.models import Proposal
from projects.services.decisions import perform
from projects.services.drafts import QUIET, save_section
from projects.workflow import SUBMIT
from tests import factories as make
from tests.projects.editing import JSON, draft, pi, post, saved, typed, url_of
from tests.projects.pages import text_of

__all__ = ["draft", "pi"]

pytestmark = pytest.mark.django_db


# What saves itself ----------------------------------------------------------------------------------------------------


def test_an_automatic_save_answers_with_the_time_and_the_version(login, draft):
    answer = post(login(draft.pi.user), draft, "team", typed("team", pi_months="7"), **JSON)

    section = saved(draft, "team")
    assert (answer.status_code, answer.json()) == (
        200,
        {"saved": f"{timezone.localtime(section.saved_at):%H:%M}", "version": 2},
    )
    assert section.data["pi_months"] == "7"


def test_an_automatic_save_names_the_mistakes_in_the_words_of_the_page(login, draft):
    answer = post(login(draft.pi.user), draft, "team", typed("team", pi_months="13", members__1__months="0"), **JSON)

    assert answer.status_code == 422
    assert answer.json() == {
        "errors": [
            ["id_pi_months", "负责人每年投入（月）", "应为 1 至 12 的整数，请核对"],
            ["id_members-1-months", "成员 1 每年投入（月）", "应为 1 至 12 的整数，请核对"],
        ]
    }
    assert saved(draft, "team").version == 1


def test_an_automatic_save_of_an_old_version_overwrites_nothing(login, draft):
    client = login(draft.pi.user)
    post(client, draft, "team", typed("team", pi_months="7"))

    answer = post(client, draft, "team", typed("team", pi_months="8"), **JSON)

    assert (answer.status_code, list(answer.json())) == (409, ["stale"])
    assert saved(draft, "team").data["pi_months"] == "7"


def test_an_automatic_save_is_told_when_the_proposal_was_submitted_meanwhile(login, draft):
    perform(action=SUBMIT, proposal_id=draft.pk, actor=make.actor_of(draft.pi.user), seen_step=0)

    answer = post(login(draft.pi.user), draft, "team", typed("team", pi_months="7"), **JSON)

    assert answer.status_code == 409
    assert answer.json()["refused"].startswith("申报书已在单位审核，不能修改")


def test_a_repeated_request_is_neither_stale_nor_a_new_version(login, draft):
    client = login(draft.pi.user)
    body = typed("team", pi_months="7")

    answers = [post(client, draft, "team", body, **JSON) for _ in range(2)]

    assert [answer.json()["version"] for answer in answers] == [2, 2]
    assert saved(draft, "team").version == 2


def lines(draft):
    return [
        event.detail for event in AuditEvent.objects.filter(action="proposal_saved", object_id=str(draft.pk)).reverse()
    ]


def save(draft, tab, number, **options):
    data = saved(draft, tab).data | {"references": f"第 {number} 次"}
    version = saved(draft, tab).version
    return save_section(
        actor=make.actor_of(draft.pi.user), proposal_id=draft.pk, tab=tab, version=version, data=data, **options
    )


def test_automatic_saves_leave_one_line_a_tab_in_ten_minutes(draft):
    for number in range(3):
        save(draft, "research", number, by_itself=True)
    save(draft, "team", 1, by_itself=True)
    save(draft, "research", 9)

    assert lines(draft) == [
        {"tab": "research", "by_itself": True},
        {"tab": "team", "by_itself": True},
        {"tab": "research"},
    ]


def test_automatic_saves_move_the_proposal_in_lists_once_in_ten_minutes(draft):
    long_ago, lately = timezone.now() - 2 * QUIET, timezone.now() - timedelta(minutes=9)
    for before, moves in ((long_ago, True), (lately, False)):
        Proposal.objects.filter(pk=draft.pk).update(updated_at=before)
        save(draft, "research", before, by_itself=True)
        assert (Proposal.objects.get(pk=draft.pk).updated_at != before) is moves
    save(draft, "research", "button")
    assert Proposal.objects.get(pk=draft.pk).updated_at > lately


# Two windows ----------------------------------------------------------------------------------------------------------


def test_rows_added_removed_and_changed_in_another_window_are_shown(login, draft):
    client = login(draft.pi.user)
    target = {"category": "social", "name": "新增就业", "unit": "人", "after": "20", "method": "统计报表"}
    theirs = {f"targets__3__{name}": value for name, value in target.items()}
    post(client, draft, "targets", typed("targets", targets=["1", "3"], targets__1__after="≤8", **theirs))

    response = post(client, draft, "targets", typed("targets", targets__1__after="≤9"))

    assert response.status_code == 409
    assert [tuple(change) for change in response.context["differences"]] == [
        ("指标 1 完成值", "≤8", "≤9"),
        ("指标 2", "", "经济效益，新增产值，万元，0，200，1000，审计报告"),
        ("指标 2", "社会效益，新增就业，人，20，统计报表", ""),
    ]
    words, body = text_of(response), response.content.decode()
    assert "以我填写的为准" in words
    assert f'href="{url_of(draft, "targets")}" data-discard' in re.sub(r"\s+", " ", body)
    assert 'value="≤9"' in body
    assert len(re.findall("btn--primary", body)) == 1


def test_mistakes_in_an_old_version_say_that_there_is_a_newer_one(login, draft):
    client = login(draft.pi.user)
    post(client, draft, "team", typed("team", pi_months="7"))

    response = post(client, draft, "team", typed("team", pi_months="很多"))

    assert "在另一个窗口保存过" in text_of(response)
    assert response.context["version"]["version"].value() == "1"
    assert 'value="很多"' in response.content.decode()
