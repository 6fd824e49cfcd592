"""May this actor do this to this request? Pure functions; the Chinese reason is what the user reads."""

from django.utils import timezone

from profiles.enums import ReviewState
from zhgg.kit.verdict import ALLOWED, never, not_now


def may_decide(action, actor, request):
    """Whether `actor`, to whom the request is visible, may carry out `action` on it now."""
    if actor.role not in action.who:
        return never("只有审核这条个人信息的单位或二级单位可以办理。")
    if request.person_id == actor.user_id:
        return never("不能审核自己的个人信息。")
    if request.state == ReviewState.REPLACED:
        return not_now("对方已重新提交个人信息，您打开的这一份不再有效。请从列表打开最新的一份再审核。")
    if request.state not in action.sources:
        decided = timezone.localtime(request.decided_at)
        return not_now(
            f"{request.decider_name}已于 {decided:%Y-%m-%d %H:%M} 办理：{request.get_state_display()}。没有重复办理。"
        )
    return ALLOWED
