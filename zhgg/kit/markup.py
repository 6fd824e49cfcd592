"""HTML for what is drawn a thousand times a second: rows of lists.

`format_html` asks of every value whether it is lazy, safe or neither, which is most of the work of a row.
"""

import re
from html import escape

from django.utils.safestring import SafeString

_SPECIAL = re.compile("[&<>\"']").search


def text(value):
    """A value as it stands in HTML: escaped, unless it is HTML already."""
    if isinstance(value, SafeString):
        return value
    words = value if type(value) is str else str(value)
    return escape(words) if _SPECIAL(words) else words


def markup(html):
    """HTML that was put together from literals and `text`."""
    return SafeString(html)  # nosec B703: the caller escapes with `text`
