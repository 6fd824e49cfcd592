"""All guides by the word in their address, in the order of the page that lists them."""

from orgs.enums import Role
from projects.guide.bureau import BUREAU_GUIDE
from projects.guide.person import PERSON_GUIDE
from projects.guide.unit import AGENT_GUIDE, MANAGER_GUIDE, UNIT_GUIDE

GUIDES = {guide.slug: guide for guide in (PERSON_GUIDE, MANAGER_GUIDE, AGENT_GUIDE, UNIT_GUIDE, BUREAU_GUIDE)}


def guides_for(actor):
    """The guides that somebody may read, their own first. That of 科技局 is for its officers alone, all others are
    for everybody, also before the login."""
    readable = [guide for guide in GUIDES.values() if guide.role != Role.BUREAU or actor.role == Role.BUREAU]
    return sorted(readable, key=lambda guide: guide.role != actor.role)


def pictures():
    """Every picture once, `{name: Picture}`."""
    return {picture.name: picture for guide in GUIDES.values() for task in guide.tasks for picture in task.pictures}
