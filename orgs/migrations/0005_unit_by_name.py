import django.contrib.postgres.indexes
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    """Units found by any part of the name. pg_trgm is a trusted extension: the owner of the database may create it."""

    dependencies = [("orgs", "0004_grant_holder_id_type")]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name="unit",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(Upper("name"), name="gin_trgm_ops"),
                name="unit_by_part_of_name",
            ),
        ),
        migrations.AddIndex(
            model_name="unit", index=models.Index(fields=["name", "id"], include=("uscc",), name="unit_by_name")
        ),
    ]
