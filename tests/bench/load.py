"""The load generator of `./dev bench deadline`: a process of its own that knows neither Django nor the database.

It reads a plan, one JSON list a line: seconds after the beginning, kind, path, cookie, and what to post (null: GET).
Every request goes out when the plan says so, however long earlier ones take, and its time counts from that moment:
what has to wait because the site is slow is not hidden. A line of the kind "login" has whom to log in instead: account
at 渝快办 and name. That goes the whole way of a browser, with its cookies and redirects: away to 渝快办, where the
account is chosen, back, and to the portal. Each of its requests is due when the answer before it is there.

What came of each request stands in the result, one JSON list a line: kind, path, milliseconds, status (0: no answer),
Location, and how many milliseconds of it the site waited for 渝快办. The portal after a login has account and session
in the place of Location, if it bears the right name.
"""

import asyncio
import ipaddress
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

ANSWERS_WITHIN = 30
START = 1.0
SESSION = "zhgg_session"


async def exchange(port, path, address, cookie, form):
    """The answer to one request on a connection of its own, as a proxy without keep-alive makes it."""
    body = urlencode(form).encode() if form is not None else b""
    lines = [
        f"{'POST' if form is not None else 'GET'} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: {cookie}",
        f"X-Forwarded-For: {address}",
        "Connection: close",
        *(["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"] if body else []),
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        answer = await reader.read(-1)
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
    return SimpleNamespace(
        status=int(first.split()[1]),
        place=dict(fields).get("location", ""),
        waited=float(dict(fields).get("x-waited", 0)),
        cookies=dict(value.partition(";")[0].split("=", 1) for name, value in fields if name == "set-cookie"),
        body=body,
    )


class Visit:
    """The requests of one line of the plan, one after the other; the first is due at `due`. `results` as above."""

    def __init__(self, port, number, due):
        self.port, self.due = port, due
        # Where a proxy saw the visitor: so many logins of a single address would be too often.
        self.address = str(ipaddress.ip_address("10.0.0.0") + number)
        self.cookies, self.results = {}, []

    async def ask(self, kind, path, cookie=None, form=None, *, port=None):
        """The answer to one request; one without a status where there was none."""
        sent = "; ".join(map("=".join, self.cookies.items())) if cookie is None else cookie
        try:
            answer = await asyncio.wait_for(exchange(port or self.port, path, self.address, sent, form), ANSWERS_WITHIN)
        except (OSError, TimeoutError, IndexError, ValueError):
            answer = SimpleNamespace(status=0, place="", waited=0, cookies={}, body=b"")
        self.cookies |= answer.cookies
        now = time.perf_counter()
        self.results.append([kind, path, 1000 * (now - self.due), answer.status, answer.place, answer.waited])
        self.due = now
        return answer

    async def log_in(self, path, account, name):
        """From the entrance at `path` to the portal, or as far as it goes."""
        away = urlsplit((await self.ask("login: start", path)).place)
        if not away.port:
            return
        await self.ask("stand-in: page", f"{away.path}?{away.query}", port=away.port)
        chosen = {**dict(parse_qsl(away.query)), "sub": account}
        back = urlsplit((await self.ask("stand-in: choice", away.path, form=chosen, port=away.port)).place)
        if back.port != self.port:
            return
        place = (await self.ask("login: callback", f"{back.path}?{back.query}")).place
        if place:
            portal = await self.ask("login: portal", place)
            named = SESSION in self.cookies and name.encode() in portal.body
            self.results[-1][4] = f"{account} {self.cookies[SESSION]}" if named else ""


async def carry_out(port, plan):
    """The results of each line, in the order of the plan."""
    began = time.perf_counter() + START

    async def one(number, at, kind, path, *what):
        visit = Visit(port, number, began + at)
        await asyncio.sleep(max(0, visit.due - time.perf_counter()))
        await (visit.log_in(path, *what) if kind == "login" else visit.ask(kind, path, *what))
        return visit.results

    found = await asyncio.gather(*(one(number, *line) for number, line in enumerate(plan)))
    return [result for results in found for result in results]


def main(port, plan, results):
    """Carry out the plan in one file, and write the results into another."""
    lines = [json.loads(line) for line in Path(plan).read_text("utf-8").splitlines()]
    found = asyncio.run(carry_out(int(port), lines))
    Path(results).write_text("\n".join(map(json.dumps, found)), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
