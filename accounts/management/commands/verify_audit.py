"""`manage.py verify_audit`: whether the audit trail is as it was sealed."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import AuditEvent, AuditSeal
from accounts.sealing import verify_audit

STEP = 100


class Command(BaseCommand):
    """Compares every sealed block with its lines and names the first broken one; exit code 1 when there is one.

    The last digest is printed. Note it down outside the system: `--anchor` compares it later, which shows a chain that
    was made anew as a whole.
    """

    help = "核验审计记录：逐块核对封存摘要，指出第一个不符的区块（退出码 1）"

    def add_arguments(self, parser):
        parser.add_argument("--anchor", metavar="区块:摘要", help="以前记下的区块编号和摘要，一并核对")

    def handle(self, *, anchor=None, **options):
        total = AuditSeal.objects.count()
        broken = verify_audit(progress=lambda number: self._progress(number, total))
        if broken:
            seal = broken.seal
            raise CommandError(f"区块 {seal.number}（记录 {seal.first_id} 至 {seal.last_id}）不符：{broken.what}")
        if anchor:
            number, _, digest = anchor.partition(":")
            if not number.isdecimal() or not AuditSeal.objects.filter(number=int(number), digest=digest).exists():
                raise CommandError(f"与记下的 {anchor} 不符：整个链条可能被重新生成过。")
        last = AuditSeal.objects.first()
        if last is None:
            self.stdout.write("还没有封存过审计记录。")
            return
        open_lines = AuditEvent.objects.filter(pk__gt=last.last_id).count()
        self.stdout.write(f"{total:,} 个区块全部相符；尚未封存 {open_lines:,} 条。")
        self.stdout.write(f"请在系统之外记下：{last.number}:{last.digest}")

    def _progress(self, number, total):
        if number % STEP == 0:
            self.stdout.write(f"  {number:,} / {total:,}")
            self.stdout.flush()
