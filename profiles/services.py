"""Every write to 个人信息 and its review.

Rows are locked in the order of `orgs.services.locks`: grants, then the person, then the 二级单位.
"""

import json
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import BinaryField, Count, TextField
from django.db.models.functions import Cast
from django.http import Http404

from accounts.audit import record_selected
from accounts.enums import AuditAction, Kind
from orgs.models import Department, Grant
from orgs.services.locks import confirm_authority, confirm_unit
from orgs.trail import record
from profiles import hooks, notices
from profiles.enums import ReviewState
from profiles.models import Person, ReviewedFields, ReviewRequest, id_digests, mobile_digests
from profiles.rules import UNREADABLE_NUMBER, may_decide
from zhgg.kit.arrays import as_text
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NeverAllowed, NotNow


def receive_login(*, user, claims):
    """Make the person's record at the first login and keep the name that 渝快办 stated. Runs inside the login."""
    if user.kind != Kind.PERSON:
        return
    person, created = Person.objects.get_or_create(
        user=user,
        defaults={
            "name": user.name,
            "mobile": claims.phone_number,
            **mobile_digests(claims.phone_number),
            "email": claims.email,
            "sex": claims.gender,
            "birth_date": claims.birthdate,
        },
    )
    if not created and person.name != user.name:
        person.name = user.name
        person.save(update_fields=["name", "updated_at"])
        person.requests.update(person_name=user.name)


class StalePerson(Exception):
    """The person's own record was saved in another window since the form was opened."""


@dataclass(frozen=True)
class Saved:
    """What saving did: the request it made, or None. `withdrawn` says that what waited (or had been refused) was taken
    back, because the reviewed fields are again what is in force."""

    person: Person
    request: ReviewRequest | None = None
    withdrawn: bool = False


def save_person(*, actor, version, values, reviewed):
    """Save the actor's own 个人信息.

    `values` (field → cleaned value, of Person.UNREVIEWED) is in force at once. `reviewed` (all of
    ReviewedFields.REVIEWED) becomes a request when it differs from the approved record and from what waits; a
    request that was waiting is replaced. A request takes the current documents along. Other documents than those of
    the request that waits make a new one too; documents alone ask for no review. A 证件号码 that 渝快办 stated stands,
    whatever `reviewed` says. Raises StalePerson when `version` is old, NotNow when the 二级单位 no longer stands or the
    unit is suspended.
    """
    with transaction.atomic():
        people = Person.objects.own(actor).select_related("user")
        person = people.select_for_update(of=("self",), no_key=True).first()
        if person is None:
            raise NeverAllowed("只有个人用户可以维护个人信息。")
        if person.version != version:
            raise StalePerson
        for field in Person.UNREVIEWED:
            if field in values:
                setattr(person, field, values[field])
        digests = mobile_digests(person.mobile)
        for field, value in digests.items():
            setattr(person, field, value)
        person.version += 1
        person.save(update_fields=[*Person.UNREVIEWED, *digests, "version", "updated_at"])
        record(AuditAction.PROFILE_SAVED, actor=actor, obj=person, unit_id=person.unit_id)
        if person.user.id_number:
            reviewed = {**reviewed, "id_type": person.user.id_type, "id_number": person.user.id_number}
        return _settle_reviewed(actor, person, reviewed)


def _settle_reviewed(actor, person, reviewed):
    """Ask for a review of the reviewed fields, take back an earlier one, or leave everything as it stands."""
    latest = person.requests.order_by("-pk").first()
    pending = latest if latest and latest.state == ReviewState.PENDING else None
    if person.is_approved and _same(person, reviewed):
        refused = latest if latest and latest.state == ReviewState.REJECTED and not latest.withdrawn_at else None
        if pending or refused:
            _withdraw(actor, pending or refused)
            return Saved(person, withdrawn=True)
        return Saved(person)
    documents = list(person.documents.current())
    if pending and _same(pending, reviewed) and list(pending.documents.order_by("pk")) == documents:
        return Saved(person)
    return Saved(person, _request_review(actor, person, pending, reviewed, documents))


def _same(held, reviewed):
    return all(getattr(held, field) == value for field, value in reviewed.items())


def _withdraw(actor, request):
    request.withdrawn_at = request.updated_at = database_now()
    if request.state == ReviewState.PENDING:
        request.replace()
    request.save(update_fields=["state", "withdrawn_at", "updated_at"])
    _list_latest([request.person_id])
    record(AuditAction.PROFILE_SUBMITTED, actor=actor, obj=request, unit_id=request.unit_id, detail={"withdrawn": True})


def _request_review(actor, person, pending, reviewed, documents):
    unit, department = reviewed["unit"], reviewed["department"]
    confirm_unit(unit.pk)
    _lock_department(unit, department)
    now = database_now()
    if pending:
        pending.replace()
        pending.updated_at = now
        pending.save(update_fields=["state", "updated_at"])
    request = ReviewRequest(
        person=person,
        person_name=person.name,
        **id_digests(reviewed["id_number"]),
        reviewing_department=None if department is None or _manages(person.user, department) else department,
        submitted_at=now,
        updated_at=now,
        **reviewed,
    )
    request.save()
    request.documents.set(documents)
    _list_latest([person.pk])
    record(AuditAction.PROFILE_SUBMITTED, actor=actor, obj=request, unit_id=unit.pk)
    return request


_LIST_LATEST = """
    WITH latest AS (
        SELECT max(request.id) AS id FROM profiles_reviewrequest AS request
        WHERE request.person_id = ANY(%(people)s::bigint[]) AND request.state <> 'replaced' AND request.id >= coalesce((
            SELECT max(approved.id) FROM profiles_reviewrequest AS approved
            WHERE approved.person_id = request.person_id AND approved.state = 'approved'
        ), 0)
        GROUP BY request.person_id, request.unit_id, request.reviewing_department_id
    )
    UPDATE profiles_reviewrequest SET listed = NOT listed
    WHERE person_id = ANY(%(people)s::bigint[]) AND listed <> (id IN (SELECT id FROM latest))
"""


def _list_latest(person_ids):
    """Keep in each reviewer's list the latest request that each person made there, back to the one last approved.

    Whoever reviewed the person before that approval, elsewhere, no longer has them in the list.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LIST_LATEST, {"people": as_text(person_ids)})


def _with_earlier_requests(person_ids):
    """Those of them who have asked more than once. Whoever has not is listed with that one."""
    several = ReviewRequest.objects.among(person_ids, "person_id").values("person_id").annotate(number=Count("pk"))
    return list(several.filter(number__gt=1).values_list("person_id", flat=True))


def _lock_department(unit, department):
    """Keep the 二级单位 from being deleted and its manager from changing until the request is made."""
    current = Department.objects.current().filter(unit=unit)
    if department is None:
        if current.exists():
            raise NotNow(f"{unit.name}已设置二级单位，请选择您所在的二级单位后再提交。")
    elif current.select_for_update(no_key=True).filter(pk=department.pk).first() is None:
        raise NotNow(f"二级单位“{department.name}”已被删除，请重新选择后再提交。")


def _manages(user, department):
    """Whether the user is the department's current manager: their own record then goes to the unit."""
    return (
        bool(user.identity_digest)
        and Grant.objects.current().filter(department=department, holder_digest=user.identity_digest).exists()
    )


def reroute_own_request(*, actor, department, holder_digest):
    """What waits of somebody at the 二级单位 whose manager they just became goes to the unit instead."""
    waiting = ReviewRequest.objects.filter(
        state=ReviewState.PENDING, reviewing_department=department, person__user__identity_digest=holder_digest
    )
    for request in waiting.select_for_update(of=("self",), no_key=True).select_related("person"):
        request.reviewing_department = None
        request.updated_at = database_now()
        request.save(update_fields=["reviewing_department", "updated_at"])
        _list_latest([request.person_id])


@dataclass(frozen=True)
class Decided:
    """A decision that stands. `repeated` says that the same person had sent the same one before."""

    request: ReviewRequest
    repeated: bool


def decide(*, action, request_id, actor, reason=""):
    """Carry out one review action of `profiles.workflow.ACTIONS`: lock, check, act, record, tell.

    The request's number is what the reviewer saw: a newer submission has another number, so this one answers NotNow.
    The same decision sent twice by the same person acts once and answers the same. Raises Http404 for what the actor
    may not see, NeverAllowed and NotNow as `profiles.rules` says.
    """
    with transaction.atomic():
        confirm_authority(actor)
        visible = ReviewRequest.objects.visible_to(actor).filter(pk=request_id)
        # The person's lock guards all their requests: decisions and submissions about one person come one by one.
        Person.objects.select_for_update(no_key=True).filter(pk__in=visible.values("person_id")).first()
        request = visible.select_related("person__user", "unit", "department").first()
        if request is None:
            raise Http404
        if _is_repeated(action, request, actor, reason):
            return Decided(request, repeated=True)
        may_decide(action, actor, request).enforce()
        getattr(request, action.method)()
        seals = str(request.seal_id), str(request.person.seal_id)
        numbers = _opened(action, [(request.pk, request.__dict__["id_number"], *seals)])
        if not numbers:
            UNREADABLE_NUMBER.enforce()
        for field, value in _carry_out(action, numbers, [request.person_id], actor, reason).items():
            setattr(request, field, value)
        notices.tell(action, [request.person_id], reason)
    return Decided(request, repeated=False)


class Outcome(NamedTuple):
    """What a batch did to one request: `done`, by this or by the same batch sent before, or the `reason` why not."""

    request_id: int
    done: bool
    reason: str = ""


def decide_many(*, action, request_ids, actor, reason=""):
    """Carry out one review action on many requests; an Outcome for each that the actor may see.

    Row by row it comes to what `decide` does: the same rule judges each request under its lock. What may not go is
    skipped and named; what goes, goes all or nothing. The same batch sent twice acts once. Locks come in the order of
    the numbers, people first, so that two batches never wait for each other.
    """
    with transaction.atomic():
        confirm_authority(actor)
        visible = ReviewRequest.objects.visible_to(actor).among(request_ids)
        people = Person.objects.filter(pk__in=visible.values("person_id")).order_by("pk")
        list(people.select_for_update(no_key=True).values_list("pk"))
        # Each look at thousands of rows counts, so that one takes what the rule reads and what carrying it out takes.
        found = list(visible.order_by("pk").values_list(*_JUDGED, *_TO_OPEN))
        verdicts = _judge(action, actor, reason, found)
        numbers = _opened(action, [(row[0], *row[len(_JUDGED) :]) for row in found if verdicts[row[0]]])
        if numbers:
            people = [row[1] for row in found if row[0] in numbers]
            _carry_out(action, numbers, people, actor, reason)
            # Words to thousands of people take long, and need not be there with the answer.
            notices.tell_of_batch.defer(action_key=action.key, request_ids=as_text(numbers))
    return [_outcome(pk, verdict, pk in numbers) for pk, verdict in verdicts.items()]


def examine(*, action, request_ids, actor):
    """What `decide_many` would answer now, in the order of the list. Nothing is opened, locked or changed."""
    visible = ReviewRequest.objects.visible_to(actor).among(request_ids)
    verdicts = _judge(action, actor, None, visible.in_order().values_list(*_JUDGED))
    return [_outcome(pk, verdict, bool(verdict)) for pk, verdict in verdicts.items()]


def _outcome(pk, verdict, going):
    if going or verdict is REPEATED:
        return Outcome(pk, done=True)
    return Outcome(pk, done=False, reason=verdict.reason or UNREADABLE_NUMBER.reason)


_TO_OPEN = (
    # As it is and as text: what Django makes of thousands of them takes longer than reading them.
    Cast("id_number", BinaryField()),
    Cast("seal_id", TextField()),
    Cast("person__seal_id", TextField()),
)
"""What `_opened` takes of a request beside its id."""


READ_BY_RULES = ("person_id", "state", "withdrawn_at", "decided_at", "decided_by_id", "decider_name", "reason")
"""What the rule on decisions reads of a request. Those that agree in it have one verdict."""
_JUDGED = ("pk", *READ_BY_RULES)
REPEATED = None
"""Stands for the verdict on what the same batch, sent before, has decided."""


def _judge(action, actor, reason, rows):
    """`{id: verdict}` on rows that begin with _JUDGED: the rule is asked once for each kind.

    Where the `reason` is not known yet (None), nothing counts as decided by the same batch before.
    """
    judged, verdicts = {}, {}
    for pk, person_id, *rest in rows:
        rest = rest[: len(READ_BY_RULES) - 1]
        kind = (person_id == actor.user_id, *rest)
        if kind not in verdicts:
            one = ReviewRequest(**dict(zip(READ_BY_RULES, (person_id, *rest), strict=True)))
            repeated = _is_repeated(action, one, actor, reason)
            verdicts[kind] = REPEATED if repeated else may_decide(action, actor, one)
        judged[pk] = verdicts[kind]
    return judged


def _is_repeated(action, request, actor, reason):
    return request.state == action.target and request.decided_by_id == actor.user_id and request.reason == reason


_AUDITED = """
    SELECT unit_id, id::text, left(person_name || ' ' || %s, 200), %s::jsonb
    FROM profiles_reviewrequest WHERE id = ANY(%s::bigint[]) ORDER BY id
"""


def _carry_out(action, numbers, people, actor, reason):
    """Decide requests that are locked and may be decided; as many statements for thousands as for one.

    `numbers` are those of the requests as `_opened` gives them, `people` the ids of whose they are. Returns what was
    written about each, by the names of the fields.
    """
    now = database_now()
    decision = {
        "decided_at": now,
        "updated_at": now,
        "decided_by": actor.user,
        "decider_name": actor.name,
        "decider_role": actor.role,
        "reason": reason,
    }
    waiting = ReviewRequest.objects.among(numbers).filter(state__in=action.sources)
    if waiting.update(state=action.target, **decision) != len(numbers):
        raise RuntimeError("a request changed under its lock")
    if action.target == ReviewState.APPROVED:
        _put_in_force(numbers)
        _list_latest(_with_earlier_requests(people))
        hooks.approved(person_ids=people)
    detail = {"action": action.key}
    if len(numbers) > 1:
        detail["batch"] = len(numbers)
    audited = [action.target.label, json.dumps(detail), as_text(numbers)]
    record_selected(AuditAction.PROFILE_DECIDED, ReviewRequest, _AUDITED, audited, user=actor.user, role=actor.role)
    return decision


_COPIED = [
    Person._meta.get_field(field).column for field in (*ReviewedFields.REVIEWED, "id_digest") if field != "id_number"
]
_PUT_IN_FORCE = f"""
    UPDATE profiles_person AS person
    SET {", ".join(f"{column} = request.{column}" for column in _COPIED)},
        id_number = decode(sealed.id_number, 'hex'),
        approved_at = request.decided_at, updated_at = request.decided_at, version = person.version + 1
    FROM profiles_reviewrequest AS request
    JOIN unnest(%s::bigint[], string_to_array(%s, ',', '')) AS sealed (request_id, id_number)
        ON sealed.request_id = request.id
    WHERE person.user_id = request.person_id
"""  # nosec B608: only names of columns are written into it


def _opened(action, rows):
    """`{id of a request: its 证件号码, sealed for the row of the person}`, without those that cannot be read.

    `rows` are an id and _TO_OPEN each. A token opens only in its own row, so that the number is sealed anew for the
    person's. What is not put in force is not opened.
    """
    if action.target != ReviewState.APPROVED:
        return dict.fromkeys(pk for pk, *_ in rows)
    asked, approved = ReviewRequest._meta.get_field("id_number"), Person._meta.get_field("id_number")
    return asked.resealed(rows, into=approved)


def _put_in_force(numbers):
    """Make what was asked for the approved record of each person."""
    # One text, in which "" is no number: thousands of values take long to write into a statement as an array.
    sealed = ",".join(token.hex() if token else "" for token in numbers.values())
    with connection.cursor() as cursor:
        cursor.execute(_PUT_IN_FORCE, [as_text(numbers), sealed])
