"""Headings and cells of tables, written by hand or by django-tables2."""

from django import template
from django.utils.html import format_html

from zhgg.kit.icons import draw_icon
from zhgg.kit.markup import markup, text
from zhgg.kit.tables import cells_of, class_attribute, draw_rows
from zhgg.kit.templatetags.ui.ways import query_with

register = template.Library()


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
    return markup(f'<a class="sort" href="{text(url)}">{text(label)}{draw_icon(name)}</a>')


@register.simple_tag(takes_context=True)
def drawn_table(context, table):
    """The inside of the <table> of a django-tables2 Table: its caption, headings with sort links, and rows."""
    cells = cells_of(table)
    name, page = table.caption or "列表", getattr(table, "page", None)
    if page and page.paginator.num_pages > 1:
        name = f"{name}，第 {page.number} 页，共 {page.paginator.num_pages} 页"
    headings = "".join([_heading(context, table, cell) for cell in cells])
    return markup(
        f'<caption>{text(name)}</caption><thead role="rowgroup"><tr role="row">{headings}</tr></thead>'
        f'<tbody role="rowgroup">{draw_rows(table, cells)}</tbody>'
    )


def _heading(context, table, cell):
    column, order = cell.column, ""
    content = column.header
    if column.is_ordered:
        order = "descending" if column.order_by_alias.is_descending else "ascending"
    if column.orderable:
        changes = {table.prefixed_page_field: None, table.prefixed_order_by_field: str(column.order_by_alias.next)}
        content = draw_sort_link(content, query_with(context, changes), order)
    css = (cell.attributes["th"].get("class") or "").replace("orderable", "").replace("asc", "").replace("desc", "")
    extra = cell.classes & {"r", "cell-check", "c-ops"}
    sorted_by = f' aria-sort="{order}"' if order else ""
    return (
        f'<th role="columnheader" scope="col"{class_attribute({*css.split(), *extra})}{sorted_by}>{text(content)}</th>'
    )
