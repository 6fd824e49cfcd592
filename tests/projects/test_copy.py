"""【复制到新批次】: a new draft in an open call, filled in like an old 申报书."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from projects.enums import BudgetMode, State, Tab
from projects.models import Proposal
from projects.services.drafts import copy_draft
from tests import factories as make
from tests.full_proposal import FULL, make_full_call, make_full_proposal
from tests.projects.pages import text_of
from tests.races import together
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def pi():
    return make.make_person("样例负责人", unit=make.make_unit())


@pytest.fixture
def old(pi):
    closed = make_full_call(name="去年的专项", closes_at=timezone.now() - timedelta(days=1))
    return make_full_proposal(pi, closed, state=State.DECLINED)


def next_call(**fields):
    return make_full_call(**{"name": "今年的专项", "directions": ["2.1 新方向"], "categories": ["一般项目"], **fields})


def copy(pi, old, call, key=None):
    return copy_draft(actor=make.actor_of(pi.user), proposal_id=old.pk, call_id=call.pk, form_key=key or uuid4())


def content(proposal):
    return {section.tab: section.data for section in proposal.sections.all()}


def test_what_the_new_call_offers_is_filled_in_and_the_rest_stays_empty(pi, old):
    made = copy(pi, old, next_call())

    data = content(made)
    assert data[Tab.BASICS] == FULL[Tab.BASICS] | {"direction": "", "promise": False}
    for tab in (Tab.TEAM, Tab.PARTNERS, Tab.RESEARCH, Tab.TARGETS, Tab.SCHEDULE):
        assert data[tab] == FULL[tab]
    assert data[Tab.BUDGET]["fiscal_1201"] == "42.00"
    assert (made.state, made.submission_count, made.step_count) == (State.DRAFT, 0, 0)
    made = Proposal.objects.get(pk=made.pk)
    assert (made.title, made.category, made.tech_field) == (old.title, "一般项目", "101")
    assert (f"{made.funding}", made.unit, made.pi) == ("100.00", pi.unit, pi)
    assert made.number != old.number


def test_only_the_tabs_that_the_new_call_asks_for_are_copied(pi, old):
    call = next_call(tabs=[Tab.BASICS, Tab.TEAM, Tab.BUDGET], budget_mode=BudgetMode.LUMP_SUM)

    data = content(copy(pi, old, call))

    assert set(data) == {Tab.BASICS, Tab.TEAM, Tab.BUDGET}
    assert set(data[Tab.BUDGET]) == {"source_11", "source_12", "source_21", "source_22", "source_29"}


def test_a_tab_never_saved_stays_so(pi, old):
    old.sections.exclude(tab=Tab.BASICS).delete()

    assert set(content(copy(pi, old, next_call()))) == {Tab.BASICS}


def test_the_old_one_stays_as_it_was(pi, old):
    before = (content(old), Proposal.objects.values().get(pk=old.pk))

    copy(pi, old, next_call())

    assert (content(old), Proposal.objects.values().get(pk=old.pk)) == before


def test_the_same_form_makes_one_copy_and_one_line_in_the_trail(pi, old):
    call, key = next_call(), uuid4()

    assert copy(pi, old, call, key) == copy(pi, old, call, key)

    assert Proposal.objects.filter(call=call).count() == 1
    event = AuditEvent.objects.get(action="proposal_created")
    assert event.detail == {"copied_from": old.number}


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_copy(pi, old):
    call, key = next_call(), uuid4()

    first, second = together(*[lambda: copy(pi, old, call, key)] * 2)

    assert first == second
    assert Proposal.objects.filter(call=call).count() == 1


def test_what_is_not_ones_own_is_not_copied(login, old):
    other = make.make_person(unit=old.unit)

    with pytest.raises(Http404):
        copy(other, old, next_call())
    for user in (other.user, old.unit.account, make.make_officer()):
        assert login(user).get(reverse("proposal-copy", args=[old.pk])).status_code == 404
    assert Proposal.objects.count() == 1


def test_a_closed_call_takes_no_copy(pi, old):
    with pytest.raises(NotNow, match="不受理新的申报书"):
        copy(pi, old, old.call)


# The page -------------------------------------------------------------------------------------------------------------


def test_the_page_offers_the_open_calls_and_leads_to_the_copy(login, pi, old):
    call = next_call()
    make_full_call(name="还没有开始的专项", opens_at=timezone.now() + timedelta(days=1))
    client, url = login(pi.user), reverse("proposal-copy", args=[old.pk])

    page = client.get(url)
    answer = client.post(url, {"call": call.pk, "form_key": page.context["form"]["form_key"].value()}, follow=True)

    assert [value for value, _ in page.context["form"].fields["call"].choices] == [str(call.pk)]
    assert "附件不复制，须重新上传" in text_of(page)
    made = Proposal.objects.get(call=call)
    assert answer.redirect_chain == [(reverse("proposal-edit", args=[made.pk, "basics"]), 302)]
    assert f"已复制为新的申报书 {made.number}" in text_of(answer)


@pytest.mark.parametrize("call", ["", "x", "999999", "9" * 40, "\x00"])
def test_a_call_that_is_not_offered_is_a_mistake_of_the_form(login, pi, old, call):
    next_call()

    answer = login(pi.user).post(reverse("proposal-copy", args=[old.pk]), {"call": call, "form_key": uuid4()})

    assert answer.status_code == 200
    assert "有 1 处需要修改" in text_of(answer)
    assert Proposal.objects.count() == 1


def test_without_an_open_call_the_page_says_so(login, pi, old):
    words = text_of(login(pi.user).get(reverse("proposal-copy", args=[old.pk])))

    assert "现在没有正在受理的批次。" in words


def test_without_an_approved_record_the_page_says_what_to_do(login, pi, old):
    next_call()
    pi.approved_at = None
    pi.save()

    words = text_of(login(pi.user).get(reverse("proposal-copy", args=[old.pk])))

    assert "您的个人信息还没有审核通过，不能申报。" in words
    assert "去维护个人信息" in words


def test_the_page_of_an_own_proposal_leads_to_it(login, pi, old):
    link = f'href="{reverse("proposal-copy", args=[old.pk])}"'

    assert link in login(pi.user).get(old.get_absolute_url()).content.decode()
    assert link not in login(old.unit.account).get(old.get_absolute_url()).content.decode()
