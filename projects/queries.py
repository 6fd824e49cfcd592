"""The only doors to calls and 申报书."""

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Now

from orgs.enums import Role
from projects.enums import State


class CallQuerySet(models.QuerySet):
    """申报批次."""

    def visible_to(self, actor):
        """Published ones for everybody who is logged in, all of them for 科技局."""
        if actor.role == Role.BUREAU:
            return self
        return self.filter(published=True) if actor.is_authenticated else self.none()

    def open_at(self, moment):
        """Those that take new 申报书 at `moment`."""
        return self.filter(published=True, opens_at__lte=moment, closes_at__gt=moment)


class ProposalQuerySet(models.QuerySet):
    """申报书."""

    def own(self, actor):
        """Those of which the actor is the PI (我的申报)."""
        return self.filter(pi_id=actor.user_id) if actor.is_person else self.none()

    def of_place(self, actor):
        """Those of the place the actor works for: unit, 二级单位, or everything beyond 未提交 for 科技局."""
        if actor.role == Role.BUREAU:
            return self.exclude(state=State.DRAFT)
        if actor.acts_for_unit:
            return self.filter(unit_id=actor.unit_id)
        if actor.role == Role.MANAGER:
            return self.filter(department_id=actor.department_id)
        return self.none()

    def visible_to(self, actor):
        """Own ones and those of the actor's place; nothing for anybody else."""
        return self.own(actor) | self.of_place(actor)

    def awaiting(self, actor):
        """What waits for the actor's decision and can still be decided.

        Their own never does, because nobody decides about themselves; what missed its deadline (已截止) waits for
        科技局 to extend it.
        """
        state = {
            Role.MANAGER: State.DEPARTMENT,
            Role.LEGAL: State.UNIT,
            Role.AGENT: State.UNIT,
            Role.BUREAU: State.BUREAU,
        }.get(actor.role)
        if state is None:
            return self.none()
        waiting = self.of_place(actor).filter(state=state).exclude(pi_id=actor.user_id)
        if state == State.BUREAU:
            return waiting
        return waiting.filter(Q(call__review_closes_at__gt=Now()) | Q(correction_due__gt=Now()))

    def returned(self):
        """Those that came back to their PI and wait for a correction."""
        return self.filter(state=State.DRAFT).exclude(returned_from="")

    def for_list(self):
        """With what a row of the list shows, and nothing else of the people and units."""
        related = ("pi", "call", "department", "unit")
        return (
            self.with_way()
            .select_related(*related)
            .only(
                *(field.name for field in self.model._meta.concrete_fields),
                *(f"{name}__name" for name in related),
                "call__closes_at",
                "call__review_closes_at",
            )
        )

    def with_way(self):
        """With `skipped_department`: whether this submission came to 单位审核 past its 二级单位 (a manager's own)."""
        steps = self.model._meta.get_field("steps").related_model.objects
        arrived = steps.filter(
            proposal=OuterRef("pk"), submission_number=OuterRef("submission_count"), target=State.UNIT
        )
        return self.annotate(skipped_department=Exists(arrived.exclude(action="pass-to-unit")))

    def for_page(self):
        """With everything that the page of one 申报书 and the rules read."""
        return self.select_related("call", "pi__user", "pi__unit", "pi__department", "unit", "department")

    def state_counts(self):
        """`{state: number}` from one grouped query."""
        rows = self.order_by().values_list("state").annotate(number=Count("pk"))
        return dict(rows)

    def waiting_first(self, actor):
        """What waits for the actor on top, longest waiting first; then everything else, latest change first."""
        waiting = self.model.objects.awaiting(actor).values("pk")
        return self.annotate(
            waits=models.Case(
                models.When(Q(pk__in=waiting), then=0), default=1, output_field=models.SmallIntegerField()
            )
        ).order_by("waits", models.Case(models.When(waits=0, then=F("state_since"))), "-updated_at", "-pk")
