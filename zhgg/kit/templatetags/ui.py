"""`{% load ui %}`: the components that pages are built from. Every state of each is drawn at /dev/components/.

    {% icon "stamp" %}                                    an icon; unknown names raise
    {% badge obj %}  {% badge "待审核" "todo" "hourglass" %}   state badge
    {% route steps %}                                     流转三点; steps = [("部门", "done"), ("单位", "now"), …]
    {% timeline items %}                                  办理记录; items = [kit.ui.TimelineItem, …], newest first
    {% facts rows columns=3 %}  {% fact label value %}    view mode; missing values say 未填写
    {% masked kind object_id value style %}               500112********4217 显示
    {% panel "基本信息" note="…" %} … {% endpanel %}       a titled box; flush=True without padding
    {% note "warn" %} … {% endnote %}                     info, ok, warn, bad
    {% dialog "dlg-reject" "审核不通过" action=url %} … {% enddialog %}   <dialog> opened by data-dialog="dlg-reject"
    {% crumbs "单位信息" url "维护单位信息" %}               label url label url … label
    {% tabs links label="环节" %}  {% chips links label="按状态筛选" %}   links = [kit.ui.Link, …]
    {% filters form reset=url label="查询个人信息" %}        the bar of search conditions
    {% pager page %}                                      共80页 20/页 上一页 1 2 3 …
    {% sort_link "更新时间" "updated" %}                   heading of a hand-written table
    {% form_errors form %}  {% error_title form %}        the summary on top; "有 3 处需要修改 - " for the title
    {% fields form "name" "phone" %}                      fields in a row of three; no names = all visible ones
    {% row_action "查看" url "张广源" %}                    a link in the 操作 column
    {% replace_query "page" 3 %}                          ?… with one GET parameter changed
    {{ value|moment }}  {{ value|day }}  {{ n|grouped }}     2026-11-22 10:13, 2026-11-22, 1,592

Tables: `{% load django_tables2 %}{% render_table table %}` inside `<section class="tablebox" aria-label="…">`, then
`{% pager table.page %}`. `caption = "…"` on the Table class names it; cells take `attrs={"td": {"class": "nw c-hide"}}`
(nw = never wraps, r = to the right, c-hide = not on the phone, c-badge = top right of the phone's card).
"""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import CheckboxInput, Textarea
from django.forms.widgets import ChoiceWidget, Input
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from zhgg.kit import ui

register = template.Library()

NOTE_ICONS = {"info": "info", "ok": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}
MESSAGE_TONES = {"success": "ok", "warning": "warn", "error": "bad"}
TIMELINE_ICONS = {"done": "check", "now": "hourglass", "next": "ellipsis", "back": "undo-2"}
PAGE_SIZES = (20, 50, 100)
PAGER_WIDTH = 6
NOT_FILLED = "未填写"


# Icons, badges, route ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def draw_icon(name, css=""):
    """The inline SVG of a lucide icon; IconDoesNotExist when there is none of that name."""
    classes = f"i {css}".strip()
    svg = lucide(name, size=None, **{"class": classes, "aria-hidden": "true", "focusable": "false"})
    return mark_safe(" ".join(svg.split()).replace("> <", "><"))


@register.simple_tag
def icon(name, css=""):
    """`{% icon "stamp" %}`: decoration only; words stand beside it. `css` adds a class."""
    return draw_icon(str(name), str(css))


@register.simple_tag
def badge(first, tone="draft", icon="", note=""):
    """`{% badge obj %}` for a kit.ui.Badge, or `{% badge "待审核" "todo" "hourglass" %}`."""
    return draw_badge(first if isinstance(first, ui.Badge) else ui.Badge(str(first), tone, icon, note))


def draw_badge(item):
    return format_html(
        '<span class="badge badge--{}">{}{}</span>{}',
        item.tone,
        draw_icon(item.icon) if item.icon else "",
        item.label,
        format_html('<span class="sub">{}</span>', item.note) if item.note else "",
    )


@register.simple_tag
def route(steps):
    """`{% route steps %}`: dots of the way; steps are (label, status) with status done, now or later."""
    steps = [(label, ui.one_of(status, tuple(ui.ROUTE_WORDS), "status of a step")) for label, status in steps]
    spoken = "，".join(f"{label}{ui.ROUTE_WORDS[status]}" for label, status in steps)
    dots = format_html_join("", '<i class="is-{}"></i>', ((status,) for _, status in steps))
    return format_html('<span class="route" role="img" aria-label="{}">{}</span>', spoken, dots)


@register.simple_tag
def row_action(label, url, name, tone="", dialog=""):
    """`{% row_action "处理" url proposal.title tone="todo" %}`: see kit.ui.row_action."""
    return ui.row_action(label, url, name, tone, dialog)


# Values --------------------------------------------------------------------------------------------------------------


@register.filter
def moment(value):
    """A point in time as tables show it: 2026-11-22 10:13, in local time. Nothing for None."""
    if not value:
        return ""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return value.strftime("%Y-%m-%d %H:%M" if isinstance(value, datetime) else "%Y-%m-%d")


@register.filter
def day(value):
    """The day of a date or of a point in time: 2026-11-22. Nothing for None."""
    return moment(value)[:10]


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
def facts(context, rows, columns=3):
    """`{% facts rows columns=3 %}`: rows are kit.ui.Fact or (label, value)."""
    rows = [row if isinstance(row, ui.Fact) else ui.Fact(*row) for row in rows]
    body = format_html_join("", "{}", ((draw_fact(context, row.label, row.value, row.full),) for row in rows))
    return format_html('<dl class="facts{}">{}</dl>', " facts--3" if columns == 3 else "", body)


@register.simple_tag(takes_context=True)
def masked(context, kind, object_id, value, style="id", label=""):
    """`{% masked "record" record.pk record.id_number "id" %}`: masked, with a 显示 that is posted and logged.

    The button belongs to the form `reveal` at the end of base.html. The value is shown in full when "kind:object_id"
    is in `request.revealed`. `style` is id, phone, bank, name or email; `label` replaces the word for what is hidden.
    """
    if not value:
        return format_html('<span class="muted">{}</span>', NOT_FILLED)
    return draw_masked(context, ui.Masked(kind, object_id, value, style, label))


def draw_masked(context, item):
    default_label, mask = ui.MASKS[item.style]
    key = f"{item.kind}:{item.object_id}"
    if key in (getattr(context.get("request"), "revealed", None) or ()):
        return format_html('<span class="mask mask--open"><code>{}</code></span>', item.value)
    label = item.label or default_label
    return format_html(
        '<span class="mask"><code>{}</code><button class="linkbtn small" type="submit" form="reveal" name="what"'
        ' value="{}" aria-label="显示完整{}（将记入查看日志）" title="将记入查看日志">{}显示</button></span>',
        mask(item.value),
        key,
        label,
        draw_icon("eye"),
    )


# Boxes ---------------------------------------------------------------------------------------------------------------


@register.simple_block_tag
def panel(content, title, note="", id="", flush=False, more_url="", more_label="更多", icon=""):
    """`{% panel "基本信息" note="…" %} … {% endpanel %}`: a section with a heading. `flush` leaves out the padding.

    The heading's id comes from the title; give an `id` where two panels of a page have the same title.
    """
    heading_id = f"{id or '-'.join(str(title).split())}-title"
    more = format_html('<a class="more" href="{}">{}</a>', more_url, more_label) if more_url else ""
    return format_html(
        '<section class="panel" aria-labelledby="{}"{}><div class="panel__head"><h2 class="bar-title" id="{}">{}{}</h2>'
        "{}{}</div>{}</section>",
        heading_id,
        format_html(' id="{}"', id) if id else "",
        heading_id,
        draw_icon(icon) if icon else "",
        title,
        format_html("<p>{}</p>", note) if note else "",
        more,
        content if flush else format_html('<div class="panel__body">{}</div>', content),
    )


@register.simple_block_tag
def note(content, tone="info", role=""):
    """`{% note "warn" %} … {% endnote %}`. `role="status"` or `"alert"` when it answers what the user just did."""
    return draw_note(content, tone, role)


def draw_note(content, tone="info", role=""):
    name = NOTE_ICONS[ui.one_of(tone, tuple(NOTE_ICONS), "tone of a note")]
    return format_html(
        '<div class="note note--{}"{}>{}<div>{}</div></div>',
        tone,
        format_html(' role="{}"', role) if role else "",
        draw_icon(name),
        content,
    )


@register.simple_tag
def message_note(message):
    """One message of django.contrib.messages as a note."""
    return draw_note(message, MESSAGE_TONES.get(message.level_tag, "info"))


@register.simple_block_tag(takes_context=True)
def dialog(context, content, id, title, lead="", action="", wide=False):
    """`{% dialog "dlg-x" "标题" lead="…" action=url %}<div class="dlg__body">…</div><div class="dlg__foot">…</div>…`.

    Script opens it from `<a href="…the same task as a page…" data-dialog="dlg-x">`. With `action` the inside is a
    POST form with its token. Buttons with `data-close` close it; the element with `data-focus` gets the focus.
    """
    return render_to_string(
        "ui/dialog.html",
        {"id": id, "title": title, "lead": lead, "action": action, "wide": wide, "content": content},
        request=context.get("request"),
    )


@register.simple_tag
def timeline(items):
    """`{% timeline items %}`: items are kit.ui.TimelineItem, newest first."""
    return render_to_string(
        "ui/timeline.html", {"items": [(item, item.icon or TIMELINE_ICONS[item.tone]) for item in items]}
    )


# Ways around ---------------------------------------------------------------------------------------------------------


@register.simple_tag
def crumbs(*parts):
    """`{% crumbs "单位信息" url "维护单位信息" %}`: label, url, label, url, …, label of this page."""
    links = zip(parts[0:-1:2], parts[1::2], strict=True)
    items = format_html_join("", '<li><a href="{1}">{0}</a></li>', links)
    return format_html(
        '<nav aria-label="当前位置"><ol class="crumbs">{}<li aria-current="page">{}</li></ol></nav>', items, parts[-1]
    )


@register.inclusion_tag("ui/tabs.html")
def tabs(links, label):
    """`{% tabs links label="环节" %}`: a row of links to URLs; links are kit.ui.Link or alike."""
    return {"links": links, "label": label}


@register.inclusion_tag("ui/chips.html")
def chips(links, label="按状态筛选"):
    """`{% chips links %}`: states with their counts; links are kit.ui.Link or alike."""
    return {"links": links, "label": label}


def query_with(context, changes):
    """The query string of this request with `changes`; None takes a parameter out."""
    request = context.get("request")
    query = request.GET.copy() if request else {}
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def replace_query(context, name, value):
    """`{% replace_query "state" "unit" %}`: this page's query string with one parameter changed, back on page 1."""
    return query_with(context, {"page": None, name: value})


def pager_numbers(current, last):
    """The numbers between 上一页 and 尾页; None stands for …"""
    if last <= PAGER_WIDTH:
        return list(range(1, last + 1))
    if current < PAGER_WIDTH:
        return [*range(1, PAGER_WIDTH + 1), None]
    if current > last - PAGER_WIDTH + 1:
        return [1, None, *range(last - PAGER_WIDTH + 1, last + 1)]
    return [1, None, *range(current - 2, current + 3), None]


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context, page: Page, page_param="page", size_param="size", sizes=PAGE_SIZES):
    """`{% pager page %}`: 共80页 20/页 上一页 1 2 3 4 5 6 … 尾页 下一页 到第 7 页 确定. Other parameters stay."""
    request = context.get("request")
    others = request.GET.lists() if request else ()
    last, current, size = page.paginator.num_pages, page.number, page.paginator.per_page

    def link(number):
        return query_with(context, {page_param: number})

    return {
        "last": last,
        "current": current,
        "size": size,
        "sizes": sorted({*sizes, size}),
        "numbers": [
            (number, link(number) if number else "", abs((number or 0) - current))
            for number in pager_numbers(current, last)
        ],
        "previous": link(current - 1) if page.has_previous() else "",
        "next": link(current + 1) if page.has_next() else "",
        "last_url": link(last) if current < last else "",
        "page_param": page_param,
        "size_param": size_param,
        "keep": [(name, value) for name, values in others for value in values if name not in (page_param, size_param)],
        "keep_size": request.GET.get(size_param, "") if request else "",
    }


@register.simple_tag(takes_context=True)
def sort_link(context, label, field, param="sort"):
    """`<th scope="col" {% aria_sort "updated" %}>{% sort_link "更新时间" "updated" %}</th>` in a hand-written table."""
    current = context["request"].GET.get(param, "")
    descending = current == f"-{field}"
    url = query_with(context, {"page": None, param: field if descending else f"-{field}"})
    return draw_sort_link(label, url, "descending" if descending else "ascending" if current == field else "")


@register.simple_tag(takes_context=True)
def aria_sort(context, field, param="sort"):
    """The aria-sort attribute of a heading whose column the list is sorted by."""
    order = {field: "ascending", f"-{field}": "descending"}.get(context["request"].GET.get(param, ""))
    return format_html('aria-sort="{}"', order) if order else ""


def draw_sort_link(label, url, order):
    name = {"ascending": "arrow-up", "descending": "arrow-down"}.get(order, "arrow-up-down")
    return format_html('<a class="sort" href="{}">{}{}</a>', url, label, draw_icon(name))


# Tables (django-tables2) ---------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def table_heading(context, table, column):
    """One <th> of ui/table.html, with its sort link and aria-sort."""
    order = ""
    content = column.header
    if column.is_ordered:
        order = "descending" if column.order_by_alias.is_descending else "ascending"
    if column.orderable:
        changes = {table.prefixed_page_field: None, table.prefixed_order_by_field: str(column.order_by_alias.next)}
        content = draw_sort_link(content, query_with(context, changes), order)
    css = (column.attrs["th"].get("class") or "").replace("orderable", "").replace("asc", "").replace("desc", "")
    extra = [name for name in ("r", "cell-check", "c-ops") if name in (column.attrs["td"].get("class") or "").split()]
    return format_html(
        '<th role="columnheader" scope="col"{}{}>{}</th>',
        class_attribute({*css.split(), *extra}),
        format_html(' aria-sort="{}"', order) if order else "",
        content,
    )


@register.simple_tag
def table_cell(table, column, content):
    """One cell of ui/table.html. The first column that is no checkbox is the row's header."""
    attributes = dict(column.attrs["td"])
    classes = set((attributes.pop("class", None) or "").split())
    label = attributes.pop("data-label", None)
    if column.name == row_header_name(table):
        return format_html('<th role="rowheader" scope="row"{}>{}</th>', class_attribute(classes), content)
    if label is None and not classes & {"cell-check", "c-badge", "c-ops"}:
        label = column.header
    return format_html(
        '<td role="cell"{}{}{}>{}</td>',
        class_attribute(classes),
        format_html(' data-label="{}"', label) if label else "",
        format_html_join("", ' {}="{}"', attributes.items()),
        content,
    )


def row_header_name(table):
    """Name of the column whose cells head the rows: `row_header` of the Table class, or the first but a checkbox."""
    named = getattr(table, "row_header", "")
    return named or next((c.name for c in table.columns if not isinstance(c.column, ui.RowCheckColumn)), "")


def class_attribute(classes):
    return format_html(' class="{}"', " ".join(sorted(classes))) if classes else ""


# Forms ---------------------------------------------------------------------------------------------------------------


@register.simple_tag
def control(field, describedby=""):
    """The widget of a bound field. A field with `read_only = True` is shown grey: `readonly`, never `disabled`."""
    if getattr(field.field, "read_only", False):
        return draw_read_only(field)
    attributes = {}
    if extra := " ".join(each for each in (field.aria_describedby, describedby) if each):
        attributes["aria-describedby"] = extra
    if isinstance(field.field.widget, CheckboxInput):
        attributes["class"] = "checkbox"
    return field.as_widget(attrs=attributes)


def draw_read_only(field):
    """A value that cannot be changed here: text that can be focused and copied. The server ignores what is posted."""
    widget, value = field.field.widget, field.value()
    if isinstance(widget, ChoiceWidget):
        labels = dict(flat_choices(field.field.choices))
        values = value if isinstance(value, (list, tuple)) else [value]
        value = "，".join(str(labels.get(str(each), each)) for each in values if each not in (None, ""))
    elif isinstance(value, bool):
        value = "是" if value else "否"
    elif isinstance(value, (date, datetime)):
        value = moment(value)
    if style := getattr(field.field, "mask", ""):
        value = ui.MASKS[style][1](str(value or ""))
    described = format_html(' aria-describedby="{}"', field.aria_describedby) if field.aria_describedby else ""
    if isinstance(widget, Textarea):
        return format_html(
            '<textarea class="textarea" name="{}" id="{}" readonly{}>\n{}</textarea>',
            field.html_name,
            field.auto_id,
            described,
            value or "",
        )
    input_type = widget.input_type if isinstance(widget, Input) and widget.input_type in ("email", "tel") else "text"
    return format_html(
        '<input class="input" type="{}" name="{}" value="{}" id="{}" readonly{}>',
        input_type,
        field.html_name,
        "" if value is None else value,
        field.auto_id,
        described,
    )


def flat_choices(choices):
    """(value as text, label) of all choices, groups opened."""
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from ((str(inner), text) for inner, text in label)
        else:
            yield str(value), label


@register.simple_tag
def fields(form, *names):
    """`{% fields form "name" "phone" %}`: these fields in a grid of three columns; without names, all visible ones."""
    bound = [form[name] for name in names] if names else form.visible_fields()
    body = format_html_join("", "{}", ((field.as_field_group(),) for field in bound))
    return format_html('<div class="grid grid--3">{}</div>', body)


def error_lines(forms):
    """(target id, label, message) for each mistake in `forms`, in the order of the fields."""
    for form in forms:
        if not form.is_bound:
            continue
        for message in form.non_field_errors():
            yield "", "", message
        for field in form:
            for message in field.errors:
                single = field.id_for_label or field.auto_id
                yield ("" if field.is_hidden else single), field.label, message


@register.inclusion_tag("ui/form_errors.html")
def form_errors(*forms):
    """`{% form_errors form %}`: the summary above a form with mistakes; nothing above one without."""
    return {"lines": list(error_lines(forms))}


@register.simple_tag
def error_title(*forms):
    """`{% block title %}{% error_title form %}维护单位信息{% endblock %}`: 有 3 处需要修改 - 维护单位信息"""
    number = sum(1 for _ in error_lines(forms))
    return f"有 {number} 处需要修改 - " if number else ""


@register.inclusion_tag("ui/filters.html", takes_context=True)
def filters(context, form, reset, label="查询", method="get"):
    """`{% filters filter.form reset=url label="查询个人信息" %}`: search conditions; folded on the phone."""
    request = context.get("request")
    keep = [(name, request.GET[name]) for name in ("sort", "size") if name in request.GET] if request else []
    return {
        "form": form,
        "reset": reset,
        "label": label,
        "method": method,
        "keep": keep,
        "csrf_token": context.get("csrf_token"),
    }


# The site ------------------------------------------------------------------------------------------------------------


@register.simple_tag
def site_setting(name):
    """One of the bureau's words from the settings, for pages that render without a context processor."""
    return getattr(settings, ui.one_of(name, ("SUPPORT_PHONES", "SITE_IDENTIFIER", "ICP_NUMBER"), "setting"), "")
