"""An officer, and what the pages of 申报批次 are sent."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.enums import Scope
from tests import factories as make

DAY = timedelta(days=1)


@pytest.fixture
def officer():
    return make.make_officer("周例")


@pytest.fixture
def client(login, officer):
    return login(officer)


@pytest.fixture
def pi():
    return make.make_person(unit=make.make_unit("重庆样例大学（虚构）"))


def moment(days):
    return timezone.localtime(timezone.now() + days * DAY).strftime("%Y-%m-%dT%H:%M")


def form_data(**changes):
    return {
        "version": "0",
        "form_key": str(uuid4()),
        "name": "2027 年度样例专项",
        "kind": "样例计划",
        "number_prefix": "CSTB2027-",
        "opens_at": moment(1),
        "closes_at": moment(10),
        "review_closes_at": moment(15),
        "tabs": ["basics", "team"],
        "required_attachments": ["01"],
        "budget_mode": "detailed",
        "min_own_ratio": "0",
        "max_months": "36",
        "guide": "# 条件\n\n**不超过两项**",
        "directions": "1.1 人工智能\r\n\r\n  1.2 先进制造，含机器人  \r\n1.1 人工智能",
        "categories": "一般项目",
        **changes,
    }


def page(name, call):
    return reverse(f"bureau-call{name}", args=[call.pk])


def extension_data(**changes):
    return {
        "form_key": str(uuid4()),
        "scope": Scope.ALL,
        "submit_until": moment(20),
        "review_until": moment(25),
        "reason": "系统故障",
        **changes,
    }
