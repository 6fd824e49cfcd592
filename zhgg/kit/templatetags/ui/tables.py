"""Headings and cells of tables, written by hand or by django-tables2."""

from django import template
from django.utils.html import format_html, format_html_join

from zhgg.kit import ui
from zhgg.kit.icons import draw_icon
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
    return format_html('<a class="sort" href="{}">{}{}</a>', url, label, draw_icon(name))


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
