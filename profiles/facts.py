"""How 个人信息 reads on pages: facts, what a request changes, who did what when."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.html import format_html

from orgs import codes
from orgs.enums import Role
from profiles.enums import ReviewState
from profiles.models import ProofDocument, ReviewedFields
from zhgg.kit.fields import to_show
from zhgg.kit.icons import draw_icon
from zhgg.kit.masking import mask_id
from zhgg.kit.ui import Fact, Masked, TimelineItem
from zhgg.kit.uploads.kinds import shown_size

TABLES = {
    "id_type": "id_document_type",
    "education": "education",
    "degree": "degree",
    "title_level": "title_level",
    "sex": "sex",
    "nationality": "country_region",
    "ethnicity": "ethnicity",
    "political_status": "political_status",
}
"""Field → code table that spells its value out."""

REVIEWED_LABELS = {name: ReviewedFields._meta.get_field(name).verbose_name for name in ReviewedFields.REVIEWED}


def words(holder, field):
    """The value of one field of a Person or ReviewRequest in words; "" where there is none."""
    value = getattr(holder, field)
    if value is None:
        return ""
    return codes.table(TABLES[field]).label(value) if field in TABLES else str(value)


def place(unit, department):
    """工作单位(部门) as lists show it: 重庆大学（软件学院）."""
    return f"{unit.name}（{department.name}）" if department else unit.name


def reviewer(request):
    """Who reviews the request, in words."""
    return place(request.unit, request.reviewing_department)


def waiting(since):
    """已等待 2 天, by the calendar; 今天提交 on the first day."""
    days = (timezone.localdate() - timezone.localdate(since)).days
    return f"已等待 {days} 天" if days else "今天提交"


# Facts ---------------------------------------------------------------------------------------------------------------


def own_facts(person, record):
    """Everything in the guide's order, for the person. `record` holds the reviewed fields: the approved record, or what
    was submitted while there is none; None before the first 提交."""
    holder = record or person
    unit = holder.unit
    kind = "person-id-number" if holder is person else "request-id-number"
    return [
        Fact("姓名", person.name),
        Fact("性别", words(person, "sex")),
        Fact("国籍/地区", words(person, "nationality")),
        Fact("民族", words(person, "ethnicity")),
        Fact("政治面貌", words(person, "political_status")),
        Fact(_reviewed("证件类型"), words(holder, "id_type")),
        Fact(_reviewed("证件号码"), Masked(kind, holder.pk, to_show(holder, "id_number"), own=True)),
        Fact("出生日期", person.birth_date),
        Fact("工作单位所在省/市", codes.table("province").label(unit.province) if unit else ""),
        Fact("工作单位所在区/县", codes.table("china_division").label(unit.district) if unit else ""),
        Fact("工作单位地域", codes.table("unit_scope").label(unit.scope) if unit else ""),
        Fact("单位性质", codes.table("unit_nature").label(unit.nature) if unit else ""),
        Fact(_reviewed("工作单位名称"), words(holder, "unit")),
        Fact(_reviewed("二级单位（部门）"), words(holder, "department")),
        Fact("单位通信地址", unit.address if unit else ""),
        *(Fact(_reviewed(REVIEWED_LABELS[field]), words(holder, field)) for field in ("education", "degree")),
        *(Fact(_reviewed(REVIEWED_LABELS[field]), words(holder, field)) for field in ("title_level", "position")),
        Fact("专业", person.major),
        Fact("手机", Masked("person-mobile", person.pk, person.mobile, "phone", "手机", own=True)),
        Fact("办公电话", person.office_phone),
        Fact("Email", person.email),
        Fact("QQ", person.qq),
        Fact("微信", person.wechat),
    ]


def _reviewed(label):
    """The label of a reviewed field: a shield to see, words to hear."""
    return format_html('{} {}<span class="vh">（需审核）</span>', label, draw_icon("shield-check"))


def facts_for_reviewer(request):
    """What a reviewer sees beside the reviewed fields. 民族, 政治面貌, QQ and 微信 are nobody's business here."""
    person = request.person
    return [
        Fact("性别", words(person, "sex")),
        Fact("出生年月", f"{person.birth_date:%Y-%m}" if person.birth_date else ""),
        Fact("国籍/地区", words(person, "nationality")),
        Fact("专业", person.major),
        Fact("手机", Masked("request-mobile", request.pk, person.mobile, "phone", "手机")),
        Fact("办公电话", person.office_phone),
        Fact("Email", person.email),
    ]


def facts_for_officers(person):
    """What 科技局 sees of a person: the approved record, and how to reach them."""
    return [
        Fact("性别", words(person, "sex")),
        Fact("国籍/地区", words(person, "nationality")),
        Fact("出生日期", person.birth_date),
        Fact("证件类型", words(person, "id_type")),
        Fact("证件号码", Masked("person-id-number", person.pk, to_show(person, "id_number"))),
        Fact("工作单位", person.unit),
        Fact("二级单位（部门）", person.department),
        *(Fact(REVIEWED_LABELS[field], words(person, field)) for field in ("education", "degree", "title_level")),
        Fact("职务", person.position),
        Fact("专业", person.major),
        Fact("手机", Masked("person-mobile", person.pk, person.mobile, "phone", "手机")),
        Fact("办公电话", person.office_phone),
        Fact("Email", person.email),
    ]


# Differences ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One reviewed field before and after. The values are texts or Masked."""

    label: str
    old: Any
    new: Any
    changed: bool


def differences(before, after, *, kind_before="", own=False):
    """Every reviewed field of two records, changed ones first. `before` is None for the first submission.

    `after` is a ReviewRequest. `kind_before` names the old 证件号码 for 显示; without it the old one stays masked.
    `own` says that both are shown to the person whom they are about.
    """
    rows = [_difference(before, after, field, kind_before, own) for field in ReviewedFields.REVIEWED]
    return sorted((row for row in rows if row.new or row.old), key=lambda row: not row.changed)


def _difference(before, after, field, kind_before, own):
    changed = before is None or to_show(before, field) != to_show(after, field)
    if field == "id_number":
        old = _old_number(before, kind_before, own)
        number = to_show(after, "id_number")
        new = Masked("request-id-number", after.pk, number, own=own) if number else ""
    else:
        old = words(before, field) if before else ""
        new = words(after, field)
    return Difference(REVIEWED_LABELS[field], old, new, changed)


def _old_number(before, kind, own):
    number = to_show(before, "id_number") if before else ""
    if not number:
        return ""
    return Masked(kind, before.pk, number, own=own) if kind else mask_id(number)


def number_changed(rows):
    """How many of the differences are changes."""
    return sum(row.changed for row in rows)


# Documents -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paper:
    """One proof document as lists show it."""

    document: ProofDocument
    size: str
    note: str = ""

    @property
    def kind(self):
        return self.document.get_kind_display()


def papers(documents):
    """Proof documents for a list."""
    return [Paper(document, shown_size(document.size)) for document in documents]


def own_papers(person, latest):
    """The person's current ones; each says whether `latest`, the person's latest request or None, took it along."""
    documents = person.documents.current().marked(latest)
    return [Paper(each, shown_size(each.size), _where(each.sent, latest)) for each in documents]


def _where(sent, latest):
    return f"已随 {timezone.localtime(latest.submitted_at):%Y-%m-%d} 的提交送审" if sent else "尚未送审"


# History -------------------------------------------------------------------------------------------------------------


def history(requests, *, mine=False):
    """办理记录 of these requests (latest first), newest line first. `mine`: what waits, waits for the viewer."""
    return [item for request in requests for item in _lines(request, mine)]


def _lines(request, mine):
    if request.withdrawn_at:
        yield TimelineItem(
            "done", "改回已生效的内容", who=request.person.name, when=request.withdrawn_at, icon="undo-2"
        )
    if request.decided_at:
        yield TimelineItem(
            "back" if request.state == ReviewState.REJECTED else "done",
            ReviewState(request.state).label,
            who=request.decider_name,
            when=request.decided_at,
            quote=request.reason,
            note=Role(request.decider_role).label if request.decider_role else "",
            icon="x" if request.state == ReviewState.REJECTED else "",
        )
    if request.state == ReviewState.PENDING:
        title = "等您审核" if mine else f"等待{reviewer(request)}审核"
        yield TimelineItem("now", title, when=request.submitted_at, note=waiting(request.submitted_at))
    superseded = request.state == ReviewState.REPLACED and not request.withdrawn_at
    note = "之后重新提交，这一份不再审核" if superseded else ""
    yield TimelineItem("done", "提交审核", who=request.person.name, when=request.submitted_at, note=note, icon="send")
