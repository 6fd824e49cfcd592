"""The pages that answer when something cannot be done. They render without the database."""

from django.http import HttpResponse
from django.template import loader
from django.utils import timezone

from zhgg.kit import request_context


def error_page(status, **context):
    """The page for `status` in the site's look, with the time and the number to quote on the phone.

    Rendered without the request, so that no context processor runs: each of them may need the database that failed.
    """
    template = loader.select_template([f"errors/{status}.html", "errors/400.html"])
    context = {
        "status": status,
        "reference": request_context.current().request_id,
        "moment": timezone.now(),
        **context,
    }
    return HttpResponse(template.render(context), status=status, headers={"Cache-Control": "no-store"})


def refusal_page(refusal):
    """The page for a `kit.errors.Refusal`: what happened, and the ways on."""
    return error_page(refusal.status, title=refusal.title, message=refusal.message, links=refusal.links)


def csrf_failure(request, reason=""):
    """The page for a form whose protection token is missing or old (Django's CSRF_FAILURE_VIEW)."""
    return error_page(
        403,
        title="页面已过期",
        message="这张表单打开太久，或您已在别处重新登录。请返回上一页刷新后再提交；您在上一页填写的内容还在。",
    )


def bad_request(request, exception=None):
    """handler400"""
    return error_page(400)


def permission_denied(request, exception=None):
    """handler403"""
    return error_page(403)


def not_found(request, exception=None):
    """handler404"""
    return error_page(404)


def server_error(request):
    """handler500"""
    return error_page(500)
