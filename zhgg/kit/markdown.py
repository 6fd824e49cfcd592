"""Markdown of officers and administrators as HTML that cannot do harm.

CommonMark with tables, and a line of the text stays a line; raw HTML in the text shows as text. What the library makes
is sanitised all the same, so that neither a mistake in it nor a new plugin opens a door. Headings begin below those of
the page.
"""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_TAGS = {
    *("p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_HEADING = re.compile(r"(</?h)([1-6])(>)")
_FIRST_HEADING = 3
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)


def render(text: str) -> SafeString:
    """The text as safe HTML: paragraphs, lists, tables, links, bold, headings of level 3 and below."""
    html = _with_headings_in_order(_PARSER.render(text or ""))
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer")
    # A wide table scrolls in a box of its own, not the page.
    return mark_safe(_TABLE.sub(_boxed, clean))  # nosec B703: nh3 has cleaned it


def _with_headings_in_order(html):
    """The levels that the text uses become 3, 4, …: an outline without gaps, whatever number of # it begins with."""
    used = sorted({int(heading[2]) for heading in _HEADING.finditer(html)})
    level = {number: min(_FIRST_HEADING + place, 6) for place, number in enumerate(used)}
    return _HEADING.sub(lambda heading: f"{heading[1]}{level[int(heading[2])]}{heading[3]}", html)


def _boxed(table):
    return f'<div class="scroll" tabindex="0" role="region" aria-label="表格，可左右滚动">{table[0]}</div>'
