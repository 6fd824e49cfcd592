"""What tests of form fields share."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from orgs import codes
from zhgg.kit.formfields.codes import CodeField

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today(monkeypatch, settings):
    settings.ALLOW_SYNTHETIC_IDS = True
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)


def refusal(field, value):
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    [message] = caught.value.messages
    return message


def district_field(**options):
    return CodeField(codes.table("chongqing_district"), **options)
