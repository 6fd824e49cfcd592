"""The limit: our list pages served by a WSGI program without Django, as a yardstick for `./dev bench pages`.

The same rows of the same database in the same markup: session and user, COUNT, and a page of twenty rows, with psycopg
and f-strings. What no request changes (the page around the rows, icons, code tables) is handed over at the start in the
file BENCH_SCENERY. It has no forms, checks no rights, counts no states and writes nothing: whoever does must cost more.
"""

import base64
import json
import os
import subprocess
import sys
import zlib
from datetime import datetime
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, quote
from zoneinfo import ZoneInfo

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SIZE = 20
ZONE = ZoneInfo("Asia/Shanghai")
WHO = """
    SELECT account.id, account.kind, unit.id FROM accounts_user account LEFT JOIN orgs_unit unit USING (uscc)
    WHERE account.id = %s AND account.is_active
"""
PROPOSALS = """
    WITH keys AS (
        SELECT id FROM projects_proposal proposal WHERE {where} ORDER BY updated_at, id LIMIT %s OFFSET %s
    )
    SELECT proposal.id, proposal.step_count, proposal.title, proposal.number, person.name, department.name, unit.name,
           call.name, proposal.state_since, proposal.updated_at, proposal.department_id,
           EXISTS (SELECT FROM projects_step step WHERE step.proposal_id = proposal.id AND step.target = 'unit'
                   AND step.submission_number = proposal.submission_count AND step.action <> 'pass-to-unit')
    FROM keys JOIN projects_proposal proposal USING (id)
    JOIN profiles_person person ON person.user_id = proposal.pi_id
    JOIN projects_call call ON call.id = proposal.call_id JOIN orgs_unit unit ON unit.id = proposal.unit_id
    LEFT JOIN orgs_department department ON department.id = proposal.department_id
    ORDER BY proposal.updated_at, proposal.id
"""
REVIEWS = """
    WITH keys AS (
        SELECT id FROM profiles_reviewrequest WHERE {where} AND state = 'pending'
        ORDER BY submitted_at, updated_at DESC, id DESC LIMIT %s OFFSET %s
    )
    SELECT request.id, person.name, person.sex, request.id_number, request.seal_id, person.mobile, request.education,
           request.title_level, unit.name, department.name, request.updated_at
    FROM keys JOIN profiles_reviewrequest request USING (id)
    JOIN profiles_person person ON person.user_id = request.person_id JOIN orgs_unit unit ON unit.id = request.unit_id
    LEFT JOIN orgs_department department ON department.id = request.department_id
    ORDER BY request.submitted_at, request.updated_at DESC, request.id DESC
"""


class Limit:
    """The program. One connection, prepared statements."""

    def __init__(self):
        self.scenery = json.loads(Path(os.environ["BENCH_SCENERY"]).read_text("utf-8"))
        self.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=2)
        self.connection.execute("SET timezone = 'UTC'")
        keys = (entry.split(":", 1) for entry in os.environ["FIELD_KEYS"].split(","))
        self.keys = {name: AESGCM(base64.b64decode(key)) for name, key in keys}

    def __call__(self, environ, start_response):
        asked = dict(parse_qsl(environ["QUERY_STRING"]))
        session = environ["HTTP_COOKIE"].split("session=", 1)[1].split(";", 1)[0]
        _, kind, unit = self.one(WHO, [self.logged_in(session)])
        name = "reviews" if environ["PATH_INFO"] == "/reviews/" else "bureau" if kind == "staff" else "unit"
        scenery = self.scenery[name]
        start = SIZE * (int(asked.get("page", 1)) - 1)
        back = quote(environ["QUERY_STRING"], safe="")
        total, rows = (self.reviews if name == "reviews" else self.proposals)(scenery, unit, asked, start, back)
        body = f"{scenery['head']}{total:,}{scenery['middle']}{''.join(rows)}{scenery['foot']}".encode()
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    def one(self, sql, values):
        """The first row."""
        return self.connection.execute(sql, values).fetchone()

    def logged_in(self, session):
        """The number of the user whose session it is."""
        sql = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > now()"
        data = self.one(sql, [session])[0].rsplit(":", 2)[0]
        plain = base64.urlsafe_b64decode(data.lstrip(".") + "===")
        return int(json.loads(zlib.decompress(plain) if data.startswith(".") else plain)["_auth_user_id"])

    def proposals(self, scenery, unit, asked, start, back):
        """The number of 申报书, and rows of those that wait, longest waiting first."""
        where, values = ("unit_id = %s", [unit]) if unit else ("state <> 'draft'", [])
        if text := asked.get("q"):
            where += " AND (upper(title) LIKE upper(%s) OR upper(number) LIKE upper(%s))"
            values += [f"%{text}%"] * 2
        waiting = f"{where} AND state = '{'unit' if unit else 'bureau'}'"
        counted = waiting if asked.get("state") else where
        [total] = self.one(f"SELECT count(*) FROM projects_proposal WHERE {counted}", values)
        found = self.connection.execute(PROPOSALS.format(where=waiting), [*values, SIZE, start])
        now = datetime.now(ZONE)
        return total, [self.proposal(scenery, row, unit, back, now) for row in found]

    def proposal(self, scenery, row, unit, back, now):
        """One <tr>."""
        pk, step, title, number, pi, department, unit_name, call, since, updated, has_department, skipped = row
        title, address = escape(title), f"/projects/{pk}/?list={back}"
        days = (now.date() - since.astimezone(ZONE).date()).days
        way = [] if skipped or not has_department else [("部门", "done")]
        way += [("单位", "now" if unit else "done"), ("科技局", "later" if unit else "now")]
        words = {"done": "已通过", "now": "办理中", "later": "未到"}
        spoken = "，".join(word + words[status] for word, status in way)
        dots = "".join(f'<i class="is-{status}"></i>' for _, status in way)
        place = "" if unit else f'<td role="cell" data-label="申报单位">{escape(unit_name)}</td>'
        return (
            f'<tr role="row"><td role="cell" class="cell-check"><input class="row-check" type="checkbox" name="id"'
            f' value="{pk}-{step}" form="batch" aria-label="选择：{title}"></td><th role="rowheader" scope="row">'
            f'<a class="title" href="{address}">{title}</a><span class="sub num">{number}</span></th>'
            f'<td role="cell" data-label="负责人">{escape(pi)}<span class="sub">{escape(department or "")}</span></td>'
            f'{place}<td role="cell" data-label="申报批次">{escape(call)}</td><td role="cell" class="c-badge nw">'
            f'{scenery["badge"]}<span class="sub"><span class="route" role="img" aria-label="{spoken}">{dots}</span>'
            f' {f"已等待 {days} 天" if days else "今天到达"}</span></td><td role="cell" class="num nw" '
            f'data-label="更新时间">{moment(updated)}</td><td role="cell" class="c-ops"><span class="ops">'
            f'<a class="linkbtn linkbtn--todo" href="{address}">处理<span class="vh">{title}</span></a></span></td>'
            "</tr>"
        )

    def reviews(self, scenery, unit, asked, start, back):
        """The number of people, and rows of those that wait, longest waiting first."""
        where = "unit_id = %s AND reviewing_department_id IS NULL AND listed AND state <> 'replaced'"
        [total] = self.one(f"SELECT count(*) FROM profiles_reviewrequest WHERE {where}", [unit])
        found = self.connection.execute(REVIEWS.format(where=where), [unit, SIZE, start])
        return total, [self.review(scenery, row, back) for row in found]

    def review(self, scenery, row, back):
        """One <tr>."""
        pk, name, sex, token, seal, mobile, education, title, unit, department, updated = row
        name, codes = escape(name), scenery["codes"]
        number = self.unsealed(token, f"profiles_reviewrequest|id_number|{seal}")
        place = f"{unit}（{department}）" if department else unit
        return (
            f'<tr role="row"><td role="cell" class="cell-check"><input class="row-check" type="checkbox" name="id"'
            f' value="{pk}" form="batch" aria-label="选择：{name}"></td><th role="rowheader" scope="row" class="nw">'
            f'{name}</th><td role="cell" class="c-hide nw" data-label="性别">{codes["sex"].get(sex, "")}</td>'
            f'<td role="cell" class="num nw" data-label="证件号码">{number[:6]}{"*" * (len(number) - 10)}{number[-4:]}'
            f'</td><td role="cell" class="c-hide num nw" data-label="手机号码">{mobile[:3]}****{mobile[-4:]}</td>'
            f'<td role="cell" class="c-hide nw" data-label="最高学历">{codes["education"].get(education, "")}</td>'
            f'<td role="cell" class="c-hide nw" data-label="职称">{codes["title_level"].get(title, "")}</td>'
            f'<td role="cell" data-label="部门">{escape(place)}</td><td role="cell" class="num nw" data-label='
            f'"更新时间">{moment(updated)}</td><td role="cell" class="c-badge nw">{scenery["badge"]}</td>'
            f'<td role="cell" class="c-ops"><span class="ops"><a class="linkbtn linkbtn--todo" href="/reviews/{pk}/'
            f'?list={back}">审核<span class="vh">{name}</span></a></span></td></tr>'
        )

    def unsealed(self, token, context):
        """The text of an encrypted value."""
        end = 2 + token[1]
        key = self.keys[token[2:end].decode()]
        return key.decrypt(token[end : end + 12], token[end + 12 :], token[:end] + context.encode()).decode()


def moment(value):
    """2026-11-22 10:13"""
    return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


if "BENCH_SCENERY" in os.environ:
    application = Limit()

if __name__ == "__main__":
    sys.exit(subprocess.call([sys.executable, "-m", "tests.bench.pages", "--only", "limit", *sys.argv[1:]]))
