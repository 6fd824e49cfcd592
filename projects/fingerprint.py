"""What ties a printed 申报书 to what was submitted: the 校验码."""

import json

from zhgg.kit import crypto

CODE_DIGITS = 16
"""How many hex digits of the digest are printed. 64 bits cannot be guessed over a rate-limited page."""


def digest_of(content):
    """The digest of a submission's content: 64 hex digits that change with any change in it and with nothing else.

    Keyed (HMAC-SHA256), not a plain hash: the paper masks numbers but prints everything else, and whoever holds it
    could otherwise try out masked digits until the hash fits.
    """
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return crypto.digest("projects.submission", canonical)


def code_of(digest):
    """The 校验码 of a digest, as it stands in addresses."""
    return digest[:CODE_DIGITS]


def shown_code(digest):
    """The 校验码 as people read it: 3F2A 91BC 0D47 E8A1."""
    code = code_of(digest).upper()
    return " ".join(code[place : place + 4] for place in range(0, CODE_DIGITS, 4))
