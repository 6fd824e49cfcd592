"""What 单位查询 can be searched by."""

import django_filters
from django.db.models import Count, Q

from orgs import codes
from orgs.models import Unit
from zhgg.kit.filters import ANY, ListFilter, TextFilter
from zhgg.kit.forms import BaseForm

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
        form = BaseForm

    def by_name(self, rows, _, text):
        return rows.with_name(text)

    def by_uscc(self, rows, _, text):
        return rows.filter(uscc="".join(text.split()).upper())

    def by_state(self, rows, _, state):
        return rows.filter(suspended_at__isnull=state == ACTIVE)

    def counts(self):
        """`{state: number}` of what meets all conditions but the one on 状态, from one query."""
        suspended = Count("pk", filter=Q(suspended_at__isnull=False))
        total, stopped = self.rows_of_any_state().order_by().aggregate(a=Count("pk"), b=suspended).values()
        return {ACTIVE: total - stopped, SUSPENDED: stopped}
