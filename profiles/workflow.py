"""What reviewers may do with a request: the one transition table of 个人信息审核."""

from orgs.enums import Role
from profiles.enums import ReviewState
from zhgg.kit.ui import Badge
from zhgg.kit.workflow import Action

REVIEWERS = (Role.LEGAL, Role.AGENT, Role.MANAGER)

ACTIONS = {
    action.key: action
    for action in (
        Action(
            key="approve",
            method="approve",
            label="审核通过",
            sources=(ReviewState.PENDING,),
            target=ReviewState.APPROVED,
            who=REVIEWERS,
            summary="审核通过",
            tells=("person",),
        ),
        Action(
            key="reject",
            method="reject",
            label="审核不通过",
            sources=(ReviewState.PENDING,),
            target=ReviewState.REJECTED,
            who=REVIEWERS,
            summary="审核不通过",
            needs_reason=True,
            tells=("person",),
            danger=True,
        ),
    )
}

ICONS = {
    None: "file-pen-line",
    ReviewState.PENDING: "hourglass",
    ReviewState.APPROVED: "circle-check",
    ReviewState.REJECTED: "circle-x",
    ReviewState.REPLACED: "replace",
}
TONES = {None: "todo", ReviewState.APPROVED: "ok", ReviewState.REJECTED: "bad", ReviewState.REPLACED: "mute"}


def badge(state, *, reviewer=False):
    """The state (None: 未提交) as the person, or with `reviewer` as whoever reviews it, sees it."""
    tone = ("todo" if reviewer else "info") if state == ReviewState.PENDING else TONES[state]
    return Badge(ReviewState(state).label if state else "未提交", tone, ICONS[state])
