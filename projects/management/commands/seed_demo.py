"""`manage.py seed_demo`: invented units, people and 申报书, so that every page can be tried in every role."""

import unicodedata
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from accounts.models import User
from orgs.models import Unit
from orgs.services.codes import load_codes
from profiles.models import Person
from projects.demo import accounts_file, script
from projects.demo.cast import STAFF, UNITS
from projects.demo.scale.fill import analyze, fill
from projects.demo.scale.sizes import SCALES
from projects.models import Call, Printout, Proposal

LOCK = 20260622
"""Advisory lock: two seeds at once make one set of data."""


class Command(BaseCommand):
    """Fills an empty database with the demo data and writes the accounts file of the stand-in for 渝快办."""

    help = "在空的数据库中生成演示数据（全部虚构），写出渝快办开发替身的账号文件，并列出演示账号"

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="已有数据时不报错：只更新账号文件，退出码为 0")
        parser.add_argument("--accounts", type=Path, help="账号文件，默认为 OIDC_ACCOUNTS_FILE 或 .dev/accounts.json")
        parser.add_argument(
            "--scale",
            choices=SCALES,
            help="large：另外生成二万个单位、二十万人、十万份申报书，用于测量速度；medium：各为其十分之一；"
            "huge：二百万人、一百万份申报书",
        )
        parser.add_argument("--force", action="store_true", help="在非开发环境中也执行；工作人员的密码随机生成")

    def handle(self, *, if_empty, accounts, force, scale=None, **options):
        path = accounts or accounts_file.default_path()
        if not settings.DEVELOPMENT and not force:
            raise CommandError("演示数据只用于开发环境。确实要在这里生成，请加 --force。")
        if not settings.ALLOW_SYNTHETIC_IDS:
            raise CommandError("演示数据使用虚构的证件号码（区划 99），请先设置 ALLOW_SYNTHETIC_IDS=1。")
        passwords = self._seed(SCALES[scale] if scale else None)
        if passwords is None:
            self._keep(path, if_empty)
            return
        if scale:
            analyze()
        data = accounts_file.content(passwords)
        accounts_file.write(path, data)
        self._report(data, path, brief=if_empty)

    @transaction.atomic
    def _seed(self, sizes):
        """The passwords of the staff, or None when there is data already. `sizes`: what to add to the small demo."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            if any(model.objects.exists() for model in (User, Unit, Person, Call, Proposal)):
                return None
            cursor.execute("SELECT coalesce(max(id), 0) FROM procrastinate_jobs")
            [last_job] = cursor.fetchone()
            load_codes()
            passwords = script.play(staff_passwords=_demo_passwords())
            # Nobody wants e-mail about what is said to have happened weeks ago.
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id > %s", [last_job])
            # Their jobs are gone: a PDF is made when somebody asks for it.
            Printout.objects.all().delete()
        if sizes:
            fill(sizes, self._progress)
        return passwords

    def _progress(self, line):
        self.stdout.write(line)
        self.stdout.flush()

    def _keep(self, path, if_empty):
        if not if_empty:
            raise CommandError("数据库中已有数据，没有改动。要重新生成演示数据，请先运行 ./dev reset。")
        usccs = [accounts_file.uscc_of(unit) for unit in UNITS]
        if Unit.objects.filter(uscc__in=usccs).count() == len(usccs):
            accounts_file.write(path, accounts_file.content(_demo_passwords()))

    def _report(self, data, path, *, brief):
        persons = [account for account in data["accounts"] if account["account_type"] == "person"]
        legal = [account for account in data["accounts"] if account["account_type"] == "legal"]
        self.stdout.write(
            f"已生成演示数据：{len(legal)} 个法人单位、{len(persons)} 名个人用户、"
            f"{Proposal.objects.count()} 份申报书（全部虚构）。账号文件：{path}"
        )
        if brief:
            return
        for heading, rows in (
            ("法人用户", [(account["label"], account["note"]) for account in legal]),
            ("个人用户", [(account["label"], account["note"]) for account in persons]),
            (
                "科技局（/admin/login/）",
                [
                    (s["username"], f"密码 {s['password']} · {s['role']} · 动态口令 {s['otp_hint']}")
                    for s in data["staff"]
                ],
            ),
        ):
            self.stdout.write(f"\n{heading}")
            width = max(_width(name) for name, _ in rows)
            for name, note in rows:
                self.stdout.write(f"  {name}{' ' * (width - _width(name))}  {note}")


def _demo_passwords():
    """The known passwords in development; elsewhere none is known to anybody, and new ones are made up."""
    return {username: password for username, _, _, _, password in STAFF} if settings.DEVELOPMENT else {}


def _width(text):
    """Columns that a terminal needs for `text`."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
