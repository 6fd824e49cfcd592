"""延期: until when 科技局 lets 申报书 of a call be submitted or reviewed after all."""

from uuid import uuid5

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.enums import AuditAction
from orgs.models import Unit
from orgs.services.officers import officers_alone
from orgs.trail import record
from projects import call_notices
from projects.enums import Scope, State
from projects.models import Extension, Proposal
from projects.rules import closing, deadline, may_extend, review_deadline
from projects.services.calls import CannotSave, hold_proposals, lock_call
from zhgg.kit.clock import database_now

TIMES = {"submit_until": "closes_at", "review_until": "review_closes_at"}


def concerned(call_id, *, scope, units=(), proposal_id=None):
    """The 申报书 that an extension is for: those under way. What is at 科技局 or decided needs no time any more."""
    rows = Proposal.objects.filter(call=call_id).under_way()
    if scope == Scope.UNITS:
        return rows.filter(unit__in=units)
    if scope == Scope.PROPOSAL:
        return rows.filter(pk=proposal_id)
    return rows


def examine(*, call, scope, submit_until=None, review_until=None, units=(), proposal_id=None):
    """`{state: number}` of the 申报书 that this extension would be for. Raises as `extend`; nothing is changed."""
    may_extend(call).enforce()
    times = _given(submit_until, review_until)
    _check_times(
        call, scope, _known_units(scope, units), _known_proposal(call, scope, proposal_id), times, database_now()
    )
    return concerned(call.pk, scope=scope, units=units, proposal_id=proposal_id).state_counts()


def extend(
    *, actor, call_id, scope, reason, form_key, submit_until=None, review_until=None, units=(), proposal_id=None
):
    """Grant an extension and return its Extension. The same `form_key` again answers with the one granted before.

    `units` are ids, for Scope.UNITS; `proposal_id` is for Scope.PROPOSAL. One for everybody moves the times of the call
    itself; any other is written onto the 申报书 it is for, and never shortens what they have. The 补正截止 of what
    科技局 has returned moves with 申报截止. PIs with drafts and the reviewers concerned are told.

    Raises Http404 for an unknown call and for anybody but officers, NotNow for a call that is not published, CannotSave
    for times that are over, no later than what holds, or in the wrong order, and for unknown units and 申报书.
    """
    officers_alone(actor)
    form_key = uuid5(form_key, str(actor.user_id))
    times = _given(submit_until, review_until)
    with transaction.atomic():
        rows = concerned(call_id, scope=scope, units=units, proposal_id=proposal_id)
        # Before the call, as a decision does it; whoever submits at this moment is finished first.
        hold_proposals(rows)
        call = lock_call(call_id)
        if made := Extension.objects.filter(form_key=form_key, call=call).first():
            return made
        may_extend(call).enforce()
        units = _known_units(scope, units)
        proposal = _known_proposal(call, scope, proposal_id)
        _check_times(call, scope, units, proposal, times, database_now())
        count = _grant(call, scope, rows, times)
        made = Extension.objects.create(
            call=call,
            scope=scope,
            proposal=proposal,
            **times,
            reason=reason,
            count=count,
            form_key=form_key,
            at=database_now(),
            by=actor.user,
            by_name=actor.name,
        )
        made.units.set(units)
        detail = {"scope": scope, "count": count, "extension": made.pk}
        detail |= {name: value.isoformat() for name, value in times.items()}
        record(AuditAction.CALL_EXTENDED, actor=actor, obj=proposal or call, detail=detail)
        call_notices.tell_of_extension(made, rows, units)
    return made


def _given(submit_until, review_until):
    return {name: value for name, value in (("submit_until", submit_until), ("review_until", review_until)) if value}


def _known_units(scope, units):
    if scope != Scope.UNITS:
        return []
    known = list(Unit.objects.filter(pk__in=units))
    if not known or len(known) != len(set(units)):
        raise CannotSave({"units": "请选择要延期的单位"})
    return known


def _known_proposal(call, scope, proposal_id):
    if scope != Scope.PROPOSAL:
        return None
    found = Proposal.objects.filter(pk=proposal_id, call=call).select_related("call").first()
    if found is None:
        raise CannotSave({"number": "这个批次没有这份申报书，请核对申报编号"})
    if not Proposal.objects.filter(pk=found.pk).under_way().exists():
        raise CannotSave({"number": f"申报书现在是“{found.get_state_display()}”，不需要延期"})
    return found


def _check_times(call, scope, units, proposal, times, now):
    """Raise CannotSave unless each time lies ahead, later than what holds, and review ends no sooner than 申报."""
    holds = _what_holds(call, scope, units, proposal)
    errors = {}
    if not times:
        errors["submit_until"] = "请填写申报截止、单位审核截止中的至少一项"
    for name, value in times.items():
        if value <= now:
            errors[name] = "这个时间已经过去，请填写以后的时间"
        elif value <= holds[name]:
            errors[name] = f"应晚于现在的截止时间 {timezone.localtime(holds[name]):%Y-%m-%d %H:%M}"
    new = holds | times
    if not errors and new["review_until"] < (times.get("submit_until") or holds["submit_until"]):
        stands = timezone.localtime(new["review_until"])
        errors["review_until"] = (
            f"单位审核截止（{stands:%Y-%m-%d %H:%M}）不能早于申报截止，请一并延期，给单位留出审核时间"
        )
    if errors:
        raise CannotSave(errors)


def _what_holds(call, scope, units, proposal):
    """`{"submit_until": …, "review_until": …}`: the times that hold now for whom the extension is."""
    if scope == Scope.PROPOSAL:
        submit = deadline(proposal) if proposal.returned_from == State.BUREAU else closing(proposal)
        return {"submit_until": submit, "review_until": review_deadline(proposal)}
    holds = {name: getattr(call, field) for name, field in TIMES.items()}
    if units:
        for name, value in Extension.objects.for_units(call, units).items():
            holds[name] = max(holds[name], value or holds[name])
    return holds


def _grant(call, scope, rows, times):
    """Write the times where the rules read them; how many 申报书 they are for."""
    if scope == Scope.ALL:
        for name, value in times.items():
            setattr(call, TIMES[name], value)
        call.version += 1
        call.save(update_fields=[*(TIMES[name] for name in times), "version"])
        count = rows.count()
    else:
        count = rows.update(**{name: Greatest(F(name), value) for name, value in times.items()})
    if until := times.get("submit_until"):
        rows.returned().filter(returned_from=State.BUREAU).update(correction_due=Greatest(F("correction_due"), until))
    return count
