"""Which transition of an 申报书 tells whom what: the one place that says so."""

from accounts.enums import Kind
from accounts.models import User
from accounts.notices import notify
from orgs.models import Grant
from projects.enums import State


def tell(action, proposal, step):
    """Notify everybody whom the action names. Runs inside the transaction, so a rolled-back step tells nobody."""
    audience = {"pi": _pi, "unit": _unit, "next": _next_reviewers}
    recipients = [user for key in action.tells for user in audience[key](proposal) if user.pk != step.user_id]
    if not recipients:
        return
    reason = f"\n原因：{step.reason}" if step.reason else ""
    notify(
        recipients,
        subject=f"{proposal}：{action.summary}",
        body=(
            f"申报书“{proposal}”（{proposal.number}）由{step.user_name}办理：{action.summary}，"
            f"现在是“{proposal.get_state_display()}”。{reason}"
        ),
        url=proposal.get_absolute_url(),
    )


def _pi(proposal):
    return [proposal.pi.user]


def _unit(proposal):
    agents = Grant.objects.current().agents().filter(unit=proposal.unit).values("holder_digest")
    return [
        *User.objects.filter(kind=Kind.LEGAL, uscc=proposal.unit.uscc),
        *User.objects.filter(kind=Kind.PERSON, identity_digest__in=agents),
    ]


def _next_reviewers(proposal):
    if proposal.state == State.UNIT:
        return _unit(proposal)
    managers = Grant.objects.current().filter(department_id=proposal.department_id).values("holder_digest")
    return list(User.objects.filter(kind=Kind.PERSON, identity_digest__in=managers))
