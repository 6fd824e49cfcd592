"""A page opened from 本单位的项目 knows its place there, and a decision goes on to what waits next."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from projects.enums import State
from projects.models import Proposal, Step
from projects.views import listing
from projects.views.listing import ProposalList
from tests import factories as make
from tests.projects.pages import queries_of, text_of
from zhgg.kit.listing import beyond

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    unit = make.make_unit("样例大学")
    unit.pi = make.make_person("样例负责人", unit=unit)
    unit.call = make.make_call()
    return unit


def at(house, days, state=State.UNIT, pi=None):
    """One that came so many days ago, with its second step."""
    moment = timezone.now() - timedelta(days=days)
    times = {"updated_at": moment, "state_since": moment}
    proposal = make.make_proposal(pi or house.pi, house.call, state=state, step_count=2, **times)
    step = {"user": house.account, "user_name": "样例", "capacity": "legal", "action": "pass-to-unit"}
    Step.objects.create(
        proposal=proposal, number=2, at=moment, source=State.DEPARTMENT, target=state, submission_number=1, **step
    )
    return proposal


def place(house, proposal, query=""):
    found = ProposalList.of_query(make.actor_of(house.account), query)
    return found.place_of(Proposal.objects.get(pk=proposal.pk))


def seen(place):
    return place and (place.number, place.total, place.previous, place.next)


def url(proposal, query=""):
    return f"{proposal.get_absolute_url()}?{urlencode({'list': query})}"


def test_the_place_is_that_of_the_list_what_waits_first_then_the_latest(house):
    old, new = at(house, 9), at(house, 2)
    later, earlier = at(house, 1, State.BUREAU), at(house, 20, State.BUREAU)
    order = [old, new, later, earlier]

    for number, proposal in enumerate(order, start=1):
        before = order[number - 2].pk if number > 1 else None
        after = order[number].pk if number < 4 else None
        assert seen(place(house, proposal)) == (number, 4, before, after)


@pytest.mark.parametrize(("sort", "days"), [("updated_at", [20, 9, 2, 1]), ("-updated_at", [1, 2, 9, 20])])
def test_a_sorted_list_has_one_order(house, sort, days):
    states = {9: State.UNIT, 2: State.UNIT, 1: State.BUREAU, 20: State.BUREAU}
    made = {number: at(house, number, state) for number, state in states.items()}
    order = [made[number].pk for number in days]

    places = [seen(place(house, made[number], f"sort={sort}")) for number in days]

    assert places == [
        (1, 4, None, order[1]),
        (2, 4, order[0], order[2]),
        (3, 4, order[1], order[3]),
        (4, 4, order[2], None),
    ]


def test_the_place_is_that_of_the_page_of_the_list(house):
    """Whatever the order: the rows of the list, one after the other, are each other's neighbours."""
    for days in range(6):
        at(house, days, [State.UNIT, State.BUREAU, State.DRAFT][days % 3])
    own = make.make_person(unit=house)
    at(house, 3, pi=own)
    for query in ("", "sort=updated_at", "sort=-updated_at", "state=unit", f"pi={own.name}"):
        found = ProposalList(make.actor_of(house.account), QueryDict(query))
        rows = [row.pk for row in found.page().object_list]
        ends = [None, *rows, None]
        for index, pk in enumerate(rows):
            expected = (index + 1, len(rows), ends[index], ends[index + 2])
            assert seen(place(house, Proposal.objects.get(pk=pk), query)) == expected, query


def test_what_is_not_in_the_list_has_no_place(login, house):
    proposal = at(house, 1)
    client = login(house.account)

    assert place(house, proposal, "state=bureau") is None
    assert "条，共" not in text_of(client.get(url(proposal, "state=bureau")))
    assert "第 1 条，共 1 条" in text_of(client.get(url(proposal)))


@pytest.mark.parametrize(
    "query", ["x" * 3000, "state=nonsense", "updated_after=9999-99-99", "q=%00", "call=١", "q=\x00"]
)
def test_a_list_that_makes_no_sense_is_no_list(login, house, query):
    proposal = at(house, 1)

    answer = login(house.account).get(url(proposal, query))

    assert answer.status_code == 200
    assert "条，共" not in text_of(answer)


def test_the_pi_has_no_such_list(login, house):
    answer = login(house.pi.user).get(url(at(house, 1)))

    assert answer.status_code == 200
    assert "条，共" not in text_of(answer)


def test_the_rows_of_the_list_and_every_link_of_the_page_carry_the_list(login, house):
    first, second = at(house, 9), at(house, 2)
    client = login(house.account)

    listed = client.get(reverse("proposals"), {"state": "unit"}).content.decode()
    page = client.get(url(first, "state=unit")).content.decode()

    assert f'href="{first.get_absolute_url()}?list=state%3Dunit"' in listed
    assert f'href="{second.get_absolute_url()}?list=state%3Dunit" rel="next"' in page
    assert 'href="?tab=history&amp;list=state%3Dunit"' in page
    assert f'href="{reverse("proposal-act", args=[first.pk, "pass-to-bureau"])}?list=state%3Dunit"' in page
    assert f'href="{reverse("proposals")}?state=unit"' in page


def decide(client, proposal, query="", action="pass-to-bureau"):
    address = reverse("proposal-act", args=[proposal.pk, action])
    return client.post(f"{address}?{urlencode({'list': query})}", {"seen_step": "2"}, follow=True)


def test_a_decision_opens_what_waits_next_with_the_message_on_top(login, house):
    first, second, third = at(house, 9), at(house, 5), at(house, 2)
    client = login(house.account)

    opened = decide(client, first)

    assert opened.redirect_chain == [(url(second), 302)]
    assert "已提交至科技局，等待科技局审核。这是下一条。" in text_of(opened)
    again = decide(client, first)
    assert again.redirect_chain == opened.redirect_chain
    assert decide(client, second).redirect_chain == [(url(third), 302)]


def test_after_one_in_the_middle_comes_what_follows_it_and_the_same_form_twice_leads_there_twice(login, house):
    oldest, _ = at(house, 9), at(house, 1)
    middle, following = at(house, 5), at(house, 2)
    client = login(house.account)

    answers = [decide(client, middle) for _ in range(2)]

    assert [answer.redirect_chain for answer in answers] == [[(url(following), 302)]] * 2
    latest_first = at(house, 4)
    assert decide(client, latest_first, "sort=-updated_at").redirect_chain[0][0].startswith(oldest.get_absolute_url())


def test_at_the_end_it_begins_again_with_what_was_skipped_and_then_leads_back(login, house):
    skipped, last = at(house, 9), at(house, 2)
    client = login(house.account)

    assert decide(client, last, "state=unit").redirect_chain == [(url(skipped, "state=unit"), 302)]
    back = decide(client, skipped, "state=unit")

    assert back.redirect_chain == [(f"{reverse('proposals')}?state=unit", 302)]
    assert "这个列表中没有等您办理的了。" in text_of(back)


def test_only_what_meets_the_conditions_is_next(login, house):
    other = make.make_person("另一位负责人", unit=house)
    first, _, mine = at(house, 9), at(house, 5, pi=other), at(house, 2)

    opened = decide(login(house.account), first, f"pi={house.pi.name}")

    assert opened.redirect_chain[0][0].startswith(f"{mine.get_absolute_url()}?list=")


def test_a_page_with_its_place_costs_few_queries_however_long_the_list(login, house):
    middle = [at(house, days) for days in (9, 5, 2)][1]
    client = login(house.account)
    taken = [queries_of(client, url(middle))[1]]
    for days in range(30):
        at(house, days, State.BUREAU)
        at(house, days)
    taken.append(queries_of(client, url(middle))[1])

    assert taken == [11, 11]


def test_far_down_a_long_list_it_is_not_counted_how_far(house, login, monkeypatch):
    monkeypatch.setattr(listing, "LARGE", 1)
    first, second, third = at(house, 9), at(house, 5), at(house, 2)

    assert seen(place(house, second)) == (2, 3, first.pk, third.pk)
    assert seen(place(house, third)) == (None, 3, second.pk, None)
    client = login(house.account)
    assert "第 2 条，共 3 条" in text_of(client.get(url(second)))
    assert " 共 3 条" in text_of(client.get(url(third)))


@pytest.mark.parametrize("order", [("at", "pk"), ("-at", "-pk")])
@pytest.mark.parametrize("back", [False, True])
def test_an_index_is_entered_where_the_row_stands(order, back):
    falls = order[0].startswith("-") != back

    assert (f"at__{'lte' if falls else 'gte'}", 5) in beyond(order, (5, 7), back=back).children
