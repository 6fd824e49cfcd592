"""How often something may be done, in exact numbers: what the one too many is told, and that nothing typed is lost."""

import dataclasses
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import services, throttles
from accounts.models import AuditEvent, KeptForm, ThrottleCount
from accounts.tasks import clear_away
from accounts.throttles import Throttle
from projects.enums import Tab
from tests import factories as make
from tests.orgs.pages import text
from tests.races import together
from tests.reveals import REASON, asks
from zhgg.kit import request_context
from zhgg.kit.errors import TooOften

pytestmark = pytest.mark.django_db

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
PAPERS = Throttle("papers", "看得太频繁", "看", "这次没有看", account=3, address=5, seconds=60)


@pytest.fixture(autouse=True)
def from_here():
    request_context.enter(HERE)
    yield
    request_context.leave()


def full(throttle, *, account=None, address="127.0.0.1"):
    """As if an account or an address had just used up what it may."""
    key = f"{throttle.name}:account:{account.pk}" if account else f"{throttle.name}:address:{address}"
    most = throttle.account if account else throttle.address
    ThrottleCount.objects.create(key=key, count=most, ends_at=timezone.now() + timedelta(seconds=throttle.seconds))


def told(answer):
    """The words of the page, whatever second it is."""
    return re.sub(r"在 (60|5\d) 秒后", "在 60 秒后", text(answer))


def pass_time(seconds):
    ThrottleCount.objects.update(ends_at=F("ends_at") - timedelta(seconds=seconds))


def outcomes(times, **whose):
    """What each of so many tries came to: True, or the sentence of the refusal."""
    found = []
    for _ in range(times):
        try:
            PAPERS.spend(**whose)
            found.append(True)
        except TooOften as refusal:
            found.append(re.sub("59 秒后", "60 秒后", refusal.message))
    return found


# Counting -------------------------------------------------------------------------------------------------------------


def test_an_account_has_its_number_and_is_told_when_it_goes_again():
    assert outcomes(4, user_id=1) == [True] * 3 + ["您在 1 分钟内已看 3 次，这次没有看。请在 60 秒后再试。"]
    assert outcomes(1, user_id=2) == [True], "another account has its own"


def test_an_address_has_its_number_over_all_accounts():
    assert [outcomes(1, user_id=number)[0] for number in range(1, 7)] == [
        *[True] * 5,
        "您所在的网络在 1 分钟内已看 5 次，这次没有看。请在 60 秒后再试。",
    ]
    request_context.enter(ELSEWHERE)
    assert outcomes(1, user_id=9) == [True]


def test_an_ipv6_visitor_is_counted_by_the_network_that_is_all_his():
    for address in ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1", "::ffff:203.0.113.7"):
        request_context.enter(address)
        PAPERS.spend()

    counts = ThrottleCount.objects.order_by("key").values_list("key", "count")
    assert dict(counts) == {
        "papers:address:2001:db8:0:1::/64": 2,
        "papers:address:2001:db8:0:2::/64": 1,
        "papers:address:203.0.113.7": 1,
    }


def test_after_its_time_the_count_begins_anew():
    assert outcomes(4, user_id=1)[-1] is not True
    pass_time(61)

    assert outcomes(3, user_id=1) == [True] * 3
    assert outcomes(1, user_id=1) != [True]


def test_a_look_counts_nothing_and_a_failure_refuses_nothing():
    for _ in range(3):
        PAPERS.look(1)
        PAPERS.fail(1)

    with pytest.raises(TooOften) as refused:
        PAPERS.look(1)
    assert refused.value.retry_after in (59, 60)
    assert set(ThrottleCount.objects.values_list("count", flat=True)) == {3}


def test_one_more_is_one_statement_and_none_where_nothing_is_counted():
    with CaptureQueriesContext(connection) as queries:
        PAPERS.spend(1)
    with CaptureQueriesContext(connection) as none:
        request_context.leave()
        PAPERS.spend(None)

    assert (len(queries), len(none)) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_so_many_go():
    def once():
        request_context.enter(HERE)
        PAPERS.spend(1)

    found = together(*[once] * 8)

    assert sorted(type(each).__name__ for each in found) == ["NoneType"] * 3 + ["TooOften"] * 5


def test_counts_that_begin_anew_are_cleared_away():
    PAPERS.spend(1)
    ThrottleCount.objects.filter(key__contains="address").update(ends_at=timezone.now() - timedelta(seconds=1))

    clear_away(0)

    assert [row.key for row in ThrottleCount.objects.all()] == ["papers:account:1"]


def test_the_table_costs_no_write_ahead_log():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'accounts_throttlecount'")
        assert cursor.fetchone() == ("u",)


# What is limited ------------------------------------------------------------------------------------------------------


def test_the_table_of_numbers():
    found = {
        each.name: (each.account, each.address, each.seconds)
        for each in vars(throttles).values()
        if isinstance(each, Throttle)
    }

    assert found == {
        "begin": (None, 1200, 60),
        "login": (120, None, 60),
        "staff": (None, 20, 300),
        "search": (240, 3000, 60),
        "export": (20, 400, 600),
        "reveal": (100, 1000, 600),
        "upload": (120, 3000, 600),
        "verify": (None, 30, 60),
    }


def test_300_accounts_behind_one_address_log_in_ten_a_second_for_a_minute():
    for login in range(600):
        throttles.LOGIN_BEGUN.spend()
        throttles.LOGIN.spend(login % 300 + 1)

    assert ThrottleCount.objects.get(key=f"begin:address:{HERE}").count == 600


def test_the_login_too_many_of_an_address_begins_nothing(visitor):
    full(throttles.LOGIN_BEGUN)

    refused = visitor.client.get(reverse("login-person"))

    assert (refused.status_code, 1 <= int(refused["Retry-After"]) <= 60) == (429, True)
    assert "您所在的网络在 1 分钟内已登录 1,200 次，这次没有登录。请在 60 秒后再试。" in told(refused)


def test_the_login_too_many_of_an_account_is_refused_and_written_down(visitor):
    visitor.log_in("p1", "person")
    account = visitor.user
    ThrottleCount.objects.all().delete()
    full(throttles.LOGIN, account=account)

    refused = visitor.log_in("p1", "person")

    assert (refused.status_code, 1 <= int(refused["Retry-After"]) <= 60) == (429, True)
    assert "您在 1 分钟内已登录 120 次，这次没有登录。请在 60 秒后再试。" in told(refused)
    line = AuditEvent.objects.get(action="login_refused")
    assert (line.user, line.ok, line.detail["kind"]) == (account, False, "TooManyLogins")


def test_20_failed_staff_logins_from_one_address_whatever_the_names_stop_it():
    page = reverse("admin:login")

    def attempt(number, **headers):
        sent = {"username": f"name{number}", "password": "wrong", "token": "000000"}
        return Client(headers={"host": "127.0.0.1"}).post(page, sent, **headers)

    answers = [attempt(number) for number in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 19 + [429] * 2
    assert 240 <= int(answers[-1]["Retry-After"]) <= 300
    assert "您所在的网络在 5 分钟内已登录失败 20 次，暂停从这里登录。请在 " in text(answers[-1])
    assert attempt(22, REMOTE_ADDR=ELSEWHERE).status_code == 200
    # Those that were tried; the last one was not.
    assert AuditEvent.objects.filter(action="login_refused").count() == 21


def test_a_forged_forwarded_address_is_no_way_around(settings):
    settings.PROXY_COUNT = 1
    page = reverse("admin:login")
    sent = {"username": "x", "password": "wrong", "token": "000000"}
    full(throttles.STAFF_FAILURES, address=HERE)
    forged = [f"192.0.2.{number}, {HERE}" for number in range(3)]

    answers = [
        Client(headers={"host": "127.0.0.1", "x-forwarded-for": each}).post(page, sent).status_code for each in forged
    ]

    assert answers == [429] * 3


def test_right_passwords_are_not_counted(login):
    user, _, _ = services.create_staff(username="li", name="李", password="long-enough-pass-1")

    assert login(user).get(reverse("portal")).status_code == 200
    assert not ThrottleCount.objects.exists()


def test_a_locked_name_is_told_when_to_come_back(client):
    page = reverse("admin:login")
    services.create_staff(username="li", name="李", password="long-enough-pass-1")
    sent = {"username": "li", "password": "wrong", "token": "000000"}

    answers = [client.post(page, sent, headers={"host": "127.0.0.1"}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert answers[-1]["Retry-After"] == "900"


SEARCHED = ["departments", "reviews", "proposals"]
SEARCHED_BY_OFFICERS = [
    "bureau-audit",
    "bureau-units",
    "bureau-people",
    "proposals",
    "bureau-calls",
    "bureau-announcements",
]


@pytest.mark.parametrize("officer", [False, True], ids=["unit", "officer"])
def test_every_list_counts_its_searches_and_nothing_else(login, officer):
    user = make.make_officer() if officer else make.make_unit().account
    client = login(user)
    key = f"search:account:{user.pk}"

    def searches():
        return sum(ThrottleCount.objects.filter(key=key).values_list("count", flat=True))

    counts = []
    for name in SEARCHED_BY_OFFICERS if officer else SEARCHED:
        client.get(reverse(name), {"page": "2", "size": "50", "sort": "x", "state": "unit", "list": "q=1", "title": ""})
        before = searches()
        client.get(reverse(name), {"q": "样例"})
        counts.append((name, before, searches() - before))

    names = SEARCHED_BY_OFFICERS if officer else SEARCHED
    assert counts == [(name, number, 1) for number, name in enumerate(names)]


def test_the_search_too_many_keeps_what_was_asked(login):
    unit = make.make_unit()
    client = login(unit.account)
    full(throttles.SEARCH, account=unit.account)

    refused = client.get("/departments/", {"q": "机器人"})
    posted = client.post("/reviews/", {"id_number": "9900001985"})

    assert (refused.status_code, posted.status_code) == (429, 429)
    assert "您在 1 分钟内已查询 240 次，这次没有查询。请在 60 秒后再试。" in told(refused)
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert 'href="/departments/?q=%E6%9C%BA%E5%99%A8%E4%BA%BA"' in refused.content.decode()
    assert "9900001985</textarea>" in posted.content.decode()
    assert client.get("/departments/").status_code == 200, "the list itself is there"


def test_searches_in_the_admin_count(login):
    administrator = make.User.objects.create_staff("admin-test", "long-enough-pass-1", name="管理员", superuser=True)
    client = login(administrator)
    page = reverse("admin:accounts_user_changelist")
    client.get(page)
    assert not ThrottleCount.objects.exists()
    full(throttles.SEARCH, account=administrator)

    assert [client.get(page, {"q": "王"}).status_code, client.post(page, {"q": "王"}).status_code] == [429, 429]


def test_the_number_too_many_is_not_shown_and_leaves_no_line(login):
    unit = make.make_unit()
    client = login(unit.account)
    sent = asks(f"unit-bank-account:{unit.pk}", next="/unit/")
    assert client.post(reverse("reveal"), sent).status_code == 302
    ThrottleCount.objects.all().delete()
    full(throttles.REVEAL, account=unit.account)

    refused = client.post(reverse("reveal"), sent)

    assert refused.status_code == 429
    assert "您在 10 分钟内已查看号码 100 次，这次没有显示。请在 " in text(refused)
    assert REASON in text(refused)
    assert '<a class="btn btn--primary" href="/unit/">返回原来的页面</a>' in " ".join(refused.content.decode().split())
    assert AuditEvent.objects.filter(action="reveal").count() == 1


def test_the_file_too_many_is_refused_and_the_form_comes_back_as_typed(login):
    pi = make.make_person(unit=make.make_unit())
    client = login(pi.user)
    proposal = make.make_proposal(pi, make.make_call(tabs=[Tab.BASICS, Tab.ATTACHMENTS]))
    full(throttles.UPLOAD, account=pi.user)
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.4")

    refused = client.post(reverse("person-edit"), {"degree_proof": file, "upload": "1", "position": "首席研究员"})

    assert refused.status_code == 429
    assert "您在 10 分钟内已上传 120 次，这次没有上传。" in text(refused)
    assert "您填写的内容已保留" in text(refused)
    assert KeptForm.objects.get().user == pi.user
    assert "首席研究员" in client.get(reverse("person-edit")).content.decode()
    # Without a file the same form goes.
    assert client.post(reverse("person-edit"), {"position": "首席研究员"}).status_code == 200
    attachments = reverse("proposal-attachments", args=[proposal.pk])
    file.seek(0)
    assert client.post(attachments, {"kind": "other", "file": file}).status_code == 429


def test_an_address_of_many_counts_apart_from_its_accounts(login, monkeypatch):
    unit = make.make_unit()
    small = dataclasses.replace(throttles.REVEAL, address=2)
    monkeypatch.setattr(throttles, "REVEAL", small)
    users = [unit.account, make.make_agent(unit), make.make_agent(make.make_unit())]
    sent = asks(f"unit-bank-account:{unit.pk}")

    answers = [login(user).post(reverse("reveal"), sent).status_code for user in [*users[:2], users[0], users[2]]]

    # What is not one's own is not there, however often somebody asks.
    assert answers == [302, 302, 429, 404]
