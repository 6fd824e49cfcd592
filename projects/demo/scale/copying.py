"""Rows of a model written into its table with COPY: constraints and triggers hold as for INSERT."""

import itertools
from operator import attrgetter

from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import Max

from zhgg.kit.fields import EncryptedTextField


def copy(model, rows):
    """Write instances whose keys are set. Every column takes the attribute's value: no default of the database, no
    `auto_now`. Encrypted columns are sealed. Returns how many."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    readers = [_reader(field) for field in fields]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    number = 0
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row([read(row) for read in readers])
            number += 1
    return number


_AS_IT_STANDS = (models.IntegerField, models.BooleanField, models.DateField, models.UUIDField, models.ForeignKey)
"""Fields whose values psycopg takes as the instance has them. For millions of rows, asking the field each time takes as
long as everything else."""


def _reader(field):
    """The function of an instance that gives what is written into the column."""
    name = field.attname
    if isinstance(field, EncryptedTextField):
        return lambda row: field.get_db_prep_save(field.pre_save(row, add=True), connection)
    if isinstance(field, _AS_IT_STANDS):
        return attrgetter(name)
    if isinstance(field, models.CharField | models.TextField):
        return lambda row: _text(row.__dict__[name])
    return lambda row: field.get_db_prep_save(row.__dict__[name], connection)


def _text(value):
    """A choice as the text that it stands for."""
    return value if value is None or value.__class__ is str else str(value)


def free_keys(model):
    """Numbers for new rows of the model, in order. Call `set_sequences` when all are written."""
    return itertools.count((model.objects.aggregate(last=Max("pk"))["last"] or 0) + 1)


def set_sequences(*models):
    """Let the sequences of the models go on after the highest key."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def batches(rows, size):
    """Lists of at most `size` rows."""
    rows = iter(rows)
    while batch := list(itertools.islice(rows, size)):
        yield batch
