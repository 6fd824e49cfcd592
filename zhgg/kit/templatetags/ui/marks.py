"""The small signs: icons, state badges, the dots of a 流转, links of the 操作 column."""

from django import template
from django.utils.html import format_html, format_html_join

from zhgg.kit import ui
from zhgg.kit.icons import draw_icon

register = template.Library()


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
