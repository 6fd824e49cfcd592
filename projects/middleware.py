"""Maintenance (系统维护): people read and save what they type; logging in, submitting and deciding wait."""

from django.utils import timezone

from accounts import kept_forms
from accounts.enums import Kind
from projects import maintenance
from projects.stands import LOGINS, goes_on
from zhgg.kit import answers

TITLE = "系统正在维护"


class MaintenanceMiddleware:
    """Answers what waits until the maintenance is over with a 503 page that says when that is. Behind login and CSRF.

    Staff work as usual. Who is not logged in is led to the login page by others; forms that arrive so are kept for
    their user until the maintenance is over.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.upkeep = maintenance.present()
        if request.upkeep and request.upkeep.is_on:
            request.forms_kept_until = request.upkeep.kept_until
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """The 503 page for what waits; None for everything else."""
        if not (request.upkeep and request.upkeep.is_on):
            return None
        name = request.resolver_match.view_name
        if name in LOGINS:
            return self.wait(request.upkeep, "维护结束后请重新登录。")
        if request.method != "POST" or name.startswith("admin:") or not request.user.is_authenticated:
            return None
        if request.user.kind == Kind.STAFF or goes_on(name, request.POST):
            return None
        if kept_forms.keep(request, view, request.user):
            words = "您填写的内容已保留到维护结束后 24 小时：维护结束后打开原来的页面，内容会恢复，核对后再提交。"
            return self.wait(request.upkeep, words, links=[(request.path, "返回原来的页面")])
        return self.wait(request.upkeep, "请在维护结束后重新办理。")

    @staticmethod
    def wait(upkeep, words, links=()):
        """The page, and in how many seconds to ask again."""
        until = f"{timezone.localtime(upkeep.ends_at):%Y-%m-%d %H:%M}"
        end = f"原定 {until} 结束，尚未完成，请稍后再试" if upkeep.is_overdue else f"预计 {until} 结束"
        message = (
            f"{upkeep.message}，{end}。维护期间可以查看和保存，暂时不能登录、提交和审核；"
            f"这次没有办理，也没有改动任何内容。{words}"
        )
        response = answers.error_page(503, title=TITLE, message=message, links=list(links))
        response["Retry-After"] = str(upkeep.retry_after)
        return response
