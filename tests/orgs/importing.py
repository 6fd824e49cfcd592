"""Somebody who imports 二级单位, and what is uploaded."""

import pytest

from tests import factories as make
from tests.orgs.workbooks import workbook

UPLOAD = "/departments/import/"


@pytest.fixture
def unit():
    return make.make_unit()


@pytest.fixture
def owner(unit):
    return make.actor_of(unit.account)


@pytest.fixture
def client(login, unit):
    return login(unit.account)


def uploaded(client, rows, **options):
    """The address of the preview."""
    answer = client.post(UPLOAD, {"file": workbook(rows, **options)})
    assert answer.status_code == 302
    return answer["Location"]


def errors_of(page):
    return {each.number: each.errors for each in page.context["table"].data if each.errors}


def form_values(cells):
    return dict(zip(("name", "holder_name", "holder_mobile", "holder_id_number"), cells, strict=True))
