"""How a value reads in view mode: days, numbers, facts, and what is masked."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from zhgg.kit import ui
from zhgg.kit.icons import draw_icon
from zhgg.kit.markdown import render
from zhgg.kit.masking import UNREADABLE
from zhgg.kit.moments import day, moment
from zhgg.kit.templatetags.ui.marks import draw_badge
from zhgg.kit.uploads.kinds import shown_size

register = template.Library()

NOT_FILLED = "未填写"


register.filter(moment)
register.filter(day)


@register.filter
def markdown(text):
    """A text in Markdown as safe HTML, to stand in `<div class="prose">`."""
    return render(text)


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
    value = shown(context, value)
    return format_html(
        "<div{}><dt>{}</dt><dd{}>{}</dd></div>",
        mark_safe(' class="full"') if full else "",
        label,
        mark_safe(' class="empty"') if value is None else "",
        NOT_FILLED if value is None else conditional_escape(value),
    )


@register.simple_tag(takes_context=True)
def fact(context, label, value, full=False):
    """`{% fact "通信地址" org.address full=True %}` inside `<dl class="facts facts--3">`."""
    return draw_fact(context, label, value, full)


@register.simple_tag(takes_context=True)
def reads(context, value):
    """`{% reads cell.value %}`: a value of any kind as view mode shows it, – for nothing; in tables."""
    value = shown(context, value)
    return "–" if value is None else value


@register.simple_tag(takes_context=True)
def facts(context, rows, columns=3):
    """`{% facts rows columns=3 %}`: rows are kit.ui.Fact or (label, value)."""
    rows = [row if isinstance(row, ui.Fact) else ui.Fact(*row) for row in rows]
    body = format_html_join("", "{}", ((draw_fact(context, row.label, row.value, row.full),) for row in rows))
    return format_html('<dl class="facts{}">{}</dl>', " facts--3" if columns == 3 else "", body)


@register.simple_tag(takes_context=True)
def masked(context, kind, object_id, value, style="id", label=""):
    """`{% masked "record" record.pk record.id_number "id" %}`: masked, with a 显示 that is posted and logged.

    The button belongs to the form `reveal` at the end of base.html; the answer is the page that asks why, or with
    script the dialog `reveal-why`. The value is shown in full when "kind:object_id" is in `request.revealed`. `style`
    is id, phone, bank, name or email; `label` replaces the word for what is hidden.
    """
    if not value:
        return format_html('<span class="muted">{}</span>', NOT_FILLED)
    return draw_masked(context, ui.Masked(kind, object_id, value, style, label))


def draw_masked(context, item):
    default_label, mask = ui.MASKS[item.style]
    key = f"{item.kind}:{item.object_id}"
    if key in (getattr(context.get("request"), "revealed", None) or ()):
        return format_html('<span class="mask mask--open"><code>{}</code></span>', item.value)
    if item.value == UNREADABLE:
        return format_html('<span class="muted">{}</span>', item.value)
    label = item.label or default_label
    if not item.own:
        _ask_why(context)
    return format_html(
        '<span class="mask"><code>{}</code><button class="linkbtn small" type="submit" form="reveal" name="what"'
        ' value="{}"{} aria-label="显示完整{}（将记入查看日志）" title="将记入查看日志">{}显示</button></span>',
        mask(item.value),
        key,
        "" if item.own else mark_safe(' data-dialog="reveal-why"'),
        label,
        draw_icon("eye"),
    )


def _ask_why(context):
    """Let base.html put the dialog that asks for the reason into this page; other pages do without."""
    if request := context.get("request"):
        request.asks_why = True
