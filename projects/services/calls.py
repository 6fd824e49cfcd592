"""Every write to an 申报批次 but the extension of its deadlines: save, publish, close. For officers of 科技局."""

from uuid import uuid5

from django.db import transaction
from django.http import Http404

from accounts.enums import AuditAction
from orgs.services.officers import officers_alone
from orgs.trail import record
from projects import call_notices
from projects.enums import Tab
from projects.facts import EDITED, REASON, in_words, label_of
from projects.models import Attachment, Call, Proposal, Section
from projects.rules import fixed_in, may_close, may_publish, missing_in
from projects.services.changes import write_down
from zhgg.kit.clock import database_now

CREATED, SAVED, PUBLISHED, CLOSED = "新建", "修改", "发布", "结束受理"


class StaleCall(Exception):
    """Somebody else has changed the call since the form was opened. `call` is as it stands now."""

    def __init__(self, call):
        super().__init__("call was changed meanwhile")
        self.call = call


class CannotSave(Exception):
    """What was filled in cannot be: `errors` maps fields to sentences."""

    def __init__(self, errors):
        super().__init__(", ".join(errors))
        self.errors = errors


def create_call(*, actor, values, form_key):
    """A new call, not published. The same `form_key` again answers with the call made before. Raises Http404 for
    anybody but officers."""
    officers_alone(actor)
    form_key = uuid5(form_key, str(actor.user_id))
    with transaction.atomic():
        call, is_new = Call.objects.get_or_create(form_key=form_key, defaults=_editable(values))
        if is_new:
            write_down(call, actor=actor, what=CREATED, values=[])
            record(AuditAction.CALL_SAVED, actor=actor, obj=call, detail={"created": True})
    return call


def save_call(*, actor, call_id, version, values):
    """Save what was filled in and return the call; what did not change is neither saved nor written down.

    `version` is the one the form was made from: StaleCall when somebody has changed the call since. What may no longer
    be changed (`projects.rules.fixed_in`, and choices that 申报书 have made) raises CannotSave. Raises Http404.
    """
    officers_alone(actor)
    with transaction.atomic():
        call = lock_call(call_id)
        changes = {name: value for name, value in _editable(values).items() if getattr(call, name) != value}
        if not changes:
            return call
        if call.version != version:
            raise StaleCall(call)
        _refuse_what_is_fixed(call, changes)
        lines = [
            [label_of(name), in_words(name, getattr(call, name)), in_words(name, changes[name])]
            for name in EDITED
            if name in changes
        ]
        for name, value in changes.items():
            setattr(call, name, value)
        if call.published and (missing := missing_in(call)):
            raise CannotSave(missing)
        _save(call, *changes)
        write_down(call, actor=actor, what=SAVED, values=lines)
        record(AuditAction.CALL_SAVED, actor=actor, obj=call, detail={"changed": sorted(changes)})
    return call


def publish_call(*, actor, call_id, version):
    """Show the call to everybody; people may apply from `opens_at` on, which is now where it lay in the past.

    Publishing twice changes nothing. Raises Http404, StaleCall, and NotNow as `projects.rules.may_publish` says.
    """
    officers_alone(actor)
    with transaction.atomic():
        call = lock_call(call_id)
        if call.published:
            return call
        if call.version != version:
            raise StaleCall(call)
        now = database_now()
        may_publish(call, now).enforce()
        before, call.opens_at = call.opens_at, max(call.opens_at, now)
        call.published = True
        _save(call, "published", "opens_at")
        moved = [] if before == call.opens_at else [_time_line("opens_at", before, call.opens_at)]
        write_down(call, actor=actor, what=PUBLISHED, values=moved)
        record(AuditAction.CALL_PUBLISHED, actor=actor, obj=call)
    return call


def close_call(*, actor, call_id, version, reason):
    """结束受理: 申报截止 is now. Whoever has a draft is told; what was extended by itself keeps its time.

    The same officer's second click changes nothing. Raises Http404, StaleCall, and NotNow as
    `projects.rules.may_close` says.
    """
    officers_alone(actor)
    with transaction.atomic():
        # A submission that was let in before is finished first; what comes later waits here, and reads the new time.
        hold_proposals(Proposal.objects.filter(call=call_id).under_way())
        call = lock_call(call_id)
        now = database_now()
        verdict = may_close(call, now)
        if not verdict and _closed_by(call, actor, reason):
            return call
        verdict.enforce()
        if call.version != version:
            raise StaleCall(call)
        before, call.closes_at = call.closes_at, now
        _save(call, "closes_at")
        lines = [_time_line("closes_at", before, now), [REASON, "", reason]]
        write_down(call, actor=actor, what=CLOSED, values=lines)
        record(AuditAction.CALL_CLOSED, actor=actor, obj=call, detail={"reason": reason})
        call_notices.tell_of_closing(call, reason)
    return call


# Shared with the extension of deadlines -------------------------------------------------------------------------------


def hold_proposals(rows):
    """Lock 申报书, in one order, until the transaction ends. Before their call, as a decision does it."""
    list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))


def lock_call(call_id):
    """The call, locked against everybody who changes it or begins an 申报书 in it. Raises Http404."""
    call = Call.objects.select_for_update().filter(pk=call_id).first()
    if call is None:
        raise Http404
    return call


def _editable(values):
    return {name: value for name, value in values.items() if name in EDITED}


def _save(call, *fields):
    call.version += 1
    call.save(update_fields=[*fields, "version"])


def _time_line(name, before, after):
    return [label_of(name), in_words(name, before), in_words(name, after)]


def _closed_by(call, actor, reason):
    last = call.changes.first()
    return bool(last and last.what == CLOSED and last.by_id == actor.user_id and [REASON, "", reason] in last.values)


def _refuse_what_is_fixed(call, changes):
    """Raise CannotSave for what may no longer be changed, with a sentence for each field."""
    proposals = Proposal.objects.filter(call=call)
    has_proposals = proposals.exists()
    fixed = fixed_in(call, has_proposals=has_proposals, now=database_now())
    errors = {name: fixed[name] for name in changes if name in fixed}
    if has_proposals:
        errors |= {
            name: sentence
            for name, judge in (("tabs", _tabs), ("directions", _directions), ("categories", _categories))
            if name in changes and (sentence := judge(call, set(getattr(call, name)) - set(changes[name])))
        }
    if errors:
        raise CannotSave(errors)


def _tabs(call, removed):
    filled = set(Section.objects.filter(proposal__call=call, tab__in=removed).values_list("tab", flat=True).distinct())
    if Tab.ATTACHMENTS in removed and Attachment.objects.filter(proposal__call=call).exists():
        filled.add(Tab.ATTACHMENTS)
    named = "、".join(tab.label for tab in Tab if tab in filled)
    return f"已有申报书填写了{named}，这个页签不能取消" if named else ""


def _directions(call, removed):
    # Which of them 申报书 have chosen is in their encrypted content.
    named = "、".join(f"“{each}”" for each in call.directions if each in removed)
    return f"已有申报书，指南方向只能增加，不能删除或改名：{named}" if named else ""


def _categories(call, removed):
    used = Proposal.objects.filter(call=call, category__in=removed).values_list("category", flat=True).distinct()
    named = "、".join(f"“{each}”" for each in sorted(used))
    return f"已有申报书选择了{named}，不能删除或改名" if named else ""
