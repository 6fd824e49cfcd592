"""What a page weighs, and how soon it stands: `./dev bench weight [--write]`.

A headless Chromium with a CPU four times slower opens each page for the first time and again. Bytes are those of the
compressed bodies; what came over the wire and when it stood is what the browser itself noted down (performance
entries). What moves after it was drawn is told by name, on a wide screen and on a phone.
"""

import argparse
import gzip
import os
import shutil
import sys
import tempfile
from urllib.parse import urlsplit

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
os.environ["BENCH_STATIC"] = tempfile.mkdtemp(prefix="zhgg-bench-")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from tests import factories as make  # noqa: E402
from tests.bench import data, report  # noqa: E402
from tests.bench.logins import sessions  # noqa: E402
from tests.bench.serving import Server  # noqa: E402
from tests.full_proposal import make_full_call  # noqa: E402
from zhgg.dev.browser import find_chromium  # noqa: E402

ROWS, SLOWER = 60, 4
SCREEN, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
NOTES = """() => new Promise(done => {
  const noted = {lcp: 0, cls: 0, moved: []};
  const told = ({x, y, width, height}) => [x, y, width, height].map(Math.round).join(" ");
  new PerformanceObserver(list => list.getEntries().forEach(each => noted.lcp = each.startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
  new PerformanceObserver(list => list.getEntries().forEach(each => {
    noted.cls += each.value;
    each.sources.forEach(({node, previousRect, currentRect}) => noted.moved.push(
      `${(node?.outerHTML || node?.parentNode?.outerHTML || "?").replace(/\\s+/g, " ").slice(0, 100)}: ` +
      `${told(previousRect)} → ${told(currentRect)} at ${Math.round(each.startTime)} ms`));
  })).observe({type: "layout-shift", buffered: true});
  noted.files = performance.getEntriesByType("resource")
    .map(each => [each.name, each.transferSize, each.encodedBodySize]);
  setTimeout(() => done(noted), 500);
})"""


def opened(page, url):
    """`(KB, requests, LCP in ms, CLS)` of the page at `url`, which must ask nothing of another host.

    What came from the cache weighs nothing and is no request. The page itself is compressed here, as the proxy does it.
    """
    answer = page.goto(url, wait_until="networkidle")
    assert answer.status == 200, url
    noted = page.evaluate(NOTES)
    foreign = [name for name, _, _ in noted["files"] if urlsplit(name).netloc not in (urlsplit(url).netloc, "")]
    assert not foreign, foreign
    sent = [size for _, transferred, size in noted["files"] if transferred]
    size = len(gzip.compress(answer.body(), 6)) + sum(sent)
    for moved in noted["moved"]:
        print(f"{url} moves: {moved}", file=sys.stderr)
    return size / 1024, 1 + len(sent), noted["lcp"], noted["cls"]


def main(arguments):
    """Make some rows, open the pages, print."""
    parser = argparse.ArgumentParser(prog="./dev bench weight")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    asked = parser.parse_args(arguments)
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    server = None
    try:
        unit = make.make_unit()
        [draft] = data.drafts(data.leaders(unit, 1), make_full_call())
        data.proposals(data.crowd(unit, ROWS), draft.call)
        call_command("collectstatic", verbosity=0, interactive=False)
        cookies = [each.partition("=")[::2] for each in sessions([unit.account, draft.pi.user])]
        connection.close()
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        server = Server("weight", "zhgg.wsgi:application", DATABASE_URL=url)
        server.wait()
        root = f"http://127.0.0.1:{server.port}"
        rows = []
        with sync_playwright() as player:
            browser = player.chromium.launch(executable_path=str(find_chromium()), args=["--no-sandbox"])
            for words, who, path in (
                ("login", None, "/login/"),
                ("portal", 0, "/"),
                ("unit's list", 0, "/projects/"),
                ("单位信息", 0, "/unit/"),
                ("filling in", 1, f"/projects/{draft.pk}/edit/basics/"),
                ("申报书", 1, f"/projects/{draft.pk}/"),
            ):
                server.get("/healthz", "")
                visits = []
                for viewport in (SCREEN, PHONE):
                    context = browser.new_context(viewport=viewport)
                    if who is not None:
                        name, value = cookies[who]
                        context.add_cookies([{"name": name, "value": value, "url": root}])
                    page = context.new_page()
                    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
                    visits.append([opened(page, root + path) for _ in ("first", "again")])
                    context.close()
                for visit, (size, number, lcp, cls), (*_, phone) in zip(("first", "again"), *visits, strict=True):
                    shifts = (f"{each:.3f}" for each in (cls, phone))
                    rows.append([f"{words}, {visit}", f"{size:.1f}", number, f"{lcp:.0f}", *shifts])
            browser.close()
        heads = ["page", "KB after gzip", "requests", "largest paint, ms", "layout shift", "at 390 px"]
        said = report.circumstances(" ".join(["./dev bench weight", *arguments]))
        text = f"{report.table(heads, rows)}\n\nNo request went to another host. {said}"
        print(text)
        if asked.write:
            report.publish("weight", text, {"said": said, "rows": rows})
    finally:
        if server:
            server.stop()
        shutil.rmtree(os.environ["BENCH_STATIC"])
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
