"""批量提交: many 申报书 of the list at once, after a page that says which of them can go and which cannot."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.kept_forms import restores_form
from orgs.enums import Role
from orgs.exports import export
from projects.enums import State
from projects.exports import RESULT_COLUMNS
from projects.forms import BatchForm
from projects.models import Proposal
from projects.rules import CAPACITY_OF_ROLE
from projects.services.batch import BATCH_ACTIONS, examine, perform_many
from projects.tables import UNTITLED
from projects.views.listing import ProposalList
from projects.workflow import badge
from zhgg.kit.addresses import addresses
from zhgg.kit.batch import MOST, SHOWN, Row, number, sign, unsign
from zhgg.kit.clock import database_now

LIST_SALT, SELECTION_SALT, RESULT_SALT = "proposals.batch.list", "proposals.batch.selection", "proposals.batch.result"
UNKNOWN = "{number:,} 项不在您的列表中，没有办理。"
CONSEQUENCES = {
    Role.MANAGER: "审核通过后，申报书转到“单位审核”。退回则退回至负责人，回到“未提交”。",
    Role.LEGAL: "提交后，申报书转到“科技局审核”，单位不能再修改或撤回。退回则退回至负责人，回到“未提交”。",
    Role.AGENT: "提交后，申报书转到“科技局审核”，单位不能再修改或撤回。退回则退回至负责人，回到“未提交”。",
    Role.BUREAU: "受理、不予受理后，办理结束，负责人和单位会收到通知。退回则退回至负责人补正。",
}
_SHOWN_OF_ROW = (
    "pk",
    "title",
    "number",
    "state",
    "pi__name",
    "unit__name",
    "department__name",
    "accepted_number",
)


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request):
    """From the ticked rows, or all that wait in the list, to the question; from the question to the result.

    Ticked rows and the question say which step of each was seen last: what has happened since is not decided upon.
    By GET the question comes back whose answer met the end of a session.
    """
    actor = request.actor
    data = request.POST if request.method == "POST" else request.restored
    if data is None:
        return redirect("proposals")
    actions = BATCH_ACTIONS.get(actor.role)
    if actions is None:
        raise Http404
    opened = ProposalList.of_query(actor, data.get("list"))
    confirmed = "selection" in data
    seen = _confirmed(actor, data) if confirmed else _chosen(actor, data)
    if not seen:
        messages.warning(request, "没有选中等您办理的项目，请勾选后再办理。")
        return redirect(ProposalList.back_to(opened))
    if not confirmed:
        return _question(request, opened, actions, seen, BatchForm(actor=actor, now=database_now()))
    action = next((each for each in actions if each.key == data.get("action")), None)
    if action is None:
        raise Http404
    form = BatchForm(data, action=action, actor=actor)
    if request.method != "POST" or (action.needs_reason and not form.is_valid()):
        return _question(request, opened, actions, seen, form)
    asked = form.asked_by(action)
    return _result(request, opened, action, seen, perform_many(action=action, seen=seen, actor=actor, **asked))


def _chosen(actor, data):
    """`{id: step}` of what was ticked, or of all that wait in the list."""
    if token := data.get("all"):
        found = ProposalList.of_query(actor, unsign(actor, token, LIST_SALT))
        waiting = found.awaiting if found else Proposal.objects.none()
        return dict(waiting.values_list("pk", "step_count")[:MOST])
    pairs = [each.partition("-") for each in data.getlist("id")[:MOST]]
    chosen = {number(pk): number(step) for pk, _, step in pairs}
    # Steps are counted in 31 bits.
    return {pk: step for pk, step in chosen.items() if pk is not None and step is not None and step < 2**31}


def _confirmed(actor, data):
    pairs = unsign(actor, data["selection"], SELECTION_SALT)
    return dict(pairs) if pairs else {}


def _question(request, opened, actions, seen, form):
    actor = request.actor
    results = examine(action=actions[0], seen=seen, actor=actor)
    rows = _rows(actor, results)
    fine = [row for row in rows if row.fine]
    context = {
        "action": actions[0],
        "others": actions[1:],
        "form": form,
        "chosen": len(seen),
        "possible": len(fine),
        "impossible": len(seen) - len(fine),
        "rows": fine[:SHOWN],
        "hidden": len(fine[SHOWN:]),
        "groups": _groups(rows),
        "missing": _missing(seen, results),
        "consequence": CONSEQUENCES[actor.role],
        "selection": sign(actor, list(seen.items()), SELECTION_SALT),
        **_frame(request, opened),
    }
    return render(request, "projects/batch.html", context)


def _result(request, opened, action, seen, results):
    actor = request.actor
    rows = _rows(actor, results)
    done = [row for row in rows if row.fine]
    repeated = sum(result.repeated for result in results.values())
    now = timezone.now()
    refused = {pk: result.reason for pk, result in results.items() if not result.done}
    kept = [action.key, now.isoformat(), [pk for pk, result in results.items() if result.done], list(refused.items())]
    context = {
        "action": action,
        "rows": done[:SHOWN],
        "hidden": len(done[SHOWN:]),
        "done": len(done),
        "repeated": repeated,
        "skipped": len(seen) - len(done),
        "groups": _groups(rows),
        "missing": _missing(seen, results),
        "now": now,
        "result": sign(actor, kept, RESULT_SALT),
        **_frame(request, opened),
    }
    return render(request, "projects/batch_result.html", context)


def _frame(request, opened):
    request.frame.menu_entry = "proposals"
    return {
        "list_label": "全部项目" if request.actor.role == Role.BUREAU else "本单位的项目",
        "list_url": ProposalList.back_to(opened),
        "list_query": opened.query if opened else "",
    }


def _missing(seen, results):
    unknown = len(seen) - len(results)
    return UNKNOWN.format(number=unknown) if unknown else ""


def _shown(ids):
    """What is shown of these; the service, or our signature, has said that the actor may know of them."""
    rows = Proposal.objects.filter(pk__in=list(ids)).order_by("number")
    return rows.values(*_SHOWN_OF_ROW)


def _rows(actor, results):
    rows, badges, address = [], {}, addresses("proposal")
    capacity = CAPACITY_OF_ROLE[actor.role]
    for shown in _shown(results):
        result, state = results[shown["pk"]], shown["state"]
        if state not in badges:
            badges[state] = badge(state, capacity)
        # What 科技局 has returned it no longer sees.
        hidden = actor.role == Role.BUREAU and state == State.DRAFT
        accepted = f"受理编号 {shown['accepted_number']}" if shown["accepted_number"] else ""
        text = " · ".join(filter(None, (shown["number"], accepted, shown["pi__name"], shown["department__name"])))
        rows.append(
            Row(
                name=shown["title"] or UNTITLED,
                url="" if hidden else address(shown["pk"]),
                fine=result.done,
                text=(f"{text} · 已办理过，没有重复办理" if result.repeated else text)
                if result.done
                else result.reason,
                icon="circle-check",
                badge=None if hidden else badges[state],
            )
        )
    return rows


def _groups(rows):
    """`[(reason, first rows, how many more)]` of what does not go."""
    groups = {}
    for row in rows:
        if not row.fine:
            groups.setdefault(row.text, []).append(row)
    return [(reason, len(rows), rows[:SHOWN], len(rows[SHOWN:])) for reason, rows in groups.items()]


@require_http_methods(["GET", "HEAD", "POST"])
def result_workbook(request):
    """The result of a batch as an Excel workbook: every row, whatever the page had room for."""
    actor = request.actor
    kept = unsign(actor, request.POST.get("result", ""), RESULT_SALT)
    if request.method != "POST" or actor.role not in BATCH_ACTIONS or kept is None:
        return redirect("proposals")
    key, at, done, refused = kept
    action = next(each for actions in BATCH_ACTIONS.values() for each in actions if each.key == key)
    reasons = dict(refused)
    rows = _shown([*done, *reasons])
    results = [
        (row, "没有办理" if row["pk"] in reasons else "已办理", reasons.get(row["pk"], action.summary)) for row in rows
    ]
    when = timezone.localtime(timezone.datetime.fromisoformat(at))
    return export(
        actor=actor,
        name=f"批量{action.label}结果",
        columns=RESULT_COLUMNS,
        rows=results,
        number=len(results),
        conditions=[f"{action.label}于 {when:%Y-%m-%d %H:%M} 办理"],
    )
