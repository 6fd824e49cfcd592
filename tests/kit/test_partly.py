"""An instance of a few columns is what Django would have made of them."""

import pytest
from django.db.models import Model

from orgs.models import Unit
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_it_is_the_instance_that_django_makes():
    stored = make.make_unit("样例单位", bank_account="6222021234567890123")
    names, values = ["id", "name", "stated"], [stored.pk, stored.name, stored.stated]

    ours, djangos = Unit.from_db("default", names, values), Model.from_db.__func__(Unit, "default", names, values)

    assert ours == djangos
    assert ours.get_deferred_fields() == djangos.get_deferred_fields()
    assert vars(ours) | {"_state": None} == vars(djangos) | {"_state": None}
    assert vars(ours._state) == vars(djangos._state) == {"adding": False, "db": "default"}


def test_what_was_left_out_is_read_when_it_is_asked_for(django_assert_num_queries):
    make.make_unit("样例单位", bank_account="6222021234567890123")
    unit = Unit.objects.only("name").get(name="样例单位")

    with django_assert_num_queries(1):
        assert (unit.bank_account, unit.bank_account) == ("6222021234567890123",) * 2


def test_what_is_saved_is_what_was_read_and_changed():
    pk = make.make_unit("样例单位", address="重庆市渝北区").pk
    unit = Unit.objects.only("name").get(pk=pk)
    unit.name = "样例新名"
    unit.save()

    assert Unit.objects.values_list("name", "address").get(pk=pk) == ("样例新名", "重庆市渝北区")
