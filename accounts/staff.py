"""Staff of the bureau: password and second factor, at /admin/login/ and nowhere else."""

from django.contrib.auth.backends import ModelBackend

from accounts.enums import Kind

BUREAU_GROUP = "科技局"
"""The group of officers; administrators are superusers."""


def is_verified_staff(user):
    """Whether `user` is staff whose present session has passed the second factor."""
    verified = getattr(user, "is_verified", None)
    return user.is_authenticated and user.is_active and user.kind == Kind.STAFF and verified is not None and verified()


class StaffBackend(ModelBackend):
    """Passwords for staff accounts only: a 渝快办 account has none, and would not be let in if it had."""

    def authenticate(self, request, username=None, password=None):
        """The active staff account with this password, or None."""
        return super().authenticate(request, username=username, password=password)

    def user_can_authenticate(self, user):
        """Active staff; asked at the login and again with every request."""
        return user.kind == Kind.STAFF and super().user_can_authenticate(user)
