"""Somebody who fills in 个人信息, and what the pages say."""

import pytest

from tests import factories as make

PAGE, FORM = "/person/", "/person/edit/"


@pytest.fixture
def newcomer():
    """A person who has never saved anything."""
    return make.make_person("夏知雪")


@pytest.fixture
def unverified():
    """A person whose 证件号码 渝快办 did not state."""
    user = make.make_user()
    user.id_type, user.id_number, user.identity_digest, user.known_as = "", "", "", ""
    user.save()
    return make.make_person(user=user)


def text_of(answer):
    """What stands on the page, blanks folded."""
    return " ".join(answer.content.decode().split())


def errors(answer):
    assert answer.status_code == 200
    return {name: list(messages) for name, messages in answer.context["form"].errors.items()}
