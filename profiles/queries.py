"""The only doors to people and review requests."""

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, SmallIntegerField, When

from orgs.enums import Role
from profiles.enums import ReviewState
from zhgg.kit.arrays import array
from zhgg.kit.counts import ranges
from zhgg.kit.listing import beyond

_LATEST = ("-updated_at", "-pk")
_DECIDED = (ReviewState.APPROVED, ReviewState.REJECTED)
_BY_STATE = [((state,), _LATEST) for state in (ReviewState.PENDING, ReviewState.REJECTED, ReviewState.APPROVED)]
PARTS = {
    "": [((ReviewState.PENDING,), ("submitted_at", *_LATEST)), (_DECIDED, _LATEST)],
    "updated_at": [((ReviewState.PENDING, *_DECIDED), ("updated_at", "pk"))],
    "-updated_at": [((ReviewState.PENDING, *_DECIDED), _LATEST)],
    "state": _BY_STATE,
    "-state": _BY_STATE[::-1],
}
"""ReviewRequestQuerySet.ORDERS as parts that stand one after the other: states, and the plain fields that sort them."""


class PersonQuerySet(models.QuerySet):
    """个人信息."""

    def own(self, actor):
        """The actor's own record; none for accounts that are not 个人用户."""
        return self.filter(pk=actor.user_id) if actor.is_person else self.none()

    def visible_to(self, actor):
        """Own record; the people whose approved record is with the actor's unit or 二级单位; all for 科技局."""
        if actor.role == Role.BUREAU:
            return self
        own = Q(pk=actor.user_id) if actor.is_person else Q(pk=None)
        if actor.acts_for_unit:
            return self.filter(own | Q(unit_id=actor.unit_id))
        if actor.role == Role.MANAGER:
            return self.filter(own | Q(department_id=actor.department_id))
        return self.filter(own)

    def for_table(self):
        """With what a row of 人员查询 shows, and nothing else of people and units."""
        return self.select_related("unit", "department").only(
            *("name", "id_number", "seal_id", "mobile", "title_level", "approved_at", "unit", "department"),
            *("unit__name", "department__name"),
        )


class ProofDocumentQuerySet(models.QuerySet):
    """Proof documents (佐证材料)."""

    def visible_to(self, actor):
        """The actor's own, and those of the requests that the actor may open as reviewer."""
        requests = self.model._meta.get_field("requests").related_model.objects.visible_to(actor)
        own = Q(person_id=actor.user_id) if actor.is_person else Q(pk=None)
        return self.filter(own | Q(pk__in=requests.values("documents")))

    def current(self):
        """What goes with the next request, oldest first."""
        return self.filter(taken_off_at=None).order_by("pk")

    def marked(self, request):
        """With `sent`: whether that request (None: no request) took the document along."""
        taken = self.model.requests.through.objects.filter(proofdocument=OuterRef("pk"), reviewrequest=request)
        return self.annotate(sent=Exists(taken))


class ReviewRequestQuerySet(models.QuerySet):
    """Review requests (个人信息审核)."""

    def among(self, ids, field="pk"):
        """Those with these numbers."""
        return self.filter(**{f"{field}__any_of": array(ids)})

    def own(self, actor):
        """The actor's own requests; none for accounts that are not 个人用户."""
        return self.filter(person_id=actor.user_id) if actor.is_person else self.none()

    def routed_to(self, actor):
        """What was routed to the actor as reviewer: their 二级单位's for a manager, the unit's own for the unit.

        The reviewer's own requests are left out: nobody decides about themselves.
        """
        if actor.acts_for_unit:
            routed = self.filter(unit_id=actor.unit_id, reviewing_department=None)
        elif actor.role == Role.MANAGER:
            routed = self.filter(unit_id=actor.unit_id, reviewing_department_id=actor.department_id)
        else:
            return self.none()
        return routed.exclude(person_id=actor.user_id)

    def visible_to(self, actor):
        """What a reviewer may open: what was routed to them, replaced requests included (deciding those answers 409).

        It ends when another unit or 二级单位 approves the person: what was submitted before that is closed to those
        whom the person has left.
        """
        here = (
            Q(person__department_id=actor.department_id)
            if actor.role == Role.MANAGER
            else Q(person__unit_id=actor.unit_id)
        )
        later = Q(person__approved_at=None) | Q(submitted_at__gt=F("person__approved_at"))
        return self.routed_to(actor).filter(here | later)

    def for_list(self):
        """The rows of 个人信息审核: the latest request of each person with this reviewer."""
        return self.filter(listed=True).exclude(state=ReviewState.REPLACED)

    def for_table(self):
        """With what a row of the list shows, and nothing else of people and units."""
        return self.select_related("person", "unit", "department").only(
            *("id_number", "seal_id", "education", "title_level", "unit", "department", "updated_at", "state"),
            *("person__name", "person__sex", "person__mobile", "unit__name", "department__name"),
        )

    def listed_numbers(self):
        """Rows `(state, number, 0)` of `for_list`; states without any come along. Thousands are counted each time."""
        return ranges(self.filter(listed=True), "state", (ReviewState.PENDING, *_DECIDED))

    def awaiting(self, actor):
        """What waits for the actor's decision."""
        return self.routed_to(actor).filter(state=ReviewState.PENDING)

    # 待审核 on top, longest waiting first; then everything else, latest change first.
    _PENDING_FIRST = (
        Case(When(state=ReviewState.PENDING, then=0), default=1, output_field=SmallIntegerField()),
        Case(When(state=ReviewState.PENDING, then=F("submitted_at"))),
        "-updated_at",
        "-pk",
    )
    _BY_STATE = Case(
        When(state=ReviewState.PENDING, then=0),
        When(state=ReviewState.REJECTED, then=1),
        default=2,
        output_field=SmallIntegerField(),
    )
    ORDERS = {
        "": _PENDING_FIRST,
        "updated_at": ("updated_at", "pk"),
        "-updated_at": ("-updated_at", "-pk"),
        "state": (_BY_STATE.asc(), "-updated_at", "-pk"),
        "-state": (_BY_STATE.desc(), "-updated_at", "-pk"),
    }
    """What a list can be sorted by → its order."""

    def in_order(self, sort=""):
        """In one of ORDERS; without `sort` what waits comes first."""
        return self.order_by(*self.ORDERS[sort])

    def beyond(self, found, sort="", *, back=False):
        """The Q of what comes after the listed request `found` in one of ORDERS (before it, with `back`)."""
        parts = PARTS[sort][:: -1 if back else 1]
        at = next(index for index, (states, _) in enumerate(parts) if found.state in states)
        states, order = parts[at]
        values = [getattr(found, field.removeprefix("-")) for field in order]
        later = [state for states, _ in parts[at + 1 :] for state in states]
        return (Q(state__in=states) & beyond(order, values, back=back)) | Q(state__in=later)

    def state_counts(self):
        """`{state: number}` from one grouped query."""
        return dict(self.order_by().values_list("state").annotate(number=Count("pk")))
