"""Fill the digests by which 证件号码 and 手机号码 are found by their last four places, for rows that exist."""

from django.db import migrations, transaction

from zhgg.kit.crypto import digest

BATCH = 1000


def fill(apps, schema_editor):
    requests = apps.get_model("profiles", "ReviewRequest").objects.filter(id_tail="", id_number__isnull=False)
    requests = requests.only("id_number", "seal_id", "id_tail")
    in_batches(requests, "id_tail", lambda row: digest("id_number_tail", row.id_number[-4:]))
    people = apps.get_model("profiles", "Person").objects.filter(mobile_tail="").exclude(mobile="")
    people = people.only("mobile", "mobile_tail")
    in_batches(people, "mobile_tail", lambda row: digest("mobile_tail", row.mobile[-4:]))


def in_batches(rows, field, value_of):
    """Fill `field` in short transactions; begun again, it goes on with what is still empty."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        for row in batch:
            setattr(row, field, value_of(row))
        with transaction.atomic():
            type(batch[0]).objects.bulk_update(batch, [field])
        last = batch[-1].pk


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("profiles", "0003_number_tails")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
