"""我的申报: rows, reasons and the number of queries."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.enums import State
from tests import factories as make
from tests.projects.listing import house, offered, text_of_cell, user_of
from tests.projects.pages import queries_of, text_of

__all__ = ["house"]

pytestmark = pytest.mark.django_db


def test_my_list_offers_to_edit_drafts_and_to_look_at_the_rest(login, house):
    response = login(house.pi.user).get("/my/")

    assert offered(response) == {state: "编辑" if state == State.DRAFT else "查看" for state in State}
    assert response.context["total"] == 6


def test_my_list_shows_nobody_elses(login, house):
    colleague = make.make_person(unit=house, department=house.department)

    response = login(colleague.user).get("/my/")

    assert response.context["total"] == 0
    assert "还没有申报书" in text_of(response)
    assert f'href="{reverse("calls")}"' in response.content.decode()


def test_an_agent_has_a_list_of_their_own_too(login, house):
    make.approve_person(house.agent.person, house, house.department)
    own = make.make_proposal(house.agent.person, house.call)

    response = login(house.agent).get("/my/")

    assert [row.record.pk for row in response.context["table"].paginated_rows] == [own.pk]


@pytest.mark.parametrize("who", ["legal", "bureau"])
def test_who_is_no_person_has_no_such_list(login, house, who):
    assert login(user_of(house, who)).get("/my/").status_code == 404


def test_the_reason_of_a_returned_one_stands_on_top(login, house):
    back = make.make_proposal(
        house.pi, house.call, submissions=1, returned_from=State.UNIT, return_reason="请补充\n合作协议"
    )
    day = f"{timezone.localtime(back.state_since):%m-%d}"
    until = f"{timezone.localtime(house.call.review_closes_at):%Y-%m-%d %H:%M}"

    words = text_of(login(house.pi.user).get("/my/"))

    assert f"{day} 单位审核退回： 请补充 合作协议" in words
    assert f"请在 {until} 前修改后再次提交" in words


def test_a_returned_one_past_its_deadline_is_not_offered_for_editing(login, house):
    now = timezone.now()
    late = make.make_call("已过期", closes_at=now - timedelta(days=2), review_closes_at=now - timedelta(days=1))
    back = make.make_proposal(
        house.pi, late, submissions=1, returned_from=State.UNIT, return_reason="缺", updated_at=now
    )

    response = login(house.pi.user).get("/my/")

    row = next(row for row in response.context["table"].paginated_rows if row.record.pk == back.pk)
    assert text_of_cell(row.get_cell("actions")) == "查看"
    assert "已截止，需要延期的请与科技局联系" in text_of(response)


def test_my_list_takes_the_same_queries_for_one_row_and_for_25(login, house):
    pi = make.make_person(unit=house, department=house.department)
    client = login(pi.user)
    taken = []
    for target in (1, 24):
        for _ in range(target):
            make.make_proposal(pi, house.call, submissions=1, returned_from=State.UNIT, return_reason="缺")
        taken.append(queries_of(client, "/my/?size=50")[1])

    assert taken == [4, 4]
