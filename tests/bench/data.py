"""Rows for measurements, made in bulk."""

import uuid

from django.utils import timezone

from accounts.models import User
from profiles.models import Person
from projects.enums import State
from projects.models import Proposal, Step
from tests import factories as make


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
