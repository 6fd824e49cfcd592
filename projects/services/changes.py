"""What the writes of 科技局 to calls and announcements share: the history of changes."""

from zhgg.kit.clock import database_now


def write_down(obj, *, actor, what, values):
    """One line of the history of `obj`, a call or an announcement; `values` is `[[label, before, after], …]`."""
    obj.changes.create(at=database_now(), by=actor.user, by_name=actor.name, what=what, values=values)
