"""`perform`: the only code that changes the state of an 申报书."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, Q
from django.http import Http404
from django.urls import reverse

from accounts.enums import AuditAction
from orgs.actors import anybody
from orgs.enums import Role
from orgs.models import Grant
from orgs.services.locks import confirm_authority, confirm_unit, hold_department
from orgs.trail import record
from projects import notices
from projects.completeness import limits
from projects.completeness.check import gaps, stored_tabs
from projects.enums import Capacity, State, Tab
from projects.models import Participant, Proposal, Step, Submission
from projects.rules import capacity_of, may
from projects.services import attachments, printouts
from projects.services.acceptance import give_numbers
from projects.snapshot import FRAME, frame
from projects.workflow import ACCEPT, REROUTED, SEND_BACK, SUBMIT, SUBMIT_TO_UNIT, SUMMARIES, WITHDRAW
from zhgg.kit.calendar import working_days_later
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow
from zhgg.kit.kept import Given, Kept

CORRECTION_WORKING_DAYS = 5
OVERTAKEN = "申报书已有新的办理，这次没有生效"
NOTHING_DONE = "您刚才的办理没有生效，也没有重复办理。"


@dataclass(frozen=True)
class Outcome:
    """A step that stands. `repeated`: the same person had sent the same form before, so nothing new was done."""

    proposal: Proposal
    step: Step
    repeated: bool


class Incomplete(Exception):
    """The completeness check found something; `gaps` are the lines of the check page."""

    def __init__(self, found):
        super().__init__(f"{len(found)} gaps")
        self.gaps = found


def perform(*, action, proposal_id, actor, seen_step, reason="", tabs=(), correction_due=None):
    """Carry out one action of `projects.workflow.ACTIONS`: lock, check, act, record, tell.

    `seen_step` is the number of the last history step that the person saw; if anything has happened since, NotNow says
    what. The same form sent twice by the same person acts once and answers the same (`repeated`). `tabs` are those that
    a 退回 points to; what the call does not ask for is left out. `correction_due` is the 补正截止 that 科技局 sets with
    a 退回 (default: five working days). Raises Http404 for what the actor may not see, NeverAllowed and NotNow as
    `projects.rules` says, Incomplete when a 提交 does not pass the check.
    """
    with transaction.atomic():
        confirm_authority(actor)
        proposal = _lock(action, proposal_id, actor, seen_step, reason)
        if proposal.step_count != seen_step:
            return _repeat_or_refuse(action, proposal, actor, seen_step, reason)
        now = database_now()
        may(action, actor, proposal, now).enforce()
        data = None
        if action.key == SUBMIT.key:
            data = stored_tabs(proposal)
            action = _destination(proposal, actor, data)
        tabs = [tab for tab in tabs if tab == Tab.BASICS or tab in proposal.call.tabs]
        step = _act(action, proposal, actor, reason, tabs, now, correction_due, data)
        notices.tell(action, proposal, step)
    return Outcome(proposal, step, repeated=False)


def refuse_if_overtaken(*, action, proposal_id, actor, seen_step):
    """Raise the NotNow of `perform` when something has happened since `seen_step`; for a form with mistakes.

    Somebody who no longer sees the 申报书, because a colleague has just decided, is told so here too. Http404 for what
    the actor may not see and never saw.
    """
    with transaction.atomic():
        proposal = _lock(action, proposal_id, actor, seen_step, "")
        if proposal.step_count != seen_step:
            _repeat_or_refuse(action, proposal, actor, seen_step, "")


def _lock(action, proposal_id, actor, seen_step, reason):
    asked = {"pk": proposal_id, "number": seen_step + 1, "action": action.key, "reason": reason}
    if proposal_id > BigIntegerField.MAX_BIGINT or not _LOCKED.rows(actor.role, **asked, **actor.given):
        raise Http404
    # A statement of its own: one that waited for the lock would have read the call and the PI as they were before it,
    # and a deadline that was moved meanwhile must count.
    return _WHOLE.first(pk=proposal_id)


def _known_to(actor):
    # What 科技局 has returned it no longer sees. The same form sent twice must find it all the same, and the officer
    # who came second is told what the first one did.
    next_step = Step.objects.filter(proposal=OuterRef("pk"), number=Given("number"))
    known = Q(user=actor.user_id, action=Given("action"), reason=Given("reason"))
    if actor.role == Role.BUREAU:
        known |= Q(source=State.BUREAU)
    seen = Q(pk__in=Proposal.objects.visible_to(actor).values("pk"))
    return Proposal.objects.filter(seen | Exists(next_step.filter(known)), pk=Given("pk"))


_LOCKED = Kept(
    lambda role: _known_to(anybody(role)).select_for_update(of=("self",), no_key=True).values_list("pk", flat=True),
    by_key=True,
)
_WHOLE = Kept(lambda: Proposal.objects.for_page().filter(pk=Given("pk")), by_key=True)


def _repeat_or_refuse(action, proposal, actor, seen_step, reason):
    later = list(proposal.steps.filter(number__gt=seen_step).order_by("number"))
    if later and is_repeated(later[0], action, actor, reason):
        return Outcome(proposal, later[0], repeated=True)
    if not Proposal.objects.visible_to(actor).filter(pk=proposal.pk).exists():
        raise NotNow(what_happened(later[:1]), title=OVERTAKEN, links=[(reverse("proposals"), "返回全部项目")])
    raise NotNow(
        what_happened(later, proposal.get_state_display()),
        title=OVERTAKEN,
        links=[(proposal.get_absolute_url(), "查看申报书现在的状态")],
    )


def is_repeated(step, action, actor, reason):
    """Whether this step, the first after what was seen, is what the same person sent before."""
    return step.action == action.key and step.user_id == actor.user_id and step.reason == reason


def what_happened(later, state_label=""):
    """The sentence for somebody who came too late: who took the last of the `later` steps, and where the 申报书 is now.

    Without `state_label` where it went is not theirs to know.
    """
    if not later:
        return "您打开的页面与申报书的办理记录不一致，请重新打开后再办理。"
    last = later[-1]
    state = f"申报书现在是“{state_label}”。" if state_label else ""
    return f"{last.user_name}（{Capacity(last.capacity).label}）已办理：{SUMMARIES[last.action]}。{state}{NOTHING_DONE}"


def _destination(proposal, actor, data):
    """For 提交: take unit and 二级单位 from the approved record, run the check, and choose the first level."""
    if proposal.pi.unit_id:
        confirm_unit(proposal.pi.unit_id)
    # Whoever could break the same 限项 or send the same title waits here, and then sees this one.
    limits.lock(proposal, data)
    found = gaps(proposal, data)
    if found:
        raise Incomplete(found)
    proposal.unit = proposal.pi.unit
    proposal.department = proposal.pi.department
    if proposal.department_id is None:
        return SUBMIT_TO_UNIT
    # Somebody who becomes its manager in this very moment is seen here, or sees this 申报书 arrive and passes it on.
    hold_department(proposal.department_id)
    return SUBMIT_TO_UNIT if _manages(proposal.pi.user, proposal.department_id) else SUBMIT


def _manages(user, department_id):
    return (
        bool(user.identity_digest)
        and Grant.objects.current().filter(department_id=department_id, holder_digest=user.identity_digest).exists()
    )


def _act(action, proposal, actor, reason, tabs, now, correction_due, data):
    source = proposal.state
    getattr(proposal, action.method)()
    if action.key == SUBMIT.key:
        proposal.submission_count += 1
        proposal.submitted_at = now
        _forget_return(proposal)
        _freeze(proposal, data, now)
        printouts.stock_up(proposal)
    elif action is SEND_BACK:
        proposal.returned_from, proposal.return_reason, proposal.return_tabs = source, reason, tabs
        if source == State.BUREAU:
            proposal.correction_due = correction_due or working_days_later(now, CORRECTION_WORKING_DAYS)
    elif action is WITHDRAW:
        _forget_return(proposal)
    step = _write_step(proposal, actor, action.key, source, reason, now, tabs)
    if action is ACCEPT:
        proposal.accepted_number = give_numbers([proposal.pk])[proposal.pk]
    record(
        AuditAction.DECISION,
        actor=actor,
        obj=proposal,
        unit_id=proposal.unit_id,
        detail={"action": action.key, "from": source, "to": proposal.state, "step": step.number},
    )
    return step


def _forget_return(proposal):
    proposal.returned_from = proposal.return_reason = ""
    proposal.return_tabs = []


def _freeze(proposal, data, now):
    Submission.objects.create(
        proposal=proposal,
        number=proposal.submission_count,
        data={**data, Tab.ATTACHMENTS: attachments.freeze(proposal), FRAME: frame(proposal)},
        unit=proposal.unit,
        department=proposal.department,
        submitted_at=now,
    )
    proposal.participants.all().delete()
    people = limits.people_of(proposal, data)
    Participant.objects.bulk_create(
        Participant(proposal=proposal, digest=person, leads=leads) for person, (_, leads) in people.items()
    )


def _write_step(proposal, actor, key, source, reason, now, tabs=()):
    proposal.step_count += 1
    proposal.last_action = key
    proposal.state_since = proposal.updated_at = now
    proposal.save(
        update_fields=[
            "state",
            "state_since",
            "step_count",
            "last_action",
            "unit",
            "department",
            "submission_count",
            "submitted_at",
            "returned_from",
            "return_reason",
            "return_tabs",
            "correction_due",
            "updated_at",
        ]
    )
    capacity = capacity_of(actor, proposal)
    place = f"{actor.unit_name}{actor.department_name}" if capacity != Capacity.PI else ""
    return Step.objects.create(
        proposal=proposal,
        number=proposal.step_count,
        at=now,
        user=actor.user,
        user_name=actor.name,
        capacity=capacity,
        place=place,
        action=key,
        source=source,
        target=proposal.state,
        reason=reason,
        tabs=list(tabs),
        submission_number=proposal.submission_count,
    )


def reroute_own_proposals(*, actor, department, holder_digest):
    """What waits of somebody at the 二级单位 whose manager they just became goes on to 单位审核 (nobody decides about
    themselves). Runs in the transaction that names the manager; `actor` is who names them."""
    waiting = (
        Proposal.objects.filter(state=State.DEPARTMENT, department=department)
        .filter(pi__user__identity_digest=holder_digest)
        .select_for_update(of=("self",), no_key=True)
        .select_related("pi__user", "unit", "department", "call")
        .order_by("pk")
    )
    now = database_now()
    for proposal in waiting:
        source = proposal.state
        proposal.pass_to_unit()
        step = _write_step(proposal, actor, REROUTED, source, "", now)
        record(
            AuditAction.DECISION,
            actor=actor,
            obj=proposal,
            unit_id=proposal.unit_id,
            detail={"action": REROUTED, "from": source, "to": proposal.state, "step": step.number},
        )
