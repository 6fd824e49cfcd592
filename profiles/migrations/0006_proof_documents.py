import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("profiles", "0005_request_of_reviewer"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProofDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("storage_name", models.CharField(editable=False, max_length=32, unique=True, verbose_name="存储名")),
                ("label", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=30, verbose_name="类型")),
                ("size", models.PositiveIntegerField(verbose_name="大小（字节）")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                (
                    "kind",
                    models.CharField(
                        choices=[("education", "学历证书"), ("degree", "学位证书"), ("title", "职称证书")],
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                (
                    "taken_off_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="不再随之后的提交送审；此前的提交仍附有它。",
                        null=True,
                        verbose_name="移除时间",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="profiles.person",
                        verbose_name="个人",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
            ],
            options={
                "verbose_name": "佐证材料",
                "verbose_name_plural": "佐证材料",
            },
        ),
        migrations.AddField(
            model_name="reviewrequest",
            name="documents",
            field=models.ManyToManyField(
                blank=True, related_name="requests", to="profiles.proofdocument", verbose_name="佐证材料"
            ),
        ),
    ]
