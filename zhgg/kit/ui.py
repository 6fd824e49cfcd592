"""What pages hand to the `ui` template tags: small frozen values, and the two table columns every list needs.

Nothing here knows an app of ours. An app maps its own states to a `Badge`, its history to `TimelineItem`s and its
record to `Fact`s; the tags draw them.

    Badge("单位审核", "todo", "building-2", note="已等待 2 天")      {% badge obj %}
    TimelineItem("back", "单位退回", who="周岚", when=…, quote="…")    {% timeline items %}
    Fact("E-mail", org.email)  Fact("证件号码", Masked(…))             {% facts rows %}
    Link("单位审核", "?state=unit", count=9, todo=True)                {% chips links %}  {% tabs links label="环节" %}
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from zhgg.kit.markup import markup, text
from zhgg.kit.masking import mask_bank, mask_email, mask_id, mask_name, mask_phone

TONES = ("draft", "todo", "info", "ok", "bad", "mute")
"""Tones of a badge. Colour says whose turn it is (`todo` = the viewer's); icon and words say which state it is."""

MOMENTS = ("done", "now", "next", "back")
"""Tones of a line in a timeline."""

ROUTE_WORDS = {"done": "已通过", "now": "办理中", "later": "未到"}
"""Statuses of a step of the route, with the words that are read out."""

MASKS = {
    "id": ("证件号码", mask_id),
    "phone": ("手机号码", mask_phone),
    "bank": ("银行账号", mask_bank),
    "name": ("姓名", mask_name),
    "email": ("E-mail", mask_email),
}
"""Styles of a masked value: the label of what is hidden, and the function that hides it."""


def one_of(value, allowed, what):
    """`value`, or ValueError when it is none of `allowed`: a typing mistake must not reach a page as a grey box."""
    if value not in allowed:
        raise ValueError(f"{what} is one of {', '.join(allowed)}; got {value!r}")
    return value


@dataclass(frozen=True)
class Badge:
    """A state as one viewer sees it. `note` is the small line under it (被退回 11-20, 已等待 2 天)."""

    label: str
    tone: str
    icon: str
    note: str = ""

    def __post_init__(self):
        one_of(self.tone, TONES, "tone of a badge")


@dataclass(frozen=True)
class TimelineItem:
    """One line of 办理记录, newest first. `quote` is a reason in the words of the person who gave it."""

    tone: str
    title: str
    who: str = ""
    when: datetime | date | None = None
    quote: str = ""
    note: str = ""
    icon: str = ""

    def __post_init__(self):
        one_of(self.tone, MOMENTS, "tone of a timeline item")


@dataclass(frozen=True)
class Masked:
    """A value that is shown masked until it is asked for. `kind` and `object_id` name it for the audit trail. What is
    the viewer's `own` is shown without a reason."""

    kind: str
    object_id: Any
    value: str
    style: str = "id"
    label: str = ""
    own: bool = False

    def __post_init__(self):
        one_of(self.style, tuple(MASKS), "style of a mask")


@dataclass(frozen=True)
class Fact:
    """A label and a value in view mode. The value may be text, a date, a number, a Badge, a Masked or safe HTML."""

    label: str
    value: Any
    full: bool = False


@dataclass(frozen=True)
class Link:
    """An entry of a row of links (chips, tabs). `todo` paints the count amber: it waits for the viewer.

    `count_words` are read out after the count of a tab, for those who do not see what it stands for.
    """

    label: str
    url: str
    count: int | None = None
    current: bool = False
    icon: str = ""
    todo: bool = False
    count_words: str = ""


def row_action(label, url, name, tone="", dialog=""):
    """A link in the 操作 column: the verb, and the row's name for those who hear it instead of seeing the row.

    `tone` is "" (查看), "todo" (处理, 审核: it waits for the viewer) or "danger" (删除). `dialog` is the id of the
    <dialog> that script opens in place of the page behind `url`.
    """
    css = f"linkbtn linkbtn--{one_of(tone, ('todo', 'danger'), 'tone of a row action')}" if tone else "linkbtn"
    opens = f' data-dialog="{text(dialog)}"' if dialog else ""
    name = f'<span class="vh">{text(name)}</span>'
    return markup(f'<a class="{css}" href="{text(url)}"{opens}>{text(label)}{name}</a>')


class RowCheckColumn(tables.Column):
    """The first column of a list with a batch bar: a checkbox, only in rows that the viewer may act on.

    `may(record)` says whether there is one, `name_of(record)` what it is called when read out, `value_of(record)` what
    it sends (default: the number of the row), `form` the id of the form it is posted with (the form stands beside the
    table, because the pager has forms of its own).
    """

    empty_values = ()

    def __init__(self, *, may, name_of=str, value_of=None, form="batch", name="id", **extra):
        extra.setdefault("accessor", "pk")
        extra.setdefault("orderable", False)
        extra.setdefault("attrs", {"th": {"class": "cell-check"}, "td": {"class": "cell-check"}})
        super().__init__(**extra)
        self.may, self.name_of, self.value_of, self.form, self.name = may, name_of, value_of, form, name

    @property
    def header(self):
        return format_html(
            '<label class="needs-js"><span class="vh">{}</span><input type="checkbox" data-check-all></label>'
            '<span class="vh">选择</span>',
            "全选本页可处理的项目",
        )

    def render(self, value, record):
        if not self.may(record):
            return ""
        value = self.value_of(record) if self.value_of else value
        return markup(
            f'<input class="row-check" type="checkbox" name="{self.name}" value="{text(value)}" form="{self.form}"'
            f' aria-label="选择：{text(self.name_of(record))}">'
        )


class ActionsColumn(tables.Column):
    """The last column of a list: 操作. `actions(record)` returns row actions made by `row_action`."""

    empty_values = ()

    def __init__(self, actions, *, verbose_name="操作", **extra):
        extra.setdefault("accessor", "pk")
        extra.setdefault("orderable", False)
        extra.setdefault("attrs", {"td": {"class": "c-ops"}})
        super().__init__(verbose_name=verbose_name, **extra)
        self.actions = actions

    def render(self, record):
        actions = self.actions(record)
        if not isinstance(actions, (list, tuple)):
            actions = [actions]
        return markup(f'<span class="ops">{"".join(map(text, actions))}</span>')
