"""`manage.py erase_person`: erase one person on their request."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from projects.services.erasure import erase
from zhgg.kit.errors import NotNow


class Command(BaseCommand):
    """Says what would go and what stays; with `--apply` does it. Exit code 1 while something forbids it."""

    help = "注销一名个人用户并删除可以删除的个人信息；不加 --apply 时只说明会怎样"

    def add_arguments(self, parser):
        parser.add_argument("--account", type=int, required=True, help="账号编号（管理后台“账号”页地址中的数字）")
        parser.add_argument("--reason", required=True, help="原因，例如申请的日期和文号；记入审计")
        parser.add_argument("--apply", action="store_true", help="执行；不加时只说明会怎样")

    def handle(self, *, account, reason, apply, **options):
        reason = " ".join(reason.split())
        if not 2 <= len(reason) <= 500:
            raise CommandError("原因须为 2 至 500 字。")
        try:
            erased = erase(account_id=account, reason=reason, apply=apply)
        except User.DoesNotExist:
            raise CommandError(f"没有编号为 {account} 的个人用户。") from None
        except NotNow as refusal:
            raise CommandError(f"{refusal.message}没有改动。") from None
        self.stdout.write("已删除：" if apply else "将删除：")
        self._list(erased.removed)
        self.stdout.write("依法保存：")
        self._list(erased.kept)
        self.stdout.write("    审计记录、办理记录中的姓名和摘要：全部")
        self.stdout.write("已注销，记入审计。" if apply else "以上只是说明，没有改动。要执行，请加 --apply。")

    def _list(self, lines):
        for what, number in lines:
            self.stdout.write(f"    {what}：{number:,}")
