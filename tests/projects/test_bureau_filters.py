"""What 科技局 searches 全部项目 by, and what the links of 申报看板 ask for."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from orgs.models import Unit
from projects.enums import State
from projects.models import Proposal
from tests import factories as make
from tests.jobs import empty_queue, run_jobs
from tests.projects.listing import titles
from tests.projects.pages import text_of

pytestmark = pytest.mark.django_db
URL = "/projects/"


@pytest.fixture
def officer(login):
    return login(make.make_officer())


@pytest.fixture
def shelf():
    """Three 申报书 of three units."""
    now = timezone.now()
    call = make.make_call()
    over = make.make_call("去年的", opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=8),
                          review_closes_at=now - timedelta(days=7))  # fmt: skip
    units = [
        make.make_unit("江合研究院（甲）", departments=["软件所"]),
        make.make_unit("渝北研究院"),
        make.make_unit("成都研究院"),
    ]
    Unit.objects.filter(pk=units[1].pk).update(district="500107")
    Unit.objects.filter(pk=units[2].pk).update(province="510000", district="510104")
    one = make.make_person("张广源", unit=units[0], department=units[0].made_departments[0])
    make.make_proposal(
        one, call, title="镁合金压铸", state=State.ACCEPTED, tech_field="101", accepted_number="SL0007-00012"
    )
    make.make_proposal(make.make_person("李样二", unit=units[1]), over, title="类器官芯片", state=State.UNIT,
                       tech_field="201", state_since=now - timedelta(days=4))  # fmt: skip
    make.make_proposal(make.make_person("王样三", unit=units[2]), call, title="张力传感", state=State.BUREAU,
                       state_since=now - timedelta(days=11))  # fmt: skip
    return units


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"q": "张"}, {"镁合金压铸", "张力传感"}),
        ({"q": "器官"}, {"类器官芯片"}),
        ({"q": "%"}, set()),
        ({"unit": "(甲)"}, {"镁合金压铸"}),
        ({"unit": "研究院"}, {"镁合金压铸", "类器官芯片", "张力传感"}),
        ({"district": "500103"}, {"镁合金压铸"}),
        ({"district": "500107"}, {"类器官芯片"}),
        ({"district": "other"}, {"张力传感"}),
        ({"department_name": "软件"}, {"镁合金压铸"}),
        ({"q": "sl0007"}, {"镁合金压铸"}),
        ({"q": "00012"}, set()),
        ({"q": "李样二"}, {"类器官芯片"}),
        ({"q": "样二"}, set()),
        ({"call": "open"}, {"镁合金压铸", "张力传感"}),
        ({"field": "10"}, {"镁合金压铸"}),
        ({"field": "none"}, {"张力传感"}),
        ({"age": "3-5"}, {"类器官芯片"}),
        ({"age": "over10"}, {"张力传感"}),
        ({"reached": "bureau"}, {"镁合金压铸", "张力传感"}),
        ({"q": "张", "state": "bureau"}, {"张力传感"}),
    ],
    # Not those of the sets, whose order is another in each process.
    ids=lambda value: "" if isinstance(value, set) else str(value),
)
def test_each_condition_finds_what_it_should(officer, shelf, conditions, expected):
    assert set(titles(officer.get(URL, conditions))) == expected


def test_a_unit_is_found_by_its_whole_credit_code(officer, shelf):
    assert titles(officer.get(URL, {"unit": shelf[1].uscc.lower()})) == ["类器官芯片"]


def test_a_number_is_found_by_its_beginning(officer, shelf):
    wanted = Proposal.objects.get(title="类器官芯片")

    assert titles(officer.get(URL, {"q": wanted.number.lower()})) == ["类器官芯片"]
    assert titles(officer.get(URL, {"q": wanted.number[1:]})) == []


@pytest.mark.parametrize(
    "conditions",
    [
        {"district": "x"}, {"age": "1"}, {"reached": "x"}, {"field": "99"}, {"submitted": "heute"},
        {"submitted": "9999-12-31"}, {"submitted": "2026-02-30"}, {"submitted": "a\0"}, {"q": "x" * 101},
        {"submitted": "2026-01-01 25"}, {"unit": "a\0"}, {"department_name": "长" * 100_000},
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_wrong_condition_gets_a_sentence(officer, shelf, conditions):
    response = officer.get(f"{URL}?{urlencode(conditions)}")

    assert response.status_code == 200
    assert set(response.context["form"].errors) == set(conditions)
    assert "查询条件有误" in text_of(response)


def test_the_earliest_day_is_a_day(officer, shelf):
    assert officer.get(URL, {"submitted": "0001-01-01"}).status_code == 200


def test_conditions_of_a_link_stand_in_words_and_stay_with_the_next_search(officer, shelf):
    response = officer.get(URL, {"age": "over10", "submitted": f"{timezone.localdate()}", "field": "none"})

    page = text_of(response)
    assert f"技术领域为“未填写”，已等待为“超过 10 天”，提交时间为 {timezone.localdate()}" in page
    assert '<input type="hidden" name="age" value="over10"' in response.content.decode()


def test_the_accepted_number_stands_in_the_list_on_the_page_and_in_the_message(login, officer, shelf):
    waiting = Proposal.objects.get(title="张力传感")

    answer = officer.post(f"{URL}{waiting.pk}/accept/", {"seen_step": waiting.step_count}, follow=True)

    number = Proposal.objects.get(pk=waiting.pk).accepted_number
    assert number == f"SL{waiting.call_id:04}-00001"
    assert f"“张力传感”已受理，受理编号 {number}，负责人和单位会收到通知。" in text_of(answer)
    assert f"受理编号 {number}" in text_of(officer.get(f"{URL}{waiting.pk}/"))
    assert f"{waiting.number} · 受理编号 {number}" in text_of(officer.get(URL, {"q": number}))
    told = waiting.pi.user.notices.get()
    assert f"“张力传感”（{waiting.number}，受理编号 {number}）由" in told.body


def test_a_batch_tells_the_accepted_numbers(login, officer, shelf):
    empty_queue()
    waiting = Proposal.objects.get(title="张力传感")
    question = officer.post("/projects/batch/", {"id": f"{waiting.pk}-{waiting.step_count}"})

    result = officer.post("/projects/batch/", {"selection": question.context["selection"], "action": "accept"})

    run_jobs("projects.tell_of_batch")
    number = Proposal.objects.get(pk=waiting.pk).accepted_number
    assert f"{waiting.number} · 受理编号 {number} · 王样三" in text_of(result)
    assert f"（{waiting.number}，受理编号 {number}）" in waiting.pi.user.notices.get().body
