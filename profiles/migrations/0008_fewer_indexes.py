"""Drop three indexes that others cover or nobody uses, and give one its name.

By their names, and not as Django alters fields: it would take one_open_request_a_person for the index of its column and
drop it too, and drop and make the foreign keys again, which locks out whoever reads units or accounts meanwhile.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def to_unit():
    """工作单位, as Person and ReviewRequest share it."""
    return models.ForeignKey(
        blank=True,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="%(class)s_set",
        to="orgs.unit",
        verbose_name="工作单位",
    )


def without(index, table, column):
    return migrations.RunSQL(f"DROP INDEX {index}", f"CREATE INDEX {index} ON {table} ({column})")


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0008_code_tables"),
        ("profiles", "0007_person_lookups"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX profiles_person_unit_id_ab514036 RENAME TO person_of_unit",
                    "ALTER INDEX person_of_unit RENAME TO profiles_person_unit_id_ab514036",
                ),
                without("profiles_reviewrequest_person_id_a55004da", "profiles_reviewrequest", "person_id"),
                without("profiles_reviewrequest_unit_id_a3666312", "profiles_reviewrequest", "unit_id"),
                without("profiles_reviewrequest_decided_by_id_96590a68", "profiles_reviewrequest", "decided_by_id"),
            ],
            state_operations=[
                migrations.AlterField("person", "unit", to_unit()),
                migrations.AddIndex("person", models.Index(fields=["unit"], name="person_of_unit")),
                migrations.AlterField("reviewrequest", "unit", to_unit()),
                migrations.AlterField(
                    "reviewrequest",
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="profiles.person",
                        verbose_name="个人",
                    ),
                ),
                migrations.AlterField(
                    "reviewrequest",
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审核人",
                    ),
                ),
            ],
        ),
    ]
