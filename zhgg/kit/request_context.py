"""Facts about the present request that audit lines and log lines carry: a reference number and the address."""

import ipaddress
import logging
import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings

# No look-alikes (0/O, 1/I), because people read it out over the phone.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


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
    drawn = secrets.token_bytes(8)
    # It has 32 characters, so that each of them is as likely.
    context = RequestContext("".join([ALPHABET[byte % len(ALPHABET)] for byte in drawn]), address)
    _context.set(context)
    return context


def leave():
    """End the request."""
    _context.set(RequestContext())


def visitor_address(request):
    """The address that a request comes from, None when it is not known.

    Behind `PROXY_COUNT` proxies it is what the outermost of them saw: each adds an entry on the right of
    X-Forwarded-For, and whatever stands further left was sent by the visitor and means nothing.
    """
    address = request.META.get("REMOTE_ADDR") or None
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if settings.PROXY_COUNT and len(entries) >= settings.PROXY_COUNT:
        address = entries[-settings.PROXY_COUNT].strip() or address
    try:
        # The zone of a link-local address names a network card, and no database column takes it.
        return address and str(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return None


class LogFilter(logging.Filter):
    """Adds `request_id` to every record, and writes control characters out, so that nobody forges a line."""

    def filter(self, record):
        record.request_id = current().request_id or "-"
        record.msg = CONTROL.sub(lambda found: ascii(found[0])[1:-1], record.getMessage())
        record.args = ()
        return True
