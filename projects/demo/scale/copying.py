"""Rows of a model written into its table with COPY: constraints and triggers hold as for INSERT."""

import itertools

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max

from zhgg.kit.fields import EncryptedTextField


def copy(model, rows):
    """Write instances whose keys are set. Every column takes the attribute's value: no default of the database, no
    `auto_now`. Encrypted columns are sealed. Returns how many."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    number = 0
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row([_value(field, row) for field in fields])
            number += 1
    return number


def _value(field, row):
    is_sealed = isinstance(field, EncryptedTextField)
    value = field.pre_save(row, add=True) if is_sealed else row.__dict__[field.attname]
    return field.get_db_prep_save(value, connection)


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
