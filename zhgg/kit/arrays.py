"""Thousands of numbers in one statement."""

from django.db.models import BigIntegerField, BooleanField, F, Func
from django.db.models.expressions import RawSQL


def unnested(ids):
    """For `pk__in`: the numbers as one array, because thousands of parameters take long to write into a statement."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def any_of(field, ids):
    """A condition: the number in `field` is one of these. The array is looked up in the table or its index as it is,
    where `unnested` is a join with as many rows."""
    # RawSQL puts the brackets that ANY needs. An ArrayField would look at each number.
    array = RawSQL("%s::bigint[]", [list(ids)], output_field=BigIntegerField())
    return Func(F(field), array, template="%(expressions)s", arg_joiner=" = ANY ", output_field=BooleanField())
