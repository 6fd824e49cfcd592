"""Reading and filling in the pages of a unit, and two connections whose transactions overlap."""

import re
from threading import Event

from django.db import transaction

from tests import factories as make
from tests.races import together

PATIENCE_SECONDS = 10


def text(response):
    """What a page says, without tags and blanks."""
    body = re.sub(r"^[^>]*>", "", response.content.decode().split("<main", 1)[1].split("</main>")[0])
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def posted(response):
    """What the browser would send back from the form on the page."""
    return {name: response.context["form"][name].value() for name in response.context["form"].fields}


def filled_holder(name, number=None):
    """The fields of a person who gets a grant."""
    return {"holder_name": name, "holder_mobile": "16900000005", "holder_id_number": number or make.id_number()}


def filled_agent(name, number=None, id_type="01"):
    """The fields of 账号授权."""
    return {**filled_holder(name, number), "holder_id_type": id_type}


def overlapping(first, second):
    """Run both on connections of their own: `second` begins while the transaction of `first` is still open."""
    first_has_written, second_is_running = Event(), Event()

    def hold_open():
        with transaction.atomic():
            result = first()
            first_has_written.set()
            second_is_running.wait(PATIENCE_SECONDS)
            # Long enough for the other connection to run into the lock.
            Event().wait(0.5)
        return result

    def follow():
        first_has_written.wait(PATIENCE_SECONDS)
        second_is_running.set()
        return second()

    return together(hold_open, follow)
