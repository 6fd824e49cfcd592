"""How an announcement reads: the labels of its fields, and what they hold in words."""

from projects.enums import Audience
from projects.models import Announcement
from zhgg.kit.moments import moment

EDITED = ("title", "audience", "pinned", "shows_from", "shows_until", "body")
"""What 科技局 fills in, in the order of the form."""


def label_of(name):
    """The Chinese name of a field of an announcement."""
    return Announcement._meta.get_field(name).verbose_name


def audience_words(audience):
    """Whom it is for, in words."""
    return "、".join(Audience(each).label for each in Audience.values if each in audience)


def in_words(name, value):
    """What a field holds, in words."""
    if name == "audience":
        return audience_words(value)
    if name == "pinned":
        return "是" if value else "否"
    if name in ("shows_from", "shows_until"):
        return moment(value) if value else "不限"
    return value


def change_line(name, before, after):
    """`[label, before, after]`, as a line of the history keeps it."""
    return [label_of(name), in_words(name, before), in_words(name, after)]
