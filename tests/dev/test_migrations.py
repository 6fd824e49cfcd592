"""What lint says of migrations: an exception is for one rule of one migration, with a reason, and needed."""

import pytest

from zhgg.dev.migrations import EXCEPTION


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("# linter: NOT_NULL: the table is new and has no rows.", ["NOT_NULL"]),
        ("# linter: NOT_NULL", []),
        ("# linter: NOT_NULL: ok", []),
        ("# linter: everything: because I say so", []),
    ],
)
def test_an_exception_has_a_rule_and_a_reason(line, found):
    assert EXCEPTION.findall(f"class Migration:\n    {line}\n") == found
