"""The small signs: icons, state badges, the dots of a 流转, links of the 操作 column."""

from functools import lru_cache

from django import template

from zhgg.kit import ui
from zhgg.kit.icons import draw_icon
from zhgg.kit.markup import markup, text

register = template.Library()


@register.simple_tag
def icon(name, css=""):
    """`{% icon "stamp" %}`: decoration only; words stand beside it. `css` adds a class."""
    return draw_icon(str(name), str(css))


@register.simple_tag
def badge(first, tone="draft", icon="", note=""):
    """`{% badge obj %}` for a kit.ui.Badge, or `{% badge "待审核" "todo" "hourglass" %}`."""
    return draw_badge(first if isinstance(first, ui.Badge) else ui.Badge(str(first), tone, icon, note))


@lru_cache(maxsize=512)
def draw_badge(item):
    icon = draw_icon(item.icon) if item.icon else ""
    note = f'<span class="sub">{text(item.note)}</span>' if item.note else ""
    return markup(f'<span class="badge badge--{item.tone}">{icon}{text(item.label)}</span>{note}')


@register.simple_tag
def route(steps):
    """`{% route steps %}`: dots of the way; steps are (label, status) with status done, now or later."""
    return draw_route(tuple(steps))


@lru_cache(maxsize=512)
def draw_route(steps):
    steps = [(label, ui.one_of(status, tuple(ui.ROUTE_WORDS), "status of a step")) for label, status in steps]
    spoken = "，".join(f"{text(label)}{ui.ROUTE_WORDS[status]}" for label, status in steps)
    dots = "".join(f'<i class="is-{status}"></i>' for _, status in steps)
    return markup(f'<span class="route" role="img" aria-label="{spoken}">{dots}</span>')


@register.simple_tag
def row_action(label, url, name, tone="", dialog=""):
    """`{% row_action "处理" url proposal.title tone="todo" %}`: see kit.ui.row_action."""
    return ui.row_action(label, url, name, tone, dialog)
