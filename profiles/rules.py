"""May this actor do this to this request? Pure functions; the Chinese reason is what the user reads."""

from django.utils import timezone

from orgs.rules import may_act
from profiles.enums import ReviewState
from zhgg.kit.verdict import ALLOWED, never, not_now


def may_decide(action, actor, request):
    """Whether `actor`, to whom the request is visible, may carry out `action` on it now."""
    if actor.role not in action.who:
        return never("只有审核这条个人信息的单位或二级单位可以办理。")
    if request.person_id == actor.user_id:
        return never("不能审核自己的个人信息。")
    if actor.is_suspended:
        return may_act(actor)
    if request.state == ReviewState.REPLACED:
        if request.withdrawn_at:
            return not_now("对方已改回原来的内容，这一份不再需要审核。您刚才的办理没有生效。")
        return not_now("对方已重新提交个人信息，您打开的这一份不再有效，您刚才的办理没有生效。请打开最新的一份再审核。")
    if request.state not in action.sources:
        decided = timezone.localtime(request.decided_at)
        return not_now(
            f"{request.decider_name}已于 {decided:%Y-%m-%d %H:%M} 办理：{request.get_state_display()}。没有重复办理。"
        )
    return ALLOWED


UNREADABLE_NUMBER = not_now("对方的证件号码无法读取，没有审核通过。请致电技术支持。")
"""What an approval comes to where the 证件号码 cannot be opened: nothing is put in force unseen."""


def standing(person, latest):
    """Where the person's 个人信息 stands: a ReviewState, or None before the first 提交.

    `latest` is the person's latest request, or None.
    """
    if latest is not None and latest.withdrawn_at is None and latest.state != ReviewState.REPLACED:
        return ReviewState(latest.state)
    return ReviewState.APPROVED if person.is_approved else None


DOCTOR_EDUCATION, DOCTOR_DEGREE = "11", "2"
BELOW_BACHELOR = frozenset({"31", "40", "61", "71"})
DEGREES = frozenset({"2", "3", "4"})


def contradiction(education, degree):
    """A sentence when 最高学历 and 最高学位 hardly go together; "" when they do. It keeps nobody from saving."""
    doctor = education == DOCTOR_EDUCATION, degree == DOCTOR_DEGREE
    if doctor[0] != doctor[1] or (education in BELOW_BACHELOR and degree in DEGREES):
        return "最高学历与最高学位不一致，请核对；确实如此的不用修改。"
    return ""
