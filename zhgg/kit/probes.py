"""Answers for load balancers and monitoring: is the process alive, is the database there, what are the figures."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpResponse

from zhgg.kit.metrics import metrics


@login_not_required
def healthz(request):
    """200 as long as the process answers; touches no database."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def readyz(request):
    """200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database unavailable", content_type="text/plain", status=503)
    return HttpResponse("ready", content_type="text/plain")


PROBES = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


class ProbeMiddleware:
    """Answers the probes before anything else can: a session cookie or a Host name that is not ours must not turn a
    living process into a dead one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        probe = PROBES.get(request.path_info) if request.method in ("GET", "HEAD") else None
        return probe(request) if probe else self.get_response(request)
