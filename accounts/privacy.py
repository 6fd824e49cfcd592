"""The 个人信息保护告知: its version, and who has still to confirm it (个人信息保护法 Art. 17, 35).

Its words stand in templates/accounts/privacy/<version>.html. A change that people should know of gets a new file and a
new VERSION: everybody is then asked at their next click. The older files stay, because people have confirmed them.
"""

from datetime import date

from accounts.enums import Kind

VERSION = 1
SINCE = date(2026, 11, 23)
"""When this version came into force."""
TEMPLATE = f"accounts/privacy/{VERSION}.html"


def must_ask(user):
    """Whether a logged-in user has not confirmed the present version yet. Staff are not asked. No query."""
    return user.kind != Kind.STAFF and user.privacy_version != VERSION


def answers_before(view):
    """Mark a view that answers also while its user has not confirmed the notice."""
    view.answers_before_privacy = True
    return view
