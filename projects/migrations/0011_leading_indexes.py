import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns that lead an index need none of their own; the indexes of the lists hold what is counted."""

    dependencies = [
        ("orgs", "0006_department_import"),
        ("profiles", "0006_proof_documents"),
        ("projects", "0010_calls_by_form"),
    ]

    operations = [
        # The limit of the settings is for requests; references are checked anew, which takes longer in large tables.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name="proposal",
            name="proposal_of_unit",
        ),
        migrations.RemoveIndex(
            model_name="proposal",
            name="proposal_of_department",
        ),
        migrations.RemoveIndex(
            model_name="proposal",
            name="proposal_of_bureau",
        ),
        migrations.AlterField(
            model_name="participant",
            name="proposal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participants",
                to="projects.proposal",
                verbose_name="申报书",
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="department",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="orgs.department",
                verbose_name="二级单位",
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="pi",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="profiles.person",
                verbose_name="负责人",
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="orgs.unit",
                verbose_name="申报单位",
            ),
        ),
        migrations.AlterField(
            model_name="section",
            name="proposal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sections",
                to="projects.proposal",
                verbose_name="申报书",
            ),
        ),
        migrations.AlterField(
            model_name="step",
            name="proposal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="projects.proposal",
                verbose_name="申报书",
            ),
        ),
        migrations.AlterField(
            model_name="submission",
            name="proposal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="submissions",
                to="projects.proposal",
                verbose_name="申报书",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                fields=["unit", "state", "-updated_at", "-id"],
                include=("call", "pi", "correction_due", "review_until"),
                name="proposal_of_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                fields=["department", "state", "-updated_at", "-id"],
                include=("call", "pi", "correction_due", "review_until"),
                name="proposal_of_department",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                fields=["state", "-updated_at", "-id"],
                include=("call",),
                name="proposal_of_bureau",
            ),
        ),
    ]
