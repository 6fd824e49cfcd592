"""`manage.py retention`: what is past its time, and with `--apply` its removal."""

from django.core.management.base import BaseCommand

from projects.services.retention import go_through


class Command(BaseCommand):
    """Goes through the table of retention. Without `--apply` nothing changes; a run with it is in the audit trail."""

    help = "按保存期限表统计超过期限的内容；加 --apply 才清理（记入审计）"

    def add_arguments(self, parser):
        parser.add_argument("--apply", action="store_true", help="清理；不加时只统计")

    def handle(self, *, apply, **options):
        for outcome in go_through(apply=apply):
            rule = outcome.rule
            done = "" if outcome.removed is None else f"，已清理 {outcome.removed:,}"
            self.stdout.write(f"{rule.what}：超过期限 {outcome.found:,}{done}")
            self.stdout.write(f"    保存：{rule.kept}。原因：{rule.why}。依据：{rule.source}。")
        self.stdout.write("已按保存期限清理。" if apply else "以上只是统计，没有改动。要清理，请加 --apply。")
