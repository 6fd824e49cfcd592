"""Facts about the present request that audit lines and log lines carry: a reference number and the address."""

import logging
import secrets
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestContext:
    """`request_id` is what a user quotes on the phone; `address` is None outside requests."""

    request_id: str = ""
    address: str | None = None


_context = ContextVar("zhgg_request_context", default=RequestContext())  # noqa: B039 - frozen, so safe to share


def current():
    """The context of the request being answered; an empty one in commands and jobs."""
    return _context.get()


def enter(address):
    """Begin a request; returns its context."""
    # No look-alikes (0/O, 1/I), because people read it out over the phone.
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    context = RequestContext("".join(secrets.choice(alphabet) for _ in range(8)), address)
    _context.set(context)
    return context


def leave():
    """End the request."""
    _context.set(RequestContext())


class LogFilter(logging.Filter):
    """Adds `request_id` to every record and keeps forged line breaks out of the log."""

    def filter(self, record):
        record.request_id = current().request_id or "-"
        record.msg = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        record.args = ()
        return True
