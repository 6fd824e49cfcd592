"""A unit whose 申报书 are listed, and what a list shows."""

import pytest

from projects.enums import State
from tests import factories as make

URL = "/projects/"


@pytest.fixture
def house():
    """A unit with a 二级单位, its people, and one 申报书 of a PI in each state."""
    unit = make.make_unit(departments=["软件学院"])
    unit.department = unit.made_departments[0]
    unit.agent, unit.manager = make.make_agent(unit), make.make_manager(unit.department)
    unit.pi = make.make_person("样例负责人", unit=unit, department=unit.department)
    unit.call = make.make_call()
    unit.made = {state: make.make_proposal(unit.pi, unit.call, state=state, title=state.label) for state in State}
    return unit


def user_of(house, who):
    return {
        "legal": lambda: house.account,
        "agent": lambda: house.agent,
        "manager": lambda: house.manager,
        "bureau": make.make_officer,
    }[who]()


def offered(response):
    """{state: the words of its row's action}"""
    table = response.context["table"]
    return {row.record.state: text_of_cell(row.get_cell("actions")) for row in table.paginated_rows}


def text_of_cell(cell):
    return str(cell).split('<span class="vh">')[0].rsplit(">", 1)[1]


def titles(response):
    if "table" not in response.context or not response.context["total"]:
        return []
    return [row.record.title for row in response.context["table"].paginated_rows]
