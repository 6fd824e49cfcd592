"""`manage.py verify_uploads`: is every stored file there, and is it the one that was uploaded."""

import hashlib

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from zhgg.kit.uploads.models import StoredFile
from zhgg.kit.uploads.storage import path_of

NAMED = 20


class Command(BaseCommand):
    """Reads each file that a row names. Exit code 1 when one is missing or differs in size or SHA-256 from its row;
    the first of them are named by their row, never by their label."""

    help = "核对上传的文件：每条记录的文件都在，大小和摘要相符（退出码 1：有缺少或不符的）"

    def handle(self, **options):
        total, wrong = 0, []
        for model in apps.get_models():
            if not issubclass(model, StoredFile):
                continue
            rows = model.objects.order_by("pk").values_list("pk", "storage_name", "size", "sha256")
            for pk, name, size, digest in rows.iterator(chunk_size=1000):
                total += 1
                if what := _difference(name, size, digest):
                    wrong.append(f"{model._meta.verbose_name} {pk} {what}")
        if wrong:
            named = "；".join(wrong[:NAMED]) + ("……" if len(wrong) > NAMED else "")
            raise CommandError(f"{total:,} 个文件中 {len(wrong):,} 个不符：{named}")
        self.stdout.write(f"{total:,} 个文件全部相符。")


def _difference(name, size, digest):
    try:
        with path_of(name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            length = file.tell()
    except FileNotFoundError:
        return "缺少"
    return "" if (length, found) == (size, digest) else "内容不同"
