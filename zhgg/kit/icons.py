"""Icons: the inline SVG of the lucide set."""

from functools import lru_cache

from django.utils.safestring import mark_safe
from lucide.templatetags.lucide import lucide


@lru_cache(maxsize=512)
def draw_icon(name, css=""):
    """The inline SVG of a lucide icon; IconDoesNotExist when there is none of that name."""
    classes = f"i {css}".strip()
    svg = lucide(name, size=None, **{"class": classes, "aria-hidden": "true", "focusable": "false"})
    return mark_safe(" ".join(svg.split()).replace("> <", "><"))  # nosec B703: a drawing of a library
