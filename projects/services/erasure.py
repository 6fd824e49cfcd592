"""Erasure of one person (个人信息保护法 Art. 47): what may go goes, what the archive needs stays.

An 申报书 that was submitted is an archive of a public project with everybody it names, and so are its history, the
review history and the audit trail with their digests. All else is removed or emptied, and the account is closed: the
same person may log in again later, with a new account.
"""

from dataclasses import dataclass, field

from django.db import transaction

from accounts import audit
from accounts.enums import AuditAction, Kind
from accounts.managers import username_for
from accounts.models import IdentityConflict, KeptForm, Notice, User
from orgs.models import Grant
from profiles.enums import ReviewState
from profiles.models import Person, ProofDocument, ReviewRequest
from projects.enums import State
from projects.models import DataCopy, DeadlineReminder, Proposal
from projects.services.retention import delete_never_submitted
from zhgg.kit.errors import NotNow
from zhgg.kit.uploads.storage import remove_after_commit

NAMELESS = "已注销用户"
EMPTIED = (
    "sex",
    "nationality",
    "ethnicity",
    "political_status",
    "major",
    "mobile",
    "mobile_digest",
    "mobile_tail",
    "office_phone",
    "email",
    "qq",
    "wechat",
    "id_type",
    "id_number",
    "id_digest",
)
"""Of 个人信息; what is left says where the person worked and what they were when somebody reviewed it."""


@dataclass
class Erased:
    """What was removed and what stays, as `[(what, how much)]`."""

    account_id: int
    removed: list = field(default_factory=list)
    kept: list = field(default_factory=list)


def erase(*, account_id, reason, apply=False):
    """Erase the person behind a 个人用户 account; without `apply` only find out what that would come to.

    Raises User.DoesNotExist, and NotNow while something of theirs is under review, while they act for a unit, or when
    they are erased already.
    """
    with transaction.atomic():
        # The account first, as a login does: a login that is under way ends before this looks.
        user = User.objects.select_for_update().get(pk=account_id, kind=Kind.PERSON)
        digest = user.identity_digest
        grants = list(Grant.objects.filter(holder_digest=digest).order_by("pk").select_for_update()) if digest else []
        person = Person.objects.select_for_update().filter(user=user).first()
        proposals = list(Proposal.objects.filter(pi=user.pk).order_by("pk").select_for_update(of=("self",)))
        _refuse(user, grants, person, proposals)
        erased = Erased(user.pk)
        _drafts(erased, proposals, apply)
        archived = any(proposal.submission_count for proposal in proposals)
        _files(erased, user, person, apply)
        _rows(erased, user, apply)
        if apply:
            _empty(user, person, grants, archived)
        _say_what_stays(erased, person, grants, proposals, archived)
        if apply:
            detail = {"reason": reason, "removed": dict(erased.removed), "kept": dict(erased.kept)}
            audit.record(AuditAction.PERSON_ERASED, obj=user, label=f"账号 {user.pk}", detail=detail)
    return erased


def _refuse(user, grants, person, proposals):
    if user.subject.startswith("erased:"):
        raise NotNow("这个账号已经注销。")
    if current := [grant for grant in grants if grant.ended_at is None]:
        what = "、".join(f"{grant.unit}的{grant.get_role_display()}" for grant in current)
        raise NotNow(f"此人是{what}，请先结束授权。")
    if person and person.requests.filter(state=ReviewState.PENDING).exists():
        raise NotNow("此人的个人信息正在审核，请等审核结束。")
    under_way = [each.number for each in proposals if each.state in (State.DEPARTMENT, State.UNIT, State.BUREAU)]
    if under_way:
        raise NotNow(
            f"此人有 {len(under_way)} 份申报书正在审核（{'、'.join(under_way)}），请等审核结束，或由本人撤回。"
        )
    if IdentityConflict.objects.filter(account=user, state=IdentityConflict.State.OPEN).exists():
        raise NotNow("此人的账号有待核实的登录，请先在“账号核实”中处理。")


def _drafts(erased, proposals, apply):
    drafts = [proposal.pk for proposal in proposals if not proposal.submission_count]
    if apply:
        for pk in drafts:
            delete_never_submitted(pk, Proposal.objects.filter(state=State.DRAFT))
    erased.removed.append(("从未提交的申报书", len(drafts)))


def _files(erased, user, person, apply):
    documents = list(ProofDocument.objects.filter(person=person)) if person else []
    copies = list(DataCopy.objects.filter(user=user))
    if apply:
        for row in [*documents, *copies]:
            if row.storage_name:
                remove_after_commit(row.storage_name)
            row.delete()
    erased.removed += [("佐证材料", len(documents)), ("我的数据 PDF", len(copies))]


def _rows(erased, user, apply):
    for label, rows in (
        ("消息", Notice.objects.filter(recipient=user)),
        ("超时后保留的表单", KeptForm.objects.filter(user=user)),
        ("截止前提醒的记录", DeadlineReminder.objects.filter(recipient=user)),
    ):
        erased.removed.append((label, rows.count()))
        if apply:
            rows.delete()


def _empty(user, person, grants, archived):
    user.subject = f"erased:{user.pk}"
    user.username = username_for(user.issuer, user.subject)
    user.name = user.name if archived else NAMELESS
    user.phone = user.email = user.id_type = user.id_number = user.identity_digest = user.known_as = ""
    user.is_active, user.last_login = False, None
    # Another unusable password ends the sessions.
    user.set_unusable_password()
    user.save()
    for grant in grants:
        grant.holder_mobile = grant.holder_id_number = ""
        grant.save(update_fields=["holder_mobile", "holder_id_number"])
    if person is None:
        return
    for name in EMPTIED:
        setattr(person, name, "")
    person.birth_date = None
    person.name = user.name
    person.save()
    for request in ReviewRequest.objects.filter(person=person).select_for_update():
        request.id_number, request.person_name = "", user.name
        request.save(update_fields=["id_number", "person_name"])


def _say_what_stays(erased, person, grants, proposals, archived):
    submitted = sum(1 for proposal in proposals if proposal.submission_count)
    erased.removed += [("账号的联系方式、证件号码和登录", 1), ("个人信息中的联系方式和号码", 1 if person else 0)]
    if not archived:
        erased.removed.append(("姓名（审计和办理记录中的除外）", 1))
    erased.kept += [
        ("提交过的申报书（含提交时的负责人信息）", submitted),
        ("个人信息审核记录（不含号码和材料）", person.requests.count() if person else 0),
        ("授权记录（姓名、起止，不含号码）", len(grants)),
    ]
