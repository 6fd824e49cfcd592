"""申报书 with what was filled in, submitted and decided, and the messages about it."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection

from accounts.enums import Kind
from accounts.models import Notice, User
from orgs.enums import GrantRole, Role
from orgs.models import Grant, Unit
from profiles.models import Person
from projects.completeness.limits import people_of
from projects.demo.accounts_file import uscc_of
from projects.demo.cast import COMPANY, OFFICER, SOFTWARE, UNITS
from projects.demo.scale.copying import batches, copy, free_keys, set_sequences
from projects.demo.scale.filled_in import tabs
from projects.demo.scale.invented import seal_id, spread
from projects.demo.scale.places import Reviewer
from projects.enums import Capacity, State, Tab
from projects.models import Call, Participant, Proposal, Section, Step, Submission
from projects.money import added_up
from projects.notices import Words
from projects.rules import CAPACITY_OF_ROLE
from projects.services.decisions import CORRECTION_WORKING_DAYS
from projects.snapshot import FRAME, frame
from projects.titles import title_key
from projects.workflow import ACCEPT, DECLINE, PASS_TO_BUREAU, PASS_TO_UNIT, SEND_BACK, SUBMIT, SUBMIT_TO_UNIT
from zhgg.kit.calendar import working_days_later

BATCH = 1_000
RETURNED_ONE_IN = 4
"""Drafts that came back, out of all."""
REASON = "技术指标没有给出可考核的数值，请补充后再次提交。"
MORE_CALLS = (
    ("{next} 年度重庆市社会民生专项（虚构）", "社会民生专项", "CSTB{next}SHMS-", -30, 12, 18),
    ("{this} 年度重庆市科技平台专项（虚构）", "科技平台专项", "CSTB{this}PTZX-", -90, -40, -30),
)
"""Beside the three of the small demo: name, kind, prefix, and opening, 申报截止 and 单位审核截止 in days from now."""

# How many of a hundred stand where, in the lists that nothing is said about.
_USUAL = {
    State.DRAFT: 25,
    State.DEPARTMENT: 15,
    State.UNIT: 15,
    State.BUREAU: 30,
    State.ACCEPTED: 12,
    State.DECLINED: 3,
}
_BEYOND_PLAIN = {State.DRAFT: 20, State.BUREAU: 58, State.ACCEPTED: 18, State.DECLINED: 4}
_BEYOND_HUGE = {State.DRAFT: 25, State.UNIT: 25, State.BUREAU: 35, State.ACCEPTED: 15}
# Prime to the numbers of rows, so that neighbours stand in different states.
_STRIDE = 7919


@dataclass
class Made:
    """Rows of one batch, in the order of their references."""

    rows: dict = field(
        default_factory=lambda: {model: [] for model in (Proposal, Section, Submission, Participant, Step, Notice)}
    )

    def add(self, row):
        """Keep the row for `write`."""
        self.rows[type(row)].append(row)

    def write(self):
        """All of them."""
        for model, rows in self.rows.items():
            copy(model, rows)


def make_proposals(sizes, now, progress):
    """Make them all; `progress(number)` is told from time to time. Those whose 个人信息 is approved are the PIs."""
    maker = _Maker(_calls(now), now)
    number = 0
    for batch in batches(_planned(sizes, maker.calls), BATCH):
        made = Made()
        for wanted in _looked_up(batch):
            maker.make(*wanted, made)
        made.write()
        number += len(batch)
        progress(number)
    for call in maker.calls:
        Call.objects.filter(pk=call.pk).update(accepted_count=call.accepted_count)
    set_sequences(*made.rows)


def _calls(now):
    """Five: those of the small demo and two more; those that still take 申报书 first."""
    year = now.year
    for name, kind, prefix, opens, closes, review_closes in MORE_CALLS:
        Call.objects.create(
            name=name.format(this=year, next=year + 1),
            kind=kind,
            number_prefix=prefix.format(this=year, next=year + 1),
            guide="（演示内容）",
            directions=["1.1 关键技术攻关", "1.2 应用示范"],
            categories=["重点项目", "面上项目"],
            tabs=[Tab.BASICS, Tab.TEAM, Tab.BUDGET],
            required_attachments=[],
            published=True,
            opens_at=now + timedelta(days=opens),
            closes_at=now + timedelta(days=closes),
            review_closes_at=now + timedelta(days=review_closes),
        )
    return list(Call.objects.filter(published=True).order_by("-closes_at"))


# Whose, where to and in which call -----------------------------------------------------------------------------------


def _planned(sizes, calls):
    """`(serial, id of the PI, state, call)` of each: those of the plain unit, of 软件学院, of everybody else."""
    company = Unit.objects.get(uscc=uscc_of(next(unit for unit in UNITS if unit.key == COMPANY)))
    approved = Person.objects.filter(approved_at__isnull=False).order_by("pk")
    plain = approved.filter(unit=company)
    huge = approved.filter(department__name=SOFTWARE).exclude(unit=company)
    at_huge = sizes.huge_proposals_waiting * 3 // 2
    lists = (
        (plain, sizes.plain_proposals, {State.UNIT: sizes.plain_proposals_waiting}, _BEYOND_PLAIN),
        (huge, at_huge, {State.DEPARTMENT: sizes.huge_proposals_waiting}, _BEYOND_HUGE),
        (
            approved.exclude(unit=company).exclude(department__name=SOFTWARE),
            sizes.proposals - sizes.plain_proposals - at_huge,
            {},
            _USUAL,
        ),
    )
    serials = itertools.count()
    for people, number, named, others in lists:
        states = _states(number, named, others)
        chosen = _chosen_calls(calls, states, people.count())
        people = list(people.values_list("pk", flat=True))
        for position, state in enumerate(states):
            yield next(serials), people[position % len(people)], state, chosen(position)


def _states(number, named, others):
    """`number` states: so many of those that are named, the rest in the proportion of `others`; neighbours differ."""
    counts = dict(named)
    rest, whole = number - sum(named.values()), sum(others.values())
    for state, share in others.items():
        counts[state] = rest * share // whole
    counts[State.BUREAU] += number - sum(counts.values())
    in_order = [state for state, count in counts.items() for _ in range(count)]
    return [in_order[position * _STRIDE % number] for position in range(number)]


def _chosen_calls(calls, states, people):
    """`call(position)`: what is not decided stands in a call under way; nobody has two in the same one."""
    under_way = calls[:3]

    def chosen(position):
        fits = calls if states[position] in (State.BUREAU, State.ACCEPTED, State.DECLINED) else under_way
        call = fits[position % len(fits)]
        if position >= people and call == chosen(position - people):
            return fits[(position + 1) % len(fits)]
        return call

    return chosen


def _looked_up(batch):
    people = Person.objects.select_related("unit", "department").in_bulk([pi_id for _, pi_id, _, _ in batch])
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('projects_proposal_number') FROM generate_series(1, %s)", [len(batch)])
        numbers = [number for (number,) in cursor.fetchall()]
    for (serial, pi_id, state, call), number in zip(batch, numbers, strict=True):
        yield serial, people[pi_id], state, call, f"{call.number_prefix}{number:06d}"


# Their rows ----------------------------------------------------------------------------------------------------------


class _Reviewers:
    """Who decides where."""

    def __init__(self):
        units = dict(Unit.objects.values_list("uscc", "pk"))
        accounts = User.objects.filter(kind=Kind.LEGAL).values_list("uscc", "pk", "name")
        self.legal = {units[uscc]: Reviewer(pk, name, Role.LEGAL) for uscc, pk, name in accounts if uscc in units}
        grants = Grant.objects.current()
        users = {
            digest: (pk, name)
            for digest, pk, name in User.objects.known_by(grants.values("holder_digest")).values_list(
                "identity_digest", "pk", "name"
            )
        }
        self.agents, self.managers = {}, {}
        for role, unit, department, digest in grants.values_list("role", "unit", "department", "holder_digest"):
            if digest in users:
                known, place = (self.managers, department) if role == GrantRole.MANAGER else (self.agents, unit)
                known[place] = Reviewer(*users[digest], role)
        officer = User.objects.get(username=OFFICER)
        self.officer = Reviewer(officer.pk, officer.name, Role.BUREAU)

    def manages(self, pi):
        """Whether the PI is the manager of their own 二级单位, which then is passed over."""
        manager = self.managers.get(pi.department_id)
        return manager is not None and manager.user_id == pi.pk

    def of(self, state, pi):
        """Whoever decides about this PI's 申报书 in the state."""
        if state == State.BUREAU:
            return self.officer
        if state == State.DEPARTMENT:
            return self.managers[pi.department_id]
        agent = self.agents.get(pi.unit_id)
        return agent if agent and agent.user_id != pi.pk else self.legal[pi.unit_id]


class _Maker:
    """Makes the rows of one 申报书 after the other."""

    def __init__(self, calls, now):
        self.calls, self.now = calls, now
        self.reviewers = _Reviewers()
        self.keys = {model: free_keys(model) for model in (Proposal, Section, Submission, Participant, Step, Notice)}

    def make(self, serial, pi, state, call, number, made):
        """Add the rows of one: as the services would have left them."""
        has_department = pi.department_id in self.reviewers.managers and not self.reviewers.manages(pi)
        if state == State.DEPARTMENT and not has_department:
            state = State.UNIT
        way = _way(state, serial, has_department)
        moments = self._moments(serial, call, len(way))
        data = tabs(serial, call, pi, pi.unit.name)
        proposal = self._proposal(serial, pi, call, number, data, moments[0])
        made.add(proposal)
        for tab, content in data.items():
            section = Section(
                pk=next(self.keys[Section]),
                seal_id=seal_id(f"section {tab}", serial),
                proposal_id=proposal.pk,
                tab=tab,
                saved_at=moments[0],
            )
            section.data = content
            made.add(section)
        for action, at in zip(way, moments[1:], strict=True):
            self._take(action, proposal, pi, at, made)
        if way:
            self._freeze(serial, proposal, data, made)

    def _moments(self, serial, call, steps):
        """When it was filled in, and each step: the first before 申报截止, all before 单位审核截止, none to come."""
        span = min(call.closes_at, self.now) - call.opens_at
        begun = call.opens_at + span * (1 + spread(serial, 10_000)) / 12_000
        until = min(call.review_closes_at, self.now)
        submitted = begun + (min(call.closes_at, until) - begun) / 4
        gap = (until - submitted) / (steps + 1)
        return [begun, *(submitted + gap * step for step in range(steps))]

    def _proposal(self, serial, pi, call, number, data, begun):
        basics = data[Tab.BASICS]
        return Proposal(
            pk=next(self.keys[Proposal]),
            call=call,
            pi=pi,
            unit=pi.unit,
            department=pi.department,
            number=number,
            title=basics["title"],
            title_key=title_key(basics["title"]),
            category=basics["category"],
            tech_field=basics["tech_field"],
            funding=added_up(data[Tab.BUDGET]).fiscal.income,
            state_since=begun,
            form_key=seal_id("form", serial),
            created_at=begun,
            updated_at=begun,
        )

    def _take(self, action, proposal, pi, at, made):
        """One step: the columns, the line of the history, and who is told."""
        source = proposal.state
        getattr(proposal, action.method)()
        proposal.step_count += 1
        proposal.last_action = action.key
        proposal.state_since = proposal.updated_at = at
        if action.key == SUBMIT.key:
            proposal.submission_count, proposal.submitted_at = 1, at
            who, capacity = Reviewer(pi.pk, pi.name, Role.PERSON), Capacity.PI
        else:
            who = self.reviewers.of(source, pi)
            capacity = CAPACITY_OF_ROLE[who.role]
        if action is SEND_BACK:
            proposal.returned_from, proposal.return_reason = source, REASON
            if source == State.BUREAU:
                proposal.correction_due = working_days_later(at, CORRECTION_WORKING_DAYS)
        elif action is ACCEPT:
            proposal.call.accepted_count += 1
            proposal.accepted_number = f"SL{proposal.call_id:04}-{proposal.call.accepted_count:05}"
        step = Step(
            pk=next(self.keys[Step]),
            proposal_id=proposal.pk,
            number=proposal.step_count,
            at=at,
            user_id=who.user_id,
            user_name=who.name,
            capacity=capacity,
            place=_place(proposal, capacity),
            action=action.key,
            source=source,
            target=proposal.state,
            reason=REASON if action.needs_reason else "",
            submission_number=1,
        )
        made.add(step)
        said = Words(action, step).about_one(proposal)
        for recipient_id in self._told(action, proposal, pi):
            made.add(
                Notice(
                    pk=next(self.keys[Notice]),
                    recipient_id=recipient_id,
                    created_at=at,
                    read_at=at + timedelta(days=1) if at + timedelta(days=2) < self.now else None,
                    **said,
                )
            )

    def _told(self, action, proposal, pi):
        """The PI, and whoever decides next."""
        return [
            *([pi.pk] if "pi" in action.tells else []),
            *([self.reviewers.of(proposal.state, pi).user_id] if "next" in action.tells else []),
        ]

    def _freeze(self, serial, proposal, data, made):
        submission = Submission(
            pk=next(self.keys[Submission]),
            seal_id=seal_id("submission", serial),
            proposal_id=proposal.pk,
            number=1,
            unit_id=proposal.unit_id,
            department_id=proposal.department_id,
            submitted_at=proposal.submitted_at,
        )
        submission.data = {**data, Tab.ATTACHMENTS: [], FRAME: frame(proposal)}
        made.add(submission)
        for person, (_, leads) in people_of(proposal, data).items():
            made.add(Participant(pk=next(self.keys[Participant]), proposal_id=proposal.pk, digest=person, leads=leads))


def _way(state, serial, has_department):
    """The actions that led to the state."""
    forward = [SUBMIT, PASS_TO_UNIT] if has_department else [SUBMIT_TO_UNIT]
    forward += [PASS_TO_BUREAU, ACCEPT]
    targets = [action.target for action in forward]
    if state == State.DECLINED:
        return [*forward[:-1], DECLINE]
    if state != State.DRAFT:
        return forward[: targets.index(state) + 1]
    if serial % RETURNED_ONE_IN:
        return []
    return [*forward[: 1 + serial // RETURNED_ONE_IN % (len(forward) - 1)], SEND_BACK]


def _place(proposal, capacity):
    if capacity in (Capacity.PI, Capacity.BUREAU):
        return ""
    department = proposal.department.name if capacity == Capacity.MANAGER else ""
    return f"{proposal.unit.name}{department}"
