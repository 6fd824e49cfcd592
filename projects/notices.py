"""Which transition of an 申报书 tells whom what: the one place that says so."""

from collections import defaultdict
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.enums import Kind
from accounts.models import User
from accounts.notices import notify, notify_many
from accounts.tasks import MOST_ATTEMPTS
from orgs.models import Grant, Unit
from projects.enums import State
from projects.models import Step
from projects.workflow import ACTIONS
from zhgg.kit.addresses import addresses
from zhgg.kit.arrays import array
from zhgg.kit.kept import Given, Kept

NAMED = 20
"""How many 申报书 a message about many calls by name."""


class Moved(NamedTuple):
    """An 申报书 that a batch has moved on."""

    pk: int
    pi_id: int
    unit_id: int
    title: str
    number: str
    accepted_number: str | None

    def __str__(self):
        return self.title or self.number


def tell(action, proposal, step):
    """Notify everybody whom the action names. Runs inside the transaction, so a rolled-back step tells nobody."""
    audience = {"pi": _pi, "unit": _unit, "next": _next_reviewers}
    recipients = [user for key in action.tells for user in audience[key](proposal) if user.pk != step.user_id]
    if recipients:
        notify(recipients, **Words(action, step).about_one(proposal))


@app.task(
    name="projects.tell_of_batch",
    pass_context=True,
    retry=RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=4),
)
def tell_of_batch(context, action_key, step_ids):
    """Notify everybody whom the action names about all that a batch has moved, with one message a person.

    `step_ids` are the lines of history that the batch wrote. Who hears of one reads what `tell` would have said. Run
    again, it tells nobody twice.
    """
    steps = Step.objects.filter(pk__any_of=array(step_ids))
    step = steps.first()
    moved = sorted(Moved(*row) for row in steps.values_list(*(f"proposal__{name}" for name in Moved._fields)))
    with transaction.atomic():
        _tell_many(ACTIONS[action_key], moved, step, job=context.job.id)


def _tell_many(action, moved, step, *, job):
    concerned = defaultdict(dict)
    if "pi" in action.tells:
        for each in moved:
            concerned[each.pi_id][each.pk] = each
    if "unit" in action.tells or ("next" in action.tells and step.target == State.UNIT):
        by_unit = defaultdict(list)
        for each in moved:
            by_unit[each.unit_id].append(each)
        for user_id, unit_id in reviewers_of(list(by_unit)):
            concerned[user_id] |= {each.pk: each for each in by_unit[unit_id]}
    concerned.pop(step.user_id, None)
    words = Words(action, step)
    texts = {pk: words.about(list(rows.values()), pk) for pk, rows in concerned.items()}
    notify_many([(pk, text["subject"], text["body"], text["url"]) for pk, text in texts.items()], job=job)


class Words:
    """What messages about one action say; what all of them share is worked out once."""

    def __init__(self, action, step):
        self.summary, self.target = action.summary, step.target
        reason = f"\n原因：{step.reason}" if step.reason else ""
        self.done = f"由{step.user_name}办理：{action.summary}，现在是“{step.get_target_display()}”。{reason}"
        self.address = addresses("proposal")

    def about(self, rows, user_id):
        """The message to this user about one or many."""
        if len(rows) == 1:
            return self.about_one(rows[0])
        named = "\n".join(_named(each) for each in rows[:NAMED])
        rest = f"\n等 {len(rows):,} 份。" if len(rows) > NAMED else ""
        own = all(each.pi_id == user_id for each in rows)
        return {
            "subject": f"{len(rows):,} 份申报书：{self.summary}",
            "body": f"{len(rows):,} 份申报书{self.done}\n{named}{rest}",
            "url": reverse("my-proposals") if own else f"{reverse('proposals')}?state={self.target}",
        }

    def about_one(self, proposal):
        """The message about one."""
        return {
            "subject": f"{proposal}：{self.summary}",
            "body": f"申报书{_named(proposal)}{self.done}",
            "url": self.address(proposal.pk),
        }


def _named(proposal):
    accepted = f"，受理编号 {proposal.accepted_number}" if proposal.accepted_number else ""
    return f"“{proposal}”（{proposal.number}{accepted}）"


def _pi(proposal):
    return [proposal.pi.user]


def _unit(proposal):
    return [*_LEGAL.rows(uscc=proposal.unit.uscc), *_AGENTS.rows(unit=proposal.unit_id)]


def reviewers_of(unit_ids):
    """`[(account, unit)]`, as numbers: 法人用户 and 授权人 of these units."""
    units = dict(Unit.objects.filter(pk__in=unit_ids).values_list("uscc", "pk"))
    agents = dict(Grant.objects.current().agents().filter(unit__in=unit_ids).values_list("holder_digest", "unit_id"))
    legal = User.objects.filter(kind=Kind.LEGAL, uscc__in=units).values_list("pk", "uscc")
    people = User.objects.known_by(list(agents)).values_list("pk", "identity_digest")
    return [*((pk, units[uscc]) for pk, uscc in legal), *((pk, agents[digest]) for pk, digest in people)]


def managers_of(department_ids):
    """`[(account, 二级单位)]`, as numbers: the managers of these 二级单位 who have logged in."""
    grants = Grant.objects.current().filter(department__in=department_ids)
    managers = dict(grants.values_list("holder_digest", "department_id"))
    people = User.objects.known_by(list(managers)).values_list("pk", "identity_digest")
    return [(pk, managers[digest]) for pk, digest in people]


def _next_reviewers(proposal):
    if proposal.state == State.UNIT:
        return _unit(proposal)
    return _MANAGERS.rows(department=proposal.department_id)


def _holding(grants):
    return User.objects.known_by(grants.order_by().values("holder_digest"))


_LEGAL = Kept(lambda: User.objects.filter(kind=Kind.LEGAL, uscc=Given("uscc")), by_key=True)
_AGENTS = Kept(lambda: _holding(Grant.objects.current().agents().filter(unit=Given("unit"))), by_key=True)
_MANAGERS = Kept(lambda: _holding(Grant.objects.current().filter(department=Given("department"))), by_key=True)
