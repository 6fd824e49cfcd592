"""Showing one masked number in full, on purpose: a POST with a reason, a line in the audit trail, sixty seconds.

Apps above register who may see what; the session keeps only the name of the field ("unit-bank-account:17"), never the
number.
"""

import re
import time
from dataclasses import dataclass

from django.db.models import Model

SECONDS = 60
SESSION_KEY = "revealed"
WHAT = re.compile(r"(?P<kind>[a-z][a-z0-9_-]{0,47}):(?P<id>[1-9][0-9]{0,17})", re.ASCII)
OWN = "本人查看"
"""The reason of whoever looks at a number of their own, who is asked for none."""

_kinds = {}


@dataclass(frozen=True)
class Found:
    """What may be shown: the object that holds it, whose it is in words, and whether it is about the very person who
    asks."""

    whose: str
    obj: Model
    own: bool = False


@dataclass(frozen=True)
class _Kind:
    label: str
    loader: object


def register(kind, label, loader):
    """Let values of `kind`, which people call `label`, be shown. `loader(actor, object_id)` loads through `visible_to`
    and answers a Found, or None when the actor may not see it."""
    _kinds[kind] = _Kind(label, loader)


def find(actor, what):
    """`(kind, Found)` for "kind:id", or None: unknown, malformed or not for this actor, all alike."""
    match = WHAT.fullmatch(what)
    known = match and _kinds.get(match["kind"])
    found = known.loader(actor, int(match["id"])) if known else None
    return (match["kind"], found) if found else None


def kinds():
    """The names of all kinds."""
    return sorted(_kinds)


def label_of(kind):
    """What people call values of this kind; "" for an unknown one."""
    return _kinds[kind].label if kind in _kinds else ""


def open_for(session, what):
    """Let `what` be shown in this session for the next sixty seconds, and nothing else."""
    session[SESSION_KEY] = {"what": what, "until": int(time.time()) + SECONDS}


def opened(session):
    """The set of "kind:id" that this session may see in full now (at most one). Pages ask `request.revealed`."""
    kept = session.get(SESSION_KEY)
    # What is over stays in its place until the next one: to remove it would write, and so prolong, the session.
    return frozenset([kept["what"]]) if kept and kept["until"] > time.time() else frozenset()
