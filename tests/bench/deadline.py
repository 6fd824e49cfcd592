"""The last hour before 申报截止: `./dev bench deadline`.

    ./dev bench deadline [--submits 100] [--views 300] [--saves 10] [--seconds 30] [--find] [--write]

Submissions, saves and views arrive at a fixed rate, whatever becomes of earlier ones, from a load generator on
loopback (tests/bench/load.py). The site is gunicorn with deploy/gunicorn.conf.py. Everybody submits their own complete
申报书, and reads the portal, their own list, their 申报书; the unit reads its list. Afterwards a ledger is balanced:
every submission that was acknowledged must be there exactly once, in state, history, frozen copy and message.
`--find` raises the rate by half from step to step until the 95th percentile passes half a second or something fails.
Sessions are there from the beginning: a login is mostly work of 渝快办, and is not part of this.
"""

import argparse
import html
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

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402

from accounts.models import Notice  # noqa: E402
from accounts.sessions import BEGAN  # noqa: E402
from projects.completeness.check import gaps  # noqa: E402
from projects.enums import State, Tab  # noqa: E402
from projects.models import Proposal, Step, Submission  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bench import data, report  # noqa: E402
from tests.bench.serving import Server  # noqa: E402
from tests.conftest import backend_of  # noqa: E402
from tests.full_proposal import make_full_call  # noqa: E402

SLOW, WARM = 500, 100
VIEWS = ("portal", "own list", "own list", "申报书", "申报书", "unit's list")


class Crowd:
    """Everybody who takes part, with sessions; each draft is submitted or saved once."""

    def __init__(self, number):
        self.unit = make.make_unit()
        self.drafts = data.drafts(data.leaders(self.unit, number), make_full_call())
        assert gaps(self.drafts[0]) == [], gaps(self.drafts[0])
        self.cookies = dict(zip(self.drafts, sessions([each.pi.user for each in self.drafts]), strict=True))
        [self.unit_cookie] = sessions([self.unit.account])
        self.saved = _fields_of(self.drafts[0])
        self.left = iter(self.drafts)

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


def sessions(users):
    """A cookie for each user, of a session that has just begun."""
    rows, store = [], SessionStore()
    for user in users:
        known = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: backend_of(user),
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            BEGAN: int(time.time()),
        }
        end = timezone.now() + timezone.timedelta(seconds=settings.SESSION_COOKIE_AGE)
        rows.append(Session(session_key=get_random_string(32), session_data=store.encode(known), expire_date=end))
    Session.objects.bulk_create(rows, batch_size=2_000)
    return [f"{settings.SESSION_COOKIE_NAME}={row.session_key}" for row in rows]


def posted(cookie, fields):
    """The cookie and the form as a browser would send them."""
    secret = get_random_string(32)
    return f"{cookie}; {settings.CSRF_COOKIE_NAME}={secret}", {**fields, "csrfmiddlewaretoken": secret}


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
    """`[at, kind, path, cookie, form]` in the order of time."""
    lines = []
    for rate, make_one in ((asked.submits, crowd.submission), (asked.saves, crowd.save), (asked.views, crowd.view)):
        number = round(rate * share * seconds)
        lines += [[random.uniform(0, seconds), *make_one()] for _ in range(number)]  # nosec B311: nothing secret
    return sorted(lines, key=lambda line: line[0])


def carry_out(lines, port, folder):
    """The results of the load generator, and how many seconds of CPU it took."""
    asked, answered = Path(folder, "plan"), Path(folder, "results")
    asked.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    before = os.times()
    subprocess.run([sys.executable, "-m", "tests.bench.load", str(port), str(asked), str(answered)], check=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return [json.loads(line) for line in answered.read_text("utf-8").splitlines()], used


def succeeded(result):
    """Whether the site did what was asked, and said so."""
    kind, _, _, status, place = result
    if kind == "submit":
        return status == 302 and not place.endswith("/check/")
    return status == (302 if kind == "save" else 200)


def balance(results):
    """What is wrong with the submissions, in words: the acknowledged must be there once, others at most."""
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
    """A line for each kind, and one for all."""
    kinds = defaultdict(list)
    for result in results:
        kinds[result[0]].append(result)
    for kind, found in [*sorted(kinds.items()), ("all", results)]:
        times = [result[2] for result in found]
        shares = (report.percentile(times, share) for share in (0.5, 0.95, 0.99, 1))
        yield [kind, len(found), *(f"{each:,.0f}" for each in shares), sum(not succeeded(each) for each in found)]


def step(server, crowd, asked, share, folder):
    """One rate: the text about it, and whether it went well."""
    connection.close()
    before, began = server.cost()[0], time.monotonic()
    results, generator = carry_out(plan(crowd, asked, share, asked.seconds), server.port, folder)
    took, web = time.monotonic() - began, server.cost()[0] - before
    acknowledged, wrong = balance(results)
    slow = report.percentile([result[2] for result in results], 0.95)
    failed = [result for result in results if not succeeded(result)]
    submits, saves, views = (round(each * share) for each in (asked.submits, asked.saves, asked.views))
    text = (
        f"**{submits} submissions, {saves} saves and {views} views a second for {asked.seconds} s**"
        f"\n\n{report.table(HEADS, rows_of(results))}\n\nAnswered"
        f" {len(results) / took:.0f} a second. Ledger: {acknowledged:,} acknowledged submissions,"
        f" {f'{len(wrong)} WRONG' if wrong else 'each there exactly once'}. CPU: web {web:.0f} s, load generator"
        f" {generator:.0f} s of {took:.0f} s by the clock."
    )
    print(f"\n{text}", *wrong[:5], *map(str, failed[:3]), sep="\n", flush=True)
    return text, slow <= SLOW and not failed and not wrong


def main(arguments):
    """Make the crowd, let it come, print what happened."""
    parser = argparse.ArgumentParser(prog="./dev bench deadline")
    for name, number in (("submits", 100), ("views", 300), ("saves", 10), ("seconds", 30)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--find", action="store_true", help="raise the rate until it is too much")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    asked = parser.parse_args(arguments)
    if not 0 < asked.seconds <= 600:
        parser.error("--seconds is at most 600")
    shares = [0.1, 0.2, 0.3, 0.45, 0.7, 1, 1.5, 2.2] if asked.find else [1]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    server = None
    try:
        number = sum(round(share * (asked.submits + asked.saves) * asked.seconds) for share in shares) + 10 * len(
            shares
        )
        print(f"Making {number:,} people with a complete 申报书 each…", flush=True)
        crowd = Crowd(number)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        server = Server("deadline", "zhgg.wsgi:application", config="deploy/gunicorn.conf.py", DATABASE_URL=url)
        server.wait()
        texts = []
        with tempfile.TemporaryDirectory() as folder:
            # Every worker has loaded everything, and threads their connections, before anything is measured.
            carry_out([[each / 20, *crowd.view()] for each in range(WARM)], server.port, folder)
            for share in shares:
                text, well = step(server, crowd, asked, share, folder)
                texts.append(text)
                if not well:
                    break
        said = report.circumstances(" ".join(["./dev bench deadline", *arguments]))
        print(f"\n{said}")
        if asked.write:
            report.publish("deadline", "\n\n".join([*texts, said]), {"said": said, "tables": texts})
    finally:
        if server:
            server.stop()
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    main(sys.argv[1:])
