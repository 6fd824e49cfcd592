"""How far an 申报书 has come, as pages show it: the small line beside the badge, the route dots, the timeline."""

from functools import cache

from projects.enums import Capacity, State
from projects.rules import capacity_of, is_mine_to_decide
from projects.workflow import DECLINE, ICONS, REROUTED, SEND_BACK, SUBMIT, SUMMARIES, WITHDRAW
from zhgg.kit.moments import local
from zhgg.kit.ui import TimelineItem

LEVELS = {State.DEPARTMENT: "部门", State.UNIT: "单位", State.BUREAU: "科技局"}
"""The levels of review in their order, with the short words of the route dots."""


def levels(proposal):
    """The levels that this 申报书 passes: without a 二级单位 the unit is the first."""
    return [state for state in LEVELS if state != State.DEPARTMENT or proposal.department_id]


def route(proposal):
    """`((word, done | now | later), …)` for the route dots of a row of `for_list`.

    The 二级单位 is no dot where the submission went past it: nobody there has decided anything.
    """
    state = proposal.state
    by_department = proposal.department_id and (state == State.DRAFT or not proposal.skipped_department)
    return _route(state, bool(by_department))


@cache
def _route(state, by_department):
    order = [level for level in LEVELS if level != State.DEPARTMENT or by_department]
    ended = state in (State.ACCEPTED, State.DECLINED)
    place = len(order) if ended else order.index(state) if state in order else -1
    return tuple(
        (LEVELS[level], "now" if number == place else "done" if number < place else "later")
        for number, level in enumerate(order)
    )


def waiting(since, now):
    """已等待 2 天, by the calendar; 今天到达 on the first day."""
    days = days_between(since, now)
    return f"已等待 {days} 天" if days else "今天到达"


def days_between(since, now):
    """Whole days by the calendar between two points in time."""
    return (local(now).date() - local(since).date()).days


def remark(proposal, now, *, closed):
    """The small line beside the badge: 被退回 11-20, 已等待 2 天, 已截止; several are joined, none is "".

    `closed` is what `rules.is_closed` says of it.
    """
    words, state = [], proposal.state
    if state in LEVELS:
        words.append(waiting(proposal.state_since, now))
    elif proposal.returned_from:
        words.append(f"被退回 {local(proposal.state_since):%m-%d}")
    if closed:
        words.append("已截止")
    return "，".join(words)


def came_back(proposal):
    """Whether it is a draft that came back to its PI and waits for a correction; `ProposalQuerySet.returned` of one."""
    return proposal.state == State.DRAFT and bool(proposal.returned_from)


def return_heading(proposal):
    """11-20 单位审核退回, for a draft that came back; "" for any other."""
    if not came_back(proposal):
        return ""
    return f"{local(proposal.state_since):%m-%d} {State(proposal.returned_from).label}退回"


def timeline(actor, proposal, steps, now):
    """办理进度, newest first: what lies ahead, what is being done now, and every step so far."""
    return [*_ahead(proposal), *_present(actor, proposal, now), *(_past(step) for step in steps)]


def _ahead(proposal):
    order = levels(proposal)
    if proposal.state in order:
        order = order[order.index(proposal.state) + 1 :]
    elif proposal.state != State.DRAFT:
        order = []
    return [TimelineItem("next", State(state).label, icon=ICONS[state]) for state in reversed(order)]


def _present(actor, proposal, now):
    if proposal.state in (State.ACCEPTED, State.DECLINED):
        return []
    label = State(proposal.state).label
    if proposal.state == State.DRAFT:
        mine = capacity_of(actor, proposal) == Capacity.PI
        title = f"{label}　{'等您' if mine else '等负责人'}{'修改后再次提交' if proposal.submission_count else '提交'}"
        return [TimelineItem("now", title, icon=ICONS[State.DRAFT])]
    title = f"{label}　{'等您办理' if is_mine_to_decide(actor, proposal, now) else '办理中'}"
    note = waiting(proposal.state_since, now)
    return [TimelineItem("now", title, when=proposal.state_since, note=note, icon=ICONS[proposal.state])]


_ICONS = {SUBMIT.key: "send", WITHDRAW.key: "undo-2", REROUTED: "corner-down-right"}


def _past(step):
    title, note = SUMMARIES[step.action], ""
    if step.action == SUBMIT.key:
        title = "重新提交" if step.submission_number > 1 else title
        note = f"第 {step.submission_number} 次提交"
    who = step.user_name
    if step.capacity != Capacity.PI:
        who = f"{State(step.source).label}　{who}"
        note = Capacity(step.capacity).label
    tone = "back" if step.action in (SEND_BACK.key, DECLINE.key) else "done"
    return TimelineItem(
        tone, title, who=who, when=step.at, quote=step.reason, note=note, icon=_ICONS.get(step.action, "")
    )
