"""Lists to and from Excel: `./dev bench export [--rows 100000] [--write]`.

The export is asked of one gunicorn worker, whose memory is that of the kernel's account; the import of 二级单位 goes
through its three pages. Both in a database made for the purpose.
"""

import argparse
import http.client
import itertools
import os
import sys
import time
from urllib.parse import urlencode, urlsplit

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from orgs.imports import MOST_ROWS  # noqa: E402
from orgs.models import Department  # noqa: E402
from projects.demo.scale.invented import Invented  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bench import data, report  # noqa: E402
from tests.bench.logins import posted, sessions  # noqa: E402
from tests.bench.serving import Server  # noqa: E402
from tests.conftest import backend_of  # noqa: E402
from tests.orgs.workbooks import row, workbook  # noqa: E402


def export(server, unit):
    """Seconds, bytes, and what the worker's memory grew to and by, in MB, of one 【导出】."""
    [cookie] = sessions([unit.account])
    server.get("/projects/", cookie)
    before = server.memory()[0]
    cookie, form = posted(cookie, {})
    began = time.perf_counter()
    visitor = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    visitor.request("POST", "/projects/export/", urlencode(form), headers)
    answer = visitor.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - began
    assert answer.status == 200, (answer.status, body[:200])
    most = server.memory()[1]
    return seconds, len(body), most, most - before


def imported(unit):
    """Seconds of the upload, of the preview and of the confirmation of as many 二级单位 as one file may have."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(unit.account, backend=backend_of(unit.account))
    rows = [row(f"样例{each}所", number=Invented(each).id_number) for each in range(MOST_ROWS)]
    moments = [time.perf_counter()]
    preview = client.post("/departments/import/", {"file": workbook(rows)})["Location"]
    moments.append(time.perf_counter())
    assert client.get(preview).status_code == 200
    moments.append(time.perf_counter())
    assert client.post(preview).status_code == 302
    moments.append(time.perf_counter())
    assert Department.objects.filter(unit=unit).count() == MOST_ROWS
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def main(arguments):
    """Make the rows, measure, print."""
    parser = argparse.ArgumentParser(prog="./dev bench export")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    asked = parser.parse_args(arguments)
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    server = None
    try:
        unit = make.make_unit()
        data.proposals(data.crowd(unit, asked.rows), make.make_call())
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        server = Server("export", "zhgg.wsgi:application", DATABASE_URL=url)
        server.wait()
        seconds, size, most, grown = export(server, unit)
        upload, preview, confirm = imported(make.make_unit())
        lines = [
            [
                f"export of {asked.rows:,} rows",
                f"{seconds:.1f}",
                f"{asked.rows / seconds:,.0f} rows a second; file {size / 1e6:.1f} MB",
            ],
            ["memory of the worker meanwhile", "", f"at most {most:.0f} MB, {grown:.0f} more than before"],
            [f"import of {MOST_ROWS:,} 二级单位: upload", f"{upload:.1f}", ""],
            ["preview", f"{preview:.1f}", "each cell through the form of 新增二级单位"],
            ["confirmation", f"{confirm:.1f}", ""],
        ]
        said = report.circumstances(" ".join(["./dev bench export", *arguments]))
        text = f"{report.table(['what', 'seconds', ''], lines)}\n\n{said}"
        print(text)
        if asked.write:
            report.publish("export", text, {"said": said, "rows": lines})
    finally:
        if server:
            server.stop()
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
