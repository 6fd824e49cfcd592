"""The one transition table of the 申报书: who does what in which state, how it is called, whom it tells.

Buttons, `perform`, the admin and the tests read this table; nothing repeats it.
"""

from projects.enums import Capacity, State
from zhgg.kit.ui import Badge
from zhgg.kit.workflow import Action

UNIT = (Capacity.LEGAL, Capacity.AGENT)

SUBMIT = Action(
    key="submit",
    method="submit_to_department",
    label="提交",
    sources=(State.DRAFT,),
    target=State.DEPARTMENT,
    who=(Capacity.PI,),
    summary="提交",
    tells=("next",),
)
SUBMIT_TO_UNIT = Action(
    key="submit",
    method="submit_to_unit",
    label="提交",
    sources=(State.DRAFT,),
    target=State.UNIT,
    who=(Capacity.PI,),
    summary="提交",
    tells=("next",),
)
WITHDRAW = Action(
    key="withdraw",
    method="withdraw",
    label="撤回",
    sources=(State.DEPARTMENT, State.UNIT),
    target=State.DRAFT,
    who=(Capacity.PI,),
    summary="撤回",
    danger=True,
)
PASS_TO_UNIT = Action(
    key="pass-to-unit",
    method="pass_to_unit",
    label="项目申报审核（单位）",
    sources=(State.DEPARTMENT,),
    target=State.UNIT,
    who=(Capacity.MANAGER,),
    summary="审核通过，提交至单位",
    tells=("pi", "next"),
)
PASS_TO_BUREAU = Action(
    key="pass-to-bureau",
    method="pass_to_bureau",
    label="提交至科技局",
    sources=(State.UNIT,),
    target=State.BUREAU,
    who=UNIT,
    summary="提交至科技局",
    tells=("pi",),
)
ACCEPT = Action(
    key="accept",
    method="accept",
    label="受理",
    sources=(State.BUREAU,),
    target=State.ACCEPTED,
    who=(Capacity.BUREAU,),
    summary="受理",
    tells=("pi", "unit"),
)
DECLINE = Action(
    key="decline",
    method="decline",
    label="不予受理",
    sources=(State.BUREAU,),
    target=State.DECLINED,
    who=(Capacity.BUREAU,),
    summary="不予受理",
    needs_reason=True,
    tells=("pi", "unit"),
    danger=True,
)
SEND_BACK_LEVELS = {
    State.DEPARTMENT: (Capacity.MANAGER,),
    State.UNIT: UNIT,
    State.BUREAU: (Capacity.BUREAU,),
}
"""退回 is one action with one reviewer a level."""
SEND_BACK = Action(
    key="send-back",
    method="send_back",
    label="退回",
    sources=tuple(SEND_BACK_LEVELS),
    target=State.DRAFT,
    who=tuple(capacity for level in SEND_BACK_LEVELS.values() for capacity in level),
    summary="退回",
    needs_reason=True,
    tells=("pi",),
    danger=True,
)

ACTIONS = {
    action.key: action for action in (SUBMIT, WITHDRAW, PASS_TO_UNIT, PASS_TO_BUREAU, ACCEPT, SEND_BACK, DECLINE)
}
"""In the order of the buttons. `submit` stands here once; where it leads is `rules.first_level`'s to say."""

REROUTED = "rerouted"
"""History key of what the system does by itself when a PI becomes manager of the 二级单位 that would decide."""

SUMMARIES = {
    **{action.key: action.summary for action in ACTIONS.values()},
    REROUTED: "负责人已任该二级单位管理人员，转单位审核",
}

ICONS = {
    State.DRAFT: "file-pen-line",
    State.DEPARTMENT: "users",
    State.UNIT: "building-2",
    State.BUREAU: "landmark",
    State.ACCEPTED: "circle-check",
    State.DECLINED: "circle-x",
}
TURN = {
    State.DRAFT: (Capacity.PI,),
    State.DEPARTMENT: (Capacity.MANAGER,),
    State.UNIT: UNIT,
    State.BUREAU: (Capacity.BUREAU,),
}
"""Whose turn it is in each state."""


def badge(state, capacity, note="", *, closed=False):
    """The state as this viewer sees it: the colour says whose turn it is, icon and words which state.

    What missed its deadline (`closed`) is nobody's turn: it waits for 科技局 to extend.
    """
    if capacity in TURN.get(state, ()) and not closed:
        tone = "todo"
    else:
        tone = {State.DRAFT: "draft", State.ACCEPTED: "ok", State.DECLINED: "mute"}.get(state, "info")
    return Badge(State(state).label, tone, ICONS[state], note)
