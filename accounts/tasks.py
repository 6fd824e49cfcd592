"""Work outside requests. `manage.py work` runs it; jobs are rows of the same database (procrastinate)."""

from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import sealing
from accounts.models import KeptForm, Notice, Session, ThrottleCount, User
from zhgg.kit.arrays import array

KEPT_FOR = timedelta(hours=1)
"""How long a form that was sent after the end of a session waits for its user."""
MOST_ATTEMPTS = 8
"""How often a job is begun before somebody has to look at it."""


@app.task(name="accounts.send_mail", retry=RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=4))
def send_mail(recipient_id, notice_ids):
    """One e-mail with the given notices to one person; the text and the address are read when it is sent."""
    user = User.objects.filter(pk=recipient_id, is_active=True).exclude(email="").first()
    notices = list(Notice.objects.filter(pk__in=notice_ids, recipient_id=recipient_id).order_by("pk"))
    if user is None or not notices:
        return
    subject = notices[0].subject if len(notices) == 1 else f"您有 {len(notices)} 条新消息"
    parts = [f"{user}，您好："]
    for notice in notices:
        lines = [notice.subject, notice.body, f"{settings.SITE_URL}{notice.url}" if notice.url else ""]
        parts.append("\n".join(line for line in lines if line))
    parts.append(
        f"{settings.SITE_URL}\n本邮件由智汇攻关自动发出，请勿回复。技术支持：{'  '.join(settings.SUPPORT_PHONES)}"
    )
    EmailMessage(f"【智汇攻关】{subject}", "\n\n".join(parts), to=[user.email]).send()


@app.task(name="accounts.queue_mails", retry=RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=4))
def queue_mails(notice_ids):
    """Queue the e-mails of a batch's notices, one a person who has an address."""
    notices = Notice.objects.filter(pk__any_of=array(notice_ids), recipient__is_active=True)
    by_person = defaultdict(list)
    for person, pk in notices.exclude(recipient__email="").order_by("pk").values_list("recipient_id", "pk"):
        by_person[person].append(pk)
    if by_person:
        send_mail.batch_defer(*({"recipient_id": person, "notice_ids": ids} for person, ids in by_person.items()))


@app.periodic(cron="*/10 * * * *")
@app.task(name="accounts.clear_away", queueing_lock="accounts.clear_away")
def clear_away(timestamp):
    """Every ten minutes: remove kept forms that waited long enough, counts that begin anew, and ended sessions."""
    KeptForm.objects.filter(kept_until__lte=Now()).delete()
    ThrottleCount.objects.filter(ends_at__lte=Now()).delete()
    # Sessions are stamped by the web server's clock.
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@app.periodic(cron="* * * * *")
@app.task(name="accounts.take_up_stalled", queueing_lock="accounts.take_up_stalled", pass_context=True)
async def take_up_stalled(context, timestamp):
    """Every minute: what a killed worker had begun goes back into the queue, some times.

    So a job may be run twice. It says what it must not do twice in the database, or it does no harm.
    """
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        # One that kills every worker stays where it is, for somebody to look at.
        if job.attempts < MOST_ATTEMPTS:
            await jobs.retry_job(job)


@app.periodic(cron="7 * * * *")
@app.task(
    name="accounts.seal_audit",
    queueing_lock="accounts.seal_audit",
    retry=RetryStrategy(max_attempts=5, exponential_wait=4),
)
def seal_audit(timestamp):
    """Every hour: seal the lines of the audit trail that are not sealed yet."""
    sealing.seal_audit()
