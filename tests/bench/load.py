"""The load generator of `./dev bench deadline`: a process of its own that knows neither Django nor the database.

It reads a plan, one JSON list a line: seconds after the beginning, kind, path, cookie, and what to post (null: GET).
Every request goes out when the plan says so, however long earlier ones take, and its time counts from that moment:
what has to wait because the site is slow is not hidden. What came of each stands in the result, one JSON list a line:
kind, path, milliseconds, status (0: no answer), Location.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

ANSWERS_WITHIN = 30
START = 1.0


async def ask(port, path, cookie, form):
    """`(status, Location)` of one request on a connection of its own, as a proxy without keep-alive makes it."""
    body = urlencode(form).encode() if form is not None else b""
    lines = [
        f"{'POST' if form is not None else 'GET'} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Cookie: {cookie}",
        "Connection: close",
        *(["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"] if body else []),
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        answer = await reader.read(-1)
    finally:
        writer.close()
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    place = next((line[10:] for line in head if line.lower().startswith("location: ")), "")
    return int(head[0].split()[1]), place


async def carry_out(port, plan):
    """The results, in the order of the plan."""
    began = time.perf_counter() + START

    async def one(at, kind, path, cookie, form):
        await asyncio.sleep(max(0, began + at - time.perf_counter()))
        try:
            status, place = await asyncio.wait_for(ask(port, path, cookie, form), ANSWERS_WITHIN)
        except (OSError, TimeoutError, IndexError, ValueError):
            status, place = 0, ""
        return [kind, path, 1000 * (time.perf_counter() - began - at), status, place]

    return await asyncio.gather(*(one(*line) for line in plan))


def main(port, plan, results):
    """Carry out the plan in one file, and write the results into another."""
    lines = [json.loads(line) for line in Path(plan).read_text("utf-8").splitlines()]
    found = asyncio.run(carry_out(int(port), lines))
    Path(results).write_text("\n".join(map(json.dumps, found)), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
