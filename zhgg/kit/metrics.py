"""Figures for Prometheus at `/metrics`: what this machine's web processes answered, and what waits in the database.

Labels are names of views, statuses and the like, never anything that a visitor chooses: their number is bounded. The
server's processes write into one folder (`PROMETHEUS_MULTIPROC_DIR`), so that whichever answers tells of all. What is
asked of the database takes one statement a figure.
"""

import hmac
import os

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
SEVERAL_PROCESSES = "PROMETHEUS_MULTIPROC_DIR" in os.environ
if SEVERAL_PROCESSES:
    # A process takes over the file of the one it replaces (deploy/gunicorn.conf.py gives out the places): the number
    # of files stays that of the processes.
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: os.environ.get("WEB_PLACE", os.getpid()))

own = CollectorRegistry()
REQUESTS = Counter("zhgg_requests", "Requests answered", ["view", "method", "status"], registry=own)
SECONDS = Histogram(
    "zhgg_request_seconds",
    "Time until the answer began",
    ["view"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=own,
)
UNREADABLE = Counter("zhgg_unreadable_values", "Encrypted values that could not be read", ["column"], registry=own)
_gauges = []


def gauge(name, text, label):
    """Decorator: the function returns `{value of the label: number}` and is asked at each look at the figures."""

    def register(function):
        _gauges.append((name, text, label, function))
        return function

    return register


def count_request(request, response, seconds):
    """Note one answer. A request that reached no view counts under `none`."""
    match = request.resolver_match
    view = (match and match.view_name) or "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view, method, str(response.status_code)).inc()
    SECONDS.labels(view).observe(seconds)


def count_unreadable(column):
    """Note that an encrypted value of this column was asked for and could not be read."""
    UNREADABLE.labels(column).inc()


@login_not_required
def metrics(request):
    """The figures, for whoever brings `METRICS_TOKEN`; 404 for everybody else, as if there were no such address.

    While the database is away the answer says so (`zhgg_database_up 0`) and gives what the processes know.
    """
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given, expected):
        return HttpResponse("not found", content_type="text/plain", status=404)
    registry = CollectorRegistry()
    if SEVERAL_PROCESSES:
        MultiProcessCollector(registry)
    else:
        registry.register(own)
    registry.register(_Collected(_read_gauges()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Collected:
    def __init__(self, families):
        self.families = families

    def collect(self):
        return self.families


def _read_gauges():
    up = GaugeMetricFamily("zhgg_database_up", "1 when the database answers")
    families = [up]
    try:
        for name, text, label, function in _gauges:
            family = GaugeMetricFamily(name, text, labels=[label])
            for value, number in function().items():
                family.add_metric([value], number)
            families.append(family)
    except DatabaseError:
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    return families


@gauge("zhgg_jobs", "Jobs of the queue; those that succeeded are gone", "status")
def jobs():
    """How many jobs wait, are under way, or have failed for good."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status")
        return {"todo": 0, "doing": 0, "failed": 0} | dict(cursor.fetchall())


@gauge("zhgg_oldest_due_job_seconds", "For how long the oldest job that is due has waited", "queue")
def oldest_due_job():
    """Seconds by queue since a job was put there, or since the moment that it was meant for; 0 when none waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT queue_name, extract(epoch FROM now() - min(coalesce(scheduled_at, deferred.at)))
            FROM procrastinate_jobs job
            LEFT JOIN LATERAL (SELECT max(at) AS at FROM procrastinate_events WHERE job_id = job.id) deferred ON true
            WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
            GROUP BY queue_name
            """
        )
        return {"default": 0} | {queue: max(0, float(seconds or 0)) for queue, seconds in cursor.fetchall()}
