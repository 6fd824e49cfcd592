"""The shape of a transition table: one `Action` a row, read by buttons, services, admin and tests alike."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """One thing that can be done to something with a state.

    `method` names the FSM transition of the model, `label` is the button's word exactly as the guide writes it, `who`
    are the roles that do it, `tells` names whom a notice goes to. `summary` says in the past tense what was done, for
    the history and for notices.
    """

    key: str
    method: str
    label: str
    sources: tuple
    target: str
    who: tuple
    summary: str
    needs_reason: bool = False
    tells: tuple = ()
    danger: bool = False


REASON_MIN, REASON_MAX = 2, 500
"""Length of a reason in code points."""
