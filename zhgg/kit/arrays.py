"""Thousands of numbers in one statement."""

from django.db.models import Field, ForeignObject, Lookup
from django.db.models.expressions import RawSQL


def unnested(ids):
    """For `pk__in`: the numbers as one array, because thousands of parameters take long to write into a statement."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def array(ids):
    """For `pk__any_of`: the same, looked up in the table or its index as it is, where `unnested` is a join with as many
    rows."""
    return RawSQL("%s::bigint[]", [list(ids)])


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """`pk__any_of=array(ids)`: as `pk__in`, in SQL that does not depend on how many there are.

    A `Given` of kit.kept may stand for the list.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        column, values = self.process_lhs(compiler, connection)
        given, others = self.process_rhs(compiler, connection)
        return f"{column} = ANY({given})", [*values, *others]
