"""Every write to 个人信息 and its review."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.enums import AuditAction, Kind
from accounts.notices import notify
from orgs.models import Department, Grant, Unit
from orgs.services import confirm_authority
from orgs.trail import record
from profiles import hooks
from profiles.enums import ReviewState
from profiles.models import Person, ReviewedFields, ReviewRequest
from profiles.rules import may_decide
from zhgg.kit.clock import database_now
from zhgg.kit.crypto import digest
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
            "mobile_digest": _mobile_digest(claims.phone_number),
            "email": claims.email,
            "sex": claims.gender,
            "birth_date": claims.birthdate,
        },
    )
    if not created and person.name != user.name:
        person.name = user.name
        person.save(update_fields=["name", "updated_at"])


def _mobile_digest(mobile):
    return digest("mobile", mobile) if mobile else ""


class StalePerson(Exception):
    """The person's own record was saved in another window since the form was opened."""


@dataclass(frozen=True)
class Saved:
    """What saving did: the request now waiting (None when nothing reviewed was changed)."""

    person: Person
    request: ReviewRequest | None


def save_person(*, actor, version, values, reviewed):
    """Save the actor's own 个人信息.

    `values` (field → cleaned value, of UNREVIEWED) is in force at once. `reviewed` (of ReviewedFields.REVIEWED) becomes
    a request when it differs from the approved record or from what waits; a request that was waiting is replaced.
    Raises StalePerson when `version` is old, NotNow when unit or 二级单位 no longer stand.
    """
    try:
        with transaction.atomic():
            person = Person.objects.own(actor).select_for_update(no_key=True).select_related("user").first()
            if person is None:
                raise NeverAllowed("只有个人用户可以维护个人信息。")
            if person.version != version:
                raise StalePerson
            for field in UNREVIEWED:
                if field in values:
                    setattr(person, field, values[field])
            person.mobile_digest = _mobile_digest(person.mobile)
            person.version += 1
            person.save(update_fields=[*UNREVIEWED, "mobile_digest", "version", "updated_at"])
            record(AuditAction.PROFILE_SAVED, actor=actor, obj=person, unit_id=person.unit_id)
            request = _request_review(actor, person, reviewed) if _needs_review(person, reviewed) else None
    except IntegrityError as error:
        raise NotNow("您选择的二级单位刚刚被删除，请重新选择后再提交。") from error
    return Saved(person, request)


def _needs_review(person, reviewed):
    pending = person.requests.filter(state=ReviewState.PENDING).first()
    in_force = pending or (person if person.is_approved else None)
    return in_force is None or any(getattr(in_force, field) != value for field, value in reviewed.items())


def _request_review(actor, person, reviewed):
    unit, department = reviewed["unit"], reviewed["department"]
    # Locks go person → unit → requests everywhere. The unit's keeps its 二级单位 from coming or going meanwhile.
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    _check_department(unit, department)
    now = database_now()
    for old in person.requests.select_for_update().filter(state=ReviewState.PENDING):
        old.replace()
        old.updated_at = now
        old.save(update_fields=["state", "updated_at"])
    reviewing = None if department is None or _manages(person.user, department) else department
    person.requests.filter(unit=unit, reviewing_department=reviewing).update(listed=False)
    request = ReviewRequest(
        person=person,
        id_digest=digest("id_number", reviewed["id_number"]) if reviewed["id_number"] else "",
        reviewing_department=reviewing,
        submitted_at=now,
        updated_at=now,
        **reviewed,
    )
    request.save()
    record(AuditAction.PROFILE_SUBMITTED, actor=actor, obj=request, unit_id=unit.pk)
    return request


def _check_department(unit, department):
    if department is None:
        if Department.objects.current().filter(unit=unit).exists():
            raise NotNow(f"{unit.name}已设置二级单位，请选择您所在的二级单位后再提交。")
    elif not Department.objects.current().filter(pk=department.pk, unit=unit).exists():
        raise NotNow(f"二级单位“{department.name}”已被删除，请重新选择后再提交。")


def _manages(user, department):
    """Whether the user is the department's current manager: their own record then goes to the unit."""
    return (
        bool(user.identity_digest)
        and Grant.objects.current().filter(department=department, holder_digest=user.identity_digest).exists()
    )


def reroute_own_request(*, actor, department, holder_digest):
    """What waits of somebody at the 二级单位 whose manager they just became goes to the unit instead."""
    ReviewRequest.objects.filter(
        state=ReviewState.PENDING, reviewing_department=department, person__user__identity_digest=holder_digest
    ).update(reviewing_department=None, updated_at=database_now())


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
        # Locks go person → unit → requests everywhere, or a decision and a new submission could wait for each other.
        Person.objects.select_for_update(no_key=True).filter(pk__in=visible.values("person_id")).first()
        request = (
            visible.select_for_update(of=("self",), no_key=True)
            .select_related("person__user", "unit", "department")
            .first()
        )
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
    # Whoever reviewed this person before, elsewhere, no longer has them in the list.
    person.requests.exclude(unit=request.unit, reviewing_department=request.reviewing_department).update(listed=False)
    hooks.approved(person=person)


def _tell_person(request):
    if request.state == ReviewState.APPROVED:
        subject, body = "您的个人信息审核已通过", "审核通过的内容已经生效。"
    else:
        subject, body = "您的个人信息审核不通过", f"驳回原因：{request.reason}\n请修改后再次提交。"
    notify([request.person.user], subject=subject, body=body, url=request.person.get_absolute_url())
