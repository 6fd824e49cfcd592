"""What 单位查询 and 审计记录 can be searched by."""

import re

import django_filters
from django.db.models import Q, Subquery

from accounts.enums import AuditAction
from accounts.models import AuditEvent, User
from orgs import codes
from orgs.enums import GrantRole
from orgs.models import Unit
from zhgg.kit.filters import ANY, ListFilter, PeriodFilter, TextFilter
from zhgg.kit.kept import count_rows

ACTIVE, SUSPENDED = "active", "suspended"
UNIT_STATES = ((ACTIVE, "正常"), (SUSPENDED, "已停用"))


class UnitFilter(ListFilter):
    """By any part of the name (brackets of either width), by the whole 统一社会信用代码, 区县 and 状态."""

    name = TextFilter(label="单位名称", method="by_name", max_length=100)
    uscc = TextFilter(label="统一社会信用代码", method="by_uscc", max_length=30)
    district = django_filters.ChoiceFilter(
        label="区县", choices=lambda: codes.district_choices(codes.CHONGQING), empty_label=ANY
    )
    state = django_filters.ChoiceFilter(label="状态", choices=UNIT_STATES, method="by_state", empty_label=ANY)

    class Meta:
        model = Unit
        fields: list[str] = []

    def by_name(self, rows, _, text):
        return rows.with_name(text)

    def by_uscc(self, rows, _, text):
        return rows.filter(uscc="".join(text.split()).upper())

    def by_state(self, rows, _, state):
        return rows.filter(suspended_at__isnull=state == ACTIVE)

    def counts(self):
        """`{state: number}` of what meets all conditions but the one on 状态, from one query."""
        rows = self.rows_of_any_state().order_by()
        # Each part in an index of its own; counted together, every unit is read.
        suspended = rows.filter(suspended_at__isnull=False).values_list(count_rows())
        total, stopped = rows.values_list(count_rows(), Subquery(suspended)).get()
        return {ACTIVE: total - stopped, SUSPENDED: stopped}


RESULTS = (("yes", "成功"), ("no", "被拒绝"))
MOST_NAMESAKES = 200
_LONG_NUMBER = re.compile(r"[0-9]{11,}[Xx]?")


class AuditFilter(ListFilter):
    """By whom, what, of whom, when and with what result; each condition walks along an index."""

    who = TextFilter(label="操作人（姓名或登录名）", method="by_who", max_length=100)
    action = django_filters.ChoiceFilter(label="操作", choices=AuditAction.choices, empty_label=ANY)
    whom = TextFilter(label="对象（名称的开头）", method="by_whom", max_length=100)
    unit = TextFilter(label="单位（全称或信用代码）", method="by_unit", max_length=100)
    at = PeriodFilter(label="时间", field_name="at")
    result = django_filters.ChoiceFilter(label="结果", choices=RESULTS, method="by_result", empty_label=ANY)

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def by_who(self, rows, _, text):
        users = User.objects.filter(Q(name=text) | Q(username=text)).order_by("pk")
        return rows.filter(user__in=list(users.values_list("pk", flat=True)[:MOST_NAMESAKES]))

    def by_whom(self, rows, _, text):
        found = Q(object_label__startswith=text)
        # A grant is called by its role and its holder.
        for role in GrantRole:
            found |= Q(object_label__startswith=f"{role.label} {text}")
        return rows.filter(found)

    def by_unit(self, rows, _, text):
        units = Unit.objects.filter(Q(name=text) | Q(uscc=text.upper()))
        return rows.filter(unit_id__in=list(units.values_list("pk", flat=True)[:MOST_NAMESAKES]))

    def by_result(self, rows, _, result):
        return rows.filter(ok=result == "yes")

    def in_words(self, name, value):
        """As elsewhere, but a number that somebody typed as a name does not go into the trail or a file."""
        return _LONG_NUMBER.sub("（号码）", super().in_words(name, value))
