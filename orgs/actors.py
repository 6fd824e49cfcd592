"""`Actor`: who is asking, worked out once per request from the login and what the database says now."""

from dataclasses import dataclass
from types import SimpleNamespace

from django.contrib.auth.models import Group
from django.utils.functional import cached_property

from accounts.enums import Kind
from accounts.models import User
from accounts.staff import BUREAU_GROUP, is_verified_staff
from orgs.enums import Role
from orgs.models import Grant, Unit
from zhgg.kit.errors import NeverAllowed
from zhgg.kit.kept import Given, Kept


@dataclass(frozen=True)
class Actor:
    """Who is asking. Every query, rule and service takes one.

    `role` is the role in which the person uses the site. Somebody who is an agent or a manager is a 个人 as well:
    `is_person` says so, and their own 个人信息 and 申报书 hang on `user_id`.
    """

    user: User | None
    role: Role
    is_person: bool = False
    unit_id: int | None = None
    unit_name: str = ""
    department_id: int | None = None
    department_name: str = ""
    grant_id: int | None = None
    # Why 科技局 has suspended the unit; "" while it has not.
    suspended_reason: str = ""

    @cached_property
    def user_id(self):
        """Primary key of the account, None for nobody."""
        return self.user.pk if self.user else None

    @property
    def given(self):
        """By whom and for whom is asked, for the `Given` of `anybody`."""
        return {"user_id": self.user_id, "unit_id": self.unit_id, "department_id": self.department_id}

    @property
    def name(self):
        """Name of whoever is logged in."""
        return str(self.user) if self.user else ""

    @property
    def is_authenticated(self):
        """Whether somebody is logged in at all."""
        return self.user is not None

    @property
    def role_label(self):
        """The Chinese name of the role."""
        return Role(self.role).label

    @property
    def signature(self):
        """Name and role, as pages and history name who did something: 周岚（法人单位授权人）."""
        return f"{self.name}（{self.role_label}）"

    @property
    def is_suspended(self):
        """Whether the unit that the actor acts for is suspended: they read, and neither submit nor decide."""
        return bool(self.suspended_reason)

    @property
    def acts_for_unit(self):
        """Whether the actor has the unit's rights: 法人单位 or 法人单位授权人."""
        return self.role in (Role.LEGAL, Role.AGENT)


ANONYMOUS = Actor(user=None, role=Role.NONE)


def anybody(role):
    """An Actor in this role who stands for all of them in a queryset that is kept; `Actor.given` says who it is then.

    _OPEN = Kept(lambda role: Proposal.objects.awaiting(anybody(role)))
    _OPEN.rows(actor.role, **actor.given)
    """
    return Actor(
        SimpleNamespace(pk=Given("user_id")),
        role,
        is_person=role in (Role.PERSON, Role.AGENT, Role.MANAGER),
        unit_id=Given("unit_id"),
        department_id=Given("department_id"),
    )


_OFFICER = Kept(
    lambda: Group.objects.filter(user=Given("user"), name=BUREAU_GROUP).order_by().values_list("pk"), by_key=True
)
_UNIT = Kept(lambda: Unit.objects.filter(uscc=Given("uscc")).only("pk", "name", "suspended_reason"), by_key=True)
_GRANT = Kept(
    lambda: (
        Grant.objects.current()
        .filter(holder_digest=Given("digest"))
        .select_related("unit", "department")
        .only("role", "unit__name", "unit__suspended_reason", "department__name")[:1]
    ),
    by_key=True,
)


def actor_for(user):
    """The Actor of a logged-in user; ANONYMOUS for nobody. At most one query; nothing is taken from the session."""
    if not user.is_authenticated or not user.is_active:
        return ANONYMOUS
    if user.kind == Kind.LEGAL:
        unit = _UNIT.first(uscc=user.uscc) if user.uscc else None
        if unit is None:
            return Actor(user, Role.NONE)
        return Actor(user, Role.LEGAL, unit_id=unit.pk, unit_name=unit.name, suspended_reason=unit.suspended_reason)
    if user.kind == Kind.PERSON:
        return _person(user)
    # A staff session counts only after the second factor.
    officer = is_verified_staff(user) and _OFFICER.first(user=user.pk) is not None
    return Actor(user, Role.BUREAU if officer else Role.NONE)


def administrator(user):
    """The Actor of an administrator, for the Django admin alone: everything that 科技局 may do to units and grants.

    NeverAllowed unless `user` is a superuser who has passed the second factor.
    """
    if not (is_verified_staff(user) and user.is_superuser):
        raise NeverAllowed("只有管理员可以在管理后台办理。")
    return Actor(user, Role.BUREAU)


def _person(user):
    grant = _GRANT.first(digest=user.identity_digest) if user.identity_digest else None
    if grant is None:
        return Actor(user, Role.PERSON, is_person=True)
    return Actor(
        user,
        Role(grant.role),
        is_person=True,
        unit_id=grant.unit_id,
        unit_name=grant.unit.name,
        department_id=grant.department_id,
        department_name=grant.department.name if grant.department else "",
        grant_id=grant.pk,
        suspended_reason=grant.unit.suspended_reason,
    )
