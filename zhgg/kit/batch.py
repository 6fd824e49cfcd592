"""Many rows of a list at once: what was chosen, signed between the list, the question and the answer."""

from dataclasses import dataclass

from django.core import signing

MOST = 10_000
"""How many go in one batch."""
SHOWN = 200
"""How many that go the question and the result list by name."""


@dataclass(frozen=True)
class Row:
    """One line of the question or of the result: whether it goes (`fine`), and the words that say more or why not."""

    name: str
    url: str
    fine: bool
    text: str
    icon: str
    badge: object = None


def sign(actor, content, salt):
    """`content` as a token that means the same to nobody else."""
    return signing.dumps([actor.user_id, content], salt=salt, compress=True)


def unsign(actor, token, salt):
    """What was signed for this actor, or None."""
    try:
        user_id, content = signing.loads(token, salt=salt)
    except signing.BadSignature:
        return None
    return content if user_id == actor.user_id else None


def number(text):
    """A row's number as a form sends it, or None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
