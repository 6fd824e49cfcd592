"""Charts: words as HTML, shapes as SVG. What the shapes show is said in words beside them or in the table beneath."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from zhgg.kit.charts import Cell
from zhgg.kit.icons import draw_icon

register = template.Library()

LEAST = 0.006
"""The least part of the width that a bar has."""

_SHAPE = mark_safe('viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"')
_PLANE = mark_safe('viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false"')


@register.simple_tag
def bars(items):
    """`{% bars items %}`: kit.charts.Bar, one below the other; the longest fills the width."""
    longest = max((item.value for item in items), default=0)
    rows = format_html_join(
        "",
        '<dt>{}</dt><dd><svg {}><rect class="f-track" width="100" height="10"/>'
        '<rect class="{}" width="{}" height="10"/></svg><span class="v">{}{}</span></dd>',
        (
            (
                item.label,
                _SHAPE,
                "f-done" if item.done else "f-1",
                _width(item.value, longest),
                _number(item.value, item.url, item.label),
                format_html(" <small>{}</small>", item.note) if item.note else "",
            )
            for item in items
        ),
    )
    return format_html('<dl class="hbar">{}</dl>', rows)


@register.simple_tag
def lines(chart):
    """`{% lines chart %}`: a kit.charts.LineChart with its keys."""
    keys = format_html_join(
        "",
        '<li><svg viewBox="0 0 30 10" aria-hidden="true" focusable="false"><path class="l-{}" d="M0 5H30"/></svg>'
        "{}{}</li>",
        (
            *(
                (place, line.label, format_html(" <b>{}</b>", f"{line.value:,}"))
                for place, line in enumerate(chart.lines, start=1)
            ),
            *(("due" if "截止" in label else "now", label, "") for label, _ in chart.marks),
        ),
    )
    shapes = format_html_join(
        "",
        '<path class="l-{}" d="{}"/>',
        (
            *(("due" if "截止" in label else "now", f"M{_hundredth(x)} 0V100") for label, x in chart.marks),
            *((place, _path(line, chart.top)) for place, line in enumerate(chart.lines, start=1) if line.points),
        ),
    )
    return format_html('<ul class="keys">{}</ul>{}', keys, _plane(chart, shapes))


@register.simple_tag
def columns(chart):
    """`{% columns chart %}`: a kit.charts.ColumnChart."""
    width = 100 / max(len(chart.values), 1)
    shapes = format_html_join(
        "",
        '<rect class="f-1" x="{}" y="{}" width="{}" height="{}"/>',
        (
            (f"{place * width:.2f}", f"{100 - height:.2f}", f"{width * 0.8:.2f}", f"{height:.2f}")
            for place, value in enumerate(chart.values)
            for height in [100 * value / chart.top]
            if value
        ),
    )
    return _plane(chart, shapes)


@register.simple_tag
def stacks(items, keys):
    """`{% stacks items keys %}`: kit.charts.Stack, one below the other; `keys` name the parts, of which the last is
    late."""
    tones = [f"f-s{place}" for place in range(1, len(keys))] + ["f-late"]
    legend = format_html_join(
        "",
        '<li><svg viewBox="0 0 30 10" aria-hidden="true" focusable="false"><rect class="{}" width="30" height="10"/>'
        "</svg>{}</li>",
        zip(tones, keys, strict=True),
    )
    longest = max((sum(item.values) for item in items), default=0)
    rows = format_html_join(
        "",
        '<dt>{}</dt><dd><svg {}><rect class="f-track" width="100" height="10"/>{}</svg><span class="v">{}</span></dd>',
        ((item.label, _SHAPE, _parts(item, tones, longest), f"{sum(item.values):,}") for item in items),
    )
    return format_html('<ul class="keys">{}</ul><dl class="hbar">{}</dl>', legend, rows)


@register.simple_tag
def data_table(table, folded=True):
    """`{% data_table table %}`: a kit.charts.Table, behind 查看数据表 unless `folded=False`."""
    heads = format_html_join(
        "",
        '<th role="columnheader" scope="col"{}>{}</th>',
        (
            (mark_safe(' class="r"') if place and _is_number(table, place) else "", head)
            for place, head in enumerate(table.heads)
        ),
    )
    rows = format_html_join("", '<tr role="row">{}</tr>', ((_row(row, table.heads),) for row in table.rows))
    drawn = format_html(
        '<div class="scroll" role="region" aria-label="{0}" tabindex="0"><table class="table{3}" role="table">'
        '<caption>{0}</caption><thead role="rowgroup"><tr role="row">{1}</tr></thead>'
        '<tbody role="rowgroup">{2}</tbody></table></div>',
        table.caption,
        heads,
        rows,
        "" if folded else " table--cards",
    )
    if not folded:
        return drawn
    return format_html(
        '<details class="figures"><summary class="linkbtn">{}查看数据表<span class="vh">：{}</span></summary>'
        "{}</details>",
        draw_icon("table"),
        table.caption,
        drawn,
    )


def _is_number(table, place):
    return any(isinstance(row[place], Cell) for row in table.rows)


def _row(row, heads):
    name, *others = row
    return format_html(
        '<th role="rowheader" scope="row">{}</th>{}',
        name,
        format_html_join(
            "",
            '<td role="cell"{} data-label="{}">{}</td>',
            (
                (
                    mark_safe(' class="r num"') if isinstance(cell, Cell) else "",
                    head,
                    _number(cell.value, cell.url, f"{name} {head}") if isinstance(cell, Cell) else cell,
                )
                for head, cell in zip(heads[1:], others, strict=True)
            ),
        ),
    )


def _number(value, url, name):
    if not url or not value:
        return f"{value:,}"
    return format_html('<a href="{}">{}<span class="vh"> 份，{}</span></a>', url, f"{value:,}", name)


def _share(value, whole):
    return f"{100 * value / whole:.1f}" if whole else "0"


def _width(value, longest):
    """What there is can be seen, however little it is."""
    return _share(max(value, longest * LEAST), longest) if value else "0"


def _hundredth(x):
    return f"{100 * x:.2f}"


def _path(line, top):
    return "M" + "L".join(f"{_hundredth(x)} {100 - 100 * value / top:.2f}" for x, value in line.points)


def _parts(item, tones, longest):
    drawn, start = [], 0
    for tone, value in zip(tones, item.values, strict=True):
        if value:
            drawn.append((tone, _share(start, longest), _share(value, longest)))
        start += value
    return format_html_join("", '<rect class="{}" x="{}" width="{}" height="10"/>', drawn)


def _plane(chart, shapes):
    scale = format_html_join("", "<span>{}</span>", ((f"{chart.top * step // 4:,}",) for step in range(4, -1, -1)))
    ticks = format_html_join("", "<span>{}</span>", ((tick,) for tick in chart.ticks))
    return format_html(
        '<div class="plane" role="img" aria-label="{}，数据见下表"><div class="y" aria-hidden="true">{}</div>'
        '<svg {}><path class="g-line" d="M0 0H100M0 25H100M0 50H100M0 75H100M0 100H100"/>{}</svg>'
        '<div class="x" aria-hidden="true">{}</div></div>',
        chart.caption,
        scale,
        _PLANE,
        shapes,
        ticks,
    )
