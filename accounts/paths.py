"""Where a visitor may be sent: paths of this site and nothing else."""

from django.utils.http import url_has_allowed_host_and_scheme

MAX_LENGTH = 2000
# Going back to these after a login would only lead in a circle.
NOWHERE = ("/login/", "/logout/", "/admin/login/", "/admin/logout/")


def own_path(value, default=""):
    """`value` when it is a path of this site ("/projects/?page=2"), otherwise `default`.

    An address with a host is refused even when the host is ours; so is whatever a browser could read as one ("//host",
    "/\\host", tabs and line breaks in between).
    """
    if not isinstance(value, str) or not value.startswith("/") or value.startswith("//") or len(value) > MAX_LENGTH:
        return default
    if "\\" in value or not value.isprintable():
        return default
    return value if url_has_allowed_host_and_scheme(value, allowed_hosts=None) else default


def path_after_login(value):
    """Like `own_path`, but "" for the pages of the login itself."""
    path = own_path(value)
    return "" if path.startswith(NOWHERE) else path
