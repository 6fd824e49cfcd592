"""A browser without eyes: logged in, posts forms, many at once, and says how long each answer took."""

import contextlib
import http.client
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from urllib.parse import urlencode

HOST = "zhgg.example.org"
CSRF = "f" * 32
PATIENCE = 30


@dataclass(frozen=True)
class Answer:
    """`status` is 0 where the connection broke before an answer: then nobody knows what became of it."""

    status: int
    seconds: float
    body: str = ""
    headers: tuple = ()

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def acknowledged(self):
        """Whether the site said that it was done: it redirects after a POST."""
        return self.status == 302


class Visitor:
    """One session at the site on this port. Sends what nginx in front would send."""

    def __init__(self, port, session=None):
        self.port = port
        self.session = session

    def get(self, path):
        return self._ask("GET", path)

    def post(self, path, fields=None, files=None):
        """`fields` may hold lists; `files` is {field: (name, bytes)}."""
        fields = {"csrfmiddlewaretoken": CSRF, **(fields or {})}
        if files is None:
            return self._ask("POST", path, urlencode(fields, doseq=True), "application/x-www-form-urlencoded")
        boundary = uuid.uuid4().hex
        return self._ask("POST", path, multipart(boundary, fields, files), f"multipart/form-data; boundary={boundary}")

    def break_off(self, path, body, content_type, act):
        """Send the head and half of the body, then `act`; nobody waits for an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.putrequest("POST", path, skip_host=True)
            for name, value in {**self._headers(content_type), "Content-Length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body[: len(body) // 2])
            time.sleep(0.5)
            act()

    def _headers(self, content_type):
        cookies = [f"__Host-csrf={CSRF}"] + ([f"__Host-session={self.session}"] if self.session else [])
        return {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "Origin": f"https://{HOST}",
            "Cookie": "; ".join(cookies),
            **({"Content-Type": content_type} if content_type else {}),
        }

    def _ask(self, method, path, body=None, content_type=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        began = time.monotonic()
        try:
            connection.request(method, path, body, self._headers(content_type))
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            return Answer(response.status, time.monotonic() - began, text, tuple(response.getheaders()))
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, time.monotonic() - began, repr(error))
        finally:
            connection.close()


def multipart(boundary, fields, files):
    """The body of a form with files."""
    parts = []
    for name, value in fields.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (label, data) in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{label}"\r\n'
        parts += [f"{head}Content-Type: application/octet-stream\r\n\r\n".encode(), data, b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])


def at_once(*acts):
    """Run all, starting together, each in a thread of its own; what each returned, in the same order."""
    gate = Barrier(len(acts))

    def run(act):
        gate.wait(PATIENCE)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
