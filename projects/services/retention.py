"""How long what is kept: one table, and the clearing away of what is past its time.

The 个人信息保护告知 (templates/accounts/privacy) and docs/operations.md promise the same times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from axes.models import AccessAttempt
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts import audit
from accounts.enums import AuditAction
from accounts.models import AuditEvent, KeptForm, LoginAttempt, Notice, Session
from accounts.services import ATTEMPT_LIFETIME
from orgs.models import DepartmentImport
from projects.enums import State
from projects.models import DataCopy, DeadlineReminder, Printout, Proposal
from projects.services import attachments, made_pdfs, own_copies, printouts
from zhgg.kit.clock import database_now
from zhgg.kit.uploads.orphans import find_missing, find_orphans, remove_orphans

DAY, YEAR = timedelta(days=1), timedelta(days=365)
SIX_MONTHS = timedelta(days=183)
READ_FOR, DRAFTS_FOR, JOBS_FOR = 2 * YEAR, 3 * YEAR, timedelta(days=30)


@dataclass(frozen=True)
class Rule:
    """What is kept how long, why, and where that is laid down.

    `count()` is how much of it is past its time. `clear()` removes that and answers how much it was; None where this
    is only reported.
    """

    what: str
    kept: str
    why: str
    source: str
    count: Callable[[], int]
    clear: Callable[[], int] | None = None


def _rows(find):
    """`count` and `clear` of rows that are simply deleted."""
    return {"count": lambda: find().count(), "clear": lambda: _delete(find())}


def _delete(rows):
    _, deleted = rows.delete()
    return deleted.get(rows.model._meta.label, 0)


def _kept_forms():
    return KeptForm.objects.filter(kept_until__lte=Now())


def _sessions():
    return Session.objects.filter(expire_date__lt=database_now())


def _attempts():
    return LoginAttempt.objects.filter(started_at__lt=Now() - ATTEMPT_LIFETIME)


def _failed_logins():
    return AccessAttempt.objects.filter(attempt_time__lt=Now() - SIX_MONTHS)


def _imports():
    return DepartmentImport.objects.filter(confirmed_at=None, uploaded_at__lt=Now() - DAY)


# procrastinate's models are read-only to Django. What failed stays: it waits for somebody to look at it.
_OLD_JOBS = """
    FROM procrastinate_jobs AS job
    WHERE job.status IN ('succeeded', 'cancelled', 'aborted') AND NOT EXISTS (
        SELECT 1 FROM procrastinate_events AS event WHERE event.job_id = job.id AND event.at > now() - %s
    )
"""


def _count_jobs():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_OLD_JOBS}", [JOBS_FOR])  # nosec B608: a constant
        return cursor.fetchone()[0]


def _delete_jobs():
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE {_OLD_JOBS}", [JOBS_FOR])  # nosec B608: a constant
        return cursor.rowcount


def _notices():
    return Notice.objects.filter(read_at__lt=Now() - READ_FOR)


def _reminders():
    return DeadlineReminder.objects.filter(due__lt=Now() - READ_FOR)


def _printouts():
    return Printout.objects.filter(printouts.past_its_time())


def _copies():
    return DataCopy.objects.filter(asked_at__lte=Now() - made_pdfs.KEPT_FOR)


def _drafts():
    """Never submitted, untouched for years, in a call that is over."""
    never = Proposal.objects.filter(state=State.DRAFT, submission_count=0, updated_at__lt=Now() - DRAFTS_FOR)
    return never.filter(call__review_closes_at__lt=Now())


def _delete_drafts():
    return sum(delete_never_submitted(pk, _drafts()) for pk in list(_drafts().values_list("pk", flat=True)))


def delete_never_submitted(pk, proposals):
    """Delete one of these drafts with its files, unless it is no longer one of them once it is locked. How many."""
    with transaction.atomic():
        proposal = proposals.select_for_update(of=("self",)).filter(pk=pk, submission_count=0).first()
        if proposal is None:
            return 0
        attachments.remove_all(proposal)
        printouts.remove_all(proposal)
        proposal.delete()
        return 1


def _audit():
    return AuditEvent.objects.filter(at__lt=Now() - SIX_MONTHS).count()


PIPL = "个人信息保护法第十九条"
RULES = (
    Rule("超时后保留的表单", "1 小时，维护期间到维护结束后 24 小时", "只为恢复填写的内容", PIPL, **_rows(_kept_forms)),
    Rule("已结束的会话", "到期", "只为保持登录", PIPL, **_rows(_sessions)),
    Rule("没有返回的登录", "10 分钟", "只为完成登录", PIPL, **_rows(_attempts)),
    Rule("工作人员失败的登录", "6 个月", "发现猜测密码", "网络安全法第二十一条", **_rows(_failed_logins)),
    Rule("没有确认的二级单位导入", "1 天", "只为预览", PIPL, **_rows(_imports)),
    Rule("我的数据 PDF", "24 小时", "只为下载", PIPL, lambda: _copies().count(), own_copies.remove_copies),
    Rule(
        "申报书 PDF（最近一次提交的除外）",
        "24 小时",
        "需要时重新生成",
        PIPL,
        lambda: _printouts().count(),
        printouts.clear_away,
    ),
    Rule("办完的后台任务", "30 天", "查明故障", "运行需要", _count_jobs, _delete_jobs),
    Rule("已读消息", "已读后 2 年", "内容另有办理记录", PIPL, **_rows(_notices)),
    Rule("截止前提醒的记录", "截止后 2 年", "只为不重复提醒", PIPL, **_rows(_reminders)),
    Rule(
        "从未提交的申报书草稿", "批次结束且 3 年没有改动", "不是档案", PIPL, lambda: _drafts().count(), _delete_drafts
    ),
    Rule(
        "没有记录的上传文件",
        "1 天",
        "写入中断留下的",
        "运行需要",
        lambda: sum(1 for _ in find_orphans()),
        remove_orphans,
    ),
    Rule("文件丢失的记录", "只报告，须从备份恢复", "不应当有", "运行需要", lambda: sum(1 for _ in find_missing())),
    Rule("超过 6 个月的审计记录", "不少于 6 个月；程序不删除", "查明责任，封存成链", "网络安全法第二十一条", _audit),
    Rule("提交过的申报书和审核记录", "按档案管理规定；程序不删除", "科技项目档案", "档案法", lambda: 0),
)
"""Every rule, in the order in which they are applied."""


@dataclass(frozen=True)
class Outcome:
    """What a rule found, and what was removed by it (None: nothing is removed by it, or it was a dry run)."""

    rule: Rule
    found: int
    removed: int | None


def go_through(*, apply=False):
    """Count what is past its time by each rule, and with `apply` remove it; the Outcomes.

    Each rule has transactions of its own: broken off, it goes on with the next run. What was removed is written down.
    """
    outcomes = []
    for rule in RULES:
        found = rule.count()
        outcomes.append(Outcome(rule, found, rule.clear() if apply and rule.clear else None))
    removed = {outcome.rule.what: outcome.removed for outcome in outcomes if outcome.removed}
    if apply:
        audit.record(AuditAction.RETENTION_APPLIED, detail={"removed": removed})
    return outcomes
