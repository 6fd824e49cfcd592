from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from zhgg.kit.letters import Letters


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0015_data_copy"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="proposal",
            index=GinIndex(Letters("title"), name="proposal_by_letters"),
        ),
    ]
