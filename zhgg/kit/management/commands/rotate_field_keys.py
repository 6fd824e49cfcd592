"""`manage.py rotate_field_keys`: seal every encrypted value anew with the newest key of FIELD_KEYS."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from zhgg.kit import rotation

STEP = 1000
NAMED = 10


class Command(BaseCommand):
    """Goes through all encrypted columns while the site runs; broken off, it goes on where it was. Exit code 1 when a
    row could not be read, or was held by somebody all the time."""

    help = "用最新的字段密钥重新加密全部加密字段：可在网站运行时执行，中断后再运行即可继续"

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="只统计用旧密钥加密的行，不改动")

    def handle(self, *, dry_run, **options):
        with connection.cursor() as cursor:
            # Counting goes through whole tables; nothing waits for it, and no lock is held meanwhile.
            cursor.execute("SET statement_timeout = '10min'")
        if dry_run:
            self._count()
            return
        results = [self._rotate(model) for model in rotation.sealed_models()]
        done = sum(result.done for result in results)
        self.stdout.write(f"共重新加密 {done:,} 行。")
        if bad := [result for result in results if result.unreadable or result.left]:
            raise CommandError("；".join(map(_what_is_left, bad)) + "。旧密钥还不能移出 FIELD_KEYS。")
        self.stdout.write("全部加密字段都用最新的密钥。" + _about_the_oldest())

    def _count(self):
        total = 0
        for model in rotation.sealed_models():
            total += (count := rotation.count_old(model))
            self.stdout.write(f"{model._meta.verbose_name}：{count:,} 行待重新加密")
        self.stdout.write(f"共 {total:,} 行待重新加密。")

    def _rotate(self, model):
        told = 0

        def progress(done):
            nonlocal told
            if done >= told + STEP:
                told = done
                self.stdout.write(f"  {model._meta.verbose_name}：{done:,} 行")
                self.stdout.flush()

        result = rotation.rotate(model, progress)
        self.stdout.write(f"{model._meta.verbose_name}：重新加密 {result.done:,} 行")
        return result


def _what_is_left(result):
    parts = []
    if result.unreadable:
        keys = "、".join(map(str, result.unreadable[:NAMED])) + ("…" if len(result.unreadable) > NAMED else "")
        parts.append(f"{len(result.unreadable):,} 行无法解密（编号 {keys}）")
    if result.left:
        parts.append(f"{result.left:,} 行一直有人在办理，请稍后再运行")
    return f"{result.model._meta.verbose_name}有 {'，'.join(parts)}"


def _about_the_oldest():
    if settings.DIGEST_KEY:
        return "旧密钥可以移出 FIELD_KEYS。"
    return "最旧的密钥移出 FIELD_KEYS 之前，须先设置 DIGEST_KEY，见 docs/operations.md“密钥轮换”。"
