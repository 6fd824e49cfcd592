"""Whether lists stay as fast as they were when the city grows: `./dev bench growth SMALL LARGE`.

    ./dev bench growth [--rounds 20] [--only WORDS] [--write] bench10k bench1m

`SMALL` and `LARGE` are databases on the server of DATABASE_URL, filled under the same keys by `seed_demo --scale`
`medium` (10,000 申报书) and `huge` (1,000,000). The site is started once for each, one worker; both are asked for each
page in turn, in blocks, so that whatever else the machine does meets both alike. The lists of the unit are ten times
as long in LARGE, those of 科技局 a hundred times.
"""

import argparse
import contextlib
import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
django.setup()

from django.db import connection  # noqa: E402

from projects.models import Proposal  # noqa: E402
from tests.bench import report  # noqa: E402
from tests.bench.pages import OURS, WARM, Visitors  # noqa: E402
from tests.bench.serving import Server  # noqa: E402

UNIT, BUREAU = 1.3, 2.0
"""How many times as long the slowest twentieth may take in LARGE."""
BLOCK = 12
WORD = quote("工业")
PAGES = (
    ("unit: 本单位的项目", "unit", "/projects/"),
    ("unit: page 25", "unit", "/projects/?page=25"),
    ("unit: one 状态", "unit", "/projects/?state=unit"),
    ("unit: 状态 and keyword", "unit", f"/projects/?state=unit&q={WORD}"),
    ("unit: by time", "unit", "/projects/?sort=-updated_at"),
    ("unit: 个人信息审核", "unit", "/reviews/"),
    ("unit: the same, page 25", "unit", "/reviews/?page=25"),
    ("unit: the same, by name", "unit", f"/reviews/?name={quote('张')}"),
    ("unit: portal", "unit", "/"),
    ("unit: messages", "unit", "/messages/"),
    ("bureau: 全部项目", "bureau", "/projects/"),
    ("bureau: page 25", "bureau", "/projects/?page=25"),
    ("bureau: page 5,000", "bureau", "/projects/?page=5000"),
    ("bureau: one 状态", "bureau", "/projects/?state=bureau"),
    ("bureau: 状态 and keyword", "bureau", f"/projects/?state=bureau&q={WORD}"),
    ("bureau: a word that is nowhere", "bureau", f"/projects/?q={quote('没有')}"),
    ("bureau: portal", "bureau", "/"),
    ("bureau: 申报看板", "bureau", "/figures/"),
    ("bureau: 申报批次", "bureau", "/bureau/calls/"),
    ("bureau: 单位查询", "bureau", "/bureau/units/"),
    ("bureau: 人员查询", "bureau", "/bureau/people/"),
    ("bureau: the same, page 5,000", "bureau", "/bureau/people/?page=5000"),
    ("bureau: 审计记录", "bureau", "/bureau/audit/"),
)


@dataclass
class Site:
    """The site on one database: its server, whose sessions there are, and what each page took."""

    name: str
    number: str
    visitors: Visitors
    server: Server
    seconds: dict = field(default_factory=dict)
    costs: dict = field(default_factory=dict)

    def ask(self, page, times):
        """Ask for a page, and keep what it took."""
        label, who, address = page
        before = sum(self.server.cost())
        taken = [self.server.get(address, self.visitors.cookies[who])[0] for _ in range(times)]
        time.sleep(0.01)  # the worker tidies up after the answer
        self.seconds.setdefault(label, []).extend(taken)
        self.costs.setdefault(label, []).append((sum(self.server.cost()) - before) / times)


def opened(name, stack):
    """The Site on a database."""
    connection.close()
    connection.settings_dict["NAME"] = name
    visitors = Visitors()

    def leave():
        connection.close()
        connection.settings_dict["NAME"] = name
        visitors.leave()

    stack.callback(leave)
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    server = Server(f"{OURS}-{name}", "zhgg.wsgi:application", DATABASE_URL=url)
    stack.callback(server.stop)
    server.wait()
    for _, who, address in PAGES:
        for _ in range(WARM):
            server.get(address, visitors.cookies[who])
    server.find_backends()
    return Site(name, f"{Proposal.objects.count():,}", visitors, server)


def rows_of(pages, small, large):
    """A line for each page."""
    for label, who, _ in pages:
        ends = [report.percentile(site.seconds[label], 0.95) for site in (small, large)]
        middles = [statistics.median(site.seconds[label]) for site in (small, large)]
        ratios = [one / other for one, other in zip(large.costs[label], small.costs[label], strict=True)]
        yield [
            label,
            *(f"{1000 * value:.1f}" for value in (*middles, *ends)),
            f"{ends[1] / ends[0]:.2f}",
            f"{UNIT if who == 'unit' else BUREAU:.1f}",
            f"{statistics.median(ratios):.2f}",
        ]


def main(arguments):
    """Measure, print the table, write it down if asked."""
    parser = argparse.ArgumentParser(prog="./dev bench growth")
    parser.add_argument("small")
    parser.add_argument("large")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="", help="pages with these words in their name")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    asked = parser.parse_args(arguments)
    pages = [page for page in PAGES if asked.only in page[0]]
    with contextlib.ExitStack() as stack:
        small, large = opened(asked.small, stack), opened(asked.large, stack)
        for _ in range(asked.rounds):
            for page in pages:
                small.ask(page, BLOCK)
                large.ask(page, BLOCK)
        said = report.circumstances(" ".join(["./dev bench growth", *arguments]))
    heads = [
        *("page", f"p50 ms at {small.number}", f"at {large.number}", f"p95 ms at {small.number}", f"at {large.number}"),
        *("p95 ×", "goal", "CPU ×"),
    ]
    rows = list(rows_of(pages, small, large))
    text = report.table(heads, rows)
    ending = f"{said} {asked.rounds} rounds of {BLOCK} requests each."
    print(f"\n{text}\n\n{ending}")
    if asked.write:
        report.publish("growth", f"{text}\n\n{ending}", {"said": ending, "rows": [heads, *rows]})


if __name__ == "__main__":
    main(sys.argv[1:])
