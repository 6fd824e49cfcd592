"""What a rule answers: allowed, never in this role, or not in this state."""

from dataclasses import dataclass

from zhgg.kit.errors import NeverAllowed, NotNow


@dataclass(frozen=True)
class Verdict:
    """The answer of a rule, with the Chinese sentence that a user reads when it is no.

    `never` tells the two kinds of no apart: True means that this role never does this (403), False that only the
    present state, step or time forbids it (409).
    """

    allowed: bool
    reason: str = ""
    never: bool = False

    def __bool__(self):
        return self.allowed

    def enforce(self):
        """Raise NeverAllowed or NotNow when the answer is no; do nothing when it is yes."""
        if not self.allowed:
            raise (NeverAllowed if self.never else NotNow)(self.reason)


ALLOWED = Verdict(True)


def never(reason):
    """No: this role never does this."""
    return Verdict(False, reason, never=True)


def not_now(reason):
    """No: the present state, step or time forbids it."""
    return Verdict(False, reason)
