"""May this capacity do this to this 申报书, now? Pure functions; the Chinese reason is what the user reads."""

from django.utils import timezone

from orgs.enums import Role
from orgs.rules import may_act, why_suspended
from projects.enums import Capacity, Paper, Phase, Showing, State
from projects.workflow import ACTIONS, SEND_BACK_LEVELS, SUBMIT, WITHDRAW
from zhgg.kit.verdict import ALLOWED, never, not_now

CAPACITY_OF_ROLE = {
    Role.MANAGER: Capacity.MANAGER,
    Role.LEGAL: Capacity.LEGAL,
    Role.AGENT: Capacity.AGENT,
    Role.BUREAU: Capacity.BUREAU,
}


def capacity_of(actor, proposal):
    """In which capacity the actor deals with a 申报书 that is visible to them.

    Being its PI outweighs every role, so nobody ever decides about their own.
    """
    if actor.is_person and proposal.pi_id == actor.user_id:
        return Capacity.PI
    return CAPACITY_OF_ROLE[actor.role]


def closing(proposal):
    """申报截止 for this 申报书: the call's, or the later one to which it was extended."""
    return _latest(proposal.call.closes_at, proposal.submit_until)


def deadline(proposal):
    """Until when (exclusive) the PI may submit this 申报书.

    First time and after one's own 撤回: 申报截止. Returned by 二级单位 or unit: 单位审核截止. Once 科技局 has returned
    it, the 补正截止 that 科技局 set holds for the PI and the reviewers alike, where it is later. The first two as they
    were extended for this 申报书; extending one that 科技局 has returned moves its 补正截止.
    """
    if proposal.returned_from == State.BUREAU and proposal.correction_due:
        return proposal.correction_due
    if proposal.returned_from:
        return _latest(proposal.call.review_closes_at, proposal.review_until, proposal.correction_due)
    return _latest(closing(proposal), proposal.correction_due)


def review_deadline(proposal):
    """Until when (exclusive) 二级单位 and unit may decide."""
    return _latest(proposal.call.review_closes_at, proposal.review_until, proposal.correction_due)


def _latest(*moments):
    return max(filter(None, moments))


def may_apply(person, call, now, extended_until=None):
    """Whether this person (None for an account that is no 个人用户) may begin an 申报书 in this call at `now`.

    `extended_until` is what `Extension.objects.for_unit` says of the person's unit.
    """
    if person is None:
        return never("只有个人用户可以申报项目。请用项目负责人的个人用户账号登录后申报。")
    if not call.published or not call.opens_at <= now < _latest(call.closes_at, extended_until):
        return not_now("这个批次现在不受理新的申报书。")
    if person.unit_id and person.unit.is_suspended:
        return not_now(why_suspended(person.unit.name, person.unit.suspended_reason))
    if not person.is_approved:
        return not_now("您的个人信息还没有审核通过，不能申报。请先维护个人信息并提交审核，审核通过后再来申报。")
    return ALLOWED


def first_level(actor, proposal):
    """Where the PI's next 提交 leads: to their 二级单位, unless they have none or manage it themselves."""
    department_id = proposal.pi.department_id
    manages_it = actor.role == Role.MANAGER and actor.department_id == department_id
    return State.UNIT if department_id is None or manages_it else State.DEPARTMENT


def may_edit(actor, proposal, now):
    """Whether the actor may change what is filled in."""
    if capacity_of(actor, proposal) != Capacity.PI:
        return never("只有项目负责人可以填写申报书。")
    if proposal.state != State.DRAFT:
        return not_now(f"申报书已在{proposal.get_state_display()}，不能修改。需要修改时，请先撤回或联系审核人退回。")
    if now >= deadline(proposal):
        return not_now(_over("提交", deadline(proposal)))
    return ALLOWED


def may_delete(actor, proposal):
    """Whether the actor may delete the draft: the PI, as long as it was never submitted."""
    if capacity_of(actor, proposal) != Capacity.PI:
        return never("只有项目负责人可以删除申报书。")
    if proposal.submission_count:
        return not_now("这份申报书提交过，办理记录要保留，不能删除。")
    return ALLOWED


def may_have_paper(actor, proposal, paper):
    """Whether the actor, to whom the 申报书 is visible, may have this paper as PDF: the draft is its PI's alone."""
    if paper == Paper.DRAFT and capacity_of(actor, proposal) != Capacity.PI:
        return never("只有项目负责人可以预览还没有提交的申报书。")
    return ALLOWED


def may(action, actor, proposal, now):
    """Whether `actor`, to whom the 申报书 is visible, may carry out `action` on it at `now`."""
    capacity = capacity_of(actor, proposal)
    if capacity not in action.who:
        if capacity == Capacity.PI and actor.role != Role.PERSON:
            return never("这是您本人负责的申报书，不能由您本人审核。")
        return never(f"您的身份是{capacity.label}，不能办理【{action.label}】。")
    suspended = _suspended(actor, proposal.pi.unit if capacity == Capacity.PI else None)
    if suspended is not None:
        return suspended
    if proposal.state not in action.sources:
        return not_now(f"申报书现在是“{proposal.get_state_display()}”，不能办理【{action.label}】。")
    if action.key == "send-back" and capacity not in SEND_BACK_LEVELS[proposal.state]:
        return not_now(f"申报书现在是“{proposal.get_state_display()}”，轮不到您办理【{action.label}】。")
    return _in_time(action, capacity, proposal, now)


def _suspended(actor, own_unit):
    """The refusal where the unit that the actor acts for, or the PI's own, is suspended; None where neither is."""
    if actor.is_suspended:
        return may_act(actor)
    if own_unit is not None and own_unit.is_suspended:
        return not_now(why_suspended(own_unit.name, own_unit.suspended_reason))
    return None


def _in_time(action, capacity, proposal, now):
    if action.key == SUBMIT.key:
        if now < proposal.call.opens_at:
            return not_now("这个批次还没有开始受理。")
        if now >= deadline(proposal):
            return not_now(_over("提交", deadline(proposal)))
    elif action is WITHDRAW:
        if proposal.last_action != SUBMIT.key:
            return not_now("审核人已经办理过这份申报书，不能撤回。需要修改时，请联系审核人退回。")
        if now >= closing(proposal):
            return not_now(_over("撤回", closing(proposal)))
    elif capacity != Capacity.BUREAU and now >= review_deadline(proposal):
        return not_now(_over("单位审核", review_deadline(proposal)))
    return ALLOWED


def _over(what, moment):
    return f"{what}已于 {timezone.localtime(moment):%Y-%m-%d %H:%M} 截止。需要延期的，请与科技局联系。"


def available(actor, proposal, now):
    """The actions that the actor may carry out now, in the order of their buttons."""
    return [action for action in ACTIONS.values() if may(action, actor, proposal, now)]


def is_mine_to_decide(actor, proposal, now):
    """Whether a list offers 【处理】 instead of 【查看】: the review step of this state is the actor's, and in time."""
    return is_step_of(actor, proposal) and not is_closed(proposal, now)


def is_step_of(actor, proposal):
    """Whether the review step of this state is the actor's, in time or not."""
    capacity = capacity_of(actor, proposal)
    mine = capacity != Capacity.PI and capacity in SEND_BACK_LEVELS.get(proposal.state, ())
    return mine and not actor.is_suspended


def is_closed(proposal, now):
    """Whether the 申报书 missed its deadline and waits (已截止): only 科技局 can extend."""
    if proposal.state == State.DRAFT:
        return now >= deadline(proposal)
    return proposal.state in (State.DEPARTMENT, State.UNIT) and now >= review_deadline(proposal)


# Calls ---------------------------------------------------------------------------------------------------------------

BEGUN_TIMES = "批次已开始受理。推迟截止时间请办理【延期】，提前截止请办理【结束受理】"
BEGUN_CONTENT = "已有申报书，不能再修改"


def phase_of(call, now):
    """Where the call stands at `now`."""
    if not call.published:
        return Phase.UNPUBLISHED
    if now < call.opens_at:
        return Phase.COMING
    if now < call.closes_at:
        return Phase.OPEN
    return Phase.REVIEW if now < call.review_closes_at else Phase.OVER


def fixed_in(call, *, has_proposals, now):
    """`{field: why}` of what may no longer be edited: the times once a published call has begun, and what 申报书 were
    numbered and laid out by."""
    fixed = {}
    if call.published and now >= call.opens_at:
        fixed |= dict.fromkeys(("opens_at", "closes_at", "review_closes_at"), BEGUN_TIMES)
    if has_proposals:
        fixed |= dict.fromkeys(("number_prefix", "budget_mode"), BEGUN_CONTENT)
    return fixed


def missing_in(call):
    """`{field: what to do}`: what a call lacks that people are to apply in."""
    missing = {}
    if not call.guide:
        missing["guide"] = "请填写申报指南，负责人据此申报"
    if not call.directions:
        missing["directions"] = "请至少填写一个指南方向"
    if not call.categories:
        missing["categories"] = "请至少填写一个项目类别"
    return missing


def may_publish(call, now):
    """Whether the call may be published at `now`."""
    if missing := missing_in(call):
        return not_now(f"还不能发布：{'；'.join(missing.values())}。")
    if call.closes_at <= now:
        return not_now("还不能发布：申报截止的时间已过，请先改正受理时间。")
    return ALLOWED


def may_close(call, now):
    """Whether 结束受理 makes sense at `now`."""
    phase = phase_of(call, now)
    if phase == Phase.OPEN:
        return ALLOWED
    if phase in (Phase.UNPUBLISHED, Phase.COMING):
        return not_now("批次还没有开始受理，请在【编辑】中修改受理时间。")
    return not_now(f"申报已于 {timezone.localtime(call.closes_at):%Y-%m-%d %H:%M} 截止，不必再结束受理。")


def may_extend(call):
    """Whether deadlines of the call can be extended: those of one that nobody has seen are simply edited."""
    return ALLOWED if call.published else not_now("批次还没有发布，请在【编辑】中修改受理时间。")


def showing_of(announcement, now):
    """Where an announcement stands at `now`."""
    if not announcement.published:
        return Showing.UNPUBLISHED
    if now < announcement.shows_from:
        return Showing.COMING
    over = announcement.shows_until is not None and announcement.shows_until <= now
    return Showing.OVER if over else Showing.SHOWN


def may_publish_announcement(announcement, now):
    """Whether 【发布】 would show it to anybody."""
    if announcement.published:
        return not_now("公告已经发布。")
    if announcement.shows_until is not None and announcement.shows_until <= now:
        return not_now("展示截止时间已过，发布后没有人能看到。请先编辑展示截止时间，再发布。")
    return ALLOWED
