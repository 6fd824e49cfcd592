"""`manage.py create_staff li.qiang 李强 --officer`: an account for somebody of the bureau."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.management.credentials import print_credentials
from accounts.models import User


class Command(BaseCommand):
    """Makes a staff account with a password and a second factor, and prints both once."""

    help = "新建科技局工作人员账号：打印一次性显示的密码和动态口令登记地址"

    def add_arguments(self, parser):
        parser.add_argument("username", help="登录名")
        parser.add_argument("name", help="姓名")
        parser.add_argument("--email", default="", help="E-mail")
        role = parser.add_mutually_exclusive_group(required=True)
        role.add_argument("--officer", action="store_true", help="科技局工作人员（受理申报书）")
        role.add_argument("--superuser", action="store_true", help="管理员（可进入管理后台）")

    def handle(self, *, username, name, email, superuser, **options):
        candidate = User(kind="staff", username=username, name=name, email=email)
        try:
            candidate.clean_fields(exclude=["password"])
            candidate.validate_unique()
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        credentials = services.create_staff(username=username, name=name, email=email, superuser=superuser)
        print_credentials(self.stdout, *credentials)
