"""What reviewers may do with a request: the one transition table of 个人信息审核."""

from orgs.enums import Role
from profiles.enums import ReviewState
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
