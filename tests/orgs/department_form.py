"""A 二级单位 on the pages of its unit, and what its form is sent."""

import pytest

from orgs.models import Grant
from tests import factories as make


@pytest.fixture
def unit():
    return make.make_unit(departments=["机器人研究所"])


@pytest.fixture
def robots(unit):
    return unit.made_departments[0]


@pytest.fixture
def client(login, unit):
    return login(unit.account)


def path_of(department, page=""):
    return f"/departments/{department.pk}/{page}"


def filled(**changes):
    """The form of a new 二级单位, filled in."""
    return {
        "version": "0",
        "seen_name": "",
        "name": "智能传感研究所",
        "holder_name": "周岚",
        "holder_mobile": "16900000005",
        "holder_id_number": make.id_number(),
        **changes,
    }


def manager_of(department):
    return Grant.objects.current().get(department=department)
