"""The pages on which something is decided: they ask first, act once, keep what was typed, and say what happens next."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.enums import State
from projects.models import Proposal, Step
from tests import factories as make
from tests.projects.pages import text_of
from zhgg.kit.calendar import working_days_later

pytestmark = pytest.mark.django_db

REASON = "缺少合作协议，请补充"


@pytest.fixture
def house():
    unit = make.make_unit("样例大学", departments=["软件学院"])
    unit.department = unit.made_departments[0]
    unit.manager = make.make_manager(unit.department)
    unit.pi = make.make_person("样例负责人", unit=unit, department=unit.department)
    unit.call = make.make_call()
    return unit


def url(proposal, action):
    return reverse("proposal-act", args=[proposal.pk, action])


def tomorrow(days=1):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def state_of(proposal):
    return Proposal.objects.get(pk=proposal.pk).state


TITLE = f"“{make.BASICS['title']}”"
WAYS = {
    "withdraw": ("pi", State.DEPARTMENT, State.DRAFT, f"{TITLE}已撤回，回到“未提交”。修改后可以再次提交。"),
    "pass-to-unit": (
        "manager",
        State.DEPARTMENT,
        State.UNIT,
        f"{TITLE}已通过部门审核，现在由样例大学进行单位审核。",
    ),
    "pass-to-bureau": ("legal", State.UNIT, State.BUREAU, f"{TITLE}已提交至科技局，等待科技局审核。"),
    "accept": ("bureau", State.BUREAU, State.ACCEPTED, f"{TITLE}已受理，受理编号 SL"),
    "decline": (
        "bureau",
        State.BUREAU,
        State.DECLINED,
        f"{TITLE}已办理不予受理，负责人和单位会收到通知和原因。",
    ),
    "send-back": (
        "legal",
        State.UNIT,
        State.DRAFT,
        f"{TITLE}已退回至负责人样例负责人，负责人会收到通知和退回原因。",
    ),
}


def user_of(house, who):
    return {
        "pi": lambda: house.pi.user,
        "manager": lambda: house.manager,
        "legal": lambda: house.account,
        "bureau": make.make_officer,
    }[who]()


@pytest.mark.parametrize("action", WAYS)
def test_asking_first_and_then_doing_it_says_what_happens_next(login, house, action):
    who, source, target, message = WAYS[action]
    proposal = make.make_proposal(house.pi, house.call, state=source)
    client = login(user_of(house, who))

    page = client.get(url(proposal, action))
    assert page.status_code == 200
    assert state_of(proposal) == source
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name not in ("templates", "inserted")}
    if "reason" in data:
        data["reason"] = REASON
    done = client.post(url(proposal, action), data, follow=True)

    assert state_of(proposal) == target
    assert message in text_of(done)
    where = proposal.get_absolute_url() if who == "pi" else reverse("proposals")
    assert done.redirect_chain == [(where, 302)]


def test_submitting_from_the_check_says_who_reviews_first(login, house):
    proposal = make.make_proposal(house.pi, house.call)
    client = login(house.pi.user)

    assert client.get(url(proposal, "submit")).headers["Location"] == reverse("proposal-check", args=[proposal.pk])
    done = client.post(url(proposal, "submit"), {"seen_step": "0"}, follow=True)

    assert f"{TITLE}已提交，先由软件学院进行部门审核。" in text_of(done)
    assert state_of(proposal) == State.DEPARTMENT


def test_submitting_with_gaps_leads_to_the_check(login, house):
    proposal = make.make_proposal(house.pi, house.call, basics={"abstract": ""})

    response = login(house.pi.user).post(url(proposal, "submit"), {"seen_step": "0"})

    assert response.headers["Location"] == reverse("proposal-check", args=[proposal.pk])
    assert state_of(proposal) == State.DRAFT


@pytest.mark.parametrize("action", WAYS)
def test_the_same_form_twice_gets_the_same_answer_and_acts_once(login, house, action):
    who, source, _, message = WAYS[action]
    proposal = make.make_proposal(house.pi, house.call, state=source)
    client = login(user_of(house, who))
    data = {"seen_step": "1", "reason": REASON, "correction_due": tomorrow()}

    first = client.post(url(proposal, action), data, follow=True)
    second = client.post(url(proposal, action), data, follow=True)

    assert first.redirect_chain == second.redirect_chain
    assert message in text_of(first)
    assert message in text_of(second)
    assert Step.objects.filter(proposal=proposal, number__gt=1).count() == 1


def test_the_bureaus_return_sent_twice_is_found_though_it_no_longer_sees_the_draft(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.BUREAU)
    client = login(make.make_officer())
    data = {"seen_step": "1", "reason": REASON, "correction_due": tomorrow()}

    answers = [client.post(url(proposal, "send-back"), data, follow=True) for _ in range(2)]

    assert [answer.redirect_chain for answer in answers] == [[(reverse("proposals"), 302)]] * 2
    assert f"{TITLE}已退回至负责人样例负责人" in text_of(answers[1])
    assert Step.objects.filter(proposal=proposal, action="send-back").count() == 1
    assert client.get(proposal.get_absolute_url()).status_code == 404
    changed = {**data, "reason": "另一个原因"}
    for late in (
        client.post(url(proposal, "send-back"), changed),
        login(make.make_officer()).post(url(proposal, "send-back"), data),
    ):
        assert late.status_code == 409
        assert "样例科员（科技局）已办理：退回。您刚才的办理没有生效，也没有重复办理。" in text_of(late)
        assert "返回全部项目" in text_of(late)


def test_a_decision_after_somebody_elses_says_who_was_first(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    agent = make.make_agent(house)
    login(agent).post(url(proposal, "pass-to-bureau"), {"seen_step": "1"})

    response = login(house.account).post(url(proposal, "send-back"), {"seen_step": "1", "reason": REASON})

    assert response.status_code == 409
    assert f"{agent.name}（法人单位授权人）已办理：提交至科技局" in text_of(response)
    assert f'href="{proposal.get_absolute_url()}"' in response.content.decode()
    assert state_of(proposal) == State.BUREAU


BAD_REASONS = {
    "": "请填写",
    "  \n ": "请填写",
    "短": "至少 2 字，现在只有 1 字",
    "长" * 501: "最多 500 字，现在有 501 字",
    "𠮷" * 501: "最多 500 字，现在有 501 字",
    "x" * 1_000_000: "最多 500 字",
    "有\x00字": "第 2 个字是无法显示的控制字符",
}


@pytest.mark.parametrize("reason", BAD_REASONS, ids=lambda reason: repr(reason[:6]))
def test_a_reason_must_be_two_to_500_characters(login, house, reason):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    response = login(house.account).post(url(proposal, "send-back"), {"seen_step": "1", "reason": reason})

    assert response.status_code == 200
    assert f"退回原因：{BAD_REASONS[reason]}" in text_of(response)
    assert response.context["form"]["reason"].value() == reason
    assert state_of(proposal) == State.UNIT


@pytest.mark.parametrize("reason", ["退回", "长" * 500, "𠮷" * 500, "第一行\r\n第二行"])
def test_reasons_of_the_right_length_are_stored_as_typed(login, house, reason):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    login(house.account).post(url(proposal, "send-back"), {"seen_step": "1", "reason": reason})

    assert Proposal.objects.get(pk=proposal.pk).return_reason == reason.replace("\r\n", "\n")


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30, "\x00", None])
def test_a_broken_step_number_decides_nothing_and_keeps_the_reason(login, house, seen):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    data = {"reason": REASON} if seen is None else {"seen_step": seen, "reason": REASON}

    response = login(house.account).post(url(proposal, "send-back"), data)

    assert response.status_code == 200
    assert "页面已过期" in text_of(response)
    assert response.context["form"]["reason"].value() == REASON
    assert state_of(proposal) == State.UNIT


def test_the_bureaus_return_asks_for_a_date_five_working_days_ahead(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.BUREAU)
    client = login(make.make_officer())

    day = client.get(url(proposal, "send-back")).context["form"]["correction_due"].value()
    client.post(url(proposal, "send-back"), {"seen_step": "1", "reason": REASON, "correction_due": day})

    due = working_days_later(timezone.now(), 5)
    assert day == due.date()
    assert Proposal.objects.get(pk=proposal.pk).correction_due == due


def test_the_chosen_date_ends_at_five_in_the_afternoon(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.BUREAU)
    day = timezone.localdate() + timedelta(days=30)

    login(make.make_officer()).post(
        url(proposal, "send-back"), {"seen_step": "1", "reason": REASON, "correction_due": day.isoformat()}
    )

    expected = timezone.make_aware(datetime(day.year, day.month, day.day, 17))
    assert Proposal.objects.get(pk=proposal.pk).correction_due == expected


@pytest.mark.parametrize("day", ["", "明天", "2020-01-01", "2026-02-30", "\x00", "0000-00-00", tomorrow(0)])
def test_a_date_that_is_none_or_over_is_refused_at_its_field(login, house, day):
    proposal = make.make_proposal(house.pi, house.call, state=State.BUREAU)

    response = login(make.make_officer()).post(
        url(proposal, "send-back"), {"seen_step": "1", "reason": REASON, "correction_due": day}
    )

    assert list(response.context["form"].errors) == ["correction_due"]
    assert state_of(proposal) == State.BUREAU


def test_a_unit_sets_no_date_whatever_it_posts(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    client = login(house.account)

    assert "correction_due" not in client.get(url(proposal, "send-back")).context["form"].fields
    client.post(url(proposal, "send-back"), {"seen_step": "1", "reason": REASON, "correction_due": tomorrow(300)})

    assert Proposal.objects.get(pk=proposal.pk).correction_due is None


@pytest.mark.parametrize(
    ("who", "action", "state", "status"),
    [
        ("legal", "accept", State.BUREAU, 403),
        ("manager", "pass-to-bureau", State.UNIT, 403),
        ("pi", "pass-to-unit", State.DEPARTMENT, 403),
        ("legal", "withdraw", State.UNIT, 403),
        ("bureau", "pass-to-bureau", State.UNIT, 403),
        ("legal", "pass-to-bureau", State.DEPARTMENT, 409),
        ("legal", "send-back", State.DEPARTMENT, 409),
        ("manager", "send-back", State.UNIT, 409),
        ("bureau", "accept", State.UNIT, 409),
        ("pi", "withdraw", State.BUREAU, 409),
        ("pi", "submit", State.UNIT, 409),
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "post without a reason"])
def test_what_the_rules_forbid_is_refused_on_the_page_and_on_posting(login, house, who, action, state, status, method):
    proposal = make.make_proposal(house.pi, house.call, state=state)
    client = login(user_of(house, who))
    data = {"seen_step": "1", "reason": "" if "without" in method else REASON, "correction_due": tomorrow()}

    response = client.get(url(proposal, action)) if method == "get" else client.post(url(proposal, action), data)

    assert response.status_code == status
    assert state_of(proposal) == state
    if status == 409:
        assert f'href="{proposal.get_absolute_url()}"' in response.content.decode()


@pytest.mark.parametrize("action", ["remove", "ACCEPT", "accept1", "rerouted"])
def test_an_unknown_action_is_not_found(login, house, action):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    client = login(house.account)

    assert client.get(url(proposal, action)).status_code == 404
    assert client.post(url(proposal, action), {"seen_step": "1"}).status_code == 404


@pytest.mark.parametrize("action", [*WAYS, "submit"])
def test_strangers_find_nothing_to_decide(login, house, action):
    proposal = make.make_proposal(house.pi, house.call, state=WAYS.get(action, ("", State.DRAFT))[1])
    for user in (make.make_unit().account, make.make_person(unit=house, department=house.department).user):
        client = login(user)
        assert client.get(url(proposal, action)).status_code == 404
        data = {"seen_step": "1", "reason": REASON}
        assert client.post(url(proposal, action), data).status_code == 404
        assert client.post(url(proposal, action), {}).status_code == 404


def test_a_decision_needs_the_token_of_the_form(house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    client = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    client.force_login(house.account, backend="accounts.oidc.backend.LegalBackend")

    response = client.post(url(proposal, "pass-to-bureau"), {"seen_step": "1"})

    assert response.status_code == 403
    assert state_of(proposal) == State.UNIT


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(login, house, method):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    assert getattr(login(house.account), method)(url(proposal, "pass-to-bureau")).status_code == 405
    assert state_of(proposal) == State.UNIT


def test_the_page_says_what_the_return_leads_to(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    words = text_of(login(house.account).get(url(proposal, "send-back")))

    until = f"{timezone.localtime(house.call.review_closes_at):%Y-%m-%d %H:%M}"
    assert "申报书退回至负责人样例负责人，回到“未提交”。" in words
    assert f"负责人在 {until} 前修改后再次提交，重新经过二级单位和单位审核。" in words


@pytest.mark.parametrize("typed", [{"reason": ""}, {"reason": "短"}, {}])
def test_a_form_with_mistakes_after_a_colleagues_decision_is_told_what_happened(login, house, typed):
    proposal = make.make_proposal(house.pi, house.call, state=State.BUREAU)
    first, second = make.make_officer("样例甲"), make.make_officer("样例乙")
    sent = {"seen_step": "1", "reason": REASON, "correction_due": tomorrow(3)}
    assert login(first).post(url(proposal, "send-back"), sent).status_code == 302

    page = login(second).post(url(proposal, "send-back"), {"seen_step": "1", **typed})

    assert page.status_code == 409
    assert "样例甲（科技局）已办理：退回" in text_of(page)
    assert Step.objects.count() == 2


def test_a_form_with_mistakes_about_what_one_never_saw_is_unknown(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    login(house.account).post(url(proposal, "send-back"), {"seen_step": "1", "reason": REASON})
    for seen in ("1", "2", "x", "", "9" * 40):
        answer = login(make.make_officer()).post(url(proposal, "send-back"), {"seen_step": seen, "reason": ""})
        assert answer.status_code == 404


def test_a_form_with_mistakes_from_an_old_page_says_what_happened_rather_than_what_is_missing(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.DEPARTMENT)
    login(house.manager).post(url(proposal, "pass-to-unit"), {"seen_step": "1"})

    page = login(house.manager).post(url(proposal, "send-back"), {"seen_step": "1", "reason": ""})

    assert page.status_code == 409
    assert "已办理" in text_of(page)
