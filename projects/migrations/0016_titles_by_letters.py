from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from zhgg.kit.letters import Letters


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0015_data_copy"),
    ]

    operations = [
        # Half a minute among a million rows; the limit is for requests.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="proposal",
            index=GinIndex(Letters("title"), name="proposal_by_letters"),
        ),
    ]
