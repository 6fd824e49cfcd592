"""What a decision about 个人信息 tells the person: the one place that says so."""

from django.urls import reverse
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.notices import notify_many
from accounts.tasks import MOST_ATTEMPTS
from profiles.enums import ReviewState
from profiles.models import ReviewRequest
from profiles.workflow import ACTIONS


def tell(action, person_ids, reason, *, job=None):
    """Notify these people of the same decision. Runs inside its transaction, so a rolled-back one tells nobody."""
    words = (*_words(action, reason), reverse("person"))
    notify_many([(person_id, *words) for person_id in person_ids], job=job)


@app.task(
    name="profiles.tell_of_batch",
    pass_context=True,
    retry=RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=4),
)
def tell_of_batch(context, action_key, request_ids):
    """Notify the people whose requests a batch has decided, as `tell` would have. Run again, it tells nobody twice.

    `request_ids` are one text (`kit.arrays.as_text`): a job with a list of thousands takes long to put into the queue.
    """
    decided = list(ReviewRequest.objects.among(request_ids).order_by("pk").values_list("person_id", "reason"))
    if decided:
        _, reason = decided[0]
        tell(ACTIONS[action_key], [person_id for person_id, _ in decided], reason, job=context.job.id)


def _words(action, reason):
    if action.target == ReviewState.APPROVED:
        return "您的个人信息审核已通过", "审核通过的内容已经生效。"
    return "您的个人信息审核不通过", f"驳回原因：{reason}\n请修改后再次提交。"
