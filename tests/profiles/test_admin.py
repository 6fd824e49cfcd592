"""个人信息 in the Django admin: found by name, masked, never changed."""

import pytest
from django.contrib.admin.sites import site

from accounts.models import User
from profiles.models import Person, ReviewRequest
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(login):
    return login(User.objects.create_staff("root", "long-enough-pass-1", superuser=True))


@pytest.mark.parametrize("model", [Person, ReviewRequest])
def test_records_are_shown_masked_and_cannot_be_changed(model, administrator, world):
    person = make.make_person("韩明哲", unit=world.plain)
    request = make.make_request(person, world.plain)
    pk = person.pk if model is Person else request.pk
    base = f"/admin/profiles/{model._meta.model_name}/"

    pages = [administrator.get(address) for address in (base, f"{base}?q=韩明", f"{base}{pk}/change/")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    for page in pages:
        text = page.content.decode()
        assert "韩明哲" in text
        assert person.user.id_number not in text
        assert person.mobile not in text
        assert request.id_digest not in text
    assert administrator.post(f"{base}{pk}/change/", {"position": "x"}).status_code == 403
    assert administrator.post(f"{base}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert administrator.get(f"{base}add/").status_code == 403
    assert site.get_model_admin(model).list_select_related
