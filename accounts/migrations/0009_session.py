import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As django.contrib.sessions makes it, with its names: it stands already where that app was among ours, and sessions go
# on. A version from before writes rows without the account; they are read as they are, and have it with the next write.
TABLE = """
    CREATE TABLE IF NOT EXISTS django_session (
        session_key varchar(40) NOT NULL PRIMARY KEY,
        session_data text NOT NULL,
        expire_date timestamp with time zone NOT NULL
    );
    CREATE INDEX IF NOT EXISTS django_session_session_key_c0390e0f_like
        ON django_session (session_key varchar_pattern_ops);
    CREATE INDEX IF NOT EXISTS django_session_expire_date_a5c62663 ON django_session (expire_date);
    ALTER TABLE django_session ADD COLUMN user_id bigint NULL;
"""


class Migration(migrations.Migration):
    # linter: NOT_NULL: the columns are those of the table as it stands, or of a new one; the added one may be empty.
    dependencies = [
        ("accounts", "0008_throttle_counts"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE, reverse_sql="ALTER TABLE django_session DROP COLUMN user_id"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Session",
                    fields=[
                        (
                            "session_key",
                            models.CharField(
                                max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                            ),
                        ),
                        ("session_data", models.TextField(verbose_name="session data")),
                        ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                        (
                            "user",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="账号",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "会话",
                        "verbose_name_plural": "会话",
                        "db_table": "django_session",
                        "abstract": False,
                    },
                ),
            ],
        ),
    ]
