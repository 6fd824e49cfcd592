"""Thousands of numbers in one statement."""

from django.db.models import Field, ForeignObject, Lookup
from django.db.models.expressions import RawSQL


def as_text(numbers):
    """For `%s::bigint[]`: whole numbers as PostgreSQL writes an array. What is such a text already stays as it is.

    As a list, thousands take the driver three times as long to write into a statement; as parameters, longer still.
    """
    return numbers if isinstance(numbers, str) else f"{{{','.join(map(str, numbers))}}}"


def array(ids):
    """For `pk__any_of`: the numbers as one array, looked up in the table or its index as it is."""
    return RawSQL("%s::bigint[]", [as_text(ids)])


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
