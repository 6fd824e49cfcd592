"""What stands around every page: addresses, files, the bureau's words. Drawn in one go, because each page has it."""

from functools import cache
from urllib.parse import quote

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone

from zhgg.kit import ui
from zhgg.kit.addresses import address_of
from zhgg.kit.icons import draw_icon
from zhgg.kit.markup import markup, text
from zhgg.kit.moments import moment
from zhgg.kit.templatetags.ui.once import drawn_once

register = template.Library()


@register.simple_tag
def site_setting(name):
    """One of the bureau's words from the settings, for pages that render without a context processor."""
    return getattr(settings, ui.one_of(name, ("SUPPORT_PHONES", "SITE_IDENTIFIER", "ICP_NUMBER"), "setting"), "")


@register.simple_tag
def address(name):
    """`{% address "messages" %}`: as `{% url %}`, for a page without arguments; worked out once."""
    return address_of(name)


@register.simple_tag
def asset(path):
    """`{% asset "zhgg/zhgg.css" %}`: as `{% static %}`; worked out once."""
    return _asset(path)


@cache
def _asset(path):
    return static(path)


@register.simple_tag(takes_context=True)
def text_size_link(context, scale):
    """`{% text_size_link site.scale %}`: to 大字版 and back, and then to this page again."""
    if not (request := context.get("request")):
        return ""
    back = quote(request.get_full_path(), safe="")
    words = "标准版" if scale == "large" else "大字版"
    icon = draw_icon("a-large-small")
    return markup(
        f'<a class="tool" href="{address_of("text-size")}?next={back}">{icon}<span class="t">{words}</span></a>'
    )


@register.simple_tag(takes_context=True)
def button_form(context, name, **fields):
    """`{% button_form "reveal" next=request.get_full_path %}`: the hidden form that buttons anywhere on the page send
    (`form="reveal"`) to the page of that name."""
    fields = {"csrfmiddlewaretoken": context.get("csrf_token", ""), **fields}
    hidden = "".join([f'<input type="hidden" name="{key}" value="{text(value)}">' for key, value in fields.items()])
    return markup(f'<form id="{name}" method="post" action="{address_of(name)}" hidden>{hidden}</form>')


@register.simple_tag
def footer_lines():
    """Who runs the site, and whom to call."""
    return drawn_once(
        "ui/footer_lines.html",
        phones=settings.SUPPORT_PHONES,
        identifier=settings.SITE_IDENTIFIER,
        icp=settings.ICP_NUMBER,
    )


@register.simple_tag
def print_line(name):
    """`{% print_line request.actor.name %}`: who has printed the page, and when."""
    now = moment(timezone.now())
    return markup(f'<p class="only-print">打印人：{text(name)}　打印时间：{now}</p>')
