"""Where the time of the slowest pages goes: one process, many requests of each, sampled by pyinstrument."""

import argparse
import io
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.db import connection  # noqa: E402
from pyinstrument import Profiler  # noqa: E402

from tests.bench import report  # noqa: E402
from tests.bench.pages import Visitors  # noqa: E402
from zhgg.wsgi import application  # noqa: E402

PAGES = (
    ("unit's list", "unit", "/projects/"),
    ("unit's list, state and keyword", "unit", "/projects/?state=unit&q=%E5%B7%A5%E4%B8%9A"),
    ("review list", "unit", "/reviews/"),
)
REQUESTS, WARM, INTERVAL = 100, 10, 0.0005
STAGES = {
    "queries": ("django/db/", "psycopg/", "psycopg_binary/", "zhgg/kit/kept.py"),
    "rows of the table": ("zhgg/kit/tables.py", "django_tables2/"),
    "conditions": ("django/forms/", "django_filters/", "zhgg/kit/drawing.py", "zhgg/kit/field_boxes.py"),
    "other templates": ("django/template/",),
    "view, and what it asks": ("projects/views/", "profiles/views/"),
}
"""What a moment is counted to: the first of these that is anywhere on the stack, by the files of the frames."""
REST = "middleware, login, answer"


def request(address, cookie):
    """One GET through the whole application."""
    path, _, query = address.partition("?")
    environment = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_COOKIE": cookie,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
    }
    answers = []
    answer = application(environment, lambda status, headers, error=None: answers.append(status))
    b"".join(answer)
    answer.close()
    if answers != ["200 OK"]:
        raise SystemExit(f"{address}: {answers}")


def stages_of(address, cookie):
    """`{stage: seconds}`, waiting for PostgreSQL included. Sampling slows down what calls much: take them as shares."""
    for _ in range(WARM):
        request(address, cookie)
    profiler = Profiler(interval=INTERVAL, async_mode="disabled")
    with profiler:
        for _ in range(REQUESTS):
            request(address, cookie)
    spent = dict.fromkeys([*STAGES, REST], 0.0)
    _add_up(profiler.last_session.root_frame(), [], spent)
    return spent


def _add_up(frame, stack, spent):
    stack = [*stack, frame.file_path or ""]
    spent[_stage(stack)] += frame.time - sum(child.time for child in frame.children)
    for child in frame.children:
        _add_up(child, stack, spent)


def _stage(stack):
    for stage, files in STAGES.items():
        if any(file in path for path in stack for file in files):
            return stage
    return REST


def main(arguments):
    """Measure, print the table."""
    parser = argparse.ArgumentParser(prog="./dev bench profile")
    parser.add_argument("database")
    asked = parser.parse_args(arguments)
    connection.settings_dict["NAME"] = asked.database
    visitors = Visitors()
    try:
        found = {name: stages_of(address, visitors.cookies[who]) for name, who, address in PAGES}
    finally:
        visitors.leave()
    rows = [
        [stage, *(f"{each[stage] / sum(each.values()):.0%}" for each in found.values())] for stage in [*STAGES, REST]
    ]
    print(report.table(("share of the time", *found), rows))
    print(f"\n{report.circumstances(f'./dev bench profile {asked.database}')}")


if __name__ == "__main__":
    main(sys.argv[1:])
