"""Ways around the site and through a list: crumbs, tabs, chips, pager."""

from django import template
from django.core.paginator import Page

from zhgg.kit.icons import draw_icon
from zhgg.kit.markup import markup, text

register = template.Library()

PAGE_SIZES = (20, 50, 100)
PAGER_WIDTH = 6


@register.simple_tag
def crumbs(*parts):
    """`{% crumbs "单位信息" url "维护单位信息" %}`: label, url, label, url, …, label of this page."""
    links = zip(parts[0:-1:2], parts[1::2], strict=True)
    items = "".join([f'<li><a href="{text(url)}">{text(label)}</a></li>' for label, url in links])
    here = f'<li aria-current="page">{text(parts[-1])}</li>'
    return markup(f'<nav aria-label="当前位置"><ol class="crumbs">{items}{here}</ol></nav>')


@register.simple_tag
def tabs(links, label):
    """`{% tabs links label="环节" %}`: a row of links to URLs; links are kit.ui.Link or alike."""
    return markup(f'<nav class="tabs tabs--line" aria-label="{text(label)}">{"".join(map(_tab, links))}</nav>')


def _tab(link):
    current = ' aria-current="page"' if link.current else ""
    count = ""
    if link.count is not None:
        todo = " n--todo" if link.todo and link.count else ""
        spoken = f'<span class="vh">{text(link.count_words)}</span>' if link.count_words else ""
        count = f'<span class="n{todo}">{link.count}{spoken}</span>'
    return f'<a href="{text(link.url)}"{current}>{text(link.label)}{count}</a>'


@register.simple_tag
def chips(links, label="按状态筛选"):
    """`{% chips links %}`: states with their counts; links are kit.ui.Link or alike."""
    return markup(f'<nav class="chips" aria-label="{text(label)}">{"".join(map(_chip, links))}</nav>')


def _chip(link):
    css = "chip chip--todo" if link.todo and link.count else "chip"
    current = ' aria-current="true"' if link.current else ""
    icon = draw_icon(link.icon) if link.icon else ""
    count = f" <b>{link.count:,}</b>" if link.count is not None else ""
    return f'<a class="{css}" href="{text(link.url)}"{current}>{icon}{text(link.label)}{count}</a>'


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


@register.simple_tag(takes_context=True)
def pager(context, page: Page, page_param="page", size_param="size", sizes=PAGE_SIZES):
    """`{% pager page %}`: 共80页 20/页 上一页 1 2 3 4 5 6 … 尾页 下一页 到第 7 页 确定. Other parameters stay."""
    request = context.get("request")
    given = [(name, value) for name, values in request.GET.lists() for value in values] if request else []
    others = [(name, value) for name, value in given if name not in (page_param, size_param)]
    chosen_size = [(size_param, request.GET[size_param])] if request and request.GET.get(size_param) else []
    last, current, size = page.paginator.num_pages, page.number, page.paginator.per_page
    base = text(query_with(context, {page_param: None}))
    base = f"{base}{'' if base == '?' else '&amp;'}{page_param}="
    choices = "".join(
        f'<option value="{each}"{" selected" if each == size else ""}>{each}/页</option>'
        for each in sorted({*sizes, size})
    )
    numbers = "".join(_number(number, current, base) for number in pager_numbers(current, last))
    return markup(
        f'<nav class="pager" aria-label="分页"><span>共{last}页</span>'
        f'<form method="get" class="pager__size">{_hidden(others)}'
        f'<label><span class="vh">每页条数，更改后立即刷新列表</span>'
        f'<select class="select" name="{size_param}" data-submit>{choices}</select></label>'
        '<noscript><button class="btn btn--sm" type="submit">确定<span class="vh">每页条数</span></button></noscript>'
        f"</form><ol>{_turn('上一页', page.has_previous(), f'{base}{current - 1}', rel='prev')}{numbers}"
        f"{_turn('尾页', current < last, f'{base}{last}', css='far')}"
        f"{_turn('下一页', page.has_next(), f'{base}{current + 1}', rel='next')}</ol>"
        f'<form method="get" class="pager__jump">{_hidden([*others, *chosen_size])}<label>到第 '
        f'<input class="input" name="{page_param}" inputmode="numeric" autocomplete="off" value="{current}"> 页</label>'
        '<button class="btn btn--sm" type="submit">确定</button></form></nav>'
    )


def _number(number, current, base):
    far = ' class="far"' if abs((number or 0) - current) > 1 else ""
    if not number:
        return f'<li{far}><span aria-hidden="true">…</span></li>'
    name = (
        f'aria-current="page" aria-label="第 {number} 页，当前页"'
        if number == current
        else f'aria-label="第 {number} 页"'
    )
    return f'<li{far}><a href="{base}{number}" {name}>{number}</a></li>'


def _turn(words, there, url, rel="", css=""):
    """A step that leads somewhere, or stands grey."""
    rel = f' rel="{rel}"' if rel else ""
    inside = f'<a href="{url}"{rel}>{words}</a>' if there else f'<span aria-disabled="true">{words}</span>'
    return f'<li class="{css}">{inside}</li>' if css else f"<li>{inside}</li>"


def _hidden(pairs):
    return "".join(f'<input type="hidden" name="{text(name)}" value="{text(value)}">' for name, value in pairs)
