"""What the system holds on one person, whole: the parts of every app, as JSON and as a page to be printed.

Of an 申报书 the person gets what they filled in as 负责人, and as 成员 the row about themselves alone. Members and
contacts who are other people are left out and counted.
"""

import json

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.identity import identity_digest
from accounts.own_data import PARTS, Part, text, told
from orgs.own_data import ACCOUNT, DOINGS
from orgs.own_data import PARTS as OF_UNITS
from profiles.own_data import PARTS as OF_PEOPLE
from projects.enums import Tab
from projects.models import Attachment, DeadlineReminder, Participant, Proposal, data_to_show
from projects.sections.reading import in_words
from projects.sections.registry import FORMS
from projects.snapshot import FRAME, LABELS
from projects.workflow import SUMMARIES
from zhgg.kit.clock import database_now
from zhgg.kit.masking import UNREADABLE

PRINTED = 500
"""So many rows of a part are printed; JSON has all of them."""
CONTACTS = ("contact_name", "contact_mobile")


def _led(user):
    proposals = Proposal.objects.filter(pi__user=user).select_related("call", "unit", "department").order_by("pk")
    for proposal in proposals:
        drafted = {section.tab: data_to_show(section) for section in proposal.sections.all()}
        yield (
            _facts(proposal)
            | {"最近一次保存的内容": _content(user, proposal.call, drafted)}
            | {
                "历次提交": [
                    told(submission, "number", "submitted_at") | _content(user, proposal.call, data_to_show(submission))
                    for submission in proposal.submissions.order_by("number")
                ]
            }
            | {"附件": [told(file, "label", "size", "sha256", "uploaded_at") for file in _files(proposal)]}
            | {"办理记录": [_step(user, step) for step in proposal.steps.order_by("number")]}
        )


def _files(proposal):
    return Attachment.objects.filter(proposal=proposal).order_by("pk")


def _step(user, step):
    own = {"办理人": step.user_name} if step.user_id == user.pk else {}
    action = SUMMARIES.get(step.action, step.action)
    return told(step, "number", "at") | {"办理": action} | told(step, "place", "target", "reason") | own


def _joined(user):
    """By the last submission of each 申报书: a draft, and what was changed since, is the PI's alone."""
    if not user.identity_digest:
        return
    named = Participant.objects.filter(digest=user.identity_digest, leads=False)
    proposals = Proposal.objects.filter(participants__in=named).select_related("call", "unit", "department")
    for proposal in proposals.order_by("pk"):
        submission = proposal.submissions.order_by("-number").first()
        members = (data_to_show(submission) or {}).get(Tab.TEAM, {}).get("members") or []
        spec = FORMS[Tab.TEAM].tables[0]
        columns = spec.form(call=proposal.call, key="1").fields
        yield _facts(proposal) | {
            "本人": [_spelt_out(columns, row) for row in members if _is_of(user, row)],
        }


def _facts(proposal):
    return told(proposal, "number", "call", "title", "unit", "department", "state", "submitted_at", "accepted_number")


def _content(user, call, data):
    """`{tab: what is filled in}`, codes spelt out and numbers in full."""
    if data is None:
        return {"内容": UNREADABLE}
    content = {}
    for tab, form_class in FORMS.items():
        if tab in data and data[tab] is None:
            content[tab.label] = UNREADABLE
        elif tab in data:
            content[tab.label] = _tab(user, form_class(call=call), data[tab])
    pi = (data.get(FRAME) or {}).get("pi")
    if pi:
        content["负责人（提交时）"] = {label: text(pi.get(name)) for name, label in LABELS["pi"].items()}
    return content


def _tab(user, form, data):
    fields = form.fields
    if set(CONTACTS) <= fields.keys() and data.get("contact_name") != user.name:
        fields = {name: field for name, field in fields.items() if name not in CONTACTS}
    told_of = _spelt_out(fields, data)
    for spec in form.tables:
        rows, columns = data.get(spec.name) or [], form.row_sets[spec.name].blank.fields
        if "id_number" in columns:
            own = [row for row in rows if _is_of(user, row)]
            told_of[f"{spec.title}（其他人，不在此列）"] = f"{len(rows) - len(own)} 人"
            rows = own
        columns = {name: column for name, column in columns.items() if name not in CONTACTS}
        told_of[spec.title] = [_spelt_out(columns, row) for row in rows]
    return told_of


def _is_of(user, row):
    number = row.get("id_number")
    return bool(number) and identity_digest(row.get("id_type", ""), number) == user.identity_digest


def _spelt_out(fields, data):
    row = {}
    for name, field in fields.items():
        label = str(field.label)
        # Some labels stand twice in a form, each time under another heading.
        row[label if label not in row else f"{label}（{name}）"] = in_words(field, data.get(name))
    return row


def _reminders(user):
    for reminder in DeadlineReminder.objects.filter(recipient=user).order_by("pk"):
        yield told(reminder, "task", "due", "hours", "count", "sent_at")


ALL = (
    ACCOUNT,
    *PARTS,
    *OF_PEOPLE,
    *OF_UNITS,
    Part("申报书（负责人）", ("projects.proposal.pi", "projects.attachment.uploaded_by"), _led),
    Part("申报书（成员）", (), _joined),
    Part("截止前提醒", ("projects.deadlinereminder.recipient",), _reminders),
    DOINGS,
)
"""Every part, in the order in which it is told."""

DONE_AS_A_ROLE = "办理人是谁，随所办理的内容保存；本人的每一次办理都在“本人的操作记录”中"
THE_UNITS = "单位的内容，不是个人的；由法人单位查阅"
FOR_STAFF = "只有科技局工作人员有，不在这里提供"
ELSEWHERE = {
    "accounts.identityconflict.settled_by": FOR_STAFF,
    "accounts.session.user": "只说谁登录着，没有别的内容，退出或到期即删除",
    "accounts.user.seal_id": "账号本身，见“账号”",
    "admin.logentry.user": FOR_STAFF,
    "otp_static.staticdevice.user": FOR_STAFF,
    "otp_totp.totpdevice.user": FOR_STAFF,
    "orgs.grant.seal_id": "按证件号码的摘要找到，见“授权”",
    "orgs.grant.started_by": DONE_AS_A_ROLE,
    "orgs.grant.ended_by": DONE_AS_A_ROLE,
    "orgs.departmentimport.user": "导入的名单是单位的内容，一小时后删除；" + DONE_AS_A_ROLE,
    "orgs.unit.seal_id": THE_UNITS,
    "profiles.reviewrequest.decided_by": DONE_AS_A_ROLE,
    "projects.announcementchange.by": FOR_STAFF,
    "projects.callchange.by": FOR_STAFF,
    "projects.callfile.uploaded_by": FOR_STAFF,
    "projects.datacopy.user": "就是这里生成的文件",
    "projects.datacopy.uploaded_by": "就是这里生成的文件",
    "projects.extension.by": FOR_STAFF,
    "projects.maintenance.set_by": FOR_STAFF,
    "projects.printout.asked_by": "等待 PDF 的人，生成后即删除",
    "projects.printout.uploaded_by": "由系统生成，没有上传人",
    "projects.section.seal_id": "申报书的内容，见“申报书（负责人）”",
    "projects.step.user": DONE_AS_A_ROLE,
    "projects.submission.seal_id": "申报书的内容，见“申报书（负责人）”",
}
"""Columns that tie a row to a person and are in no part, with the reason. Encrypted tables are named by `seal_id`."""


def as_json(user):
    """All parts as one JSON document, in pieces, so that a long history takes no memory."""
    head = {
        "名称": "智汇攻关中关于本人的数据",
        "姓名": user.name,
        "生成时间": text(database_now()),
        "说明": "个人信息保护法第四十五条。号码不遮盖，请妥善保管。他人的个人信息不在其中。",
    }
    yield "{\n" + ",\n".join(f"{_dumped(name)}: {_dumped(value)}" for name, value in head.items())
    for part in ALL:
        yield f",\n{_dumped(part.label)}: ["
        for number, row in enumerate(part.read(user)):
            yield f"{',' if number else ''}\n  {_dumped(row)}"
        yield "\n]"
    yield "\n}\n"


def _dumped(value):
    return json.dumps(value, ensure_ascii=False)


def as_page(user):
    """All parts as the HTML that `kit.pdf` prints."""
    parts = []
    for part in ALL:
        rows = list(part.read(user))
        lines = [list(_lines(row)) for row in rows[:PRINTED]]
        parts.append({"label": part.label, "rows": lines, "count": len(rows), "more": len(rows) > PRINTED})
    context = {
        "parts": parts,
        "name": user.name,
        "at": timezone.localtime(database_now()),
        "printed": PRINTED,
        "demo": settings.ALLOW_SYNTHETIC_IDS,
    }
    return render_to_string("projects/pdf/own_data.html", context)


def _lines(value, path=""):
    """`(label, text)` of all that a row says, what lies deeper labelled by the way to it; nothing for empty values."""
    for label, inner in value.items():
        name = f"{path} › {label}" if path else label
        if isinstance(inner, dict):
            yield from _lines(inner, name)
        elif isinstance(inner, list):
            for number, item in enumerate(inner, start=1):
                if isinstance(item, dict):
                    yield from _lines(item, f"{name} {number}")
                else:
                    yield f"{name} {number}", str(item)
        elif inner not in ("", None):
            yield name, str(inner)
