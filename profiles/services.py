"""Every write to 个人信息 and its review.

Rows are locked in the order of `orgs.services`: grants, then the person, then the 二级单位.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.http import Http404

from accounts.enums import AuditAction, Kind
from accounts.notices import notify
from orgs.models import Department, Grant
from orgs.services import confirm_authority
from orgs.trail import record
from profiles import hooks
from profiles.enums import ReviewState
from profiles.models import Person, ReviewedFields, ReviewRequest, id_digests, mobile_digests
from profiles.rules import may_decide
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NeverAllowed, NotNow

# In force once saved; everything else goes through a request.
UNREVIEWED = (
    "sex",
    "nationality",
    "ethnicity",
    "political_status",
    "birth_date",
    "major",
    "mobile",
    "office_phone",
    "email",
    "qq",
    "wechat",
)


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

    `values` (field → cleaned value, of UNREVIEWED) is in force at once. `reviewed` (all of ReviewedFields.REVIEWED)
    becomes a request when it differs from the approved record and from what waits; a request that was waiting is
    replaced. A 证件号码 that 渝快办 stated stands, whatever `reviewed` says. Raises StalePerson when `version` is old,
    NotNow when the 二级单位 no longer stands.
    """
    with transaction.atomic():
        people = Person.objects.own(actor).select_related("user")
        person = people.select_for_update(of=("self",), no_key=True).first()
        if person is None:
            raise NeverAllowed("只有个人用户可以维护个人信息。")
        if person.version != version:
            raise StalePerson
        for field in UNREVIEWED:
            if field in values:
                setattr(person, field, values[field])
        digests = mobile_digests(person.mobile)
        for field, value in digests.items():
            setattr(person, field, value)
        person.version += 1
        person.save(update_fields=[*UNREVIEWED, *digests, "version", "updated_at"])
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
    if pending and _same(pending, reviewed):
        return Saved(person)
    return Saved(person, _request_review(actor, person, pending, reviewed))


def _same(held, reviewed):
    return all(getattr(held, field) == value for field, value in reviewed.items())


def _withdraw(actor, request):
    request.withdrawn_at = request.updated_at = database_now()
    if request.state == ReviewState.PENDING:
        request.replace()
    request.save(update_fields=["state", "withdrawn_at", "updated_at"])
    _list_latest(request.person)
    record(AuditAction.PROFILE_SUBMITTED, actor=actor, obj=request, unit_id=request.unit_id, detail={"withdrawn": True})


def _request_review(actor, person, pending, reviewed):
    unit, department = reviewed["unit"], reviewed["department"]
    _lock_department(unit, department)
    now = database_now()
    if pending:
        pending.replace()
        pending.updated_at = now
        pending.save(update_fields=["state", "updated_at"])
    request = ReviewRequest(
        person=person,
        **id_digests(reviewed["id_number"]),
        reviewing_department=None if department is None or _manages(person.user, department) else department,
        submitted_at=now,
        updated_at=now,
        **reviewed,
    )
    request.save()
    _list_latest(person)
    record(AuditAction.PROFILE_SUBMITTED, actor=actor, obj=request, unit_id=unit.pk)
    return request


def _list_latest(person):
    """Keep in each reviewer's list the latest request that the person made there, back to the one last approved.

    Whoever reviewed the person before that approval, elsewhere, no longer has them in the list.
    """
    approved = person.requests.filter(state=ReviewState.APPROVED).aggregate(last=Max("pk"))["last"] or 0
    since = person.requests.exclude(state=ReviewState.REPLACED).filter(pk__gte=approved)
    latest = list(
        since.order_by().values("unit", "reviewing_department").annotate(last=Max("pk")).values_list("last", flat=True)
    )
    person.requests.filter(listed=True).exclude(pk__in=latest).update(listed=False)
    person.requests.filter(listed=False, pk__in=latest).update(listed=True)


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
        _list_latest(request.person)


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
        if request.state == action.target and request.decided_by_id == actor.user_id and request.reason == reason:
            return Decided(request, repeated=True)
        may_decide(action, actor, request).enforce()
        getattr(request, action.method)()
        request.decided_at = request.updated_at = database_now()
        request.decided_by = actor.user
        request.decider_name = actor.name
        request.decider_role = actor.role
        request.reason = reason
        request.save(
            update_fields=[
                "state",
                "decided_at",
                "updated_at",
                "decided_by",
                "decider_name",
                "decider_role",
                "reason",
            ]
        )
        if request.state == ReviewState.APPROVED:
            _put_in_force(request)
        record(
            AuditAction.PROFILE_DECIDED,
            actor=actor,
            obj=request,
            unit_id=request.unit_id,
            detail={"action": action.key},
        )
        _tell_person(request)
    return Decided(request, repeated=False)


def _put_in_force(request):
    person = request.person
    for field in ReviewedFields.REVIEWED:
        setattr(person, field, getattr(request, field))
    person.id_digest = request.id_digest
    person.approved_at = request.decided_at
    person.version += 1
    person.save(update_fields=[*ReviewedFields.REVIEWED, "id_digest", "approved_at", "version", "updated_at"])
    _list_latest(person)
    hooks.approved(person=person)


def _tell_person(request):
    if request.state == ReviewState.APPROVED:
        subject, body = "您的个人信息审核已通过", "审核通过的内容已经生效。"
    else:
        subject, body = "您的个人信息审核不通过", f"驳回原因：{request.reason}\n请修改后再次提交。"
    notify([request.person.user], subject=subject, body=body, url=request.person.get_absolute_url())
