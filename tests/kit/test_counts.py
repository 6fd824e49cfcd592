import pytest
from django.core.cache import cache

from zhgg.kit import counts


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
