"""Numbers of rows, where there are too many to count them again for every page."""

import hashlib

from django.core.cache import cache
from django.db.models import Value

from zhgg.kit.kept import count_rows

LARGE = 10_000
"""Up to so many rows every page counts for itself, and what somebody has just done shows at once."""
SECONDS = 30
"""For so long a larger number stands."""


def counted(name, count, number=int, *, seconds=SECONDS):
    """What `count()` finds. Where it counted more than LARGE rows, it is not asked again for so many seconds.

    `name` says what is counted, conditions included; whoever may not see a number must not know its name. `number`
    says of what was found how many rows that were.
    """
    key = f"counts/{hashlib.sha256(name.encode(errors='backslashreplace')).hexdigest()}"
    found = cache.get(key)
    if found is None:
        found = count()
        if number(found) > LARGE:
            cache.set(key, found, seconds)
    return found


def ranges(rows, field, values, others=None):
    """Rows `(value, how many, another number)`, one for each of `values`, of rows whose index goes on with `field`.

    Each value is a range of the index, counted by itself: grouped, that column of thousands of rows would be compared.
    `others` are expressions by value for the third number, which is 0 otherwise.
    """
    first, *more = [
        rows.filter(**{field: value})
        .order_by()
        .values_list(Value(value), count_rows(), (others or {}).get(value, Value(0)))
        for value in values
    ]
    return first.union(*more, all=True)
