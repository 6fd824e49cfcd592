"""The only doors to calls and 申报书."""

from datetime import datetime, time, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, When
from django.db.models.functions import Now
from django.utils import timezone

from orgs.enums import Role
from projects.enums import UNDER_WAY, Age, Audience, Phase, Scope, Showing, State
from zhgg.kit.counts import counted, ranges
from zhgg.kit.kept import count_rows
from zhgg.kit.listing import Merged


class CallQuerySet(models.QuerySet):
    """申报批次."""

    def visible_to(self, actor):
        """Published ones for everybody who is logged in, all of them for 科技局."""
        if actor.role == Role.BUREAU:
            return self
        return self.filter(published=True) if actor.is_authenticated else self.none()

    def going_on(self):
        """Those that have begun and whose 单位审核截止 is still to come."""
        return self.filter(published=True, opens_at__lte=Now(), review_closes_at__gt=Now())

    def open_at(self, moment):
        """Those that take new 申报书 at `moment`."""
        return self.filter(published=True, opens_at__lte=moment, closes_at__gt=moment)

    def in_phase(self, phase):
        """Those that stand there now; what `projects.rules.phase_of` says of each."""
        return self.filter(_IN_PHASE[phase])

    def phase_counts(self):
        """`{phase: number}` from one query."""
        return self.order_by().aggregate(
            **{phase: Count("pk", filter=condition) for phase, condition in _IN_PHASE.items()}
        )


_IN_PHASE = {
    Phase.UNPUBLISHED: Q(published=False),
    Phase.COMING: Q(published=True, opens_at__gt=Now()),
    Phase.OPEN: Q(published=True, opens_at__lte=Now(), closes_at__gt=Now()),
    Phase.REVIEW: Q(published=True, closes_at__lte=Now(), review_closes_at__gt=Now()),
    Phase.OVER: Q(published=True, review_closes_at__lte=Now()),
}


class ExtensionQuerySet(models.QuerySet):
    """延期."""

    def for_unit(self, call, unit_id):
        """`{"submit_until": …, "review_until": …}`: what was granted to a unit in the call, None where nothing was."""
        return self.for_units(call, [unit_id])

    def for_units(self, call, units):
        """The same of several units: the latest of each."""
        granted = self.filter(call=call, scope=Scope.UNITS, units__in=units)
        return granted.aggregate(submit_until=models.Max("submit_until"), review_until=models.Max("review_until"))

    def told_on_guide(self, call, unit_id):
        """What the guide page of the call tells somebody of this unit (None: of none): what is for everybody, for all
        that had begun, and for the unit."""
        return self.filter(Q(scope__in=(Scope.ALL, Scope.BEGUN)) | Q(scope=Scope.UNITS, units=unit_id), call=call)

    def of_proposal(self, proposal):
        """What was granted to an 申报书 after it was begun, and to its unit."""
        later = Q(scope__in=(Scope.ALL, Scope.BEGUN), at__gte=proposal.created_at)
        units = Q(scope=Scope.UNITS, units=proposal.unit_id)
        return self.filter(later | units | Q(proposal=proposal.pk), call=proposal.call_id)


class AttachmentQuerySet(models.QuerySet):
    """附件."""

    def visible_to(self, actor):
        """Of the actor's own 申报书 all; of those of the actor's place what a submission names, and while one is 未提交
        also what it has at present."""
        proposals = self.model._meta.get_field("proposal").related_model.objects
        own = Q(proposal__in=proposals.own(actor).values("pk"))
        shown = Q(last_submission__isnull=False) | Q(in_draft=True, proposal__state=State.DRAFT)
        return self.filter(own | (shown & Q(proposal__in=proposals.of_place(actor).values("pk"))))

    def in_draft(self):
        """What the 申报书 has at present: what its next submission will name."""
        return self.filter(in_draft=True).order_by("kind", "position", "pk")


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
        state = self.awaited_state(actor)
        return self.none() if state is None else self.of_place(actor).filter(self._waits_for(actor), state=state)

    def split(self, actor):
        """`(what waits for the actor, everything else)`; for somebody who decides."""
        waits = Q(state=AWAITED_STATE[actor.role]) & self._waits_for(actor)
        return self.filter(waits), self.filter(~waits)

    @staticmethod
    def awaited_state(actor):
        """The state in which the actor decides; None for somebody who decides nothing."""
        return AWAITED_STATE.get(actor.role)

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
                *(field.name for field in self.model._meta.concrete_fields if field.name not in _NOT_LISTED),
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

    def under_way(self):
        """未提交 or waiting with 二级单位 or unit: those for which a deadline still means something."""
        return self.filter(state__in=UNDER_WAY)

    def aged(self, age, today):
        """Those under review that wait for so many days by the calendar, `today` being the local day."""
        earliest, latest = AGE_DAYS[age]
        rows = self.filter(state__in=WAITING)
        if latest is not None:
            rows = rows.filter(state_since__gte=_midnight(today - timedelta(days=latest)))
        return rows.filter(state_since__lt=_midnight(today - timedelta(days=earliest - 1))) if earliest else rows

    def call_counts(self):
        """`{(id of the call, state): number}` from one grouped query."""
        rows = self.order_by().values_list("call_id", "state").annotate(number=Count("pk"))
        return {(call, state): number for call, state, number in rows}

    def of_all(self):
        """The `call_counts` of all there are; where they are many, those of some seconds ago (`kit.counts`). For
        科技局, which counts all of them on each of its pages."""
        counts = self.model.objects.all().call_counts
        return counted("proposals", counts, lambda found: sum(found.values()))

    def number_of_all(self, state):
        """How many of all there are stand in a state, for 科技局."""
        return sum(number for (_, stands), number in self.of_all().items() if stands == state)

    def state_counts(self):
        """`{state: number}` from one grouped query."""
        rows = self.order_by().values_list("state").annotate(number=Count("pk"))
        return dict(rows)

    def numbers(self, actor):
        """Rows `(state, number, how many of them wait for the actor)`, from one grouped query."""
        if actor.role == Role.BUREAU:
            # Named one by one they are ranges of an index; what is not 未提交 is all of it, row by row.
            rows = self.filter(state__in=[state for state in State if state != State.DRAFT])
            rows = rows.order_by().values_list("state").annotate(number=Count("pk"))
            return rows.annotate(waits=Case(When(state=State.BUREAU, then=F("number")), default=0))
        waits = Q(state=AWAITED_STATE[actor.role]) & self._waits_for(actor)
        return self.order_by().values_list("state").annotate(number=Count("pk"), waits=Count("pk", filter=waits))

    def numbers_in_place(self, actor):
        """The `numbers`, where these are rows of the place of the actor, who is not of 科技局; states without any come
        along. Thousands are counted for each page."""
        waits = {AWAITED_STATE[actor.role]: count_rows(self._waits_for(actor))}
        return ranges(self, "state", list(State), waits)

    def _waits_for(self, actor):
        """That what stands in the actor's state is theirs to decide, now."""
        if actor.role == Role.BUREAU:
            return Q()
        calls = self.model._meta.get_field("call").related_model.objects
        # The few calls are looked up once, and not joined to each of thousands of rows.
        is_open = ArraySubquery(calls.filter(review_closes_at__gt=Now()).order_by().values("pk"))
        in_time = Q(call__any_of=is_open) | Q(correction_due__gt=Now()) | Q(review_until__gt=Now())
        return in_time & ~Q(pi_id=actor.user_id)

    def in_parts(self, actor, sort, states, late):
        """The keys of these rows in the order of the list, as parts one after the other: each walks along an index.

        With `sort` one part; without two: what waits for the actor, longest waiting on top, and everything else, latest
        change first. `states` are those in which there is anything, `late` says whether that is so of what is in the
        actor's own state and no longer waits.
        """
        if sort:
            return [self._by_change(states, sort.removesuffix("updated_at"))]
        mine = AWAITED_STATE[actor.role]
        rest = [self.filter(state=state) for state in states if state != mine]
        if late:
            rest.append(self.filter(~self._waits_for(actor), state=mine))
        # Nothing but a step changes what is under review, so that its last change is when it began to wait.
        longest = Merged([self.filter(self._waits_for(actor), state=mine)], _BY_CHANGE)
        return [longest, Merged(rest, _LATEST_FIRST)]

    def _by_change(self, states, direction):
        parts = [self.filter(state=state) for state in states]
        return Merged(parts, _LATEST_FIRST if direction else _BY_CHANGE)


AWAITED_STATE = {
    Role.MANAGER: State.DEPARTMENT,
    Role.LEGAL: State.UNIT,
    Role.AGENT: State.UNIT,
    Role.BUREAU: State.BUREAU,
}
"""The state in which each role decides."""


WAITING = (State.DEPARTMENT, State.UNIT, State.BUREAU)
"""The states in which an 申报书 waits for somebody's decision."""

AGE_DAYS = {Age.FRESH: (0, 2), Age.DAYS: (3, 5), Age.WEEK: (6, 10), Age.LATE: (11, None)}
"""The least and the most days of each age."""


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


_NOT_LISTED = (
    *("title_key", "category", "tech_field", "funding", "return_tabs"),
    *("form_key", "created_at", "submitted_at"),
)
"""What no row of a list shows or asks for."""

_BY_CHANGE, _LATEST_FIRST = ("updated_at", "id"), ("-updated_at", "-id")


class AnnouncementQuerySet(models.QuerySet):
    """通知公告."""

    def visible_to(self, actor):
        """What is shown now to somebody in this role; to whoever is not logged in, what is for everybody.

        科技局 sees here what anybody in its role sees; its own pages show all there are.
        """
        return self.shown_to(audiences_of(actor))

    def shown_to(self, audiences):
        """What is shown now to any of these."""
        return self.filter(_SHOWING[Showing.SHOWN], audience__overlap=list(audiences))

    def for_bureau(self, actor):
        """Every one of them, for officers of 科技局 alone."""
        return self if actor.role == Role.BUREAU else self.none()

    def for_list(self):
        """Without the text, which no list shows."""
        return self.defer("body")

    def showing(self, showing):
        """Those that stand there now; what `projects.rules.showing_of` says of each."""
        return self.filter(_SHOWING[showing])

    def showing_counts(self):
        """`{showing: number}` from one query."""
        return self.order_by().aggregate(
            **{showing: Count("pk", filter=condition) for showing, condition in _SHOWING.items()}
        )


_SHOWING = {
    Showing.UNPUBLISHED: Q(published=False),
    Showing.COMING: Q(published=True, shows_from__gt=Now()),
    Showing.SHOWN: Q(published=True, shows_from__lte=Now()) & (Q(shows_until=None) | Q(shows_until__gt=Now())),
    Showing.OVER: Q(published=True, shows_from__lte=Now(), shows_until__lte=Now()),
}
_AUDIENCE_OF_ROLE = {
    Role.LEGAL: Audience.UNIT,
    Role.AGENT: Audience.UNIT,
    Role.MANAGER: Audience.MANAGER,
    Role.BUREAU: Audience.BUREAU,
}


def audiences_of(actor):
    """As whom the actor reads. Agents and managers are 个人 as well."""
    found = [Audience.ALL]
    if actor.role in _AUDIENCE_OF_ROLE:
        found.append(_AUDIENCE_OF_ROLE[actor.role])
    if actor.is_person:
        found.append(Audience.PERSON)
    return found
