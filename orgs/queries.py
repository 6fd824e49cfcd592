"""The only doors to units, 二级单位 and grants."""

from datetime import timedelta

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When
from django.db.models.functions import Length, Now

from accounts.models import User
from orgs.enums import GrantRole, Role


class UnitQuerySet(models.QuerySet):
    """Units."""

    def visible_to(self, actor):
        """The unit that the actor acts for (法人单位, 授权人); every unit for 科技局; nothing for anybody else."""
        if actor.role == Role.BUREAU:
            return self
        if actor.acts_for_unit:
            return self.filter(pk=actor.unit_id)
        return self.none()

    def registered(self):
        """Every unit, with what is public about it: name and 统一社会信用代码. For choosing one's 工作单位 (S21)."""
        return self.only("pk", "name", "uscc")

    def with_name(self, text):
        """Units with `text` in the name (brackets of either width)."""
        found = Q()
        for spelling in _spellings(text):
            found |= Q(name__icontains=spelling)
        return self.filter(found)

    def named_like(self, text):
        """Units with `text` in the name (brackets of either width), or with this 统一社会信用代码; best match first."""
        found, starts = Q(uscc=text.upper()), Q()
        for spelling in _spellings(text):
            found |= Q(name__icontains=spelling)
            starts |= Q(name__istartswith=spelling)
        return self.filter(found).order_by(Case(When(starts, then=0), default=1), Length("name"), "name", "pk")


_TO_WIDE, _TO_NARROW = str.maketrans("()", "（）"), str.maketrans("（）", "()")


def _spellings(text):
    return dict.fromkeys((text, text.translate(_TO_WIDE), text.translate(_TO_NARROW)))


class DepartmentQuerySet(models.QuerySet):
    """二级单位."""

    def current(self):
        """Those that have not been deleted."""
        return self.filter(ended_at=None)

    def visible_to(self, actor):
        """All of the unit for 法人单位 and 授权人, their own for managers, every one for 科技局."""
        if actor.role == Role.BUREAU:
            return self
        if actor.acts_for_unit:
            return self.filter(unit_id=actor.unit_id)
        if actor.role == Role.MANAGER:
            return self.filter(pk=actor.department_id)
        return self.none()

    def of_own_unit(self, actor):
        """Those that the actor sets up on the pages of the unit: 法人单位 and 授权人 alone."""
        return self.current().filter(unit_id=actor.unit_id) if actor.acts_for_unit else self.none()


class GrantQuerySet(models.QuerySet):
    """Grants of 授权人 and 二级单位管理人员."""

    def current(self):
        """Those in force."""
        return self.filter(ended_at=None)

    def agents(self):
        """Grants of 法人单位授权人."""
        return self.filter(role=GrantRole.AGENT)

    def managers(self):
        """Grants of 二级单位管理人员."""
        return self.filter(role=GrantRole.MANAGER)

    def visible_to(self, actor):
        """账号授权 belongs to the legal account alone (S10); 二级单位 managers also to the agent; all to 科技局."""
        if actor.role == Role.BUREAU:
            return self
        if actor.role == Role.LEGAL:
            return self.filter(unit_id=actor.unit_id)
        if actor.role == Role.AGENT:
            return self.managers().filter(unit_id=actor.unit_id)
        return self.none()

    def with_login(self):
        """With `has_login`, whether there is an account with this verified 证件号码, and its `last_login`."""
        accounts = User.objects.known_by(OuterRef("holder_digest"))
        return self.annotate(has_login=Exists(accounts), last_login=Subquery(accounts.values("last_login")[:1]))

    def as_history(self):
        """Latest first, with who began and ended each, and whether somebody else took over (`replaced`)."""
        same_place = Q(role=OuterRef("role"), unit=OuterRef("unit")) & (
            Q(department=OuterRef("department")) | Q(department=None, role=GrantRole.AGENT)
        )
        followers = self.model.objects.filter(same_place, started_at=OuterRef("ended_at"))
        replaced = Exists(followers.exclude(pk=OuterRef("pk")))
        return self.annotate(replaced=replaced).select_related("started_by", "ended_by").order_by("-started_at", "-pk")


class DepartmentImportQuerySet(models.QuerySet):
    """Uploaded lists of 二级单位."""

    LIFETIME = timedelta(hours=1)

    def visible_to(self, actor):
        """Those that the actor uploaded for the unit they act for, within the hour."""
        if not actor.acts_for_unit:
            return self.none()
        return self.filter(user_id=actor.user_id, unit_id=actor.unit_id, uploaded_at__gt=Now() - self.LIFETIME)

    def outdated(self):
        """Those whose hour is over."""
        return self.filter(uploaded_at__lte=Now() - self.LIFETIME)
