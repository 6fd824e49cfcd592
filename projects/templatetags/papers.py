"""`{% load papers %}`: what an 申报书 is made of, drawn in one go.

    {% parts parts %}          Parts (facts) and Grids (tables) of a tab
    {% gaps found "no" "circle-x" "去补全" "todo" %}  what the check found
    {% steps steps %}          its tabs, with how far each has come
    {% panels form %}          its single fields, to be filled in
    {% budget_line line %}     a line of the 经费预算 as it is filled in

A 经费预算 has more than a hundred cells, and a template for each of them was most of the work of its page.
"""

from django import template

from projects.sections.grids import Grid
from zhgg.kit.field_boxes import draw_control, draw_notes
from zhgg.kit.icons import draw_icon
from zhgg.kit.markup import markup, text
from zhgg.kit.templatetags.ui.forms import grid
from zhgg.kit.templatetags.ui.values import draw_facts, draw_value
from zhgg.kit.ui import row_action

register = template.Library()


@register.simple_tag(takes_context=True)
def parts(context, found):
    """`{% parts parts %}`: what `projects.versions.Version.parts` gives, each under its heading."""
    return markup("".join([_part(context, part) for part in found]))


def _part(context, part):
    is_grid = isinstance(part, Grid)
    note = f'<span class="muted small">　{text(part.note)}</span>' if is_grid and part.note else ""
    inside = _grid(context, part) if is_grid else draw_facts(context, part.facts)
    return f'<h3 class="mt">{text(part.title)}{note}</h3>{inside}'


def _grid(context, grid):
    """A table on the desktop, cards on the phone."""
    if not grid.lines:
        return '<p class="muted">没有填写。</p>'
    title, cards = text(grid.title), " table--cards" if grid.cards else ""
    heads = "".join(
        [f'<th role="columnheader" scope="col"{_css(column)}>{text(column.label)}</th>' for column in grid.columns]
    )
    rows = "".join([_row(context, css, cells) for css, cells in grid.table])
    more = draw_facts(context, grid.more, columns=2) if grid.more else ""
    return (
        '<div class="tablebox tablebox--in">'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}，可左右滚动">'
        f'<table class="table table--read{cards}" role="table"><caption>{title}</caption>'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
        f"</div></div>{more}"
    )


def _row(context, css, cells):
    (_, name), *others = cells
    named = f'<th role="rowheader" scope="row">{_cell(context, name)}</th>'
    rest = [
        f'<td role="cell" data-label="{text(column.label)}"{_css(column)}>{_cell(context, cell)}</td>'
        for column, cell in others
    ]
    kind = f' class="{text(css)}"' if css else ""
    return f'<tr role="row"{kind}>{named}{"".join(rest)}</tr>'


def _css(column):
    return f' class="{text(column.css)}"' if column.css else ""


def _cell(context, cell):
    """A value, and the small facts under it with their labels for those who hear them."""
    subs = [
        f'<span class="sub"><span class="vh">{text(fact.label)}：</span>{draw_value(context, fact.value)}</span>'
        for fact in cell.subs
        if fact.value
    ]
    return f"{draw_value(context, cell.value)}{''.join(subs)}"


@register.simple_tag
def gaps(found, tone, icon, verb, verb_tone):
    """`{% gaps found tone icon verb verb_tone %}`: lines of what the check found, each with the way to its field."""
    sign = draw_icon(icon)
    return markup(
        "".join(
            f'<li class="{tone}">{sign}<div>{text(gap.label)}：{text(gap.message)}</div>'
            f"{row_action(verb, gap.url, gap.label, verb_tone) if gap.url else ''}</li>"
            for gap in found
        )
    )


@register.simple_tag
def steps(found):
    """`{% steps steps %}`: the tabs of a draft, `projects.views.editing.Step`."""
    return markup(f'<ol class="steps">{"".join(map(_step, found))}</ol>')


def _step(step):
    tone = f' class="{step.tone}"' if step.tone else ""
    current = ' aria-current="step"' if step.current else ""
    sign = draw_icon("check") if step.tone == "done" else step.number
    return (
        f'<li{tone}><a href="{text(step.url)}"{current}><span class="pt">{sign}</span>{text(step.label)}'
        f"<small>{text(step.words)}</small></a></li>"
    )


@register.simple_tag
def panels(form):
    """`{% panels form %}`: the single fields of a tab to fill in, each group under its heading."""
    return markup("".join([_panel(number, *panel) for number, panel in enumerate(form.panels, start=1)]))


def _panel(number, title, fields):
    if not title:
        return f'<section class="part">{grid(fields)}</section>'
    head = f'<h3 id="part-{number}">{text(title)}</h3>'
    return f'<section class="part" aria-labelledby="part-{number}">{head}{grid(fields)}</section>'


@register.simple_tag
def budget_line(line):
    """`{% budget_line line %}`: a row of `projects.sections.budget_table`."""
    kind = "" if line.is_leaf else ' class="group"'
    name = f'<th class="lv{line.level}" role="rowheader" scope="row">{text(line.name)}</th>'
    return markup(f'<tr role="row"{kind}>{name}{"".join(map(_amount, line.cells))}</tr>')


def _amount(cell):
    """A place to fill in, or a sum."""
    label, field = text(cell.label), cell.field
    if field is None:
        both = " both" if cell.label == "合计" else ""
        return f'<td class="r{both}" role="cell" data-label="{label}" data-sum="{text(cell.key)}">{cell.value:,}</td>'
    return (
        f'<td role="cell" data-label="{label}"><span class="field">'
        f'<label class="vh" for="{text(field.id_for_label)}">{text(field.label)}</label>'
        f"{draw_control(field)}{draw_notes(field)}</span></td>"
    )
