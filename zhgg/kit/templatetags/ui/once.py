"""What looks the same on a thousand pages, drawn once."""

from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string

register = template.Library()


@register.simple_tag
def drawn_once(template_name, **values):
    """`{% drawn_once "ui/bell.html" unread=site.unread %}`: the template with these values and nothing else.

    For the same values it is drawn once by each process, so that no time and no token may stand in it: neither is
    there. The values must be hashable.
    """
    draw = _draw.__wrapped__ if settings.DEBUG else _draw
    return draw(template_name, tuple(values.items()))


@lru_cache(maxsize=2048)
def _draw(template_name, values):
    return render_to_string(template_name, dict(values))
