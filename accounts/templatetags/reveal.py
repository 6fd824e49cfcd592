"""The dialog that asks why a number is shown in full."""

from django import template

from accounts.forms import RevealForm

register = template.Library()
_QUESTION = RevealForm(auto_id="reveal_%s")


@register.inclusion_tag("accounts/reveal_dialog.html", takes_context=True)
def reveal_dialog(context):
    """`{% reveal_dialog %}`: behind all 【显示】 of a page (base.html)."""
    return {"request": context["request"], "form": _QUESTION}
