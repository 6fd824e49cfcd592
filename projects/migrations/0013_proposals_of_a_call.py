import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """申报看板 counts in an index, which takes the place of that of the column it begins with."""

    dependencies = [
        ("projects", "0012_announcements"),
    ]

    operations = [
        # The limit of the settings is for requests; the reference is checked anew.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="proposal",
            name="call",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="projects.call",
                verbose_name="申报批次",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                fields=["call", "state"],
                include=("unit", "tech_field", "state_since", "submitted_at"),
                name="proposal_of_call",
            ),
        ),
    ]
