"""`manage.py seal_audit`: what the worker does every hour, now."""

from django.core.management.base import BaseCommand, CommandError

from accounts import sealing


class Command(BaseCommand):
    """Seals every line of the audit trail that is not sealed yet. Exit code 1 when lines are being written too long."""

    help = "封存审计记录（后台任务每小时自动封存）"

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="只统计将要封存的记录，不封存")

    def handle(self, *, dry_run, **options):
        try:
            blocks, lines = sealing.seal_audit(dry_run=dry_run, progress=self._progress)
        except sealing.WritersBusy as error:
            raise CommandError("有记录正在写入，这次没有封存，请稍后再运行。") from error
        self.stdout.write(f"{'将封存' if dry_run else '已封存'} {lines:,} 条记录，{blocks:,} 个区块。")

    def _progress(self, lines):
        self.stdout.write(f"  {lines:,} 条")
        self.stdout.flush()
