"""What everybody is shown and seldom changes: read once in some seconds, and not again for each page."""

from time import monotonic

from django.conf import settings


class Remembered:
    """What `read(*key)` finds, asked for by each process at most once in REMEMBERED_SECONDS for each key.

    A change is seen some seconds late, so that nothing may be decided by it. What it gives belongs to all who ask: it
    must not be changed. Keys must be few.
    """

    def __init__(self, read):
        self._read, self._found = read, {}

    def __call__(self, *key):
        found, until = self._found.get(key, (None, -1.0))
        if monotonic() >= until:
            found = self._read(*key)
            self._found[key] = found, monotonic() + settings.REMEMBERED_SECONDS
        return found
