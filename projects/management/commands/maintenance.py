"""`manage.py maintenance on --until "2026-11-29 06:00"`: the maintenance switch from the server."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from projects.maintenance_forms import DEFAULT_MESSAGE, MaintenanceForm
from projects.models import Maintenance
from projects.services.maintenance import OPERATOR, change_maintenance, end_maintenance, set_maintenance
from zhgg.kit.errors import NotNow


class Command(BaseCommand):
    """on: sets a maintenance, or changes the one that is set. off: ends it. status: says whether one is set.

    Exit code 0 when it is so afterwards, 1 with a sentence when what was asked for makes no sense. Times are local.
    """

    help = "系统维护：on 设置或修改，off 结束，status 查看"

    def add_arguments(self, parser):
        parser.add_argument("switch", choices=["on", "off", "status"], help="on 设置或修改，off 结束，status 查看")
        parser.add_argument("--until", default="", help="预计结束，例如 2026-11-29T06:00（on 必填）")
        parser.add_argument("--from", dest="begin", default="", help="开始，空着表示现在；已经开始的不变")
        parser.add_argument("--message", default="", help=f"给用户看的说明，默认“{DEFAULT_MESSAGE}”")

    def handle(self, *, switch, until, begin, message, **options):
        current = Maintenance.objects.filter(ended_at=None).first()
        if switch == "on":
            current = self._set(current, until, begin, message)
        elif switch == "off":
            end_maintenance(actor=OPERATOR)
            current = None
        self.stdout.write(self._words(current))

    def _set(self, current, until, begin, message):
        form = MaintenanceForm(
            {
                "begins_at": begin,
                "ends_at": until,
                "message": message or (current.message if current else DEFAULT_MESSAGE),
                "version": str(current.version if current else 0),
            }
        )
        if not form.is_valid():
            raise CommandError("；".join(f"{label}：{words}" for _, label, words in form.error_list))
        try:
            if current is None:
                return set_maintenance(actor=OPERATOR, **form.values())
            return change_maintenance(actor=OPERATOR, version=current.version, **form.values())
        except NotNow as refusal:
            raise CommandError(refusal.message) from refusal

    @staticmethod
    def _words(current):
        if current is None:
            return "没有设置系统维护。"
        begins, ends = (
            f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" for moment in (current.begins_at, current.ends_at)
        )
        return f"系统维护：{begins} 开始，预计 {ends} 结束。{current.message}。"
