"""A unit whose form is filled in, and what is sent and answered."""

import re
from html import unescape

import pytest
from django.utils.html import strip_tags

from tests import factories as make

ACCOUNT, OTHER_ACCOUNT = "9999990000000006", "9999900000000000077"


@pytest.fixture(autouse=True)
def synthetic_numbers(settings):
    settings.ALLOW_SYNTHETIC_IDS = True


@pytest.fixture
def unit():
    return make.make_unit(
        "重庆样例研究院（虚构）",
        address="重庆市渝中区样例路 1 号",
        legal_rep_name="样例法人",
        legal_rep_id_type="01",
        legal_rep_id_number="990000198501010019",
        keywords=["智能装备", "工业机器人", "镁合金"],
    )


def typed(page):
    """`{name: value}` of every control of the form, as a browser would send it."""
    html = page.content.decode()
    form = re.search(r'<form class="panel".*?</form>', html, re.DOTALL)[0]
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in attributes:
            values[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]*selected', options)
        values[name] = chosen[1] if chosen else ""
    values.pop("csrfmiddlewaretoken")
    return values


def errors(page):
    """`{label: message}` of the summary above the form."""
    lines = re.findall(r'<li><a href="#\w+">(.*?)</a></li>', page.content.decode())
    return dict(unescape(strip_tags(line)).split("：", 1) for line in lines)


def save(visitor, **changes):
    """Open the form, change what is given, and press 【保存】."""
    values = typed(visitor.get("/unit/edit/"))
    return visitor.post("/unit/edit/", {**values, **changes})
