"""Where the time of the slowest pages goes: one process, many requests of each, sampled (tests/bench/sampling.py)."""

import argparse
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.db import connection  # noqa: E402

from tests.bench import report  # noqa: E402
from tests.bench.pages import Visitors  # noqa: E402
from tests.bench.sampling import request, shares_of  # noqa: E402

PAGES = (
    ("unit's list", "unit", "/projects/"),
    ("unit's list, state and keyword", "unit", "/projects/?state=unit&q=%E5%B7%A5%E4%B8%9A"),
    ("review list", "unit", "/reviews/"),
)
REQUESTS, WARM = 100, 10
STAGES = {
    "queries": ("django/db/", "psycopg/", "psycopg_binary/", "zhgg/kit/kept.py"),
    "rows of the table": ("zhgg/kit/tables.py", "django_tables2/"),
    "conditions": ("django/forms/", "django_filters/", "zhgg/kit/drawing.py", "zhgg/kit/field_boxes.py"),
    "other templates": ("django/template/",),
    "view, and what it asks": ("projects/views/", "profiles/views/"),
}
"""What a moment is counted to: the first of these that is anywhere on the stack, by the files of the frames."""
REST = "middleware, login, answer"


def shares(address, cookie):
    """`{stage: share}` of the time of one page."""

    def act():
        answer = request(address, cookie)
        if answer.status != 200:
            raise SystemExit(f"{address}: {answer.status}")

    for _ in range(WARM):
        act()
    return {stage: share for stage, (share, _) in shares_of([act] * REQUESTS, STAGES, REST).items()}


def main(arguments):
    """Measure, print the table."""
    parser = argparse.ArgumentParser(prog="./dev bench profile")
    parser.add_argument("database")
    asked = parser.parse_args(arguments)
    connection.settings_dict["NAME"] = asked.database
    visitors = Visitors()
    try:
        found = {name: shares(address, visitors.cookies[who]) for name, who, address in PAGES}
    finally:
        visitors.leave()
    rows = [[stage, *(f"{each[stage]:.0%}" for each in found.values())] for stage in [*STAGES, REST]]
    print(report.table(("share of the time", *found), rows))
    print(f"\n{report.circumstances(f'./dev bench profile {asked.database}')}")


if __name__ == "__main__":
    main(sys.argv[1:])
