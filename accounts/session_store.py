"""The sessions of Django, in the database. A row comes together with the account that is logged in, in one query, and
also says until when it lasts.
"""

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends import db
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import Notice, Session
from zhgg.kit.kept import Given, Kept, count_rows


def _of_key(counts_unread):
    found = Session.objects.filter(session_key=Given("key"), expire_date__gt=Given("now")).select_related("user")
    if not counts_unread:
        return found
    unread = Notice.objects.filter(recipient=OuterRef("user_id"), read_at=None).order_by()
    return found.annotate(unread=Subquery(unread.values(number=count_rows())))


_ROW = Kept(_of_key, by_key=True)


class SessionStore(db.SessionStore):
    """Django's, with `account` and `seconds_left`. The name of the class is what SESSION_ENGINE asks for.

    `counts_unread` says whether the unread messages are counted along, as a request that draws a page wants it.
    """

    counts_unread = False
    _row = None

    @classmethod
    def get_model_class(cls):
        return Session

    def seconds_left(self) -> float:
        """How long the row still lasts, as it was when the session was loaded; a whole session where there is none."""
        if self._row is None:
            return self.get_session_cookie_age()
        return (self._row.expire_date - timezone.now()).total_seconds()

    def account(self):
        """The account that is logged in, as it was when the session was loaded, or None.

        Only where nothing is doubtful: the session names the very account of its row, an entrance of ours lets it in,
        and the session was begun under its present password and our present key. None therefore does not say that
        nobody is logged in; `django.contrib.auth.get_user` decides.
        """
        stated, entrance = self.get(auth.SESSION_KEY), self.get(auth.BACKEND_SESSION_KEY)
        found = self._row and self._row.user
        if found is None or stated != str(found.pk) or entrance not in settings.AUTHENTICATION_BACKENDS:
            return None
        lets_in = getattr(auth.load_backend(entrance), "lets_in", None)
        if lets_in is None or not lets_in(found):
            return None
        begun_under = self.get(auth.HASH_SESSION_KEY) or ""
        return found if constant_time_compare(begun_under, found.get_session_auth_hash()) else None

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.user_id = data.get(auth.SESSION_KEY)
        return row

    def _get_session_from_db(self):
        row = self._row = _ROW.first(self.counts_unread, key=self.session_key, now=timezone.now())
        if row is None:
            # As Django's: a key without a row is never written under.
            self._session_key = None
            return None
        if row.user is not None:
            row.user.unread = getattr(row, "unread", None)
        return row
