"""Writing an 申报书: a new draft, and what is filled into its tabs."""

from datetime import timedelta
from uuid import uuid5

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.fields.json import KT
from django.http import Http404

from accounts.enums import AuditAction
from accounts.models import AuditEvent
from orgs.services.locks import confirm_unit
from orgs.trail import record
from profiles.models import Person
from projects.contents import section_of
from projects.enums import State, Tab
from projects.models import Extension, Proposal, Section
from projects.money import added_up
from projects.rules import may_apply, may_delete, may_edit
from projects.sections.base import bound, stored
from projects.sections.registry import forms_of
from projects.services import attachments, printouts
from projects.services.locks import hold_call, hold_proposal
from projects.titles import title_key
from zhgg.kit.arrays import array
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NeverAllowed, NotNow
from zhgg.kit.kept import Given, Kept

QUIET = timedelta(minutes=10)
"""An automatic save leaves a line in the audit trail, and moves the 申报书 up in the lists, this often at most."""


def start_draft(*, actor, call_id, form_key):
    """A new draft of the actor in an open call. The same `form_key` again answers with the draft made before.

    Raises Http404 for an unknown call, NotNow when it is not open or the person has no approved record.
    """
    with transaction.atomic():
        proposal, is_new = _draft_of(actor, call_id, form_key)
        if is_new:
            record(AuditAction.PROPOSAL_CREATED, actor=actor, obj=proposal, unit_id=proposal.unit_id)
    return proposal


def copy_draft(*, actor, proposal_id, call_id, form_key):
    """A new draft of the actor in an open call, filled in like one of their own 申报书 in whatever state it is.

    Only the tabs that the new call asks for are copied, as they were last saved. What the new call does not offer
    (指南方向, 项目类别) and the 承诺 stay empty; attachments are not copied. Otherwise as `start_draft`.
    """
    with transaction.atomic():
        proposal, is_new = _draft_of(actor, call_id, form_key)
        if not is_new:
            return proposal
        source = Proposal.objects.own(actor).filter(pk=proposal_id).first()
        if source is None:
            raise Http404
        forms = forms_of(proposal.call)
        for section in source.sections.filter(tab__in=list(forms)):
            data = _fitting(forms[section.tab], section.data, proposal.call)
            Section.objects.create(
                proposal=proposal, tab=section.tab, version=1, saved_at=proposal.updated_at, data=data
            )
            _list_fields(proposal, section.tab, data)
        proposal.save(update_fields=LIST_FIELDS)
        detail = {"copied_from": source.number}
        record(AuditAction.PROPOSAL_CREATED, actor=actor, obj=proposal, unit_id=proposal.unit_id, detail=detail)
    return proposal


def _fitting(form_class, data, call):
    """Of stored data what the form takes for this call; the rest is left empty."""
    form = bound(form_class, data, call=call, draft=True)
    form.is_valid()
    for each in [form, *(row for rows in form.row_sets.values() for row in rows.forms)]:
        for name in set(each.errors) & set(each.fields):
            each.cleaned_data[name] = each.fields[name].clean("")
    if "promise" in form.cleaned_data:
        form.cleaned_data["promise"] = False
    return stored(form)


def _draft_of(actor, call_id, form_key):
    """`(draft, is it new)`: a new one of the actor in the call, or the one made before with the same key."""
    people = Person.objects.own(actor).select_related("unit")
    person = people.select_for_update(of=("self",), no_key=True).first()
    if person is None:
        raise NeverAllowed("只有个人用户可以申报项目。请用项目负责人的个人用户账号登录后申报。")
    # The key of the form belongs to the person: somebody else's can neither be found nor be taken with it.
    form_key = uuid5(form_key, str(person.pk))
    made = Proposal.objects.filter(form_key=form_key, pi=person).first()
    if made:
        return made, False
    if person.unit_id:
        confirm_unit(person.unit_id)
    call = hold_call(actor=actor, call_id=call_id)
    now = database_now()
    extended = Extension.objects.for_unit(call, person.unit_id)
    verdict = may_apply(person, call, now, extended["submit_until"])
    if not verdict:
        ways_on = [(person.get_absolute_url(), "去维护个人信息")] if not person.is_approved else []
        raise NotNow(verdict.reason, links=[*ways_on, (call.get_absolute_url(), "查看申报通知")])
    proposal = Proposal.objects.create(
        call=call,
        pi=person,
        unit_id=person.unit_id,
        department_id=person.department_id,
        number=_next_number(call),
        form_key=form_key,
        **extended,
        state_since=now,
        updated_at=now,
    )
    return proposal, True


def _next_number(call):
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('projects_proposal_number')")
        return f"{call.number_prefix}{cursor.fetchone()[0]:06d}"


class StaleSection(Exception):
    """The tab was saved in another window since this form was opened. `section` is as it stands now."""

    def __init__(self, section):
        super().__init__("section was saved meanwhile")
        self.section = section


def save_section(*, actor, proposal_id, tab, version, data, by_itself=False):
    """Save one tab of the actor's draft and return the Section.

    `data` is what the tab's form made of the input, as JSON; `version` the one the form was made from (0 for a tab
    never saved before). The same data again changes nothing and is never stale, so that a request whose answer was
    lost may be repeated. `by_itself` says that no button was pressed: see QUIET. Raises Http404, NeverAllowed, NotNow,
    and StaleSection when somebody saved something else meanwhile.
    """
    with transaction.atomic():
        proposal = hold_proposal(actor=actor, proposal_id=proposal_id)
        now = database_now()
        may_edit(actor, proposal, now).enforce()
        section = section_of(proposal, tab) or Section(proposal=proposal, tab=tab, version=0)
        if section.version and section.data == data:
            return section
        if section.version != version:
            raise StaleSection(section)
        section.data = data
        section.version += 1
        section.saved_at = now
        section.save(update_fields=["content", "version", "saved_at"] if section.pk else None)
        _list_fields(proposal, tab, data)
        if not (by_itself and now - proposal.updated_at < QUIET):
            proposal.updated_at = now
        proposal.save(update_fields=[*LIST_FIELDS, "updated_at"])
        if not (by_itself and _recorded_lately(actor, proposal, tab, now)):
            detail = {"tab": str(tab)} | ({"by_itself": True} if by_itself else {})
            record(AuditAction.PROPOSAL_SAVED, actor=actor, obj=proposal, unit_id=proposal.unit_id, detail=detail)
    return section


def _recorded_lately(actor, proposal, tab, now):
    """Whether the audit trail already says that this account saved this tab within QUIET."""
    asked = {"object_id": str(proposal.pk), "since": now - QUIET, "user": actor.user_id, "tab": str(tab)}
    return _SAVED_LATELY.first(**asked) is not None


_SAVED_LATELY = Kept(
    lambda: (
        AuditEvent.objects.annotate(tab=KT("detail__tab"))
        .filter(
            object_type=Proposal._meta.label_lower,
            object_id=Given("object_id"),
            at__gt=Given("since"),
            action=AuditAction.PROPOSAL_SAVED,
            user=Given("user"),
            tab=Given("tab"),
        )
        .values_list("pk")[:1]
    ),
    by_key=True,
)


LIST_FIELDS = ["title", "title_key", "category", "tech_field", "funding"]


def _list_fields(proposal, tab, data):
    """What lists, filters and figures read of the tabs."""
    if tab == Tab.BASICS:
        proposal.title = data.get("title", "")
        proposal.title_key = title_key(proposal.title)
        proposal.category = data.get("category", "")
        proposal.tech_field = data.get("tech_field", "")
    elif tab == Tab.BUDGET:
        proposal.funding = added_up(data).fiscal.income


def delete_draft(*, actor, proposal_id):
    """Delete the actor's draft that was never submitted, with what was filled in and uploaded.

    Raises Http404, NeverAllowed, and NotNow once it has been submitted.
    """
    with transaction.atomic():
        proposal = hold_proposal(actor=actor, proposal_id=proposal_id)
        may_delete(actor, proposal).enforce()
        record(AuditAction.PROPOSAL_DELETED, actor=actor, obj=proposal, unit_id=proposal.unit_id)
        attachments.remove_all(proposal)
        printouts.remove_all(proposal)
        proposal.delete()


def follow_people(*, person_ids):
    """Drafts that were never submitted belong to the unit and 二级单位 of the PI's approved record as it is now."""
    pi = Person.objects.filter(pk=OuterRef("pi"))
    drafts = Proposal.objects.filter(pi__any_of=array(person_ids), state=State.DRAFT, submission_count=0)
    drafts.update(unit=Subquery(pi.values("unit")), department=Subquery(pi.values("department")))
