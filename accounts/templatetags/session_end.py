"""The dialog that session.js opens shortly before and after the end of the session."""

from django import template

from zhgg.kit.addresses import address_of
from zhgg.kit.markup import markup
from zhgg.kit.templatetags.ui.once import drawn_once

register = template.Library()


@register.simple_tag
def session_end(user, end):
    """`{% session_end request.user request.session_end %}`: one of its parts is shown."""
    parts = drawn_once("accounts/session_end_parts.html", kind=user.kind)
    return markup(
        f'<dialog class="dlg" id="session-end" role="alertdialog" data-url="{address_of("session")}"'
        f' data-account="{user.pk}" data-left="{end.left}" data-warn="{end.warn}">'
        f'{parts}<p class="vh" role="status" data-spoken></p></dialog>'
    )
