"""Staff of the bureau: password and second factor, at /admin/login/ and nowhere else."""

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db.models import Sum
from django.shortcuts import render

from accounts.enums import Kind
from zhgg.kit.kept import Given, Kept

BUREAU_GROUP = "科技局"
"""The group of officers; administrators are superusers."""


def is_verified_staff(user):
    """Whether `user` is staff whose present session has passed the second factor."""
    verified = getattr(user, "is_verified", None)
    return user.is_authenticated and user.is_active and user.kind == Kind.STAFF and verified is not None and verified()


def failed_logins(user):
    """How many failed logins in a row count against a staff account; AXES_FAILURE_LIMIT of them lock it."""
    if user.kind != Kind.STAFF:
        return 0
    attempts = AccessAttempt.objects.filter(username=user.username)
    return attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0


def locked_out(request, response=None, credentials=None):
    """The page for a name that too many failures have locked (AXES_LOCKOUT_CALLABLE)."""
    answer = render(request, "accounts/locked_out.html", status=429)
    answer["Retry-After"] = str(int(get_cool_off(request).total_seconds()))
    return answer


_ACCOUNT = Kept(lambda: get_user_model().objects.filter(pk=Given("pk")), by_key=True)


class StaffBackend(ModelBackend):
    """Passwords for staff accounts only: a 渝快办 account has none, and would not be let in if it had."""

    def authenticate(self, request, username=None, password=None):
        """The active staff account with this password, or None."""
        return super().authenticate(request, username=username, password=password)

    def get_user(self, user_id):
        """The account of a session, as long as it may log in."""
        user = _ACCOUNT.first(pk=user_id)
        return user if user is not None and self.lets_in(user) else None

    def lets_in(self, user):
        """Whether a session of this entrance may be this account's."""
        return self.user_can_authenticate(user)

    def user_can_authenticate(self, user):
        """Active staff; asked at the login and again with every request."""
        return user.kind == Kind.STAFF and super().user_can_authenticate(user)
