"""Every page with a form to type in shows again what was sent to it after the end of a session."""

import json

import pytest
from django.urls import reverse

from accounts import services
from accounts.models import KeptForm
from orgs.models import Department, Grant
from profiles.enums import ReviewState
from profiles.models import ReviewRequest
from projects.enums import State
from projects.models import Step
from tests import factories as make

pytestmark = pytest.mark.django_db

TYPED = "超时前填写的一句话"


@pytest.fixture
def world():
    unit = make.make_unit(departments=["机器人研究所"])
    department = unit.made_departments[0]
    pi = make.make_person(unit=unit, department=department)
    call = make.make_call()
    manager = make.make_manager(department)
    return {
        "unit": unit,
        "department": department,
        "legal": unit.account,
        "manager": manager,
        "pi": pi.user,
        "request": make.make_request(make.make_person(), unit, department),
        "draft": make.make_proposal(pi, call, state=State.DRAFT),
        "waiting": make.make_proposal(pi, call, state=State.DEPARTMENT),
    }


PAGES = [
    ("legal", "unit-edit", [], "address"),
    ("legal", "authorisation-new", [], "holder_name"),
    ("legal", "department-new", [], "name"),
    ("legal", "department-edit", ["department"], "name"),
    ("pi", "person-edit", [], "major"),
    ("manager", "review-decide", ["request", "reject"], "reason"),
    ("pi", "proposal-edit", ["draft", "basics"], "title"),
    ("manager", "proposal-act", ["waiting", "send-back"], "reason"),
]


@pytest.mark.parametrize(("who", "name", "arguments", "field"), PAGES, ids=[page[1] for page in PAGES])
def test_the_form_shows_what_was_typed_and_nothing_is_done(world, login, who, name, arguments, field):
    path = reverse(name, args=[world[each].pk if each in world else each for each in arguments])
    services.keep_form(user=world[who], path=path, content=json.dumps([[field, [TYPED]]]), had_files=False)
    client = login(world[who])

    page = client.get(path)

    assert page.status_code == 200
    assert "登录超时前填写的内容已恢复" in page.content.decode()
    assert page.context["form"][field].value() == TYPED
    assert Department.objects.count() == 1
    assert Grant.objects.count() == 1
    assert ReviewRequest.objects.filter(state=ReviewState.PENDING).count() == 1
    assert Step.objects.filter(proposal=world["waiting"]).order_by("-number").first().target == State.DEPARTMENT


def test_a_batch_comes_back_as_its_question_with_the_reason(world, login):
    path = reverse("reviews-batch")
    client = login(world["manager"])
    question = client.post(path, {"action": "reject", "id": [world["request"].pk]})
    answer = [["action", ["reject"]], ["selection", [question.context["selection"]]], ["reason", [TYPED]]]
    services.keep_form(user=world["manager"], path=path, content=json.dumps(answer), had_files=False)

    page = client.get(path)

    assert page.context["chosen"] == 1
    assert page.context["form"]["reason"].value() == TYPED
    assert ReviewRequest.objects.get(pk=world["request"].pk).state == ReviewState.PENDING


def test_a_batch_of_proposals_comes_back_as_its_question(world, login):
    path = reverse("proposals-batch")
    ticked = [["id", [f"{world['waiting'].pk}-{world['waiting'].step_count}"]]]
    services.keep_form(user=world["manager"], path=path, content=json.dumps(ticked), had_files=False)
    client = login(world["manager"])

    page = client.get(path)
    assert (page.status_code, page.context["chosen"]) == (200, 1)

    confirmed = [["selection", [page.context["selection"]]], ["action", ["send-back"]], ["reason", [TYPED]]]
    services.keep_form(user=world["manager"], path=path, content=json.dumps(confirmed), had_files=False)
    page = client.get(path)
    assert page.context["form"]["reason"].value() == TYPED
    assert Step.objects.filter(proposal=world["waiting"], action="send-back").count() == 0


def test_without_anything_kept_a_batch_leads_to_its_list(world, login):
    assert KeptForm.objects.count() == 0
    assert login(world["manager"]).get(reverse("reviews-batch"))["Location"] == reverse("reviews")
