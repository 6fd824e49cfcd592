"""`manage.py rotate_digests`: move every digest to HMAC-SM3 while the site stands still."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from projects.services.digests import move_to_sm3, suite_of_database
from zhgg.kit.errors import NotNow


class Command(BaseCommand):
    """All or nothing; run again, it finds nothing to do. `--check` ends with 1 when settings and database differ."""

    help = "把全部查找用的摘要由 HMAC-SHA256 转换为 HMAC-SM3（须先停止网站和后台任务）"

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="只核对 DIGEST_SUITE 与数据库是否一致")

    def handle(self, *, check, **options):
        try:
            if check:
                self._check(suite_of_database())
                return
            moved = move_to_sm3()
        except NotNow as refusal:
            raise CommandError(refusal.message) from None
        for model, number in moved.items():
            self.stdout.write(f"{model._meta.verbose_name}：转换 {number:,} 行")
        self.stdout.write("全部摘要已转换为 HMAC-SM3。" if moved else "摘要已经是 HMAC-SM3，没有改动。")

    def _check(self, stored):
        if stored and stored != settings.DIGEST_SUITE:
            raise CommandError(f"数据库中的摘要是 {stored}，DIGEST_SUITE 是 {settings.DIGEST_SUITE}，不能启动网站。")
        self.stdout.write(f"一致：{settings.DIGEST_SUITE}")
