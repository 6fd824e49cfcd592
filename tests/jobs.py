"""What was queued, run as the worker would."""

from types import SimpleNamespace

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def run_jobs(name):
    """Run every job of this task that is in the queue, in its order. They stay there: running again must do no harm."""
    for job in ProcrastinateJob.objects.filter(task_name=name).order_by("id"):
        task = app.tasks[name]
        before = [SimpleNamespace(job=SimpleNamespace(id=job.pk))] if task.pass_context else []
        task(*before, **job.args)


def empty_queue():
    """Nothing is queued any more; flush after a test with real commits leaves the queue, which is not Django's."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
