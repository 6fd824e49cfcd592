"""Middleware that gives each request its reference number and its policy of contents, and turns refusals and a busy
database into pages."""

import time

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import SuspiciousOperation

from zhgg.kit import request_context
from zhgg.kit.answers import bad_request, busy, is_database_away, not_allowed, refusal_page, unreadable
from zhgg.kit.crypto import Undecipherable
from zhgg.kit.errors import Refusal
from zhgg.kit.logs import log_access
from zhgg.kit.metrics import count_request
from zhgg.kit.probes import PROBES

METHODS = {"GET", "HEAD", "POST", "OPTIONS"}


class RequestContextMiddleware:
    """Outermost: a reference number and the visitor's address for the whole request, which is logged and counted.

    The number is always ours, never one that the request brings; the proxy in front finds it in `X-Request-Id`.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.perf_counter()
        context = request_context.enter(request_context.visitor_address(request))
        try:
            response = self.get_response(request)
            # Probes come every few seconds: only those that fail are worth a line.
            if request.path_info not in PROBES or response.status_code != 200:
                seconds = time.perf_counter() - started
                count_request(request, response, seconds)
                log_access(request, response, seconds)
        finally:
            request_context.leave()
        response["X-Request-Id"] = context.request_id
        return response


class PolicyMiddleware(CSPMiddleware):
    """Content-Security-Policy on every answer. The policy of the settings is put together once; the library is asked
    only where an answer brings its own, and while errors are debugged.

    Of the library's settings the policy in force is known here alone: none for reports only, no addresses left out.
    """

    _OWN = frozenset({"_csp_exempt", "_csp_config", "_csp_update", "_csp_replace"})

    def __init__(self, get_response):
        super().__init__(get_response)
        self.policy = build_policy()

    def process_response(self, request, response):
        """The answer with the header."""
        if settings.DEBUG or hasattr(request, "_csp_nonce") or not self._OWN.isdisjoint(vars(response)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.policy)
        return response


class AnswerMiddleware:
    """Turns what services raise into the page that a user can act on. Unknown methods end here."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in METHODS:
            return not_allowed(sorted(METHODS))
        response = self.get_response(request)
        # `require_POST` and its like answer with an empty page, which browsers replace by one of their own.
        if response.status_code == 405 and not response.content:
            return not_allowed(response["Allow"].split(", "))
        return response

    def process_exception(self, request, exception):
        if isinstance(exception, Refusal):
            return refusal_page(exception)
        if is_database_away(exception):
            return busy(exception, request)
        if isinstance(exception, Undecipherable):
            return unreadable()
        if isinstance(exception, SuspiciousOperation):
            return bad_request(request, exception)
        return None
