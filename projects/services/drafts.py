"""Writing an 申报书: a new draft, and what is filled into its tabs."""

from uuid import uuid5

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.http import Http404

from accounts.enums import AuditAction
from orgs.trail import record
from profiles.models import Person
from projects.enums import State, Tab
from projects.models import Call, Proposal, Section
from projects.money import added_up
from projects.rules import may_apply, may_delete, may_edit
from projects.titles import title_key
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NeverAllowed, NotNow


def start_draft(*, actor, call_id, form_key):
    """A new draft of the actor in an open call. The same `form_key` again answers with the draft made before.

    Raises Http404 for an unknown call, NotNow when it is not open or the person has no approved record.
    """
    with transaction.atomic():
        person = Person.objects.own(actor).select_for_update(no_key=True).first()
        if person is None:
            raise NeverAllowed("只有个人用户可以申报项目。请用项目负责人的个人用户账号登录后申报。")
        # The key of the form belongs to the person: somebody else's can neither be found nor be taken with it.
        form_key = uuid5(form_key, str(person.pk))
        made = Proposal.objects.filter(form_key=form_key, pi=person).first()
        if made:
            return made
        call = Call.objects.visible_to(actor).filter(pk=call_id).first()
        if call is None:
            raise Http404
        now = database_now()
        verdict = may_apply(person, call, now)
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
            state_since=now,
            updated_at=now,
        )
        record(AuditAction.PROPOSAL_CREATED, actor=actor, obj=proposal, unit_id=proposal.unit_id)
    return proposal


def _next_number(call):
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('projects_proposal_number')")
        return f"{call.number_prefix}{cursor.fetchone()[0]:06d}"


class StaleSection(Exception):
    """The tab was saved in another window since this form was opened. `section` is as it stands now."""

    def __init__(self, section):
        super().__init__("section was saved meanwhile")
        self.section = section


def save_section(*, actor, proposal_id, tab, version, data):
    """Save one tab of the actor's draft and return the Section.

    `data` is what the tab's form made of the input, as JSON; `version` the one the form was made from (0 for a tab
    never saved before). Raises Http404, NeverAllowed, NotNow, and StaleSection when somebody saved meanwhile.
    """
    with transaction.atomic():
        proposal = _lock(proposal_id, actor)
        now = database_now()
        may_edit(actor, proposal, now).enforce()
        section = proposal.sections.filter(tab=tab).first() or Section(proposal=proposal, tab=tab, version=0)
        if section.version != version:
            raise StaleSection(section)
        section.data = data
        section.version += 1
        section.saved_at = now
        section.save()
        _list_fields(proposal, tab, data)
        proposal.updated_at = now
        proposal.save(update_fields=["title", "title_key", "category", "tech_field", "funding", "updated_at"])
        record(
            AuditAction.PROPOSAL_SAVED, actor=actor, obj=proposal, unit_id=proposal.unit_id, detail={"tab": str(tab)}
        )
    return section


def _list_fields(proposal, tab, data):
    """What lists, filters and figures read of the tabs."""
    if tab == Tab.BASICS:
        proposal.title = data.get("title", "")
        proposal.title_key = title_key(proposal.title)
        proposal.category = data.get("category", "")
        proposal.tech_field = data.get("tech_field", "")
    elif tab == Tab.BUDGET:
        proposal.funding = added_up(data).fiscal.income


def _lock(proposal_id, actor):
    visible = Proposal.objects.visible_to(actor).select_related("call").filter(pk=proposal_id)
    proposal = visible.select_for_update(of=("self",), no_key=True).first()
    if proposal is None:
        raise Http404
    return proposal


def delete_draft(*, actor, proposal_id):
    """Delete the actor's draft that was never submitted, with what was filled in.

    Raises Http404, NeverAllowed, and NotNow once it has been submitted.
    """
    with transaction.atomic():
        proposal = _lock(proposal_id, actor)
        may_delete(actor, proposal).enforce()
        record(AuditAction.PROPOSAL_DELETED, actor=actor, obj=proposal, unit_id=proposal.unit_id)
        proposal.delete()


def follow_people(*, people):
    """Drafts that were never submitted belong to the unit and 二级单位 of the PI's approved record as it is now."""
    pi = Person.objects.filter(pk=OuterRef("pi"))
    Proposal.objects.filter(pi__in=people, state=State.DRAFT, submission_count=0).update(
        unit=Subquery(pi.values("unit")), department=Subquery(pi.values("department"))
    )
