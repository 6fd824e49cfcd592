"""Any part of a text among a million rows: `title__has_part="智能"`.

Trigrams, the usual index for that, need three characters, and most words of Chinese have two. Here the index knows in
which rows each single character stands; where all those of a word do, the text is read.
"""

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Func, Lookup, TextField

TRIGRAM = 3


class Letters(Func):
    """The characters of a text, small letters as capitals. For a GinIndex, by which `has_part` finds."""

    template = "string_to_array(UPPER(%(expressions)s), NULL)"
    arity = 1
    output_field = ArrayField(TextField())


@CharField.register_lookup
class HasPart(Lookup):
    """As `icontains`, by way of the index of Letters, or of one of trigrams over the same text in capitals."""

    lookup_name = "has_part"

    def as_sql(self, compiler, connection):
        column, values = self.process_lhs(compiler, connection)
        text = str(self.rhs)
        # From three characters on, an index of trigrams may know better which rows to read.
        is_short = len(text) < TRIGRAM and has_no_case(text)
        read = f"{column} LIKE %s" if is_short else f"UPPER({column}) LIKE UPPER(%s)"
        sql = f"(string_to_array(UPPER({column}), NULL) @> string_to_array(UPPER(%s), NULL) AND {read})"
        return sql, [*values, text, *values, f"%{connection.ops.prep_for_like_query(text)}%"]


def part_lookup(text):
    """By which lookup the rows with `text` are found, for few enough rows that each is read: where neither has
    capitals, by the cheap one."""
    # To turn each of thousands of texts into capitals takes several times as long as looking into them.
    return "contains" if has_no_case(text) else "icontains"


def has_no_case(text):
    """Whether it knows no small letters and capitals, as Chinese does not."""
    return text.lower() == text == text.upper()
