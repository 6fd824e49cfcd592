"""Puts the cast and their stories on the timeline, every act through the service that the page would call."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts import privacy
from accounts.enums import Kind
from accounts.models import Notice, User
from accounts.oidc import claims
from accounts.oidc.refusals import IdentityTaken
from accounts.sealing import seal_audit
from accounts.services import confirm_privacy, create_staff, record_refusal, sign_in
from orgs.actors import Actor, actor_for
from orgs.enums import GrantRole, Role
from orgs.models import Department, Grant, Unit
from orgs.services.departments import add_department
from orgs.services.grants import grant_role
from orgs.services.suspension import suspend_unit
from orgs.services.units import save_unit
from profiles.documents import attach
from profiles.enums import ReviewState
from profiles.models import Person
from profiles.services import decide, save_person
from profiles.workflow import ACTIONS as REVIEW_ACTIONS
from projects.attachments import kinds, required
from projects.completeness.check import stored_tabs
from projects.demo import calls, contents, papers
from projects.demo.accounts_file import (
    id_number_of,
    mobile_of,
    person_claims,
    serial_of,
    subject_of,
    unit_claims,
    uscc_of,
)
from projects.demo.bulletin import end_announcements, plan_announcements
from projects.demo.cast import OFFICER, PEOPLE, STAFF, UNITS
from projects.demo.certificates import CERTIFICATES, upload_of
from projects.demo.stories import CALLS, STORIES, THEMES
from projects.demo.timeline import Timeline
from projects.enums import State, Tab
from projects.models import Call, Proposal, Step
from projects.services import attachments
from projects.services.decisions import CORRECTION_WORKING_DAYS, perform
from projects.services.drafts import save_section, start_draft
from projects.workflow import ACTIONS, SEND_BACK, SUBMIT
from zhgg.kit.calendar import working_days_later
from zhgg.kit.clock import database_now

SUSPENDED_FOR = 5
CAME_ANEW = next(person.key for person in PEOPLE if person.role is None and "id_number" in person.stated)
"""Who lost the 渝快办 account and came back with another."""
NOT_CONFIRMED = "bai"
"""Who has logged in and not confirmed the 个人信息保护告知 yet."""
DAYS_UNTIL_READ = 3
"""Messages older than this count as read."""

_UNITS = {unit.key: unit for unit in UNITS}
_PEOPLE = {person.key: person for person in PEOPLE}
_CALLS = {call.key: call for call in CALLS}


def play(*, staff_passwords):
    """Make everything. `staff_passwords` maps the demo's user names to passwords (None: one is made up).

    Returns the passwords. Runs inside the caller's transaction, on a database without units and people.
    """
    timeline = Timeline()
    made = {}
    for username, name, _, superuser, _ in STAFF:
        timeline.add(150, _make_staff, made, username, name, superuser, staff_passwords.get(username))
    calls.plan(timeline)
    plan_announcements(timeline)
    for unit in UNITS:
        _plan_unit(timeline, unit)
    for person in PEOPLE:
        _plan_person(timeline, person)
    for story in STORIES:
        _plan_story(timeline, story)
    timeline.add(1.5, _be_refused, _PEOPLE[CAME_ANEW])
    timeline.play()
    seal_audit()
    calls.set_times()
    end_announcements()
    _set_correction_deadlines()
    _read_old_messages()
    return made


# Staff ---------------------------------------------------------------------------------------------------------------


def _make_staff(made, username, name, superuser, password):
    _, made[username], _ = create_staff(username=username, name=name, superuser=superuser, password=password)


def _read_old_messages():
    now = database_now()
    for notice in Notice.objects.filter(created_at__lt=now - timedelta(days=DAYS_UNTIL_READ)):
        Notice.objects.filter(pk=notice.pk).update(read_at=notice.created_at + timedelta(hours=2))


# Units ---------------------------------------------------------------------------------------------------------------


def _plan_unit(timeline, unit):
    timeline.add(unit.joined, _log_in, unit, Kind.LEGAL)
    if unit.info:
        timeline.add(unit.joined - 1, _fill_in_unit, unit)
    for name in unit.departments:
        timeline.add(unit.joined - 1.5, _add_department, unit, name)
    if unit.suspended:
        timeline.add(SUSPENDED_FOR, _suspend, unit)


def _log_in(member, kind):
    """A login at which 渝快办 states what the accounts file says, read by the same code as a real one."""
    stated = unit_claims(member) if kind == Kind.LEGAL else person_claims(member)
    id_token = {"iss": settings.OIDC_ISSUER, "sub": subject_of(member), "account_type": str(kind)}
    user = sign_in(claims=claims.read(id_token, {**id_token, **stated}, entrance=kind), entrance=kind)
    if member.key != NOT_CONFIRMED:
        confirm_privacy(user=user, version=privacy.VERSION)


def _be_refused(person):
    """A login with the person's number and another 渝快办 account, which waits in 账号核实."""
    id_token = {"iss": settings.OIDC_ISSUER, "sub": f"{subject_of(person)}-again", "account_type": str(Kind.PERSON)}
    stated = claims.read(id_token, {**id_token, **person_claims(person)}, entrance=Kind.PERSON)
    try:
        sign_in(claims=stated, entrance=Kind.PERSON)
    except IdentityTaken as refusal:
        record_refusal(refusal=refusal, entrance=Kind.PERSON)


def _suspend(unit):
    officer = Actor(User.objects.get(username=OFFICER), Role.BUREAU)
    suspend_unit(actor=officer, unit=_unit(unit.key), reason=unit.suspended)


def _fill_in_unit(unit):
    actor = _actor(unit)
    save_unit(actor=actor, version=_unit(unit.key).version, values=unit.info)


def _add_department(unit, name):
    add_department(actor=_actor(unit), unit=_unit(unit.key), name=name)


# People --------------------------------------------------------------------------------------------------------------


def _plan_person(timeline, person):
    if person.role:
        timeline.add(_UNITS[person.unit].joined - 2, _grant, person)
    if person.joined is not None:
        timeline.add(person.joined, _log_in, person, Kind.PERSON)
    if certificates := CERTIFICATES.get(person.key):
        timeline.add(person.submissions[-1].days + 0.02, _attach, person, certificates)
    for submitted in person.submissions:
        timeline.add(submitted.days, _submit_person, person, submitted)
        if submitted.decided is not None:
            timeline.add(submitted.decided, _decide_person, person, submitted)


def _grant(person):
    manager = person.role == GrantRole.MANAGER
    grant_role(
        actor=_actor(_UNITS[person.unit]),
        role=person.role,
        unit=_unit(person.unit),
        department=_department(person.unit, person.department) if manager else None,
        holder_name=person.name,
        holder_mobile=mobile_of(person),
        holder_id_number=id_number_of(person),
    )


def _attach(person, certificates):
    for kind, label in certificates:
        attach(actor=_actor(person), kind=kind, upload=upload_of(label))


def _submit_person(person, submitted):
    values = {
        "department": person.department,
        "education": person.education,
        "degree": person.degree,
        "title_level": person.title_level,
        "position": person.position,
        **submitted.changes,
    }
    actor = _actor(person)
    save_person(
        actor=actor,
        version=Person.objects.own(actor).get().version,
        values={
            "sex": person.sex,
            "nationality": "CHN",
            "ethnicity": "01",
            "birth_date": person.born,
            "major": person.major,
            "mobile": mobile_of(person),
            "office_phone": f"023-2000{serial_of(person):04}",
            "email": person_claims(person).get("email", ""),
        },
        reviewed={
            **values,
            "id_type": "01",
            "id_number": id_number_of(person),
            "unit": _unit(person.unit),
            "department": _department(person.unit, values["department"]),
        },
    )


def _decide_person(person, submitted):
    request = _account(person).person.requests.get(state=ReviewState.PENDING)
    key = "reject" if submitted.refused else "approve"
    reviewer = _reviewer(request.unit, request.reviewing_department, person)
    decide(action=REVIEW_ACTIONS[key], request_id=request.pk, actor=reviewer, reason=submitted.refused)


def _unit(key):
    return Unit.objects.get(uscc=uscc_of(_UNITS[key]))


def _department(unit_key, name):
    return Department.objects.get(unit=_unit(unit_key), name=name) if name else None


def _account(member):
    return User.objects.get(issuer=settings.OIDC_ISSUER, subject=subject_of(member))


def _actor(member):
    return actor_for(_account(member))


def _reviewer(unit, department, person):
    """Who decides: the manager of the 二级单位; else the unit's agent, or its legal account about the agent's own."""
    grants = Grant.objects.current().filter(unit=unit, department=department)
    holder = User.objects.filter(identity_digest__in=grants.values("holder_digest")).exclude(subject=subject_of(person))
    return actor_for(holder.first() or User.objects.get(uscc=unit.uscc))


# 申报书 --------------------------------------------------------------------------------------------------------------


def _plan_story(timeline, story):
    timeline.add(story.drafted, _draft, story)
    for step in story.steps:
        timeline.add(step.days, _take_step, story, step)


def _draft(story):
    actor = _actor(_PEOPLE[story.pi])
    call = Call.objects.get(number_prefix=calls.prefix(_CALLS[story.call]))
    key = uuid.uuid5(uuid.NAMESPACE_URL, f"{story.call}/{story.title}")
    proposal = start_draft(actor=actor, call_id=call.pk, form_key=key)
    for tab, data in _contents(story, proposal).items():
        save_section(actor=actor, proposal_id=proposal.pk, tab=tab, version=0, data=data)
    if not story.unfinished:
        _upload_papers(actor, Proposal.objects.for_page().get(pk=proposal.pk))


def _upload_papers(actor, proposal):
    """The 附件 that the 申报书 must have."""
    for code in required(proposal, stored_tabs(proposal)):
        kind = kinds()[code]
        upload = papers.upload_of(f"{kind.name.replace('/', '、')}.pdf", f"{kind.name}：{proposal.title}")
        attachments.attach(actor=actor, proposal_id=proposal.pk, kind=kind, upload=upload)


def _contents(story, proposal):
    """What is filled in, tab by tab; an unfinished 申报书 has little more than its title."""
    basics = _basics(story)
    if story.unfinished:
        return {Tab.BASICS: basics}
    rest = contents.tabs(
        number=STORIES.index(story),
        title=story.title,
        keywords=basics["keywords"],
        unit_name=proposal.unit.name,
        first_year=int(basics["starts_on"][:4]),
        with_own_money=_CALLS[story.call].with_own_money,
    )
    return {Tab.BASICS: basics, **{tab: data for tab, data in rest.items() if tab in proposal.call.tabs}}


def _basics(story):
    """The first tab; an unfinished one has its title and little more."""
    call = _CALLS[story.call]
    year = timezone.localtime(database_now()).year + 1
    tech_field, discipline, industry, research_type, keywords = THEMES[story.theme]
    started = {
        "title": story.title,
        "direction": call.directions[story.theme],
        "category": call.categories[story.category],
        "keywords": keywords,
    }
    rest = {
        "tech_field": tech_field,
        "discipline": discipline,
        "industry": industry,
        "research_type": research_type,
        "starts_on": f"{year}-01",
        "ends_on": f"{year + 2}-12",
        "abstract": _abstract(story.title, keywords),
        "classified": "no",
        "ethics": ["ethics", "animals"] if story.theme == "life" else ["none"],
        "outcomes": ["paper", "patent", "report"] if research_type == "basic" else ["patent", "software", "equipment"],
        "contact_name": _PEOPLE[story.pi].name,
        "contact_mobile": mobile_of(_PEOPLE[story.pi]),
        "promise": True,
    }
    return started | ({name: type(value)() for name, value in rest.items()} if story.unfinished else rest)


def _abstract(title, keywords):
    return (
        f"（演示内容，不是真实项目）本项目围绕“{title}”开展研究。针对{keywords[0]}领域现有方法在复杂场景下精度不足、"
        f"成本偏高、难以推广的问题，拟从{keywords[1]}入手，建立可复现的试验平台，提出面向实际工况的模型与方法，"
        f"并在{keywords[2]}方向形成关键技术。\n项目将完成样机或软件一套，开展不少于两处的示范应用，"
        "申请发明专利三项以上，形成技术标准草案一项，培养研究生若干名，为本市相关产业发展提供技术支撑。"
    )


def _take_step(story, step):
    proposal = Proposal.objects.select_related("unit", "department", "pi__user").get(title=story.title)
    if step.action == SUBMIT.key and proposal.submission_count:
        _correct(proposal, _actor(_PEOPLE[story.pi]))
    perform(
        action=ACTIONS[step.action],
        proposal_id=proposal.pk,
        actor=_whose_turn(proposal, _PEOPLE[story.pi], step),
        seen_step=proposal.step_count,
        reason=step.reason,
        tabs=step.tabs,
    )


def _correct(proposal, actor):
    """What the PI changes before a resubmission, so that there is something to compare."""
    for tab, change in ((Tab.BASICS, contents.corrected_basics), (Tab.TARGETS, contents.corrected_targets)):
        section = proposal.sections.filter(tab=tab).first()
        if section:
            data = change(section.data)
            save_section(actor=actor, proposal_id=proposal.pk, tab=tab, version=section.version, data=data)


def _set_correction_deadlines():
    """补正截止 counts from when 科技局 is said to have returned the 申报书."""
    for step in Step.objects.filter(action=SEND_BACK.key, source=State.BUREAU).order_by("at"):
        due = working_days_later(step.at, CORRECTION_WORKING_DAYS)
        Proposal.objects.filter(pk=step.proposal_id).update(correction_due=due)


def _whose_turn(proposal, person, step):
    if step.action in ("submit", "withdraw"):
        return _actor(person)
    if proposal.state == State.BUREAU:
        # Nobody has a session here, so the second factor that an officer's Actor depends on is taken as given.
        return Actor(User.objects.get(username=OFFICER), Role.BUREAU)
    return _reviewer(proposal.unit, proposal.department if proposal.state == State.DEPARTMENT else None, person)
