"""The pages that answer when something cannot be done. They render without the database."""

import logging
import sys

import psycopg
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template import loader
from django.utils import timezone

from zhgg.kit import request_context
from zhgg.kit.errors import TooOften
from zhgg.kit.uploads.receiving import RequestTooBig

log = logging.getLogger("zhgg.answers")
# As Django says it, and as the driver does: the queue wraps the errors of the driver.
DATABASE_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
READ_ONLY = "25006"
"""SQLSTATE of a database that takes no writes: after a switch to another server, one that is still a standby."""
MOST_SENT_AGAIN = 1_000_000


def error_page(status, **context):
    """The page for `status` in the site's look, with the time and the number to quote on the phone.

    Rendered without the request, so that no context processor runs: each of them may need the database that failed.
    """
    template = loader.select_template([f"errors/{status}.html", "errors/400.html"])
    context = {
        "status": status,
        "reference": request_context.current().request_id,
        "moment": timezone.now(),
        **context,
    }
    # Said here as well: a refused Host name is answered before any middleware could add them.
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
    return HttpResponse(template.render(context), status=status, headers=headers)


def refusal_page(refusal):
    """The page for a `kit.errors.Refusal`: what happened, and the ways on."""
    response = error_page(
        refusal.status, title=refusal.title, message=refusal.message, links=refusal.links, kept=refusal.kept
    )
    if isinstance(refusal, TooOften):
        response["Retry-After"] = str(refusal.retry_after)
    return response


def csrf_failure(request, reason=""):
    """The page for a form whose protection token is missing or old."""
    return error_page(
        403,
        title="页面已过期",
        message="这张表单打开太久，或您已在别处重新登录。请重新打开原来的页面再提交。",
    )


def bad_request(request, exception=None):
    """handler400, which also answers what is too big: Django finds that out before any view, with the CSRF token."""
    if isinstance(exception, RequestTooBig):
        return error_page(413, message="上传的文件太大，没有保存。请返回上一页，换一个小一些的文件。")
    if isinstance(exception, RequestDataTooBig):
        return error_page(413, message="一次提交的内容超过 5 MB，没有保存。请返回上一页，删减后再提交。")
    if isinstance(exception, TooManyFilesSent):
        message = "一次上传的文件太多，没有保存。请返回上一页，分几次上传。"
        return error_page(413, title="文件太多", message=message)
    if isinstance(exception, TooManyFieldsSent):
        message = "一次最多勾选 10,000 行，这次没有办理。请返回上一页，分几次办理。"
        return error_page(413, title="勾选太多", message=message)
    if isinstance(exception, SessionInterrupted) and (away := _database_away(exception)):
        return busy(away, request)
    log.warning("bad request: %s", type(exception).__name__)
    return error_page(400)


def is_database_away(error):
    """Whether this comes from a database that is away or busy, or takes no writes. Libraries may have wrapped it."""
    while error is not None and not isinstance(error, DATABASE_AWAY) and getattr(error, "sqlstate", "") != READ_ONLY:
        error = error.__cause__
    return error is not None


def _database_away(error):
    """What kept a session from being written, if that was the database; Django says only that the session is gone."""
    while error is not None and not is_database_away(error):
        error = error.__context__
    return error


def unreadable():
    """The page for an encrypted value that cannot be read and is more than shown: nothing was saved over it."""
    return error_page(
        409,
        title="有一项加密内容无法读取",
        message="这里要用到的一项加密保存的内容无法读取，没有保存任何修改，也没有办理。请致电技术支持，并报出下面的编号。",
    )


def not_allowed(methods):
    """405: an address that only takes forms was opened as a page, or the other way round."""
    response = error_page(405)
    response["Allow"] = ", ".join(methods)
    return response


def permission_denied(request, exception=None):
    """handler403"""
    return error_page(403)


def not_found(request, exception=None):
    """handler404"""
    return error_page(404)


def server_error(request):
    """handler500, which also answers when session or login meet the missing database: no view has begun then, and
    Django hands the exception to nobody else."""
    error = sys.exception()
    return busy(error, request) if is_database_away(error) else error_page(500)


def busy(error, request):
    """The database is away, or a row stayed locked too long: 503, never a hang and never a 500.

    A form that was sent can be sent once more from the page, as it was: the browser may forget what was typed.
    """
    log.error("database unavailable: %s", type(error.__cause__ or error).__name__)
    sends = request.method == "POST"
    response = error_page(
        503, again=_sent(request) if sends else None, address=request.get_full_path() if sends else ""
    )
    response["Retry-After"] = "30"
    return response


def _sent(request):
    """`[(name, value)]` of the form; None where it cannot be sent again as it was.

    With its own token: a form of another site stays as worthless as it was.
    """
    try:
        # A password stands in no page, hidden or not.
        if request.FILES or any("password" in name for name in request.POST):
            return None
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        size = sum(len(name.encode()) + len(value.encode()) for name, value in fields)
    except Exception:  # whatever is wrong with the form, the page has to come
        return None
    return fields if size <= MOST_SENT_AGAIN else None
