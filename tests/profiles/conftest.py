"""A unit with two 二级单位 and one without any, and everybody who has to do with them."""

from types import SimpleNamespace

import pytest

from profiles import services
from profiles.models import Person
from profiles.workflow import ACTIONS
from tests import factories as make

REASON = "职称与证书不一致，请改为副高"


@pytest.fixture
def world():
    unit = make.make_unit("重庆样例大学（虚构）", departments=["软件学院", "机械学院"])
    plain = make.make_unit("重庆样例研究院（虚构）")
    software, mechanics = unit.made_departments
    return SimpleNamespace(
        unit=unit,
        plain=plain,
        software=software,
        mechanics=mechanics,
        manager=make.make_manager(software),
        other_manager=make.make_manager(mechanics),
        agent=make.make_agent(unit),
        plain_agent=make.make_agent(plain),
    )


def filled(person, unit=None, department=None, **changes):
    """What a browser sends when the person has filled in everything. The person's number is from 渝快办."""
    return {
        "version": person.version,
        "sex": "1",
        "nationality": "CHN",
        "ethnicity": "01",
        "political_status": "",
        "id_type": "01",
        "id_number": "",
        "birth_date": "",
        "unit_query": "",
        "unit": unit.pk if unit else "",
        "department": department.pk if department else "",
        "education": "11",
        "degree": "2",
        "title_level": "411",
        "position": "研究员",
        "major": "计算机",
        "mobile": "16900000005",
        "office_phone": "023-20000002",
        "email": "person@example.com",
        "qq": "",
        "wechat": "",
        **changes,
    }


def again(row):
    """The row as it is in the database now (`refresh_from_db` would set the protected state)."""
    return type(row).objects.get(pk=row.pk)


def save(user, unit, department=None, *, values=None, version=None, **changes):
    """Save as that person does; what `save_person` answers."""
    person = Person.objects.get(pk=user.pk)
    return services.save_person(
        actor=make.actor_of(user),
        version=person.version if version is None else version,
        values=values or {"major": "计算机"},
        reviewed=make.reviewed(user, unit, department, **changes),
    )


def submit(user, unit, department=None, **changes):
    """The request that saving made."""
    request = save(user, unit, department, **changes).request
    assert request is not None
    return request


def decide(user, key, request):
    """Decide as that user; what `decide` answers."""
    action = ACTIONS[key]
    reason = REASON if action.needs_reason else ""
    return services.decide(action=action, request_id=request.pk, actor=make.actor_of(user), reason=reason)
