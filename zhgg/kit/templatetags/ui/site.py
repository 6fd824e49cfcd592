"""The bureau's words."""

from django import template
from django.conf import settings

from zhgg.kit import ui

register = template.Library()


@register.simple_tag
def site_setting(name):
    """One of the bureau's words from the settings, for pages that render without a context processor."""
    return getattr(settings, ui.one_of(name, ("SUPPORT_PHONES", "SITE_IDENTIFIER", "ICP_NUMBER"), "setting"), "")
