"""What the worker does by the clock. `manage.py send_reminders` does the same by hand."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from orgs.services.reminders import remind_of_idle_departments
from projects.services.reminders import remind_of_deadlines
from zhgg.kit.calendar import is_working_day

REMINDERS = (("二级单位无人审核", remind_of_idle_departments), ("截止前提醒", remind_of_deadlines))
"""`(what for, function)`: each function sends what is due and returns it, one item a reminder, readable as a sentence;
with `dry_run=True` it sends nothing. Each sees to it that repeating it, also at once, reminds nobody twice."""


def send_reminders(*, dry_run=False):
    """Send every reminder that is due; `[(what for, [sentences])]` of what was sent."""
    return [(label, [str(item) for item in send(dry_run=dry_run)]) for label, send in REMINDERS]


# 09:00 in Chongqing: the queue reckons in UTC.
@app.periodic(cron="0 1 * * *")
@app.task(name="projects.remind", retry=RetryStrategy(max_attempts=5, exponential_wait=4))
def remind(timestamp):
    """The reminders of the day; none on days off. `timestamp` is when the queue meant it, in seconds."""
    if is_working_day(timezone.localdate()):
        send_reminders()


@app.periodic(cron="*/15 * * * *")
@app.task(name="projects.remind_of_deadlines", retry=RetryStrategy(max_attempts=3, exponential_wait=4))
def remind_before_deadlines(timestamp):
    """Those before deadlines, day and night: what is two hours away cannot wait for the morning."""
    remind_of_deadlines()
