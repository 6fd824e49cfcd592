"""The sessions of Django, in the database, which also know until when their row lasts."""

from django.contrib.sessions.backends import db
from django.utils import timezone

from zhgg.kit.kept import Given, Kept

_ROW = Kept(
    lambda: db.SessionStore.get_model_class().objects.filter(session_key=Given("key"), expire_date__gt=Given("now"))
)


class SessionStore(db.SessionStore):
    """Django's, with `seconds_left`. The name of the class is what SESSION_ENGINE asks for."""

    _row_ends = None

    def seconds_left(self) -> float:
        """How long the row still lasts, as it was when the session was loaded; a whole session where there is none."""
        if self._row_ends is None:
            return self.get_session_cookie_age()
        return (self._row_ends - timezone.now()).total_seconds()

    def _get_session_from_db(self):
        row = _ROW.first(key=self.session_key, now=timezone.now())
        if row is None:
            # As Django's: a key without a row is never written under.
            self._session_key = None
            return None
        self._row_ends = row.expire_date
        return row
