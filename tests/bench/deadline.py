"""The last hour before 申报截止: `./dev bench deadline`.

    ./dev bench deadline [--submits 100] [--views 300] [--saves 10] [--logins 10] [--seconds 30] [--find] [--profile]
                         [--write]

Submissions, saves, views and logins arrive at a fixed rate, whatever becomes of earlier ones, from a load generator on
loopback (tests/bench/load.py). The site is gunicorn with deploy/gunicorn.conf.py. Everybody submits their own complete
申报书, and reads the portal, their own list, their 申报书; the unit reads its list. Whoever logs in goes the whole way
through the stand-in for 渝快办, a process of its own. Afterwards a ledger is balanced: every submission that was
acknowledged must be there exactly once, in state, history, frozen copy and message, every login in the audit trail and
as a session. `--find` raises the rate by half from step to step until the 95th percentile passes half a second or
something fails. `--profile` tells where the time of one 提交 and of one login goes, instead.
"""

import argparse
import contextlib
import html
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.models import Notice  # noqa: E402
from projects.completeness.check import gaps  # noqa: E402
from projects.enums import State, Tab  # noqa: E402
from projects.models import Proposal, Step, Submission  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bench import data, logins, profiled, report  # noqa: E402
from tests.bench.logins import posted, sessions  # noqa: E402
from tests.bench.serving import Server, cost_of_all, cost_of_machine, postmaster  # noqa: E402
from tests.conftest import backend_of  # noqa: E402
from tests.full_proposal import make_full_call  # noqa: E402

SHARES = (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7, 1, 1.5, 2.2)
SLOW, WARM, WARM_LOGINS = 500, 100, 10
VISITORS = 300
"""So many people log in, again and again: the page of the stand-in lists all of its accounts."""
REDIRECTING = ("save", "login: start", logins.CALLBACK, "stand-in: choice")
VIEWS = ("portal", "own list", "own list", "申报书", "申报书", "unit's list")


class Crowd:
    """Everybody who takes part, with sessions; each draft is submitted or saved once."""

    def __init__(self, number, stand_in):
        self.unit = make.make_unit()
        self.drafts = data.drafts(data.leaders(self.unit, number), make_full_call())
        assert gaps(self.drafts[0]) == [], gaps(self.drafts[0])
        self.cookies = dict(zip(self.drafts, sessions([each.pi.user for each in self.drafts]), strict=True))
        [self.unit_cookie] = sessions([self.unit.account])
        self.saved = _fields_of(self.drafts[0])
        self.left = iter(self.drafts)
        users = [each.pi.user for each in random.sample(self.drafts, min(VISITORS, number))]
        stand_in.take(users)
        self.visitors = itertools.cycle(users)

    def login(self):
        """Whom to log in: kind, path of the entrance, account, name."""
        user = next(self.visitors)
        return "login", logins.ENTRANCE, user.subject, user.name

    def submission(self):
        """What to ask for: kind, path, cookie, form."""
        draft = next(self.left)
        return "submit", f"/projects/{draft.pk}/submit/", *posted(self.cookies[draft], {"seen_step": "0"})

    def save(self):
        draft = next(self.left)
        fields = {**self.saved, "title": draft.title}
        return "save", f"/projects/{draft.pk}/edit/basics/", *posted(self.cookies[draft], fields)

    def view(self):
        draft, kind = random.choice(self.drafts), random.choice(VIEWS)  # nosec B311: nothing secret
        path = {"portal": "/", "own list": "/my/", "申报书": f"/projects/{draft.pk}/", "unit's list": "/projects/"}[
            kind
        ]
        return kind, path, self.unit_cookie if kind == "unit's list" else self.cookies[draft], None


def _fields_of(draft):
    """What 【保存】 of 基本信息 posts: what the page holds."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(draft.pi.user, backend=backend_of(draft.pi.user))
    page = client.get(f"/projects/{draft.pk}/edit/{Tab.BASICS}/").content.decode()
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in found and (found["type"] not in ("checkbox", "radio") or " checked" in tag):
            fields[found["name"]] = html.unescape(found.get("value", "on"))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        if chosen := re.search(r'value="([^"]*)" selected', options):
            fields[name] = chosen[1]
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        fields[name] = html.unescape(text)
    return fields


def plan(crowd, asked, share, seconds):
    """The lines of the load generator, in the order of time."""
    lines = []
    kinds = (
        (asked.submits, crowd.submission),
        (asked.saves, crowd.save),
        (asked.views, crowd.view),
        (asked.logins, crowd.login),
    )
    for rate, make_one in kinds:
        number = round(rate * share * seconds)
        lines += [[random.uniform(0, seconds), *make_one()] for _ in range(number)]  # nosec B311: nothing secret
    return sorted(lines, key=lambda line: line[0])


def carry_out(lines, port, folder):
    """The results of the load generator."""
    asked, answered = Path(folder, "plan"), Path(folder, "results")
    asked.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    subprocess.run([sys.executable, "-m", "tests.bench.load", str(port), str(asked), str(answered)], check=True)
    return [json.loads(line) for line in answered.read_text("utf-8").splitlines()]


def succeeded(result):
    """Whether the site did what was asked, and said so."""
    kind, _, _, status, place, _ = result
    if kind == "submit":
        return status == 302 and not place.endswith("/check/")
    if kind == logins.PORTAL:
        return status == 200 and bool(place)
    return status == (302 if kind in REDIRECTING else 200)


def balance(results):
    """How many submissions were acknowledged, and what is wrong, in words: these must be there once, others at most."""
    told = defaultdict(bool)
    for result in results:
        if result[0] == "submit":
            told[int(result[1].split("/")[2])] = succeeded(result)
    states = dict(Proposal.objects.filter(pk__in=told).values_list("pk", "state"))
    steps = _counted(Step.objects.filter(proposal__in=told, action="submit").values_list("proposal", flat=True))
    copies = _counted(Submission.objects.filter(proposal__in=told).values_list("proposal", flat=True))
    urls = Notice.objects.filter(url__in=[f"/projects/{pk}/" for pk in told]).values_list("url", flat=True)
    notices = _counted(int(url.split("/")[2]) for url in urls)
    wrong = []
    for pk, acknowledged in told.items():
        there = (states[pk] == State.UNIT, steps[pk], copies[pk], notices[pk])
        if there != (True, 1, 1, 1) and (acknowledged or there != (False, 0, 0, 0)):
            wrong.append(f"{pk}: acknowledged {acknowledged}, in place {there[0]}, steps, copies, messages {there[1:]}")
    return sum(told.values()), wrong


def _counted(keys):
    counts = defaultdict(int)
    for key in keys:
        counts[key] += 1
    return counts


HEADS = ("kind", "number", "p50 ms", "p95", "p99", "longest", "failed")


def rows_of(results):
    """A line for each kind, one for all of the site, and how long callbacks waited for 渝快办."""
    kinds = defaultdict(list)
    for result in results:
        kinds[result[0]].append(result)
    waits = [result[5] for result in kinds[logins.CALLBACK]]
    for kind, found in [*sorted(kinds.items()), ("all of the site", of_site(results))]:
        if not found:
            continue
        yield [kind, len(found), *_spread(result[2] for result in found), sum(not succeeded(each) for each in found)]
        if kind == logins.CALLBACK:
            yield ["of it: waiting for 渝快办", len(waits), *_spread(waits), ""]


def _spread(times):
    times = list(times)
    return [f"{report.percentile(times, share):,.0f}" for share in (0.5, 0.95, 0.99, 1)]


def of_site(results):
    """The results without those of the stand-in."""
    return [result for result in results if not result[0].startswith("stand-in")]


class Costs:
    """The CPU seconds of everybody who takes part."""

    def __init__(self, server, stand_in):
        # The load generator is the only process that this one starts and waits for.
        self._pids = {"web": server.process.pid, "PostgreSQL": postmaster(), "stand-in": stand_in.process.pid}
        self._before = self._now()

    def _now(self):
        used = {name: cost_of_all(pid) if pid else 0 for name, pid in self._pids.items()}
        ended = os.times()
        used["load generator"] = ended.children_user + ended.children_system
        used["all"], used["nobody"] = cost_of_machine()
        return used

    def told(self):
        """What they have used since, in a sentence."""
        now = self._now()
        used = {name: now[name] - before for name, before in self._before.items()}
        whole, idle = used.pop("all"), used.pop("nobody")
        parts = [*used.items(), ("others", max(0, whole - sum(used.values()))), ("idle", idle)]
        return f"CPU, of {whole + idle:.1f} s: {', '.join(f'{name} {each:.1f}' for name, each in parts)}."


def step(server, stand_in, crowd, asked, share, folder):
    """One rate: the text about it, and whether it went well."""
    lines, ledger = plan(crowd, asked, share, asked.seconds), logins.Ledger()
    costs = Costs(server, stand_in)
    connection.close()
    began = time.monotonic()
    results = carry_out(lines, server.port, folder)
    took, spent = time.monotonic() - began, costs.told()
    acknowledged, wrong = balance(results)
    logged_in, amiss = ledger.balance(results)
    wrong += amiss
    slow = report.percentile([result[2] for result in of_site(results)], 0.95)
    failed = [result for result in results if not succeeded(result)]
    submits, saves, views, entries = (
        f"{each * share:.3g}" for each in (asked.submits, asked.saves, asked.views, asked.logins)
    )
    text = (
        f"**{submits} submissions, {saves} saves, {views} views and {entries} logins a second for {asked.seconds} s**"
        f"\n\n{report.table(HEADS, rows_of(results))}\n\nAnswered"
        f" {len(of_site(results)) / took:.0f} a second. Ledger: {acknowledged:,} acknowledged submissions and"
        f" {logged_in:,} logins, {f'{len(wrong)} WRONG' if wrong else 'each there exactly once'}. {spent}"
    )
    print(f"\n{text}", *wrong[:5], *map(str, failed[:3]), sep="\n", flush=True)
    return text, slow <= SLOW and not failed and not wrong


def arguments_of(words):
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="./dev bench deadline")
    for name, number in (("submits", 100), ("views", 300), ("saves", 10), ("logins", 10), ("seconds", 30)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--find", action="store_true", help="raise the rate until it is too much")
    parser.add_argument("--profile", action="store_true", help="where the time of one 提交 and of one login goes")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    asked = parser.parse_args(words)
    if not 0 < asked.seconds <= 600:
        parser.error("--seconds is at most 600")
    if asked.profile and (asked.find or asked.write):
        parser.error("--profile measures nothing else")
    return asked


def measure(asked, crowd, stand_in, folder):
    """The texts of all steps."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    # The load generator tells of an address for each visitor, as a proxy does.
    environment = {"DATABASE_URL": url, "OIDC_ISSUER": stand_in.issuer, "PROXY_COUNT": "1"}
    server = Server("deadline", "tests.bench.waiting:application", config="deploy/gunicorn.conf.py", **environment)
    try:
        server.wait()
        # Every worker has loaded everything, and threads their connections, before anything is measured.
        carry_out([[each / 20, *crowd.view()] for each in range(WARM)], server.port, folder)
        carry_out([[each / 5, *crowd.login()] for each in range(WARM_LOGINS)], server.port, folder)
        texts = []
        for share in SHARES if asked.find else [1]:
            text, well = step(server, stand_in, crowd, asked, share, folder)
            texts.append(text)
            if not well:
                break
        return texts
    finally:
        server.stop()


def main(arguments):
    """Make the crowd, let it come, print what happened."""
    asked = arguments_of(arguments)
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.callback(lambda: connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0))
        stand_in = logins.StandIn(Path(folder))
        stack.callback(stand_in.stop)
        shares = SHARES if asked.find else [1]
        number = sum(round(share * (asked.submits + asked.saves) * asked.seconds) + 10 for share in shares)
        number = profiled.REQUESTS + profiled.WARM if asked.profile else number
        print(f"Making {number:,} people with a complete 申报书 each…", flush=True)
        crowd = Crowd(number, stand_in)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        stand_in.wait()
        said = report.circumstances(" ".join(["./dev bench deadline", *arguments]))
        texts = [profiled.told(crowd, stand_in)] if asked.profile else measure(asked, crowd, stand_in, folder)
        print(f"\n{said}")
        if asked.write:
            report.publish("deadline", "\n\n".join([*texts, said]), {"said": said, "tables": texts})


if __name__ == "__main__":
    main(sys.argv[1:])
