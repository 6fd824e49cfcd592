"""People: accounts, 个人信息 with its requests, and the grants of agents and managers."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from django.conf import settings

from accounts import privacy
from accounts.enums import Kind
from accounts.managers import username_for
from accounts.models import User
from orgs.enums import GrantRole
from orgs.models import Grant
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest, id_digests, mobile_digests
from projects.demo.scale.copying import batches, copy, free_keys, set_sequences
from projects.demo.scale.invented import Invented, seal_id, spread
from projects.demo.scale.places import Place, Reviewer
from zhgg.kit.crypto import digest

BATCH = 2_000
REFUSED_ONE_IN, NOTHING_ONE_IN = 30, 60
REASON = "职称与证书不一致，请按证书填写职称后再次提交。"
_LEVELS = (("411", "教授"), ("412", "副教授"), ("420", "讲师"), ("430", "助理工程师"))
_SCHOOLS = (("11", "2"), ("14", "3"), ("21", "4"))


class Fate(Enum):
    """What became of somebody's 个人信息."""

    APPROVED = "approved"
    FIRST = "first submission waits"
    CHANGE = "approved, and a change waits"
    REFUSED = "refused"
    NOTHING = "nothing submitted"


@dataclass(frozen=True)
class Member:
    """Somebody who is to be made."""

    place: Place
    fate: Fate
    role: GrantRole | None = None


@dataclass
class Made:
    """Rows of one batch."""

    users: list = field(default_factory=list)
    people: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    grants: list = field(default_factory=list)

    def write(self):
        """In the order of the references."""
        copy(User, self.users)
        copy(Person, self.people)
        copy(ReviewRequest, self.requests)
        copy(Grant, self.grants)


def make_people(sizes, places, now, progress):
    """Make everybody; `progress(number)` is told from time to time."""
    maker = _Maker(now)
    number = 0
    for batch in batches(_members(sizes, places), BATCH):
        made = Made()
        for member in batch:
            maker.make(member, made)
        made.write()
        number += len(batch)
        progress(number)
    set_sequences(User, ReviewRequest, Grant)


# Who is to be made ---------------------------------------------------------------------------------------------------


def _members(sizes, places):
    """Everybody, unit by unit: the agent, the managers, then the rest."""
    shared = [place for place in places if place.waiting is None]
    holders = sum(_has_own_manager(place) for place in shared)
    holders += sum(_needs_agent(list(rows)) for _, rows in itertools.groupby(shared, _unit_of))
    waiting = sizes.waiting - sum(place.waiting for place in places if place.waiting is not None)
    shared_pace = _pace(waiting, sum(place.people for place in shared) - holders)
    for _, rows in itertools.groupby(places, _unit_of):
        yield from _members_of_unit(list(rows), shared_pace)


def _unit_of(place):
    return place.unit_id


def _has_own_manager(place):
    return place.department_id is not None and place.reviewer is None and place.people > 0


def _needs_agent(rows):
    """Units of one are decided about by the legal account, and those of the small demo have their agent."""
    first = rows[0]
    return first.reviewer is None and first.people > 1


def _members_of_unit(rows, shared_pace):
    has_agent = _needs_agent(rows)
    if has_agent:
        yield Member(rows[0], Fate.APPROVED, GrantRole.AGENT)
    for place in rows:
        if _has_own_manager(place):
            yield Member(place, Fate.APPROVED, GrantRole.MANAGER)
    for place in rows:
        rest = place.people - _has_own_manager(place) - (has_agent and place is rows[0])
        pace = shared_pace if place.waiting is None else _pace(place.waiting, rest)
        for position, waits in enumerate(itertools.islice(pace, rest)):
            yield Member(place, _fate(position, waits))


def _fate(position, waits):
    if waits:
        return Fate.CHANGE if position % 2 else Fate.FIRST
    if position % REFUSED_ONE_IN == REFUSED_ONE_IN - 1:
        return Fate.REFUSED
    return Fate.NOTHING if position % NOTHING_ONE_IN == NOTHING_ONE_IN - 2 else Fate.APPROVED


def _pace(chosen, of):
    """True for `chosen` out of `of`, evenly."""
    for number in range(of):
        yield (number + 1) * chosen // of > number * chosen // of


# Their rows ----------------------------------------------------------------------------------------------------------


class _Maker:
    """Makes rows of members, and remembers who decides where."""

    def __init__(self, now):
        self.now = now
        self.serials = itertools.count()
        self.users, self.requests, self.grants = free_keys(User), free_keys(ReviewRequest), free_keys(Grant)
        self.agents, self.managers = {}, {}

    def make(self, member, made):
        """Add the rows of one member."""
        invented = Invented(next(self.serials))
        user = self._user(invented)
        made.users.append(user)
        person = self._person(invented, user)
        made.people.append(person)
        if member.fate is not Fate.NOTHING:
            self._submit(member, invented, person, made)
        if member.role:
            made.grants.append(self._grant(member, invented, user))

    def _user(self, invented):
        subject = f"scale-{invented.serial}"
        identity = digest("id_number", invented.id_number)
        return User(
            pk=next(self.users),
            seal_id=seal_id("user", invented.serial),
            kind=Kind.PERSON,
            issuer=settings.OIDC_ISSUER,
            subject=subject,
            username=username_for(settings.OIDC_ISSUER, subject),
            password="!",
            privacy_version=privacy.VERSION,
            name=invented.name,
            phone=invented.mobile,
            email=invented.email,
            id_type="01",
            id_number=invented.id_number,
            identity_digest=identity,
            known_as=identity,
            date_joined=self._joined(invented),
        )

    def _joined(self, invented):
        return self.now - timedelta(seconds=60 * 86_400 + spread(invented.serial, 30 * 86_400))

    def _person(self, invented, user):
        return Person(
            user_id=user.pk,
            seal_id=seal_id("person", invented.serial),
            name=user.name,
            sex="1" if invented.is_male else "2",
            nationality="CHN",
            ethnicity="01",
            birth_date=invented.born,
            major=invented.major,
            mobile=invented.mobile,
            **mobile_digests(invented.mobile),
            email=invented.email,
            created_at=user.date_joined,
            updated_at=user.date_joined,
        )

    def _submit(self, member, invented, person, made):
        """Requests up to the member's fate; an approved one is put in force."""
        education, degree = _SCHOOLS[invented.serial % len(_SCHOOLS)]
        title_level, position = _LEVELS[invented.serial % len(_LEVELS)]
        asked = {
            "id_type": "01",
            "id_number": invented.id_number,
            "unit_id": member.place.unit_id,
            "department_id": member.place.department_id,
            "education": education,
            "degree": degree,
            "title_level": title_level,
            "position": position,
        }
        first = person.created_at + timedelta(days=1)
        waits_since = self.now - timedelta(seconds=3600 + spread(invented.serial, 30 * 86_400))
        if member.fate in (Fate.APPROVED, Fate.CHANGE):
            request = self._request(member, invented, person, asked, first, ReviewState.APPROVED)
            request.listed = member.fate is Fate.APPROVED
            made.requests.append(request)
            for name, value in asked.items():
                setattr(person, name, value)
            person.id_digest = request.id_digest
            person.approved_at = person.updated_at = request.decided_at
        if member.fate is Fate.CHANGE:
            asked["title_level"], asked["position"] = _LEVELS[invented.serial % len(_LEVELS) - 1]
        if member.fate in (Fate.FIRST, Fate.CHANGE):
            made.requests.append(
                self._request(member, invented, person, asked, waits_since, ReviewState.PENDING, second=True)
            )
        if member.fate is Fate.REFUSED:
            made.requests.append(
                self._request(member, invented, person, asked, waits_since, ReviewState.REJECTED, second=True)
            )

    def _request(self, member, invented, person, asked, submitted_at, state, *, second=False):
        place = member.place
        decided_at = None if state == ReviewState.PENDING else submitted_at + timedelta(hours=1 + invented.serial % 48)
        decided_at = min(decided_at, self.now) if decided_at else None
        reviewer = self._reviewer(member) if decided_at else None
        # What the manager asks for themselves goes to the unit.
        department_id = None if member.role else place.department_id
        return ReviewRequest(
            pk=next(self.requests),
            seal_id=seal_id("second" if second else "first", invented.serial),
            person_id=person.pk,
            person_name=person.name,
            state=state,
            **id_digests(invented.id_number),
            reviewing_department_id=department_id,
            submitted_at=submitted_at,
            updated_at=decided_at or submitted_at,
            decided_at=decided_at,
            decided_by_id=reviewer.user_id if reviewer else None,
            decider_name=reviewer.name if reviewer else "",
            decider_role=reviewer.role if reviewer else "",
            reason=REASON if state == ReviewState.REJECTED else "",
            **asked,
        )

    def _reviewer(self, member):
        """Manager, else agent, else the legal account, which also decides about those two."""
        place = member.place
        if member.role:
            return place.legal
        if place.department_id:
            return place.reviewer or self.managers[place.department_id]
        return place.reviewer or self.agents.get(place.unit_id, place.legal)

    def _grant(self, member, invented, user):
        place = member.place
        holder = Reviewer(user.pk, user.name, member.role)
        is_manager = member.role == GrantRole.MANAGER
        if is_manager:
            self.managers[place.department_id] = holder
        else:
            self.agents[place.unit_id] = holder
        return Grant(
            pk=next(self.grants),
            seal_id=seal_id("grant", invented.serial),
            role=member.role,
            unit_id=place.unit_id,
            department_id=place.department_id if is_manager else None,
            holder_name=user.name,
            holder_mobile=invented.mobile,
            holder_id_number=invented.id_number,
            holder_digest=user.identity_digest,
            started_at=user.date_joined + timedelta(hours=2),
            started_by_id=place.legal.user_id,
        )
