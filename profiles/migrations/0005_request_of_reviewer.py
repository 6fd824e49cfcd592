from django.db import migrations, models

FILL = """
    UPDATE profiles_reviewrequest AS request SET person_name = person.name
    FROM profiles_person AS person WHERE person.user_id = request.person_id
"""


# linter: NOT_NULL: before the first release: no older code runs that would leave the columns out.
class Migration(migrations.Migration):
    """The index that holds a reviewer's list, and the person's name, which it is searched by."""

    dependencies = [("profiles", "0004_fill_tails")]

    operations = [
        # The limit of the settings is for requests; this takes longer where there are hundreds of thousands.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="reviewrequest",
            name="person_name",
            field=models.CharField(default="", editable=False, max_length=100, verbose_name="姓名"),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        # The checks of the rows that were just filled in come first: an index waits for none that are pending.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="reviewrequest", name="request_by_reviewer"),
        migrations.AddIndex(
            model_name="reviewrequest",
            index=models.Index(
                fields=["unit", "reviewing_department", "state", "-updated_at", "-id"],
                include=("person", "person_name", "department", "submitted_at", "listed"),
                name="request_of_reviewer",
            ),
        ),
    ]
