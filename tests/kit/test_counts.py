import pytest
from django.core.cache import cache
from django.db.models import Q

from orgs.models import Unit
from tests import factories as make
from zhgg.kit import counts
from zhgg.kit.kept import count_rows


@pytest.fixture(autouse=True)
def _forgotten():
    cache.clear()
    yield
    cache.clear()


def counting(*numbers):
    """`count()` that finds one of `numbers` after the other."""
    return iter(numbers).__next__


def test_a_small_number_is_counted_each_time():
    count = counting(counts.LARGE, 7)

    assert [counts.counted("these", count) for _ in range(2)] == [10_000, 7]


def test_a_large_number_stands_for_a_while():
    count = counting(counts.LARGE + 1, 7)

    assert [counts.counted("these", count) for _ in range(3)] == [10_001] * 3
    assert counts.counted("others", lambda: 5) == 5


def test_afterwards_it_is_counted_again():
    count = counting(counts.LARGE + 1, 7)

    assert [counts.counted("these", count, seconds=0) for _ in range(2)] == [10_001, 7]


def test_many_numbers_are_large_together():
    count = counting({"a": 6_000, "b": 6_000}, {"a": 1})

    found = [counts.counted("these", count, lambda numbers: sum(numbers.values())) for _ in range(2)]

    assert found == [{"a": 6_000, "b": 6_000}] * 2


def test_what_was_typed_may_be_part_of_the_name():
    assert counts.counted("q=\ud800 \n智能" + "长" * 1000, lambda: 20_000) == 20_000
    assert counts.counted("q=\ud800 \n智能" + "长" * 1000, lambda: 3) == 20_000


@pytest.mark.django_db
def test_each_value_of_a_field_is_counted_by_itself():
    for name, address in (("甲", ""), ("乙", "渝北"), ("丙", "渝北")):
        make.make_unit(name, address=address)
    rows = Unit.objects.filter(name__in=("甲", "乙", "丙"))

    found = counts.ranges(rows, "address", ["", "渝北", "没有"], {"渝北": count_rows(Q(name="乙"))})

    assert sorted(found) == [("", 1, 0), ("没有", 0, 0), ("渝北", 2, 1)]
