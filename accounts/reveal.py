"""Showing one masked number in full, on purpose: a POST, a line in the audit trail, sixty seconds.

Apps above register who may see what; the session keeps only the name of the field ("unit-bank-account:17"), never the
number.
"""

import re
import time

SECONDS = 60
SESSION_KEY = "revealed"
WHAT = re.compile(r"(?P<kind>[a-z][a-z0-9_-]{0,47}):(?P<id>[1-9][0-9]{0,17})", re.ASCII)

_loaders = {}


def register(kind, loader):
    """Let values of `kind` be shown. `loader(actor, object_id)` loads through `visible_to` and answers
    `(owner_label, object)`, or None when the actor may not see it."""
    _loaders[kind] = loader


def find(actor, what):
    """`(kind, owner_label, object)` for "kind:id", or None: unknown, malformed or not for this actor, all alike."""
    match = WHAT.fullmatch(what)
    loader = match and _loaders.get(match["kind"])
    found = loader(actor, int(match["id"])) if loader else None
    return (match["kind"], *found) if found else None


def open_for(session, what):
    """Let `what` be shown in this session for the next sixty seconds, and nothing else."""
    session[SESSION_KEY] = {"what": what, "until": int(time.time()) + SECONDS}


def opened(session):
    """The set of "kind:id" that this session may see in full now (at most one). Pages ask `request.revealed`."""
    kept = session.get(SESSION_KEY)
    # What is over stays in its place until the next one: to remove it would write, and so prolong, the session.
    return frozenset([kept["what"]]) if kept and kept["until"] > time.time() else frozenset()
