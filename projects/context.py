"""`site`: what every page's frame shows, worked out only when a template asks for it."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import cached_property

from accounts.notices import unread_count
from orgs.actors import anybody
from orgs.enums import Role
from orgs.models import Unit
from profiles.models import ReviewRequest
from profiles.workflow import REVIEWERS
from projects.enums import State
from projects.models import Announcement, Proposal
from projects.queries import AWAITED_STATE, audiences_of
from zhgg.kit.addresses import address_of
from zhgg.kit.frame import NOT_READ
from zhgg.kit.kept import Given, Kept, count_rows
from zhgg.kit.remembered import Remembered


@dataclass(frozen=True)
class NavItem:
    """One entry of the tabs or of the left menu."""

    label: str
    url: str
    icon: str = ""
    count: int = 0
    """How many items wait for the actor there."""
    current: bool = False


@dataclass(frozen=True)
class NavGroup:
    """A headed group of the left menu."""

    label: str
    items: tuple


# S19: the tabs of 用户中心 by role, as (label, url name, namespace of paths that keep the tab lit).
UNIT_TAB = ("单位信息", "unit")
GRANTS_TAB = ("账号授权", "authorisation")
DEPARTMENTS_TAB = ("二级单位", "departments")
REVIEWS_TAB = ("个人信息审核", "reviews")
PERSON_TAB = ("个人信息", "person")
TABS = {
    Role.LEGAL: (UNIT_TAB, GRANTS_TAB, DEPARTMENTS_TAB, REVIEWS_TAB),
    Role.AGENT: (PERSON_TAB, UNIT_TAB, DEPARTMENTS_TAB, REVIEWS_TAB),
    Role.MANAGER: (PERSON_TAB, REVIEWS_TAB),
    Role.PERSON: (PERSON_TAB,),
}


# What 科技局 has under 用户管理, as (label, url name, icon).
USER_ENTRIES = (
    ("单位查询", "bureau-units", "building-2"),
    ("人员查询", "bureau-people", "users"),
    ("账号核实", "bureau-conflicts", "user-round-search"),
    ("审计记录", "bureau-audit", "scroll-text"),
)


# And under 系统管理, likewise.
SYSTEM_ENTRIES = (("公告管理", "bureau-announcements", "megaphone"), ("系统维护", "bureau-maintenance", "construction"))
ANNOUNCEMENTS_SHOWN = 5


# However many there are, a range of an index is counted along it.
_REVIEWS = Kept(
    lambda role: ReviewRequest.objects.awaiting(anybody(role)).order_by().values_list(count_rows()), by_key=True
)
_PROPOSALS = Kept(
    lambda role: Proposal.objects.awaiting(anybody(role)).order_by().values_list(count_rows()), by_key=True
)
_SUSPENDED = Kept(
    lambda: Unit.objects.filter(person_set=Given("user"), suspended_at__isnull=False).values_list(
        "name", "suspended_reason"
    ),
    by_key=True,
)


_ANNOUNCEMENTS = Remembered(
    lambda *audiences: list(Announcement.objects.shown_to(audiences).for_list()[:ANNOUNCEMENTS_SHOWN])
)


class Site:
    """What the frame of a page needs to know."""

    support_phones = settings.SUPPORT_PHONES
    identifier = settings.SITE_IDENTIFIER
    icp = settings.ICP_NUMBER
    demo = settings.ALLOW_SYNTHETIC_IDS

    def __init__(self, request):
        self._request = request

    @property
    def _known(self):
        """What the view has told."""
        return self._request.frame

    @property
    def _actor(self):
        return self._request.actor

    @property
    def scale(self):
        """ "large" for 大字版."""
        return "large" if self._request.COOKIES.get("scale") == "large" else ""

    @cached_property
    def suspension(self):
        """`(name, reason)` of the suspended unit that the actor acts for or belongs to; None where there is none."""
        actor = self._actor
        if actor.is_suspended:
            return actor.unit_name, actor.suspended_reason
        if actor.role != Role.PERSON:
            return None
        unit = self._known.own_unit
        if unit is NOT_READ:
            return _SUSPENDED.first(user=actor.user_id)
        return (unit.name, unit.suspended_reason) if unit and unit.is_suspended else None

    @cached_property
    def unread(self):
        """Number of unread messages."""
        return unread_count(self._actor.user) if self._actor.is_authenticated else 0

    @cached_property
    def reviews_waiting(self):
        """个人信息 that wait for the actor's review."""
        if "reviews" in self._known.waiting:
            return self._known.waiting["reviews"]
        if self._actor.role not in REVIEWERS:
            return 0
        [number] = _REVIEWS.first(self._actor.role, **self._actor.given)
        return number

    @cached_property
    def proposals_waiting(self):
        """申报书 that wait for the actor's decision."""
        if "proposals" in self._known.waiting:
            return self._known.waiting["proposals"]
        if self._actor.role not in AWAITED_STATE:
            return 0
        if self._actor.role == Role.BUREAU:
            return Proposal.objects.number_of_all(State.BUREAU)
        [number] = _PROPOSALS.first(self._actor.role, **self._actor.given)
        return number

    @cached_property
    def tabs(self):
        """The tabs of 用户中心 for this role (S19)."""
        return tuple(
            NavItem(label, url, count=self.reviews_waiting if name == "reviews" else 0, current=self._is_current(url))
            for label, name in TABS.get(self._actor.role, ())
            for url in [address_of(name)]
        )

    @property
    def centre_url(self):
        """Where 用户中心 begins for this role; "" for who has nothing there."""
        tabs = TABS.get(self._actor.role, ())
        return address_of(tabs[0][1]) if tabs else ""

    @cached_property
    def menu(self):
        """The left menu of 项目管理系统 for this role."""
        management = []
        if self._actor.role == Role.BUREAU:
            management.append(self._item("全部项目", "proposals", "folder-kanban", self.proposals_waiting))
            management.append(self._item("申报看板", "figures", "chart-column"))
            management.append(self._item("申报批次", "bureau-calls", "calendar-range"))
        elif self._actor.acts_for_unit or self._actor.role == Role.MANAGER:
            management.append(self._item("本单位的项目", "proposals", "folder-kanban", self.proposals_waiting))
            management.append(self._item("申报看板", "figures", "chart-column"))
        if self._actor.is_person:
            management.append(self._item("我的申报", "my-proposals", "file-pen-line"))
        users = []
        if self._actor.role == Role.BUREAU:
            users = [self._item(label, name, icon) for label, name, icon in USER_ENTRIES]
        system = []
        if self._actor.role == Role.BUREAU:
            system = [self._item(label, name, icon) for label, name, icon in SYSTEM_ENTRIES]
        services = [
            self._item("申报通知", "calls", "megaphone"),
            self._item("通知公告", "announcements", "newspaper"),
        ]
        groups = [
            ("项目管理", management),
            ("申报服务", services),
            ("用户管理", users),
            ("系统管理", system),
        ]
        return tuple(NavGroup(label, tuple(items)) for label, items in groups if items)

    @cached_property
    def announcements(self):
        """The newest 通知公告 for the viewer, pinned ones first. Asked for on the portal and the login page alone."""
        return _ANNOUNCEMENTS(*audiences_of(self._actor))

    def _item(self, label, name, icon, count=0):
        url = address_of(name)
        # A page under /projects/ that belongs to 我的申报 says so; the path alone cannot tell.
        entry = self._known.menu_entry
        return NavItem(label, url, icon, count, current=entry == name if entry else self._is_current(url))

    def _is_current(self, url):
        return self._request.path.startswith(url)


def site(request):
    """Context processor."""
    return {"site": Site(request)}
