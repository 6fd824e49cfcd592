from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="reviewrequest",
            name="withdrawn_at",
            field=models.DateTimeField(
                blank=True,
                help_text="本人改回已生效的内容，不再请求审核（待审核或审核不通过之后）。",
                null=True,
                verbose_name="改回时间",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "rejected"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="refusal_has_reason",
            ),
        ),
    ]
