"""The people and rows that these tests break: `python -m tests.faults.house` writes them and prints who is who.

In a process of its own, because it writes to the database of the site under test and not to that of pytest.
"""

import json
import sys

import django

django.setup()

from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from projects.enums import State, Tab  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bench import data  # noqa: E402
from tests.conftest import backend_of  # noqa: E402

WRITERS, OFFICERS, ROUNDS, APPLICANTS, MANY = 6, 8, 8, 60, 1_000


def session_of(user):
    """A session of this user; an officer has passed the second factor."""
    client = Client()
    client.force_login(user, backend=backend_of(user))
    session = client.session
    if user.kind == "staff":
        session["otp_device_id"] = user.totpdevice_set.create(name="test", confirmed=True).persistent_id
        session.save()
    return session.session_key


def build():
    """Everything; answers with sessions and ids."""
    unit = make.make_unit("重庆样例大学（虚构）", departments=["软件学院", "机械学院"])
    department, _ = unit.made_departments
    manager, agent = make.make_manager(department), make.make_agent(unit)
    call = make.make_call(tabs=[Tab.BASICS, Tab.ATTACHMENTS])
    pi = make.make_person("样例负责人", unit=unit)
    waiting = [make.make_proposal(pi, call, state=State.BUREAU, title=f"第 {n} 轮") for n in range(ROUNDS)]
    untouched = [make.make_proposal(pi, call, state=State.BUREAU, title=f"另外 {n}") for n in range(2)]
    many = data.proposals(data.crowd(unit, MANY), call, State.UNIT)
    applicants = [make.make_person(unit=unit) for _ in range(APPLICANTS)]
    # Titles that differ: two submissions of one title wait for each other.
    drafts = [
        make.make_proposal(person, call, basics={"title": f"第 {number} 个课题：{make.BASICS['title']}"})
        for number, person in enumerate(applicants)
    ]
    writers = [make.make_unit() for _ in range(WRITERS)]
    return {
        "unit": unit.pk,
        "departments": [each.pk for each in unit.made_departments],
        "call": call.pk,
        "waiting": [proposal.pk for proposal in waiting],
        "untouched": [proposal.pk for proposal in untouched],
        "many": [proposal.pk for proposal in many],
        "drafts": [draft.pk for draft in drafts],
        "writers": [writer.pk for writer in writers],
        "sessions": {
            "legal": session_of(unit.account),
            "agent": session_of(agent),
            "manager": session_of(manager),
            "officers": [session_of(make.make_officer(f"样例科员{n}")) for n in range(OFFICERS)],
            "applicants": [session_of(person.user) for person in applicants],
            "writers": [session_of(writer.account) for writer in writers],
        },
    }


if __name__ == "__main__":
    setup_test_environment()
    with transaction.atomic():
        built = build()
    json.dump(built, sys.stdout)
