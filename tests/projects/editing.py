"""A draft that is being filled in, and what its pages are sent."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from projects.models import Section
from projects.sections.base import bound
from projects.sections.registry import FORMS
from tests import factories as make
from tests.full_proposal import FULL, make_full_proposal

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def pi():
    return make.make_person("样例负责人", unit=make.make_unit())


@pytest.fixture
def draft(pi):
    return make_full_proposal(pi)


def url_of(proposal, tab):
    return reverse("proposal-edit", args=[proposal.pk, tab])


def typed(tab, version="1", **changes):
    """What the browser sends for a complete tab; `members__1__name` names a field of a row."""
    form = bound(FORMS[tab], FULL[tab], call=make.make_call(directions=["1.1 人工智能"]))
    data = QueryDict(mutable=True)
    for name, values in form.data.lists():
        data.setlist(name, [value if value is not True else "on" for value in values if value is not False])
    data["version"] = version
    for name, value in changes.items():
        data.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return data.urlencode()


FORM = "application/x-www-form-urlencoded"


def post(client, proposal, tab, body=None, **options):
    return client.post(url_of(proposal, tab), body or typed(tab), content_type=FORM, **options)


def saved(proposal, tab):
    return Section.objects.get(proposal=proposal, tab=tab)


def rows_of(response, table):
    return [form.key for form in response.context["form"].row_sets[table].forms]
