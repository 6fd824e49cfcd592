"""Numbers of rows, where there are too many to count them again for every page."""

import hashlib

from django.core.cache import cache

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
