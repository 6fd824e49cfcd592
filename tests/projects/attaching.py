"""A draft with room for 附件, and what tests do with its page."""

from pathlib import Path

import pytest
from django.urls import reverse

from projects.enums import Tab
from projects.models import Proposal
from tests import factories as make


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    """An upload area of its own, so that what remains in it can be counted."""
    settings.UPLOAD_ROOT = tmp_path / "area"
    return settings.UPLOAD_ROOT


@pytest.fixture
def house():
    unit = make.make_unit(nature="20", departments=["机器人研究所"])
    unit.department = unit.made_departments[0]
    unit.call = make.make_call(tabs=[Tab.BASICS, Tab.ATTACHMENTS])
    unit.pi = make.make_person("样例负责人", unit=unit, department=unit.department)
    return unit


@pytest.fixture
def draft(house):
    return make.make_proposal(house.pi, house.call)


def tab_url(proposal):
    return reverse("proposal-attachments", args=[proposal.pk])


def send(client, proposal, file, kind="99"):
    return client.post(tab_url(proposal), {"kind": kind, "file": file})


def files_on_disk(area):
    return [path for path in Path(area).glob("*/*") if path.is_file()]


def fresh(proposal):
    return Proposal.objects.for_page().get(pk=proposal.pk)
