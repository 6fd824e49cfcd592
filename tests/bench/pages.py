"""What each list page costs beside the limit, the Django admin and bare libraries: `./dev bench pages`.

    ./dev bench pages [--quick] [--only limit] [--write] [database …]

Every program has one gunicorn worker; they are asked in turn, in blocks, so that whatever else the machine does meets
all of them alike. A ratio is that of two neighbouring blocks. `database …` are databases on the server of DATABASE_URL
that `seed_demo --scale large` (or huge) has filled; without any, a small city is made for the purpose. `--write` puts
the table into docs/performance.md.
"""

import argparse
import contextlib
import html
import json
import os
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from accounts import privacy  # noqa: E402
from accounts.enums import Kind  # noqa: E402
from accounts.models import Session, User  # noqa: E402
from orgs import codes  # noqa: E402
from orgs.models import Unit  # noqa: E402
from projects.demo import script  # noqa: E402
from projects.demo.accounts_file import uscc_of  # noqa: E402
from projects.demo.cast import ADMINISTRATOR, COMPANY, OFFICER, UNITS  # noqa: E402
from projects.demo.scale.fill import analyze, fill  # noqa: E402
from projects.demo.scale.sizes import Sizes  # noqa: E402
from projects.models import Proposal  # noqa: E402
from tests.bench import report  # noqa: E402
from tests.bench.serving import Server  # noqa: E402
from tests.conftest import backend_of  # noqa: E402
from tests.plans import statements_of  # noqa: E402

SMALL = Sizes(
    units=500,
    people=4_000,
    waiting=900,
    huge_departments=6,
    huge_people=400,
    huge_waiting=100,
    plain_people=1_200,
    plain_waiting=600,
    proposals=3_000,
    plain_proposals=1_200,
    plain_proposals_waiting=600,
    huge_proposals_waiting=60,
)
ROUNDS, BLOCK, WARM = 15, 12, 5
QUICK_ROUNDS, QUICK_BLOCK = 7, 8
LIMIT, OURS = "limit", "site"


@dataclass
class Page:
    """Something that is asked for: of which program, at which address, as whom, and what it is compared with."""

    name: str
    program: str
    address: str
    cookie: str
    limit: "Page | None" = None
    is_list: bool = False
    seconds: list = field(default_factory=list)
    costs: list = field(default_factory=list)
    body: bytes = b""
    statements: int = 3

    @property
    def ratios(self):
        """CPU of each block ÷ that of the limit's block of the same round."""
        return [sum(ours) / sum(theirs) for ours, theirs in zip(self.costs, self.limit.costs, strict=True)]


class Visitors:
    """Logged-in sessions, and what lists to ask for with them. `clients` are test clients of the same people."""

    def __init__(self):
        company = uscc_of(next(unit for unit in UNITS if unit.key == COMPANY))
        people = {
            "unit": User.objects.get(kind=Kind.LEGAL, uscc=company),
            "bureau": User.objects.get(username=OFFICER),
            "admin": User.objects.get(username=ADMINISTRATOR),
        }
        self.unit = Unit.objects.get(uscc=company)
        # Nobody is asked to confirm anything first.
        User.objects.filter(pk__in=[user.pk for user in people.values()]).update(privacy_version=privacy.VERSION)
        self.clients = {name: _client(user) for name, user in people.items()}
        name = settings.SESSION_COOKIE_NAME
        self.keys = {each: client.cookies[name].value for each, client in self.clients.items()}
        self.cookies = {each: f"{name}={key}" for each, key in self.keys.items()}

    def pages(self, only):
        """The pages, each behind the one that it is compared with."""
        admin = f"/admin/projects/proposal/?unit__id__exact={self.unit.pk}&state__exact=unit"
        rows = []
        for name, who, address in (
            ("unit", "unit", "/projects/"),
            ("unit, state and keyword", "unit", "/projects/?state=unit&q=%E5%B7%A5%E4%B8%9A"),
            ("unit, page 25", "unit", "/projects/?page=25"),
            ("bureau", "bureau", "/projects/"),
            ("review", "unit", "/reviews/"),
        ):
            limit = Page(f"limit: {name}", LIMIT, address, self.cookies[who])
            rows.append(limit)
            if only != LIMIT:
                rows.append(Page(name, OURS, address, self.cookies[who], limit, is_list=True))
            if name == "unit" and only != LIMIT:
                rows.append(Page("Django admin", OURS, admin, self.cookies["admin"], limit))
                bare = "/bench/bare/?state=unit"
                rows.append(Page("bare django-tables2 and django-filter", OURS, bare, self.cookies["unit"], limit))
        return rows

    def leave(self):
        """End the sessions."""
        Session.objects.filter(session_key__in=self.keys.values()).delete()


def _client(user):
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user, backend=backend_of(user))
    if user.kind == Kind.STAFF:
        device = user.totpdevice_set.first() or user.totpdevice_set.create(name="bench", confirmed=True)
        session = client.session
        session["otp_device_id"] = device.persistent_id
        session.save()
    return client


def scenery(visitors):
    """What the limit does not make itself: the page around the rows, icons, code tables."""
    found = {}
    for name, who, address in (
        ("unit", "unit", "/projects/"),
        ("bureau", "bureau", "/projects/"),
        ("reviews", "unit", "/reviews/"),
    ):
        page = visitors.clients[who].get(address).content.decode()
        head, _, rest = re.split(r"共 <b>([\d,]+)</b>", page, maxsplit=1)
        middle, rows, foot = re.split(
            r'(?<=<tbody role="rowgroup">)(.*)(?=</tbody>)', rest, maxsplit=1, flags=re.DOTALL
        )
        badge = re.search(r'<span class="badge.*?</svg>[^<]*</span>', rows, re.DOTALL)[0]
        found[name] = {"head": f"{head}共 <b>", "middle": f"</b>{middle}", "foot": foot, "badge": badge}
    tables = {name: codes.table(name) for name in ("sex", "education", "title_level")}
    found["reviews"]["codes"] = {
        name: {code: table.name(code) for code in table.rows} for name, table in tables.items()
    }
    return found


def words(body):
    """What a reader sees of the rows, and how many there are in all."""
    text = body.decode()
    rows = re.search(r'<tbody role="rowgroup">(.*)</tbody>', text, re.DOTALL)[1]
    total = re.search(r"共 <b>([\d,]+)</b>", text)[1]
    return total, html.unescape(re.sub(r"<[^>]*>|\s+", "", rows))


def warm(servers, pages, visitors):
    """Ask for everything some times; make sure that the limit shows what our page shows."""
    for page in pages:
        for _ in range(WARM):
            _, page.body = servers[page.program].get(page.address, page.cookie)
        if page.is_list and words(page.body) != words(page.limit.body):
            raise SystemExit(f"{page.name}: the limit shows other rows\n{words(page.body)}\n{words(page.limit.body)}")
        if page.program == OURS:
            who = next(each for each, cookie in visitors.cookies.items() if cookie == page.cookie)
            _, statements = statements_of(visitors.clients[who], page.address)
            page.statements = len(statements)
    for server in servers.values():
        server.find_backends()


def measure(servers, pages, rounds, block):
    """Ask for the pages in turn, `block` times each, `rounds` times."""
    for _ in range(rounds):
        for page in pages:
            server = servers[page.program]
            before = server.cost()
            page.seconds += [server.get(page.address, page.cookie)[0] for _ in range(block)]
            time.sleep(0.01)  # the worker tidies up after the answer
            spent = zip(before, server.cost(), strict=True)
            page.costs.append([(after - earlier) / block for earlier, after in spent])


HEADS = (
    *("page", "CPU ms (range)", "application", "database", "× the limit (range)", "of the admin"),
    *("requests/s", "p50 ms", "p95", "p99", "SQL", "bytes"),
)


def rows_of(pages):
    """A line for each page."""
    admin = next((page for page in pages if page.name == "Django admin"), None)
    for page in pages:
        sums = [1000 * sum(cost) for cost in page.costs]
        app, database = ([1000 * cost[place] for cost in page.costs] for place in (0, 1))
        share = (
            statistics.median(sum(one) / sum(other) for one, other in zip(page.costs, admin.costs, strict=True))
            if admin
            else 0
        )
        yield [
            page.name,
            report.middle(sums),
            f"{statistics.median(app):.1f}",
            f"{statistics.median(database):.1f}",
            report.middle(page.ratios, 2) if page.limit else "1",
            f"{share:.2f}" if admin else "–",
            f"{1 / statistics.mean(page.seconds):.0f}",
            *(f"{1000 * report.percentile(page.seconds, share):.1f}" for share in (0.5, 0.95, 0.99)),
            page.statements,
            f"{len(page.body):,}",
        ]


def run(name, only, rounds, block):
    """Measure in the database to which `connection` leads: the pages, and the table."""
    number = f"{Proposal.objects.count():,}"
    visitors = Visitors()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.callback(visitors.leave)
        file = Path(folder, "scenery.json")
        file.write_text(json.dumps(scenery(visitors)), "utf-8")
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        environment = {"DATABASE_URL": url, "BENCH_SCENERY": str(file)}
        pages = visitors.pages(only)
        programs = {LIMIT: "tests.bench.limit:application", OURS: "zhgg.wsgi:application"}
        servers = {}
        for program in {page.program for page in pages}:
            servers[program] = Server(program, programs[program], **environment)
            stack.callback(servers[program].stop)
        for server in servers.values():
            server.wait()
        warm(servers, pages, visitors)
        measure(servers, pages, rounds, block)
    return number, pages


@contextlib.contextmanager
def databases(names):
    """Each name in turn, with `connection` leading there; without names one that is made and dropped."""
    if not names:
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            with transaction.atomic():
                script.play(staff_passwords={})
                fill(SMALL, lambda line: None)
            analyze()
            yield [connection.settings_dict["NAME"]]
        finally:
            connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
        return
    yield names


def main(arguments):
    """Measure, print the tables, write them down if asked."""
    parser = argparse.ArgumentParser(prog="./dev bench pages")
    parser.add_argument("databases", nargs="*")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--only", choices=[LIMIT])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    asked = parser.parse_args(arguments)
    rounds, block = (QUICK_ROUNDS, QUICK_BLOCK) if asked.quick else (ROUNDS, BLOCK)
    texts, data, worst = [], [], 0
    with databases(asked.databases) as names:
        for name in names:
            connection.close()
            connection.settings_dict["NAME"] = name
            number, pages = run(name, asked.only, rounds, block)
            text = f"**{number} proposals**\n\n{report.table(HEADS, rows_of(pages))}"
            print(f"\n{text}", flush=True)
            texts.append(text)
            data += [{"proposals": number} | dict(zip(HEADS, row, strict=True)) for row in rows_of(pages)]
            worst = max(worst, *(statistics.median(page.ratios) for page in pages if page.is_list), 0)
        said = report.circumstances(" ".join(["./dev bench pages", *arguments]))
    ending = f"{said} Medians and ranges of {rounds} rounds of {block} requests each."
    print(f"\n{ending}")
    if asked.write:
        report.publish("pages", "\n\n".join([*texts, ending]), {"said": ending, "rows": data})
    if worst:
        print(f"worst list page: {worst:.2f} x limit")


if __name__ == "__main__":
    main(sys.argv[1:])
