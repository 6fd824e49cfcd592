"""Searching, sorting and paging 个人信息审核."""

import importlib
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.apps import apps
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from profiles import services
from profiles.enums import ReviewState
from profiles.filters import GIVEN
from profiles.models import Person, ReviewRequest
from profiles.views.listing import ReviewList
from tests import factories as make
from tests.profiles.conftest import REASON, submit
from tests.profiles.test_person_pages import text_of
from tests.profiles.test_review_pages import LIST, fill_list
from zhgg.kit.crypto import digest

pytestmark = pytest.mark.django_db

CONDITIONS = ("name", "id", "mobile", "unit", "updated_after", "updated_before", "state")


@pytest.fixture
def rows(world):
    """Three people waiting at the 二级单位: 张广源, 夏知雪 and 阿依古丽·买买提."""
    found = {}
    for position, name in enumerate(("张广源", "夏知雪", "阿依古丽·买买提")):
        person = make.make_person(name)
        set_mobile(person, f"1380000060{position}")
        found[name] = submit(person.user, world.unit, world.software)
    return found


def set_mobile(person, number):
    person.mobile = number
    person.mobile_digest, person.mobile_tail = digest("mobile", number), digest("mobile_tail", number[-4:])
    person.save()


def search(client, **conditions):
    """Fill in the form and press 【查询】; the page that follows."""
    return client.post(LIST, {**dict.fromkeys(CONDITIONS, ""), **conditions}, follow=True)


def names(answer):
    return [row.record.person.name for row in answer.context["table"].page.object_list]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"name": "知"}, ["夏知雪"]),
        ({"name": " 广源 "}, ["张广源"]),
        ({"name": "古丽•买"}, ["阿依古丽·买买提"]),
        ({"name": "张%"}, []),
        ({"unit": "样例大学"}, ["张广源", "夏知雪", "阿依古丽·买买提"]),
        ({"unit": "软件"}, ["张广源", "夏知雪", "阿依古丽·买买提"]),
        ({"unit": "机械"}, []),
        ({"mobile": "13800000601"}, ["夏知雪"]),
        ({"mobile": "+86 138-0000-0601"}, ["夏知雪"]),
        ({"mobile": "0600"}, ["张广源"]),
        ({"mobile": "9999"}, []),
        ({"state": "pending"}, ["张广源", "夏知雪", "阿依古丽·买买提"]),
        ({"state": "approved"}, []),
        ({"name": "知", "mobile": "0600"}, []),
    ],
    ids=str,
)
def test_each_condition_finds_what_it_should(conditions, expected, rows, world, login):
    answer = search(login(world.manager), **conditions)

    assert answer.status_code == 200
    assert (names(answer) if answer.context["total"] else []) == expected


@pytest.mark.parametrize(
    "typed", [str, lambda number: number[-4:], lambda number: f" {number[:6]} {number[6:].lower()}"]
)
def test_a_number_is_found_whole_or_by_its_last_four_places_and_never_stands_in_the_address(typed, rows, world, login):
    number = rows["夏知雪"].person.user.id_number

    answer = search(login(world.manager), id=typed(number))

    assert names(answer) == ["夏知雪"]
    [(address, status)] = answer.redirect_chain
    assert (status, list(parse_qs(urlsplit(address).query))) == (302, ["id"])
    assert number not in address
    assert number[-4:] not in text_of(answer).split("tablebox")[0]
    assert GIVEN in text_of(answer)


def test_the_last_four_places_of_one_kind_are_not_those_of_another(rows, world, login):
    address = search(login(world.manager), mobile="0600").redirect_chain[0][0]
    swapped = address.replace("mobile=", "id=")

    assert names(login(world.manager).get(address)) == ["张广源"]
    assert login(world.manager).get(swapped).context["total"] == 0


def test_a_number_typed_into_the_address_is_turned_into_its_digest(rows, world, login):
    answer = login(world.manager).get(LIST, {"mobile": "13800000601"})

    assert answer["Location"] == f"{LIST}?mobile={digest('mobile', '13800000601')}"


def test_a_number_given_before_stays_until_it_is_emptied_or_replaced(rows, world, login):
    client = login(world.manager)
    address = search(client, mobile="0601").redirect_chain[0][0]
    form = dict.fromkeys(CONDITIONS, "")

    kept = client.post(address, {**form, "mobile": GIVEN, "name": "雪"}, follow=True)
    emptied = client.post(address, {**form, "mobile": ""}, follow=True)
    replaced = client.post(address, {**form, "mobile": "0600"}, follow=True)

    assert (names(kept), len(names(emptied)), names(replaced)) == (["夏知雪"], 3, ["张广源"])
    assert kept.redirect_chain[0][0].startswith(f"{LIST}?name=%E9%9B%AA&mobile=")


def test_a_period_includes_both_of_its_days_in_chongqing(rows, world, login):
    noon = datetime(2026, 3, 5, 4, tzinfo=UTC)
    for request, at in zip(
        rows.values(), (noon, noon - timedelta(hours=12, seconds=1), noon + timedelta(hours=12)), strict=True
    ):
        ReviewRequest.objects.filter(pk=request.pk).update(updated_at=at)
    client = login(world.manager)

    day = search(client, updated_after="2026-03-05", updated_before="2026-03-05")
    until = search(client, updated_before="2026-03-05", state="pending")
    since = search(client, updated_after="2026年3月5日")

    assert names(day) == ["张广源"]
    assert set(names(until)) == {"张广源", "夏知雪"}
    assert set(names(since)) == {"张广源", "阿依古丽·买买提"}


@pytest.mark.parametrize(
    ("conditions", "field", "sentence"),
    [
        ({"name": "长" * 101}, "name", "最多 100 字，现在有 101 字，请删减"),
        ({"name": "a\0b"}, "name", "第 2 个字是无法显示的控制字符（U+0000），请删除后再保存"),
        ({"unit": "x" * 1_000_000}, "unit", "最多 100 字，现在有 1,000,000 字，请删减"),
        ({"id": "12"}, "id", "请填写完整的证件号码，或最后 4 位"),
        ({"id": "5001*"}, "id", "请填写完整的证件号码，或最后 4 位"),
        ({"id": "9" * 1_000_000}, "id", "请填写完整的证件号码，或最后 4 位"),
        ({"id": "1\0 34"}, "id", "请填写完整的证件号码，或最后 4 位"),
        ({"id": GIVEN + "1"}, "id", "请填写完整的证件号码，或最后 4 位"),
        ({"mobile": "138"}, "mobile", "请填写 11 位手机号码，或最后 4 位"),
        ({"mobile": "٠٦٠١"}, "mobile", "请填写 11 位手机号码，或最后 4 位"),
        ({"mobile": "23800000601"}, "mobile", "请填写 11 位手机号码，或最后 4 位"),
        ({"updated_after": "昨天"}, "updated", "请按 2026-11-22 的格式填写日期"),
        ({"updated_before": "2026-02-30"}, "updated", "没有 2026 年 2 月 30 日这一天，请核对"),
        ({"updated_before": "9999-12-31"}, "updated", "应不晚于 2099-12-31，请核对"),
        ({"updated_after": "2026-03-02", "updated_before": "2026-03-01"}, "updated", "起始日期在截止日期之后，请改正"),
        ({"state": "replaced"}, "state", "所选的项不存在或已停用，请重新选择"),
        ({"state": "x\0"}, "state", "所选的项不存在或已停用，请重新选择"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_condition_that_is_wrong_gets_a_sentence_and_stays_as_typed(conditions, field, sentence, rows, world, login):
    client = login(world.manager)
    answers = [search(client, **conditions)]
    # No server takes an address of 1 MB.
    answers += [client.get(LIST, conditions)] if len(str(conditions)) < 9999 else []

    for answer in answers:
        assert answer.status_code == 200
        assert answer.context["form"].errors == {field: [sentence]}
        assert "查询条件有误" in text_of(answer)
        typed = answer.context["form"][field].value()
        assert set(conditions.values()) <= set(typed if isinstance(typed, list) else [typed])


def test_what_is_not_found_repeats_the_conditions_and_offers_to_reset(rows, world, login):
    answer = search(
        login(world.manager), name="没有", unit="此处", mobile="0000", updated_after="2026-01-02", state="rejected"
    )

    page = text_of(answer)
    assert "查不到符合条件的个人信息" in page
    assert "姓名含“没有”，手机号码为所填号码，工作单位含“此处”，更新时间2026-01-02至不限，状态为“审核不通过”。" in page
    assert page.count('<a class="btn" href="/reviews/">重置</a>') == 2


def test_conditions_order_and_size_stay_while_turning_pages_and_choosing_a_state(world, login):
    fill_list(world, 25)

    answer = login(world.manager).get(LIST, {"name": "样例", "sort": "-updated_at", "size": "10", "page": "2"})

    page = answer.content.decode()
    assert 'href="?name=%E6%A0%B7%E4%BE%8B&amp;sort=-updated_at&amp;size=10&amp;page=3"' in page
    chips = {chip.label: (chip.url, chip.count) for chip in answer.context["chips"]}
    assert chips["待审核"] == (f"{LIST}?name=%E6%A0%B7%E4%BE%8B&sort=-updated_at&size=10&state=pending", 9)
    assert [f">{size}/页" in page for size in (10, 20, 50, 100)] == [True] * 4


def test_counts_of_the_states_follow_the_other_conditions(world, login):
    fill_list(world, 25)

    answer = login(world.manager).get(LIST, {"name": "样例人员0", "state": "approved"})

    assert [(chip.label, chip.count) for chip in answer.context["chips"]] == [
        ("全部", 10),
        ("待审核", 4),
        ("审核已通过", 3),
        ("审核不通过", 3),
    ]
    assert (answer.context["total"], len(names(answer))) == (3, 3)


def test_the_list_is_sorted_by_time_and_by_state(world, login):
    fill_list(world, 6)
    for age, request in enumerate(ReviewRequest.objects.order_by("person__name")):
        ReviewRequest.objects.filter(pk=request.pk).update(updated_at=timezone.now() - timedelta(days=age))
    client = login(world.manager)

    orders = {
        sort: "".join(name[-1] for name in names(client.get(LIST, {"sort": sort})))
        for sort in ("updated_at", "-updated_at", "state", "-state")
    }

    assert orders == {"updated_at": "543210", "-updated_at": "012345", "state": "032514", "-state": "142503"}
    assert 'aria-sort="descending"' in client.get(LIST, {"sort": "-updated_at"}).content.decode()


def test_every_condition_at_once_takes_the_same_number_of_queries(world, login, django_assert_num_queries):
    client = login(world.manager)
    fill_list(world, 25)
    mobile = digest("mobile_tail", make.MOBILE[-4:])
    today = timezone.localdate()
    query = {
        "name": "样例",
        "unit": "样例",
        "mobile": mobile,
        "updated_after": today,
        "state": "pending",
        "sort": "state",
    }
    # Those of the list without conditions, and the one that counts searches.
    with django_assert_num_queries(7):
        answer = client.get(LIST, query)
    assert answer.context["total"] == 9


def test_the_tab_shows_the_number_of_the_list_without_counting_again(world, login, django_assert_num_queries):
    client = login(world.manager)
    fill_list(world, 25)
    with django_assert_num_queries(6):
        answer = client.get(LIST)
    waiting = client.get(LIST, {"state": "pending"}).context["total"]
    assert waiting > 0
    assert f'>{waiting}<span class="vh"> 条待办</span>' in answer.content.decode()


def test_rows_from_before_the_tails_are_filled_in(rows, world, login):
    ReviewRequest.objects.update(id_tail="")
    Person.objects.update(mobile_tail="")

    importlib.import_module("profiles.migrations.0004_fill_tails").fill(apps, None)

    client = login(world.manager)
    assert names(search(client, mobile="0601")) == ["夏知雪"]
    assert "夏知雪" in names(search(client, id=rows["夏知雪"].person.user.id_number[-4:]))


def test_saving_keeps_both_digests_of_the_mobile(rows, world, login):
    person = rows["张广源"].person

    assert (person.mobile_tail, rows["张广源"].id_tail) == (
        digest("mobile_tail", "0600"),
        digest("id_number_tail", person.user.id_number[-4:]),
    )


# One after the other -------------------------------------------------------------------------------------------------


@pytest.fixture
def queue(world):
    """Four that wait, 样例0 longest, and one that was refused."""
    found = []
    for position in range(5):
        state = ReviewState.REJECTED if position == 4 else ReviewState.PENDING
        person = make.make_person(f"样例{position}")
        request = make.make_request(person, world.unit, world.software, state=state)
        at = timezone.now() - timedelta(days=9 - position)
        ReviewRequest.objects.filter(pk=request.pk).update(submitted_at=at, updated_at=at)
        found.append(request)
    return found


def inside(url, query=""):
    return f"{url}?{urlencode({'list': query})}"


def test_rows_open_with_their_list_and_know_their_place(queue, world, login):
    client = login(world.manager)
    listed = client.get(LIST, {"name": "样例", "sort": "updated_at"}).content.decode()
    address = inside(queue[1].get_absolute_url(), "name=%E6%A0%B7%E4%BE%8B&sort=updated_at")
    assert f'href="{address}"' in listed

    answer = client.get(address)

    page = text_of(answer)
    assert "第 2 条，共 5 条" in page
    assert answer.context["previous_url"].startswith(f"{queue[0].get_absolute_url()}?list=name")
    assert answer.context["next_url"].startswith(f"{queue[2].get_absolute_url()}?list=name")
    assert 'href="/reviews/?name=%E6%A0%B7%E4%BE%8B&amp;sort=updated_at">个人信息审核</a>' in page


@pytest.mark.parametrize(("position", "neighbours"), [(0, (None, 1)), (3, (2, 4)), (4, (3, None))])
def test_the_first_and_the_last_have_one_neighbour(position, neighbours, queue, world, login):
    context = login(world.manager).get(inside(queue[position].get_absolute_url())).context

    expected = ["" if at is None else inside(queue[at].get_absolute_url()) for at in neighbours]
    assert [context["previous_url"], context["next_url"]] == expected


@pytest.mark.parametrize("key", ["approve", "reject"])
@pytest.mark.parametrize(("position", "following"), [(0, 1), (2, 3), (3, 0)])
def test_a_decision_goes_on_to_what_waits_next(position, following, key, queue, world, login):
    address = inside(reverse("review-decide", args=[queue[position].pk, key]))

    answer = login(world.manager).post(address, {"reason": REASON}, follow=True)

    assert answer.redirect_chain == [(inside(queue[following].get_absolute_url()), 302)]
    page = text_of(answer)
    assert f"样例{position}的个人信息审核" in page
    assert "这是下一条。" in page


def test_the_same_form_twice_skips_nobody(queue, world, login):
    client, address = (
        login(world.manager),
        inside(reverse("review-decide", args=[queue[0].pk, "approve"]), "state=pending"),
    )

    first = client.post(address)
    again_sent = client.post(address)

    assert first["Location"] == inside(queue[1].get_absolute_url(), "state=pending")
    # No longer in the list, so its place is unknown; the list is where to go.
    assert again_sent["Location"] == f"{LIST}?state=pending"


def test_the_last_decision_of_a_list_goes_back_to_it(queue, world, login):
    address = inside(reverse("review-decide", args=[queue[1].pk, "approve"]), "name=样例1&page=2")

    answer = login(world.manager).post(address, follow=True)

    assert answer.redirect_chain == [(f"{LIST}?name=%E6%A0%B7%E4%BE%8B1&page=2", 302)]
    assert "这个列表中没有待审核的了。" in text_of(answer)


@pytest.mark.parametrize(
    "query", ["x" * 2001, "name=\0", "state=replaced", "updated_after=x", "id=1"], ids=lambda q: q[:9]
)
def test_a_list_that_makes_no_sense_is_no_list(query, queue, world, login):
    answer = login(world.manager).get(inside(queue[0].get_absolute_url(), query))

    assert (answer.status_code, answer.context["list_place"], answer.context["list_url"]) == (200, None, LIST)


def test_one_outside_the_list_still_leads_back_to_it(queue, world, login):
    answer = login(world.manager).get(inside(queue[0].get_absolute_url(), "name=样例1"))

    assert (answer.context["list_place"], answer.context["list_url"]) == (None, f"{LIST}?name=%E6%A0%B7%E4%BE%8B1")


def test_a_late_decision_leads_back_to_the_list(queue, world, login):
    address = inside(reverse("review-decide", args=[queue[4].pk, "approve"]), "state=rejected")

    answer = login(world.manager).post(address)

    assert answer.status_code == 409
    assert 'href="/reviews/?state=rejected">返回个人信息审核</a>' in text_of(answer)


@pytest.mark.parametrize("sort", list(ReviewRequest.objects.all().ORDERS))
@pytest.mark.parametrize("query", ["name=样例", "name=样例&state=pending"])
def test_the_place_is_that_in_the_list(sort, query, queue, world):
    """In every order and under conditions, as somebody would count who holds the whole list."""
    for state, moment in ((ReviewState.APPROVED, 3), (ReviewState.PENDING, 3), (ReviewState.REJECTED, 1)):
        request = make.make_request(make.make_person("样例后来"), world.unit, world.software, state=state)
        at = timezone.now().replace(microsecond=0) - timedelta(days=moment)
        ReviewRequest.objects.filter(pk=request.pk).update(submitted_at=at, updated_at=at)
    found = ReviewList(make.actor_of(world.manager), QueryDict(f"{query}&sort={sort}"))
    rows = list(found.rows.values_list("pk", "state"))
    keys = [pk for pk, _ in rows]

    for at, pk in enumerate(keys):
        waiting = [each for each, state in rows[at + 1 :] + rows[:at] if state == ReviewState.PENDING]
        expected = (
            at + 1,
            len(rows),
            keys[at - 1] if at else None,
            keys[at + 1] if at + 1 < len(keys) else None,
        )
        assert astuple(found.place_of(pk)) == expected
        assert found.next_waiting(pk) == (True, waiting[0] if waiting else None)
    assert len(rows) == (8 if query == "name=样例" else 5)
    assert (found.place_of(10**9), found.next_waiting(10**9)) == (None, (False, None))


def test_the_place_costs_four_queries(queue, world, login, django_assert_num_queries):
    client = login(world.manager)
    with django_assert_num_queries(8):
        client.get(queue[0].get_absolute_url())
    with django_assert_num_queries(12):
        client.get(inside(queue[0].get_absolute_url()))


def test_a_new_name_from_the_login_is_found_in_the_list_and_the_old_one_no_longer(rows, world, login):
    user = rows["夏知雪"].person.user
    user.name = "夏初晴"
    user.save()

    stated = SimpleNamespace(phone_number="", email="", gender="", birthdate=None)
    services.receive_login(user=user, claims=stated)

    client = login(world.manager)
    assert names(search(client, name="初晴")) == ["夏初晴"]
    assert search(client, name="知雪").context["total"] == 0
    assert ReviewRequest.objects.get(pk=rows["张广源"].pk).person_name == "张广源"
