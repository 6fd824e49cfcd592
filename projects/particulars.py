"""The particulars of the audit lines of 个人信息 and 申报书 in Chinese, for `orgs.particulars`."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from orgs import codes
from orgs.particulars import changed, choice
from profiles.enums import ProofKind
from profiles.workflow import ACTIONS as REVIEW_ACTIONS
from projects.enums import Paper, Scope, State, Tab
from projects.models import Announcement, Call
from projects.workflow import SUMMARIES
from zhgg.kit.uploads.kinds import shown_size


def _action(key):
    return REVIEW_ACTIONS[key].summary if key in REVIEW_ACTIONS else SUMMARIES.get(key, "")


def _source(value):
    return f"由“{State(value).label}”" if value in State.values else f"来自{value}"


def _kind(code):
    if code in ProofKind.values:
        return ProofKind(code).label
    rows = codes.table("attachment_type").rows
    return rows[code]["name"] if code in rows else ""


def _until(label):
    return lambda text: f"{label}延至 {timezone.localtime(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"


WORDS = {
    "action": _action,
    "from": _source,
    "to": choice(State, "到“{}”"),
    "batch": "共 {:,} 条".format,
    "created": lambda _: "新建",
    "changed": lambda names: changed(names, Call, Announcement, User),
    "deleted": "删除：{}".format,
    "file_added": "上传：{}".format,
    "file_removed": "删除：{}".format,
    "scope": choice(Scope),
    "count": "{:,} 份申报书".format,
    "submit_until": _until("申报截止"),
    "review_until": _until("单位审核截止"),
    "withdrawn": lambda _: "改回原来的内容",
    "copied_from": "复制自 {}".format,
    "tab": choice(Tab),
    "by_itself": lambda _: "自动保存",
    "kind": _kind,
    "paper": choice(Paper),
    "submission": "第 {} 次提交".format,
    "size": shown_size,
}
