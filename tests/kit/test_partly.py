"""An instance of a few columns is what Django would have made of them."""

import pytest
from django.db.models import Model

from orgs.models import Unit
from projects.enums import State
from projects.models import Proposal
from tests import factories as make
from zhgg.kit.kept import Kept

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


def test_a_kept_statement_makes_the_instances_that_django_makes(django_assert_num_queries):
    unit = make.make_unit(departments=["软件学院"])
    make.make_proposal(make.make_person(unit=unit, department=unit.made_departments[0]), state=State.UNIT)
    make.make_proposal(make.make_person(unit=unit))
    rows = Proposal.objects.for_list().order_by("pk")
    kept = Kept(lambda: rows)

    ours, djangos = kept.rows(), list(rows)

    assert [every(row) for row in ours] == [every(row) for row in djangos]
    assert [row.get_deferred_fields() for row in ours] == [row.get_deferred_fields() for row in djangos]
    with django_assert_num_queries(0):
        assert {row.department_id and row.department.name for row in ours} == {None, "软件学院"}
    with pytest.raises(AttributeError, match="state"):
        ours[0].state = "unit"


def test_nor_does_it_make_anything_else():
    with pytest.raises(TypeError, match="ValuesIterable is not kept"):
        Kept(lambda: Unit.objects.values("pk")).rows()
    with pytest.raises(TypeError, match="further queries"):
        Kept(lambda: Unit.objects.prefetch_related("departments")).rows()


def every(row):
    """What an instance holds, and what those hold that were joined to it."""
    joined = {name: other and every(other) for name, other in row._state.fields_cache.items()}
    return vars(row) | {"_state": (row._state.adding, row._state.db)}, joined
