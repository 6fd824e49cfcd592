"""Ways around the site and through a list: crumbs, tabs, chips, pager."""

from django import template
from django.core.paginator import Page
from django.utils.html import format_html, format_html_join

from zhgg.kit.icons import draw_icon
from zhgg.kit.markup import markup, text

register = template.Library()

PAGE_SIZES = (20, 50, 100)
PAGER_WIDTH = 6


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


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context, page: Page, page_param="page", size_param="size", sizes=PAGE_SIZES):
    """`{% pager page %}`: 共80页 20/页 上一页 1 2 3 4 5 6 … 尾页 下一页 到第 7 页 确定. Other parameters stay."""
    request = context.get("request")
    others = request.GET.lists() if request else ()
    last, current, size = page.paginator.num_pages, page.number, page.paginator.per_page

    base = query_with(context, {page_param: None})

    def link(number):
        return f"{base}{'' if base == '?' else '&'}{page_param}={number}"

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
