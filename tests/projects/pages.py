"""What tests of pages share: the text of a page, and how many queries it took."""

import html
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext


def text_of(response):
    """The words of a page, tags taken out and blanks run together."""
    body = response.content.decode()
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", "", body, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def queries_of(client, url):
    """`(response, number of queries)` of a page."""
    return queries_in(lambda: client.get(url))


def queries_in(ask):
    """The same of whatever is asked; savepoints count for nothing, they come from the test's own transaction."""
    with CaptureQueriesContext(connection) as captured:
        response = ask()
    return response, len([q for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])
