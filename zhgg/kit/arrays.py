"""Thousands of numbers in one statement."""

from django.db.models.expressions import RawSQL


def unnested(ids):
    """For `pk__in`: the numbers as one array, because thousands of parameters take long to write into a statement."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])
