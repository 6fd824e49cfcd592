"""Asking for a PDF and making it, in tests."""

import pytest
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from projects.enums import Paper, State
from projects.models import Proposal
from projects.services import made_pdfs
from projects.services.printouts import make_printout, order
from tests import factories as make
from tests.jobs import empty_queue


@pytest.fixture(autouse=True)
def nothing_queued(db):
    empty_queue()
    yield
    empty_queue()


@pytest.fixture
def unit():
    return make.make_unit(departments=["机器人研究所"])


@pytest.fixture
def pi(unit):
    return make.make_person(unit=unit, department=unit.made_departments[0])


@pytest.fixture
def proposal(pi):
    return fresh(make.make_proposal(pi, state=State.UNIT))


@pytest.fixture
def quick(monkeypatch):
    """The engine has tests of its own and takes seconds; here it answers at once with what it was given."""
    monkeypatch.setattr(made_pdfs, "pdf_of", lambda html: b"%PDF-1.7 " + html.encode())


def fresh(proposal):
    return Proposal.objects.for_page().get(pk=proposal.pk)


def ask(proposal, user, paper=Paper.SUBMISSION, number=None):
    number = (1 if paper == Paper.SUBMISSION else 0) if number is None else number
    return order(actor=make.actor_of(user), proposal=fresh(proposal), paper=paper, number=number)


def work():
    """Run what is queued, as the worker would; returns how many PDFs were made or failed."""
    jobs = list(ProcrastinateJob.objects.filter(task_name="projects.make_printout").order_by("id"))
    for job in jobs:
        make_printout(**job.args)
    drop_jobs()
    return len(jobs)


def drop_jobs():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'projects.make_printout'")


def jobs():
    return list(ProcrastinateJob.objects.filter(task_name="projects.make_printout").order_by("id"))


def address(proposal, slug="1", name="proposal-pdf"):
    return reverse(name, args=[proposal.pk, slug])
