"""How a value reads in view mode: days, numbers, facts, and what is masked."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from zhgg.kit import ui
from zhgg.kit.icons import draw_icon
from zhgg.kit.markdown import render
from zhgg.kit.markup import markup, text
from zhgg.kit.masking import UNREADABLE
from zhgg.kit.moments import day, moment
from zhgg.kit.templatetags.ui.marks import draw_badge
from zhgg.kit.uploads.kinds import shown_size

register = template.Library()

NOT_FILLED = "未填写"


register.filter(moment)
register.filter(day)


@register.filter
def markdown(source):
    """A text in Markdown as safe HTML, to stand in `<div class="prose">`."""
    return render(source)


@register.filter
def file_size(value):
    """A number of bytes: 1.2 MB, 860 KB."""
    return shown_size(value)


@register.filter
def grouped(value):
    """A number with thousands commas: 1,592."""
    return f"{value:,}"


def shown(context, value):
    """A value of any kind as view mode shows it; None when there is nothing to show."""
    if isinstance(value, SafeString):
        return value or None
    if isinstance(value, ui.Badge):
        return draw_badge(value)
    if isinstance(value, ui.Masked):
        return draw_masked(context, value) if value.value else None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (datetime, date)):
        return moment(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return "，".join(str(each) for each in value) or None
    if value is None or not str(value).strip():
        return None
    if isinstance(value, Decimal):
        return grouped(value)
    return str(value)


def draw_fact(context, label, value, full):
    value, css = shown(context, value), ' class="full"' if full else ""
    if value is None:
        return f'<div{css}><dt>{text(label)}</dt><dd class="empty">{NOT_FILLED}</dd></div>'
    return f"<div{css}><dt>{text(label)}</dt><dd>{text(value)}</dd></div>"


@register.simple_tag(takes_context=True)
def fact(context, label, value, full=False):
    """`{% fact "通信地址" org.address full=True %}` inside `<dl class="facts facts--3">`."""
    return markup(draw_fact(context, label, value, full))


@register.simple_tag(takes_context=True)
def facts(context, rows, columns=3):
    """`{% facts rows columns=3 %}`: rows are kit.ui.Fact or (label, value)."""
    return markup(draw_facts(context, rows, columns))


def draw_facts(context, rows, columns=3):
    rows = [row if isinstance(row, ui.Fact) else ui.Fact(*row) for row in rows]
    body = "".join([draw_fact(context, row.label, row.value, row.full) for row in rows])
    return f'<dl class="facts{" facts--3" if columns == 3 else ""}">{body}</dl>'


@register.simple_tag(takes_context=True)
def reads(context, value):
    """`{% reads cell.value %}`: a value of any kind as view mode shows it, – for nothing; in tables."""
    return markup(draw_value(context, value))


def draw_value(context, value):
    value = shown(context, value)
    return "–" if value is None else text(value)


@register.simple_tag(takes_context=True)
def masked(context, kind, object_id, value, style="id", label=""):
    """`{% masked "record" record.pk record.id_number "id" %}`: masked, with a 显示 that is posted and logged.

    The button belongs to the form `reveal` at the end of base.html; the answer is the page that asks why, or with
    script the dialog `reveal-why`. The value is shown in full when "kind:object_id" is in `request.revealed`. `style`
    is id, phone, bank, name or email; `label` replaces the word for what is hidden.
    """
    if not value:
        return markup(f'<span class="muted">{NOT_FILLED}</span>')
    return draw_masked(context, ui.Masked(kind, object_id, value, style, label))


def draw_masked(context, item):
    default_label, mask = ui.MASKS[item.style]
    key = f"{item.kind}:{item.object_id}"
    if key in (getattr(context.get("request"), "revealed", None) or ()):
        return markup(f'<span class="mask mask--open"><code>{text(item.value)}</code></span>')
    if item.value == UNREADABLE:
        return markup(f'<span class="muted">{text(item.value)}</span>')
    opens = "" if item.own else ' data-dialog="reveal-why"'
    if not item.own:
        _ask_why(context)
    return markup(
        f'<span class="mask"><code>{text(mask(item.value))}</code><button class="linkbtn small" type="submit"'
        f' form="reveal" name="what" value="{text(key)}"{opens} aria-label="显示完整{text(item.label or default_label)}'
        f'（将记入查看日志）" title="将记入查看日志">{draw_icon("eye")}显示</button></span>'
    )


def _ask_why(context):
    """Let base.html put the dialog that asks for the reason into this page; other pages do without."""
    if request := context.get("request"):
        request.asks_why = True
