"""The Django admin as an administrator first meets it."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import NoReverseMatch, reverse

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(login):
    user = User(username="admin", kind="staff", name="样例管理员", is_superuser=True)
    user.set_password("a long password")
    user.save()
    return login(user)


def test_it_holds_our_models_and_none_of_the_libraries(administrator):
    index = administrator.get(reverse("admin:index"))
    assert [app["app_label"] for app in index.context["app_list"]] == ["profiles", "orgs", "accounts", "projects"]
    assert {model._meta.app_label for model in admin.site._registry} == {"profiles", "orgs", "accounts", "projects"}


def test_nobody_renames_the_group_on_which_the_role_of_the_bureau_rests():
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_group_changelist")
    assert not admin.site.is_registered(Group)
