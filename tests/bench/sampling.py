"""Where the time of requests goes: the whole application in this process, sampled by pyinstrument.

Sampling slows down what calls much, so that only shares are worth telling. Waiting for PostgreSQL is included.
"""

import io
import sys
from types import SimpleNamespace
from urllib.parse import urlencode

from pyinstrument import Profiler

from zhgg.wsgi import application

INTERVAL = 0.0005
DRIVER = ("psycopg/", "psycopg_binary/")


def request(address, cookie, form=None):
    """The answer to one GET, or POST of a form: status, place, cookies, body."""
    path, _, query = address.partition("?")
    sent = urlencode(form).encode() if form is not None else b""
    environment = {
        "REQUEST_METHOD": "GET" if form is None else "POST",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(sent)),
        "HTTP_COOKIE": cookie,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
    }
    begun = []
    answer = application(environment, lambda status, headers, error=None: begun.append((status, headers)))
    body = b"".join(answer)
    answer.close()
    [(status, headers)] = begun
    fields = {name.lower(): value for name, value in headers}
    cookies = [value.partition(";")[0].split("=", 1) for name, value in headers if name.lower() == "set-cookie"]
    return SimpleNamespace(
        status=int(status[:3]), place=fields.get("location", ""), cookies=dict(cookies), body=body, address=address
    )


def shares_of(acts, stages, rest, *, apart=()):
    """`{stage: (share of the time, share that is of the driver)}` of all the acts; those of no stage are `rest`.

    A moment belongs to the first of `stages` (`{name: parts of paths}`) of which a file is anywhere on the stack. What
    has one of `apart` there does not count.
    """
    profiler = Profiler(interval=INTERVAL, async_mode="disabled")
    with profiler:
        for act in acts:
            act()
    spent = {stage: [0.0, 0.0] for stage in (None, *stages, rest)}
    _add_up(profiler.last_session.root_frame(), [], spent, {None: apart, **stages}, rest)
    del spent[None]
    whole = sum(taken for taken, _ in spent.values())
    return {stage: (taken / whole, driver / whole) for stage, (taken, driver) in spent.items()}


def _add_up(frame, stack, spent, stages, rest):
    stack = [*stack, frame.file_path or ""]
    own = frame.time - sum(child.time for child in frame.children)
    of_stage = spent[next((stage for stage, files in stages.items() if _is_in(stack, files)), rest)]
    of_stage[0] += own
    of_stage[1] += own if _is_in(stack, DRIVER) else 0
    for child in frame.children:
        _add_up(child, stack, spent, stages, rest)


def _is_in(stack, files):
    return any(file in path for path in stack for file in files)
