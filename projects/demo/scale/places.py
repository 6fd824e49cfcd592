"""Units with their legal accounts, and their 二级单位."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from accounts import privacy
from accounts.enums import Kind
from accounts.managers import username_for
from accounts.models import User
from orgs.enums import Role
from orgs.models import Department, Grant, Unit
from orgs.services.departments import department_name_key
from projects.demo.accounts_file import uscc_of
from projects.demo.cast import COMPANY, SOFTWARE, UNITS, UNIVERSITY
from projects.demo.scale import invented
from projects.demo.scale.copying import batches, copy, free_keys, set_sequences
from zhgg.kit.crypto import digest
from zhgg.kit.identifiers import synthetic

BATCH = 2_000
PEOPLE_A_DEPARTMENT = 30
MOST_DEPARTMENTS = 30
SMALLEST_WITH_DEPARTMENTS = 60
# People are spread over the units as 1/(rank + this): a few large ones, thousands with a handful of people.
_EVENNESS = 10


@dataclass(frozen=True)
class Reviewer:
    """Who decided about the people of a place."""

    user_id: int
    name: str
    role: str


@dataclass(frozen=True)
class Place:
    """A unit, or one 二级单位 of it: how many people are to work there, and how many of them wait (None: their share).

    `reviewer` is who decides there already; without one the first person becomes agent or manager.
    """

    unit_id: int
    legal: Reviewer
    people: int
    waiting: int | None = None
    department_id: int | None = None
    reviewer: Reviewer | None = None


def make_places(sizes, now):
    """Make the units and 二级单位; all places, those of one unit one after the other."""
    places = [*_huge(sizes, now), _plain(sizes)]
    general = sizes.people - sum(place.people for place in places)
    places += _general(sizes.units, general, now)
    set_sequences(User, Unit, Department)
    return places


# The two of the small demo -------------------------------------------------------------------------------------------


def _unit(key):
    unit = Unit.objects.get(uscc=uscc_of(next(each for each in UNITS if each.key == key)))
    account = User.objects.get(uscc=unit.uscc)
    return unit, Reviewer(account.pk, account.name, Role.LEGAL)


def _holder(**place):
    """The person with the grant of this place, if they have logged in."""
    grant = Grant.objects.current().filter(**place).first()
    user = User.objects.filter(identity_digest=grant.holder_digest).first() if grant else None
    return Reviewer(user.pk, user.name, grant.role) if user else None


def _huge(sizes, now):
    """重庆样例大学: its own 二级单位 and many more."""
    unit, legal = _unit(UNIVERSITY)
    existing = list(Department.objects.filter(unit=unit).order_by("pk"))
    keys = free_keys(Department)
    added = [
        _department(next(keys), unit.pk, position, now)
        for position in range(len(existing), max(len(existing), sizes.huge_departments))
    ]
    copy(Department, added)
    reviewers = {each.pk: _holder(department=each) for each in existing}
    software = next(each for each in existing if each.name == SOFTWARE)
    # Where the manager has never logged in, nobody was decided about yet.
    others = [each for each in (*existing, *added) if each != software and reviewers.get(each.pk, True)]
    at_software = sizes.huge_waiting + sizes.huge_waiting // 20
    places = [
        Place(unit.pk, legal, at_software, sizes.huge_waiting, software.pk, reviewers[software.pk]),
    ]
    for each, people in zip(others, _shares(sizes.huge_people - at_software, [1] * len(others)), strict=True):
        places.append(Place(unit.pk, legal, people, people // 10, each.pk, reviewers.get(each.pk)))
    return places


def _plain(sizes):
    """重庆样例智能装备有限公司: no 二级单位, so that all its people are in one list."""
    unit, legal = _unit(COMPANY)
    return Place(unit.pk, legal, sizes.plain_people, sizes.plain_waiting, None, _holder(unit=unit, department=None))


# All others ----------------------------------------------------------------------------------------------------------


def _general(units, people, now):
    sizes = _shares(people, [1 / (rank + _EVENNESS) for rank in range(units)])
    unit_keys, user_keys, department_keys = free_keys(Unit), free_keys(User), free_keys(Department)
    places = []
    for batch in batches(enumerate(sizes), BATCH):
        made_units, accounts, departments = [], [], []
        for serial, size in batch:
            unit = _new_unit(next(unit_keys), serial, now)
            account = _account(next(user_keys), unit, serial, now)
            legal = Reviewer(account.pk, account.name, Role.LEGAL)
            made_units.append(unit)
            accounts.append(account)
            if size < SMALLEST_WITH_DEPARTMENTS:
                places.append(Place(unit.pk, legal, size))
                continue
            number = min(MOST_DEPARTMENTS, size // PEOPLE_A_DEPARTMENT)
            for position, share in enumerate(_shares(size, [1] * number)):
                department = _department(next(department_keys), unit.pk, position, now)
                departments.append(department)
                places.append(Place(unit.pk, legal, share, None, department.pk))
        copy(User, accounts)
        copy(Unit, made_units)
        copy(Department, departments)
    return places


def _shares(whole, weights):
    """`whole` divided by weight into whole numbers that add up to it."""
    total, passed, given, shares = sum(weights), 0, 0, []
    for weight in weights:
        passed += weight
        until = round(whole * passed / total)
        shares.append(until - given)
        given = until
    return shares


def _new_unit(key, serial, now):
    joined = now - timedelta(days=100 + serial % 60)
    return Unit(
        pk=key,
        seal_id=invented.seal_id("unit", serial),
        uscc=invented.unit_uscc(serial),
        name=invented.unit_name(serial),
        province="500000",
        district="500106",
        address=f"重庆市样例路 {serial} 号（虚构）",
        nature="12",
        industry="M73",
        legal_rep_name="样例代表",
        contact_name="样例科技处",
        contact_mobile=synthetic.synthetic_mobile(50_000_000 + serial),
        contact_phone=f"023-2000{serial % 10_000:04}",
        email=f"unit{serial}@example.com",
        keywords=["智能装备", "新材料", "软件"],
        bank_name="样例银行重庆分行（虚构）",
        bank_account=synthetic.synthetic_bank_account(1_000_000 + serial),
        bank_code="999653000014",
        stated=["name"],
        created_at=joined,
        updated_at=joined,
    )


def _account(key, unit, serial, now):
    subject = f"scale-unit-{serial}"
    return User(
        pk=key,
        seal_id=invented.seal_id("legal", serial),
        kind=Kind.LEGAL,
        issuer=settings.OIDC_ISSUER,
        subject=subject,
        username=username_for(settings.OIDC_ISSUER, subject),
        password="!",
        privacy_version=privacy.VERSION,
        name=unit.name,
        email=unit.email,
        uscc=unit.uscc,
        known_as=digest("uscc", unit.uscc),
        date_joined=now - timedelta(days=100 + serial % 60),
    )


def _department(key, unit_id, position, now):
    name = invented.department_name(position)
    return Department(
        pk=key, unit_id=unit_id, name=name, name_key=department_name_key(name), created_at=now - timedelta(days=99)
    )
