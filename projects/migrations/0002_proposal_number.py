from django.db import migrations


class Migration(migrations.Migration):
    """The running number of 申报编号: a sequence, so that two new drafts never wait for each other."""

    dependencies = [("projects", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE projects_proposal_number", reverse_sql="DROP SEQUENCE projects_proposal_number"
        )
    ]
