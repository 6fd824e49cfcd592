"""Middleware that gives each request its reference number and turns refusals and a busy database into pages."""

import logging

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpResponseNotAllowed

from zhgg.kit import request_context
from zhgg.kit.answers import error_page, refusal_page
from zhgg.kit.errors import Refusal

log = logging.getLogger("zhgg.answers")
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}


class RequestContextMiddleware:
    """Outermost: a reference number and the visitor's address for the whole request, and no unknown methods."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in METHODS:
            return HttpResponseNotAllowed(sorted(METHODS))
        context = request_context.enter(request.META.get("REMOTE_ADDR") or None)
        try:
            response = self.get_response(request)
        finally:
            request_context.leave()
        response["X-Request-Id"] = context.request_id
        return response


class AnswerMiddleware:
    """Turns what services raise into the page that a user can act on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # The stack below this one (session, login) may meet the missing database too, outside any view.
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError) as error:
            return self.busy(error)

    def process_exception(self, request, exception):
        if isinstance(exception, Refusal):
            return refusal_page(exception)
        if isinstance(exception, (OperationalError, InterfaceError)):
            return self.busy(exception)
        if isinstance(exception, RequestDataTooBig):
            return error_page(413, title="内容太大", message="一次提交的内容超过 5 MB。请删减后再提交。")
        if isinstance(exception, TooManyFieldsSent):
            return error_page(400, title="勾选太多", message="一次最多勾选 10,000 行。请分几次办理。")
        if isinstance(exception, SuspiciousOperation):
            log.warning("suspicious request: %s", type(exception).__name__)
            return error_page(400)
        return None

    @staticmethod
    def busy(error):
        """The database is away, or a row stayed locked too long: 503, never a hang and never a 500."""
        log.error("database unavailable: %s", type(error).__name__)
        response = error_page(503)
        response["Retry-After"] = "30"
        return response
