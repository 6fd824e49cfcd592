"""How often somebody may try, counted in the cache by whatever names them."""

from django.core.cache import cache


class Throttle:
    """At most `most` failures in `seconds` seconds for each key.

        WRONG_CODES = Throttle("verify", most=30, seconds=60)
        if WRONG_CODES.is_full(address): …
        WRONG_CODES.count(address)

    With the cache of one process each process counts for itself, which is enough against trying out.
    """

    def __init__(self, name, *, most, seconds):
        self.name, self.most, self.seconds = name, most, seconds

    def is_full(self, key):
        """Whether `key` has failed `most` times."""
        return (cache.get(self._cache_key(key)) or 0) >= self.most

    def count(self, key):
        """Note a failure. The seconds run from the first one."""
        cache_key = self._cache_key(key)
        if not cache.add(cache_key, 1, self.seconds):
            try:
                cache.incr(cache_key)
            except ValueError:  # it ran out in between
                cache.add(cache_key, 1, self.seconds)

    def _cache_key(self, key):
        return f"throttle:{self.name}:{key}"
