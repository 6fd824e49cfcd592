"""`manage.py send_reminders`: the reminders that the worker sends by the clock, now."""

from django.core.management.base import BaseCommand

from projects.daily import send_reminders


class Command(BaseCommand):
    """Sends what is due and says what it was. Repeating it sends nothing twice; exit code 0 unless it broke off."""

    help = "发送到期的提醒（后台任务按时自动发送；重复运行不会重复提醒）"

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="只列出将要发送的提醒，不发送")

    def handle(self, *, dry_run, **options):
        for label, sentences in send_reminders(dry_run=dry_run):
            self.stdout.write(f"{label}：{'将发送' if dry_run else '已发送'} {len(sentences)} 个提醒")
            for sentence in sentences:
                self.stdout.write(f"  {sentence}")
