"""Rows for measurements, made in bulk."""

import uuid

from django.utils import timezone

from accounts import privacy
from accounts.identity import identity_digest
from accounts.models import User
from profiles.models import Person, mobile_digests
from projects.demo.scale.invented import Invented
from projects.enums import State, Tab
from projects.models import Proposal, Section, Step
from projects.titles import title_key
from tests import factories as make
from tests.full_proposal import FULL

FIRST_LEADER, FIRST_MEMBER = 1_000_000, 1_200_000
"""Serials of people whom nothing else invents."""


def crowd(unit, number):
    """So many people with an approved record in the unit, and an address for mail."""
    users = User.objects.bulk_create(
        User(
            kind="person",
            issuer=make.ISSUER,
            subject=f"bench-{each}",
            username=f"bench-{each}",
            password="!",
            name=f"众{each}",
            email=f"bench{each}@example.com",
        )
        for each in range(number)
    )
    now = timezone.now()
    return Person.objects.bulk_create(
        Person(user=user, name=user.name, mobile=make.MOBILE, unit=unit, approved_at=now) for user in users
    )


def proposals(people, call, state=State.UNIT):
    """One 申报书 of each, submitted once."""
    now = timezone.now()
    made = Proposal.objects.bulk_create(
        Proposal(
            call=call,
            pi=person,
            unit=person.unit,
            number=f"BENCH-{each:06d}",
            title=f"第 {each} 份申报书",
            form_key=uuid.uuid4(),
            state=state,
            state_since=now,
            updated_at=now,
            submitted_at=now,
            submission_count=1,
            step_count=1,
            last_action="submit",
        )
        for each, person in enumerate(people)
    )
    Step.objects.bulk_create(
        Step(
            proposal=proposal,
            number=1,
            at=now,
            user=proposal.pi.user,
            user_name=proposal.pi.name,
            capacity="pi",
            action="submit",
            source=State.DRAFT,
            target=state,
            submission_number=1,
        )
        for proposal in made
    )
    return made


def leaders(unit, number):
    """So many people with an approved record, as whom an 申报书 can be submitted."""
    serials = [Invented(FIRST_LEADER + each) for each in range(number)]
    users = User.objects.bulk_create(
        User(
            kind="person",
            issuer=make.ISSUER,
            subject=f"leader-{each.serial}",
            username=f"leader-{each.serial}",
            password="!",
            name=each.name,
            email=each.email,
            id_type="01",
            id_number=each.id_number,
            identity_digest=identity_digest("01", each.id_number),
            known_as=identity_digest("01", each.id_number),
            privacy_version=privacy.VERSION,
        )
        for each in serials
    )
    now = timezone.now()
    return Person.objects.bulk_create(
        Person(
            user=user,
            name=user.name,
            mobile=each.mobile,
            email=each.email,
            id_digest=user.identity_digest,
            approved_at=now,
            **mobile_digests(each.mobile),
            **make.reviewed(user, unit),
        )
        for user, each in zip(users, serials, strict=True)
    )


def drafts(people, call):
    """One 申报书 of each, complete and not yet submitted; no two alike in title or team."""
    now = timezone.now()
    made = Proposal.objects.bulk_create(
        Proposal(
            call=call,
            pi=person,
            unit=person.unit,
            number=f"DRAFT-{each:06d}",
            title=f"第 {each} 份申报书",
            title_key=title_key(f"第 {each} 份申报书"),
            category=FULL[Tab.BASICS]["category"],
            form_key=uuid.uuid4(),
            state_since=now,
            updated_at=now,
        )
        for each, person in enumerate(people)
    )
    Section.objects.bulk_create(
        (
            Section(proposal=proposal, tab=tab, data=_filled_in(tab, each, proposal.title), saved_at=now)
            for each, proposal in enumerate(made)
            for tab in FULL
        ),
        batch_size=2_000,
    )
    return made


def _filled_in(tab, each, title):
    if tab == Tab.BASICS:
        return {**FULL[tab], "title": title}
    if tab == Tab.TEAM:
        [member] = FULL[tab]["members"]
        return {**FULL[tab], "members": [{**member, "id_number": Invented(FIRST_MEMBER + each).id_number}]}
    return FULL[tab]
