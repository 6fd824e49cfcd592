"""The watermark: what a printed 申报书 is worth, in words across every page."""

from projects.enums import State

DRAFT = "草稿·不作申报依据"
UNDER_REVIEW = "审核中"
FINAL = "正式版"
DECLINED = "不予受理"
RETURNED = "已退回·待修改"
WITHDRAWN = "已撤回"
OUTDATED = "已有更新的提交"

_OF_STATE = {
    State.DEPARTMENT: UNDER_REVIEW,
    State.UNIT: UNDER_REVIEW,
    State.BUREAU: UNDER_REVIEW,
    State.ACCEPTED: FINAL,
    State.DECLINED: DECLINED,
}


def stamp_of(proposal, number):
    """The watermark of the `number`-th submission as things stand; with 0, of the draft."""
    if not number:
        return DRAFT
    if number != proposal.submission_count:
        return OUTDATED
    if proposal.state == State.DRAFT:
        return RETURNED if proposal.returned_from else WITHDRAWN
    return _OF_STATE[proposal.state]
