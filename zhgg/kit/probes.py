"""Answers for load balancers: is the process alive, is the database there."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpResponse


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
