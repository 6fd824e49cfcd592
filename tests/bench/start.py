"""How soon the site stands, and what a worker keeps: `./dev bench start [--requests 100000] [--skip-clone] [--write]`.
`--seed medium large huge` measures instead how long `seed_demo --scale` takes, each in a database of its own.

A fresh clone of this checkout is started with `./dev run` until its first page is there, stopped, and started again;
then one worker answers many requests, and its memory is read from the kernel on the way. The first start downloads and
builds what pip has not kept, so that its time is also that of the network.
"""

import argparse
import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
django.setup()

from django.db import connection  # noqa: E402

from projects.demo.scale.sizes import SCALES  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bench import data, report  # noqa: E402
from tests.bench.logins import sessions  # noqa: E402
from tests.bench.serving import ROOT, Server  # noqa: E402

PATIENCE = 1200
OURS = ("DATABASE_URL", "SECRET_KEY", "FIELD_KEYS", "VIRTUAL_ENV", "UPLOAD_DIR", "OIDC_ACCOUNTS_FILE", "SITE_URL")
WAYS = ("/", "/projects/", "/reviews/", "/unit/", "/projects/?state=unit&page=3", "/messages/", "/calls/")
STEPS = 10


def started(folder, port):
    """Seconds until the first page of `./dev run` in `folder`; it is stopped again."""
    environment = {
        name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("OIDC")
    }
    began = time.monotonic()
    process = subprocess.Popen(
        ["./dev", "run"], cwd=folder, env={**environment, "PORT": str(port)}, stdout=subprocess.DEVNULL
    )
    try:
        while time.monotonic() - began < PATIENCE and process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                visitor.request("GET", "/login/")
                if visitor.getresponse().status == 200:
                    return time.monotonic() - began
            time.sleep(0.2)
        raise SystemExit("./dev run does not start")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def starts():
    """Seconds of the first and of the second start of a fresh clone."""
    folder = Path(tempfile.mkdtemp(prefix="zhgg-bench-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
        return [started(folder / "clone", port) for _ in range(2)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def seeded(scale):
    """`[scale, 申报书, people, seconds, MB of memory]` of `seed_demo --scale` in a new database."""
    name, environment = f"bench_seed_{scale}", dict(os.environ)
    environment["DATABASE_URL"] = urlsplit(environment["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    environment["DJANGO_SETTINGS_MODULE"] = "zhgg.settings"
    with tempfile.TemporaryDirectory() as folder, connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            manage = [sys.executable, "manage.py"]
            subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
            began = time.monotonic()
            process = subprocess.Popen(
                [*manage, "seed_demo", "--scale", scale, "--accounts", str(Path(folder, "accounts.json"))],
                cwd=ROOT,
                env=environment,
            )
            _, status, used = os.wait4(process.pid, 0)
            if status:
                raise SystemExit(f"seed_demo --scale {scale} does not end well")
            taken = time.monotonic() - began
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    sizes = SCALES[scale]
    return [scale, f"{sizes.proposals:,}", f"{sizes.people:,}", f"{taken:,.0f}", f"{used.ru_maxrss / 1024:,.0f}"]


def measure_seeds(scales, command, *, write):
    """Seed each, print the table, write it down if asked."""
    heads = ["`seed_demo --scale`", "申报书", "people", "seconds", "memory, MB"]
    rows = [seeded(scale) for scale in scales]
    text = f"{report.table(heads, rows)}\n\n{report.circumstances(command)}"
    print(text)
    if write:
        report.publish("seed", text, {"heads": heads, "rows": rows})


def grown(number, command):
    """`[(requests, MB)]` of one worker on its way through so many requests, and under which circumstances."""
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    server = None
    try:
        unit = make.make_unit()
        data.proposals(data.crowd(unit, 200), make.make_call())
        [cookie] = sessions([unit.account])
        connection.close()
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        server = Server("start", "zhgg.wsgi:application", DATABASE_URL=url)
        server.wait()
        found = []
        for each in range(number):
            server.get(WAYS[each % len(WAYS)], cookie)
            if each == 100 or (each + 1) % (max(number // STEPS, 1)) == 0:
                found.append((each + 1, server.memory()[0]))
        return found, report.circumstances(command)
    finally:
        if server:
            server.stop()
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def main(arguments):
    """Measure, print."""
    parser = argparse.ArgumentParser(prog="./dev bench start")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--skip-clone", action="store_true", help="only the memory of a worker")
    parser.add_argument("--seed", nargs="+", choices=SCALES, default=[], help="only how long seeding takes")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    asked = parser.parse_args(arguments)
    if asked.seed:
        measure_seeds(asked.seed, " ".join(["./dev bench start", *arguments]), write=asked.write)
        return
    texts = []
    if not asked.skip_clone:
        first, second = starts()
        texts.append(f"From an empty clone to the first page {first:.0f} s; started again {second:.0f} s.")
        print(texts[0], flush=True)
    found, said = grown(asked.requests, " ".join(["./dev bench start", *arguments]))
    rows = [[f"{number:,}", f"{memory:.0f}"] for number, memory in found]
    texts.append(report.table(["requests", "memory of the worker, MB"], rows))
    print(texts[-1], said, sep="\n\n")
    if asked.write:
        report.publish("start", "\n\n".join([*texts, said]), {"said": said, "tables": texts})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
