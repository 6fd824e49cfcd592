"""What the site answers when something is wrong with the request itself: a page of ours, with all its headers."""

import html
import re

import psycopg
import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.urls import reverse
from procrastinate.exceptions import ConnectorException

from tests import factories as make
from tests.orgs.unit_form import typed
from tests.reveals import asks

pytestmark = pytest.mark.django_db

HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}


@pytest.fixture
def visitor():
    return Client(HTTP_HOST="127.0.0.1")


@pytest.fixture
def unit_client(login):
    """The unit's own account, in a client that insists on CSRF tokens as browsers' requests meet it."""
    client = login(make.make_unit().account)
    client.handler.enforce_csrf_checks = True
    client.get(reverse("unit-edit"))  # with a token in the cookie, Django looks for the one in the form
    return client


def assert_our_page(response, status, *words):
    page = response.content.decode()
    assert response.status_code == status
    for word in ("023-67035473", response["X-Request-Id"], *words):
        assert word in page
    assert {name: response.get(name) for name in HEADERS} == HEADERS
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


def test_more_than_five_megabytes_are_told_so(unit_client):
    response = unit_client.post(reverse("unit-edit"), {"address": "x" * (5 * 1024 * 1024)})
    assert_our_page(response, 413, "提交的内容太大", "超过 5 MB，没有保存")


def test_so_many_bytes_in_an_urlencoded_form_too(unit_client):
    body, kind = "address=" + "x" * (5 * 1024 * 1024), "application/x-www-form-urlencoded"
    assert_our_page(unit_client.post(reverse("unit-edit"), body, content_type=kind), 413, "超过 5 MB，没有保存")


def test_too_many_ticks_are_told_so(unit_client):
    response = unit_client.post(reverse("unit-edit"), {f"row{number}": "1" for number in range(12_001)})
    assert_our_page(response, 413, "勾选太多", "请返回上一页，分几次办理")


def test_a_broken_form_is_a_bad_request(unit_client):
    response = unit_client.post(reverse("unit-edit"), b"--x", content_type="multipart/form-data")
    assert_our_page(response, 400, "无法处理这个请求")


def test_a_form_without_its_token_says_that_the_page_is_old(unit_client):
    assert_our_page(unit_client.post(reverse("unit-edit"), {}), 403, "页面已过期")


@pytest.mark.parametrize("name", ["logout", "reveal", "messages-read"])
def test_an_address_for_buttons_only_says_so_when_it_is_opened(unit_client, name):
    response = unit_client.get(reverse(name))
    assert_our_page(response, 405, "这个网址不能直接打开")
    assert response["Allow"] == "POST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "NONSENSE"])
def test_unknown_methods_are_refused_everywhere(visitor, method):
    response = visitor.generic(method, reverse("portal"))
    assert_our_page(response, 405)
    assert response["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_another_host_name_is_refused(visitor):
    assert_our_page(visitor.get(reverse("login"), headers={"host": "evil.example"}), 400, "无法处理这个请求")


def test_an_unknown_address_is_not_found(unit_client):
    assert_our_page(unit_client.get("/nothing/here/"), 404, "找不到这个页面")


def test_a_database_that_is_away_is_busy_before_any_view(unit_client, monkeypatch):
    def away(*args):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("accounts.sessions.too_old", away)
    unit_client.raise_request_exception = False
    response = unit_client.get(reverse("portal"))
    assert_our_page(response, 503, "系统繁忙，请稍后再试")
    assert response["Retry-After"] == "30"


def test_a_database_that_goes_away_in_a_view_is_busy_too(unit_client, monkeypatch):
    def away(*args, **kwargs):
        raise InterfaceError("connection already closed")

    monkeypatch.setattr("orgs.views.units._own_unit", away)
    response = unit_client.get(reverse("unit"))
    assert_our_page(response, 503, "系统繁忙，请稍后再试")
    assert response["Retry-After"] == "30"


def test_a_form_that_met_a_database_that_is_away_can_be_sent_once_more(unit_client, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr("orgs.views.units._own_unit", away)
    token = unit_client.cookies["zhgg_csrf"].value
    typed = {"address": '照母山 <b> "1" 号', "rows": ["1", "2"], "csrfmiddlewaretoken": token}

    response = unit_client.post(reverse("unit-edit"), typed)

    assert_our_page(response, 503, "再提交一次", f'action="{reverse("unit-edit")}"')
    sent = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', response.content.decode())
    assert [(name, html.unescape(value)) for name, value in sent] == [
        ("address", typed["address"]),
        ("rows", "1"),
        ("rows", "2"),
        ("csrfmiddlewaretoken", token),
    ]


def test_a_password_is_not_put_into_a_page_to_be_sent_again(client, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("the database system is shutting down")

    monkeypatch.setattr("accounts.admin_site.StaffLoginView.form_valid", away)
    monkeypatch.setattr("accounts.admin_site.StaffLoginView.form_invalid", away)
    typed = {"username": "kjj", "password": "a secret of mine", "token": "123456"}
    response = client.post(reverse("admin:login"), typed, headers={"host": "127.0.0.1"})

    assert_our_page(response, 503, "返回上一页再提交一次")
    assert "a secret of mine" not in response.content.decode()


def test_what_is_too_much_to_be_sent_again_from_a_page_is_not_offered(unit_client, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr("orgs.views.units._own_unit", away)
    typed = {"address": "x" * 1_000_001, "csrfmiddlewaretoken": unit_client.cookies["zhgg_csrf"].value}
    response = unit_client.post(reverse("unit-edit"), typed)

    assert_our_page(response, 503, "返回上一页再提交一次")
    assert "<form" not in response.content.decode()


def test_a_database_that_goes_away_before_the_session_is_written_is_busy_too(unit_client, monkeypatch, settings):
    def away(*args, **kwargs):
        raise OperationalError("server closed the connection")

    settings.SESSION_SAVE_EVERY_REQUEST = True
    monkeypatch.setattr("accounts.models.Session.save", away)
    response = unit_client.get(reverse("unit"))
    assert_our_page(response, 503, "系统繁忙，请稍后再试")
    assert response["Retry-After"] == "30"


@pytest.fixture
def standby():
    """`standby()` makes the database take no writes, as one that has not been promoted yet after a switch."""

    def take_no_writes(value="on"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('default_transaction_read_only', %s, false)", [value])

    yield take_no_writes
    take_no_writes("off")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_no_writes_is_busy_and_still_read(login, standby, caplog):
    unit = make.make_unit()
    client = login(unit.account)
    client.raise_request_exception = False
    form = typed(client.get("/unit/edit/"))
    standby()

    read = client.get("/unit/")
    in_a_service = client.post("/unit/edit/", {**form, "address": "照母山 1 号"})
    in_a_view = client.post("/reveal/", asks(f"unit-bank-account:{unit.pk}"))
    before_any_view = client.get("/unit/", {}, headers={"cookie": f"{settings.SESSION_COOKIE_NAME}=gone"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_auditevent WHERE action IN ('reveal', 'unit_saved')")
        written = cursor.fetchone()

    assert (read.status_code, before_any_view.status_code, written) == (200, 302, (0,))
    assert_our_page(in_a_service, 503, "再提交一次", 'value="照母山 1 号"')
    assert_our_page(in_a_view, 503, "再提交一次")
    assert caplog.messages.count("database unavailable: ReadOnlySqlTransaction") == 2


@pytest.mark.django_db(transaction=True)
def test_a_session_that_such_a_database_does_not_write_is_busy_too(login, standby, settings):
    client = login(make.make_unit().account)
    settings.SESSION_SAVE_EVERY_REQUEST = True
    standby()

    assert_our_page(client.get("/unit/"), 503, "系统繁忙，请稍后再试")


def test_a_job_that_a_database_that_is_away_does_not_take_is_busy_too(unit_client, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectorException from psycopg.OperationalError("server closed the connection")

    monkeypatch.setattr("orgs.views.units._own_unit", away)
    assert_our_page(unit_client.get(reverse("unit")), 503, "系统繁忙，请稍后再试")


def test_any_other_mistake_of_ours_is_a_500(unit_client, monkeypatch):
    monkeypatch.setattr("accounts.sessions.too_old", lambda session: 1 / 0)
    unit_client.raise_request_exception = False
    assert_our_page(unit_client.get(reverse("portal")), 500, "系统出错了，不是您的问题")
