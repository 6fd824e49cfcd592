"""A person who attaches 佐证材料, and what the form answers."""

import os

import pytest

from profiles.models import Person, ProofDocument, ReviewRequest
from tests import factories as make
from tests.profiles.conftest import filled

PAGE, FORM = "/person/", "/person/edit/"


@pytest.fixture(autouse=True)
def upload_root(settings, tmp_path):
    """Empty, and not made yet."""
    settings.UPLOAD_ROOT = tmp_path / "area"
    return settings.UPLOAD_ROOT


@pytest.fixture
def person(world):
    return make.make_person("夏知雪", unit=world.unit, department=world.software)


def files_in(folder):
    return [name for _, _, names in os.walk(folder) for name in names]


def typed(person, world, **changes):
    """Everything filled in, with values that are not on record."""
    return filled(person, world.unit, world.software, **{"major": "只在表单里的专业", "title_level": "412", **changes})


def text_of(answer):
    return " ".join(answer.content.decode().split())


def assert_everything_typed_is_there(answer, world):
    page = text_of(answer)
    assert 'value="只在表单里的专业"' in page
    assert 'value="person@example.com"' in page
    assert 'value="16900000005"' in page
    assert '<option value="412" selected' in page
    assert f'value="{world.unit.pk}"' in page
    assert f'<option value="{world.software.pk}" selected' in page


def assert_nothing_was_kept(upload_root):
    assert ProofDocument.objects.count() == 0
    assert files_in(upload_root) == []
    assert ReviewRequest.objects.count() == 0
    assert not Person.objects.filter(major="只在表单里的专业").exists()
