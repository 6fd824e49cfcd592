from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_privacy_confirmation"),
    ]

    operations = [
        migrations.CreateModel(
            name="ThrottleCount",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False, verbose_name="计数")),
                ("count", models.PositiveIntegerField(verbose_name="次数")),
                ("ends_at", models.DateTimeField(verbose_name="重新计数的时间")),
            ],
            options={
                "verbose_name": "频次",
                "verbose_name_plural": "频次",
                "indexes": [models.Index(fields=["ends_at"], name="throttle_by_end")],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE accounts_throttlecount SET UNLOGGED",
            reverse_sql="ALTER TABLE accounts_throttlecount SET LOGGED",
        ),
    ]
