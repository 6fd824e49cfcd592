"""申报看板: where the 申报书 of a call stand, when they came, whose they are, and what waits how long."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from orgs.exports import export_sheets
from projects.dashboard import Dashboard, scopes
from projects.enums import Age, State
from projects.rules import CAPACITY_OF_ROLE
from projects.workflow import ICONS, TURN
from zhgg.kit.charts import Cell
from zhgg.kit.spreadsheets.write import Column, Sheet
from zhgg.kit.ui import Link

AGES = [age.label for age in Age]


@require_safe
def figures(request):
    """The board of what the address asks for in `call`: 正在进行的批次 first, if there are any."""
    board, choices = _board(request)
    late = sum(board.ages.get((state, Age.LATE), 0) for state in (State.DEPARTMENT, State.UNIT))
    context = {
        "home": reverse("portal"),
        "board": board,
        "choices": choices,
        "chips": _chips(board),
        "late": late,
        "figures": board.figures() if board.total else [],
        "submitted": board.total - board.counts[State.DRAFT],
        "waiting": board.counts[State.BUREAU],
        "accepted": board.counts[State.ACCEPTED],
        "submitted_url": board.address() if board.is_bureau else "",
        "waiting_url": board.address(state=State.BUREAU.value),
        "accepted_url": board.address(state=State.ACCEPTED.value),
        "ages": AGES,
    }
    return render(request, "projects/figures_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def export_figures(request):
    """The same as Excel, a sheet a figure. By POST, for it leaves an audit line."""
    board, _ = _board(request)
    if request.method != "POST":
        return redirect("figures")
    sheets = [
        Sheet(figure.title, [_column(place, head) for place, head in enumerate(figure.table.heads)], figure.table.rows)
        for figure in board.figures()
    ]
    return export_sheets(
        actor=request.actor,
        name="申报看板",
        sheets=sheets,
        number=sum(len(sheet.rows) for sheet in sheets),
        conditions=[f"申报批次为“{board.scope.label}”"],
    )


def _board(request):
    actor, now = request.actor, timezone.now()
    if actor.role not in CAPACITY_OF_ROLE:
        raise Http404
    choices = scopes(actor, now)
    asked = request.GET.get("call", "")
    scope = next((each for each in choices if each.key == asked), None) if asked else choices[0]
    if scope is None:
        raise Http404
    return Dashboard(actor, scope, now), choices


def _chips(board):
    mine = CAPACITY_OF_ROLE[board.actor.role]
    return [
        Link(number.label, url, number.value, icon=ICONS[state], todo=mine in TURN.get(state, ()))
        for state, (number, url) in zip(State, board.standing(), strict=True)
        if not (board.is_bureau and state == State.DRAFT)
    ]


def _column(place, head):
    def value(row):
        cell = row[place]
        return cell.value if isinstance(cell, Cell) else cell

    return Column(head, 14 if place else 40, value)
