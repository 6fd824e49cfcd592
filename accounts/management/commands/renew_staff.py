"""`manage.py renew_staff li.qiang`: for somebody of the bureau who forgot the password or lost the phone."""

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.management.credentials import print_credentials
from accounts.models import User


class Command(BaseCommand):
    """Makes a new password and a new second factor, prints both once, and ends the old ones and open sessions."""

    help = "重发科技局工作人员的密码和动态口令，原有的立即失效"

    def add_arguments(self, parser):
        parser.add_argument("username", help="登录名")

    def handle(self, *, username, **options):
        try:
            credentials = services.renew_staff(username=username)
        except User.DoesNotExist as error:
            raise CommandError(f"没有登录名为 {username} 的工作人员") from error
        print_credentials(self.stdout, *credentials)
