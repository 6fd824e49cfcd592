"""A log line is one line, names its request, and tells nothing about anybody."""

import io
import json
import logging

import pytest
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from tests import factories as make
from zhgg.kit import logs, request_context
from zhgg.kit.middleware import RequestContextMiddleware


@pytest.fixture
def lines():
    """`lines()` are the lines that the site has logged, as production writes them, each read as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(request_context.LogFilter())
    handler.setFormatter(logs.JsonFormatter())
    logger, level = logging.getLogger("zhgg"), logging.getLogger("zhgg.access").level
    logger.addHandler(handler)
    logs.access.setLevel("INFO")
    yield lambda: [json.loads(line) for line in stream.getvalue().split("\n")[:-1]]
    logger.removeHandler(handler)
    logs.access.setLevel(level)


@pytest.mark.django_db
def test_each_request_leaves_one_line_with_the_number_of_its_answer(lines, login):
    user = make.make_unit().account

    response = login(user).get("/nowhere/110101199003070003/?q=张三&code=abc", HTTP_X_REQUEST_ID="forged-0")

    [line] = lines()
    assert {key: line[key] for key in ("level", "logger", "method", "status", "user", "request_id")} == {
        "level": "INFO",
        "logger": "zhgg.access",
        "method": "GET",
        "status": 404,
        "user": user.pk,
        "request_id": response["X-Request-Id"],
    }
    assert line["path"] == "/nowhere/110101199003070003/"
    assert 0 <= line["ms"] < 60_000
    assert "张三" not in str(line)
    assert len(response["X-Request-Id"]) == 8
    assert response["X-Request-Id"] in response.content.decode()


@pytest.mark.django_db
def test_nobody_is_looked_up_for_the_log_and_probes_leave_no_line(lines, django_assert_num_queries):
    with django_assert_num_queries(1):
        Client(HTTP_HOST="127.0.0.1").get("/readyz")
    assert lines() == []

    assert Client(HTTP_HOST="127.0.0.1").get("/login/").status_code == 200
    assert [(line["path"], line["user"]) for line in lines()] == [("/login/", None)]


@pytest.mark.parametrize("evil", ["a\r\n{}", "a\x1b[2J", "a\u2028b\x85c", "a\x00b"])
def test_what_is_logged_cannot_break_the_line_or_write_to_the_terminal(lines, evil):
    logging.getLogger("zhgg.test").warning("read %s", evil)

    [line] = lines()
    assert line["message"].startswith("read ")
    assert not set(line["message"]) & set("\r\n\x1b\x00\u2028\x85")


def test_half_a_character_is_written_so_that_any_file_takes_it():
    """Not through a logger: pytest would hand what was logged from process to process, and cannot."""
    record = logging.LogRecord("zhgg.test", logging.WARNING, "", 0, "read %s", ("\ud800",), None)
    request_context.LogFilter().filter(record)

    line = logs.JsonFormatter().format(record)

    assert json.loads(line.encode())["message"].startswith("read ")


def test_the_line_format_escapes_the_same():
    record = logging.LogRecord("zhgg", logging.INFO, "", 0, "a\nb\x1b[2J %s", ("c\r",), None)

    request_context.LogFilter().filter(record)

    assert record.getMessage() == "a\\nb\\x1b[2J c\\r"


@pytest.mark.django_db(transaction=True)
def test_an_error_is_told_without_the_row_that_failed(lines):
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO accounts_loginattempt (entrance, nonce) VALUES ('legal', '赵样例')")
    except IntegrityError:
        logging.getLogger("zhgg.test").exception("failed")

    [line] = lines()
    assert [error["type"] for error in line["error"]] == ["IntegrityError", "NotNullViolation"]
    assert "violates not-null constraint" in line["error"][0]["message"]
    assert line["error"][0]["at"][0].endswith("test_an_error_is_told_without_the_row_that_failed")
    assert "赵样例" not in str(line)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.9", "10.0.0.1"),
        (1, "192.0.2.9", "192.0.2.9"),
        (1, "6.6.6.6, 192.0.2.9", "192.0.2.9"),
        (2, "6.6.6.6, 192.0.2.9, 10.0.0.2", "192.0.2.9"),
        (2, "192.0.2.9", "10.0.0.1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "' OR 1=1 --", None),
        (1, "", "10.0.0.1"),
    ],
)
def test_the_address_is_what_our_own_proxies_saw(settings, proxies, forwarded, address):
    settings.PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    seen = []

    def view(request):
        seen.append(request_context.current().address)
        return HttpResponse()

    RequestContextMiddleware(view)(request)

    assert seen == [address]
