"""Who is told when 科技局 moves the deadlines of a call, and what."""

from django.db.models import Q
from django.urls import reverse

from accounts.enums import Kind
from accounts.models import User
from accounts.notices import notify_many
from orgs.models import Grant, Unit
from projects.enums import Scope, State
from projects.facts import extension_times
from projects.models import Proposal
from zhgg.kit.moments import moment


def tell_of_extension(extension, rows, units):
    """Tell the PIs of what is 未提交 among `rows`, and whoever reviews for the units concerned."""
    call = extension.call
    times = [f"{label}延至 {moment(time)}" for label, time in extension_times(extension)]
    subject = f"延期通知：{call}"
    body = f"“{call}”{'，'.join(times)}。\n原因：{extension.reason}"
    pis = set(rows.filter(state=State.DRAFT).values_list("pi_id", flat=True))
    concerned = Unit.objects.filter(pk__in=[unit.pk for unit in units] or rows.values("unit_id"))
    url = call.get_absolute_url()
    if extension.scope == Scope.PROPOSAL:
        url = extension.proposal.get_absolute_url()
        body = f"申报书“{extension.proposal}”（{extension.proposal.number}）：{body}"
    reviewers = _reviewers(concerned, rows) - pis
    _tell(pis, subject, f"{body}\n您的申报书还没有提交，请按时提交。", url)
    _tell(reviewers, subject, body, url if extension.scope == Scope.PROPOSAL else _list_of(call))


def tell_of_closing(call, reason):
    """Tell the PIs of what is 未提交, and now cannot be submitted any more."""
    pis = Proposal.objects.filter(call=call, state=State.DRAFT).values_list("pi_id", flat=True)
    happened = f"“{call}”已于 {moment(call.closes_at)} 结束受理。\n原因：{reason}"
    body = f"{happened}\n您的申报书还没有提交。如有疑问，请与科技局联系。"
    _tell(set(pis), f"结束受理：{call}", body, call.get_absolute_url())


def _reviewers(units, rows):
    """Ids of 法人用户 and 授权人 of these units, and of the managers of the 二级单位 that have some of `rows`."""
    grants = Grant.objects.current().filter(
        Q(department=None, unit__in=units.values("pk")) | Q(department__in=rows.values("department_id"))
    )
    legal = Q(kind=Kind.LEGAL, uscc__in=units.values("uscc"))
    people = Q(kind=Kind.PERSON, identity_digest__in=grants.values("holder_digest"))
    return set(User.objects.filter(legal).values_list("pk", flat=True)) | set(
        User.objects.filter(people).values_list("pk", flat=True)
    )


def _list_of(call):
    return f"{reverse('proposals')}?call={call.pk}"


def _tell(users, subject, body, url):
    notify_many([(pk, subject, body, url) for pk in sorted(users)])
