"""The pages on which an 申报书 is filled in: steps, rows and sums."""

import re
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from projects.enums import BudgetMode, State, Tab
from projects.sections.base import NEW_KEY
from projects.sections.budget_table import BudgetTable, largest
from projects.sections.registry import FORMS
from tests import factories as make
from tests.full_proposal import FULL, make_full_call, make_full_proposal
from tests.projects.editing import JSON, draft, pi, post, rows_of, saved, typed, url_of
from tests.projects.pages import queries_in, queries_of, text_of

__all__ = ["draft", "pi"]

pytestmark = pytest.mark.django_db


def steps(response):
    return {step.label: step.words for step in response.context["steps"]}


# Steps ----------------------------------------------------------------------------------------------------------------


def test_every_tab_says_how_far_it_has_come(login, draft):
    client = login(draft.pi.user)
    assert set(steps(client.get(url_of(draft, "team"))).values()) == {"已完成"}
    draft.sections.filter(tab__in=["targets", "partners"]).delete()
    team = saved(draft, "team")
    team.data = team.data | {"pi_months": "", "members": [{**FULL[Tab.TEAM]["members"][0], "duty": ""}]}
    team.save()

    response = client.get(url_of(draft, "team"))

    assert steps(response) == {
        "项目基本信息": "已完成",
        "申报与合作单位": "可不填",
        "负责人与成员": "缺 2 项",
        "研究内容": "已完成",
        "考核指标": "未开始",
        "进度安排": "已完成",
        "经费预算": "已完成",
    }
    assert '<progress class="bar" aria-label="已完成的部分" value="71" max="100">71%</progress>' in re.sub(
        r"\s+", " ", response.content.decode()
    )
    assert [step.label for step in response.context["steps"] if step.current] == ["负责人与成员"]


def test_the_return_reason_leads_to_the_tabs_it_names(login, pi):
    draft = make_full_proposal(
        pi, submissions=1, returned_from=State.UNIT, return_reason="缺指标", return_tabs=["budget", "targets"]
    )

    body = login(pi.user).get(url_of(draft, "team")).content.decode()

    for tab, label in (("budget", "经费预算"), ("targets", "考核指标")):
        assert f'<a href="{url_of(draft, tab)}">去{label}</a>' in body


def test_the_steps_are_walked_by_buttons_that_save_first(login, draft):
    client = login(draft.pi.user)

    for tab, then, leads_to in (("team", "next", "research"), ("team", "previous", "partners"), ("team", "", "team")):
        answer = post(client, draft, tab, typed(tab, version=str(saved(draft, tab).version), then=then))
        assert answer.headers["Location"] == url_of(draft, leads_to)
    last = post(
        client,
        draft,
        "budget",
        typed("budget", then="next", basis="改过的测算说明，主要支出按三家询价测算，已经保存。"),
    )
    assert last.headers["Location"] == url_of(draft, "budget")
    assert saved(draft, "budget").data["basis"].startswith("改过的")


def test_a_tab_takes_the_same_few_queries_however_many_rows_it_has(login, draft):
    client = login(draft.pi.user)
    client.get(url_of(draft, "team"))
    _, few = queries_of(client, url_of(draft, "team"))
    member = FULL[Tab.TEAM]["members"][0]
    team = saved(draft, "team")
    team.data = team.data | {"members": [{**member, "key": str(key)} for key in range(1, 26)]}
    team.save()

    response, many = queries_of(client, url_of(draft, "team"))

    assert len(response.context["form"].row_sets["members"].forms) == 25
    assert few == many == QUERIES


QUERIES = 5
"""Session with account and unread messages, grant, kept form, 申报书, sections."""


def test_a_save_and_the_check_take_few_queries(login, draft):
    client = login(draft.pi.user)
    client.get(url_of(draft, "team"))

    pressed, by_button = queries_in(lambda: post(client, draft, "team", typed("team", pi_months="7")))
    alone, by_itself = queries_in(lambda: post(client, draft, "team", typed("team", "2", pi_months="8"), **JSON))
    check, checked = queries_of(client, reverse("proposal-check", args=[draft.pk]))

    assert (pressed.status_code, alone.status_code, check.context["gaps"]) == (302, 200, [])
    assert (by_button, by_itself, checked) == (12, 12, 9)


def test_numbers_of_people_and_accounts_are_masked_beside_the_fields(login, draft):
    client = login(draft.pi.user)
    unit, number = draft.pi.unit, draft.pi.id_number

    team, partners = client.get(url_of(draft, "team")), client.get(url_of(draft, "partners"))

    assert number not in team.content.decode()
    assert f"{number[:6]}********{number[-4:]}" in text_of(team)
    assert FULL[Tab.TEAM]["members"][0]["id_number"] not in team.content.decode()
    assert "由证件号码得出：男，1990-01 出生" in text_of(team)
    assert unit.bank_account not in partners.content.decode()
    assert "9999 **** **** 0006" in text_of(partners)
    assert "其中申报单位财政经费 80.00 万元" in text_of(partners)


def test_what_was_typed_before_the_session_ended_comes_back_with_its_rows(login, draft):
    client = login(draft.pi.user)
    page = client.get(url_of(draft, "team"))
    token = page.context["csrf_token"]
    client.cookies.pop("zhgg_session")
    late = QueryDict(typed("team", pi_months="11", members=["1", "2"], members__2__name="新加的成员"), mutable=True)
    late["csrfmiddlewaretoken"] = str(token)
    assert post(client, draft, "team", late.urlencode()).headers["Location"].startswith("/login/?kept=1")

    again = client
    again.force_login(draft.pi.user, backend="accounts.oidc.backend.PersonBackend")
    response = again.get(url_of(draft, "team"))

    assert rows_of(response, "members") == ["1", "2"]
    assert 'value="新加的成员"' in response.content.decode()
    assert response.context["form"]["pi_months"].value() == "11"
    assert response.context["version"]["version"].value() == "1"
    assert "data-unsaved" in response.content.decode()
    assert saved(draft, "team").data["pi_months"] == "6"


# Rows -----------------------------------------------------------------------------------------------------------------


def test_a_row_is_added_without_script_and_nothing_typed_is_lost(login, draft):
    client = login(draft.pi.user)

    response = post(client, draft, "team", typed("team", rows="add:members", members__1__name="改了的名字"))

    body = response.content.decode()
    assert response.status_code == 200
    assert rows_of(response, "members") == ["1", "2"]
    assert 'value="改了的名字"' in body
    assert re.search(r'name="members-2-name"[^>]*autofocus', body)
    assert "处需要修改" not in text_of(response)
    assert "有未保存的修改" in text_of(response)
    assert saved(draft, "team").version == 1


def test_a_row_is_removed_without_script_and_its_number_never_comes_again(login, draft):
    client = login(draft.pi.user)
    body = typed("targets", rows="remove:targets:2", targets__highest="2")

    response = post(client, draft, "targets", body)
    assert rows_of(response, "targets") == ["1"]
    again = QueryDict(body, mutable=True)
    again.setlist("targets", ["1"])
    again["rows"], again["targets-highest"] = "add:targets", response.context["form"].row_sets["targets"].highest

    assert rows_of(post(client, draft, "targets", again.urlencode()), "targets") == ["1", "3"]


def test_the_first_button_of_the_form_saves(login, draft):
    """Enter in a field presses it: it must neither add nor remove."""
    body = login(draft.pi.user).get(url_of(draft, "team")).content.decode()

    first = re.search(r"<button[^>]*>", body[body.index('id="tab-form"') :])[0]

    assert 'type="submit"' in first
    assert "name=" not in first


def test_the_blank_row_for_the_script_is_outside_of_what_is_sent(login, draft):
    body = login(draft.pi.user).get(url_of(draft, "schedule")).content.decode()

    template = body[body.index("<template>") : body.index("</template>")]
    assert f'name="stages-{NEW_KEY}-starts_on"' in template
    assert NEW_KEY not in body.replace(template, "")


def test_too_many_rows_are_refused_and_all_of_them_come_back(login, draft):
    keys = [str(key) for key in range(1, 1001)]
    body = typed("team", members=keys, **{f"members__{key}__name": f"成员号{key}" for key in keys})

    response = post(login(draft.pi.user), draft, "team", body)

    assert response.status_code == 200
    assert "项目组成员：最多 30 行，现在有 1000 行，请删减" in text_of(response)
    page = response.content.decode()
    assert all(f'value="成员号{key}"' in page for key in keys)
    assert saved(draft, "team").version == 1


# The budget -----------------------------------------------------------------------------------------------------------


def table_of(proposal, data):
    return BudgetTable(FORMS[Tab.BUDGET](initial=data, call=proposal.call, draft=True))


def test_the_budget_adds_up_line_by_line(draft):
    table = table_of(draft, FULL[Tab.BUDGET])

    sums = {cell.key: cell.value for line in table.items for cell in line.cells if not cell.field}
    assert sums["fiscal_1"] == Decimal("82.00")
    assert sums["fiscal_12"] == Decimal("42.00")
    assert sums["both_1201"] == Decimal("102.00")
    assert sums["both_2"] == Decimal("18.00")
    fiscal, own = table.balances
    assert (fiscal.spent, fiscal.income, fiscal.verdict) == (Decimal("100.00"), Decimal("100.00"), "相等")
    assert fiscal.cap_verdict == "上限 18.60，还可填 0.60"
    assert own.cap_verdict == "上限 18.00，还可填 18.00"
    assert (table.total, table.spent) == (Decimal("160.00"), Decimal("160.00"))


def test_the_budget_says_how_far_apart_spending_and_sources_are(login, draft):
    body = typed("budget", source_11="1,100.5", own_1201="60.01", fiscal_21="十", fiscal_22="18.61")

    response = post(login(draft.pi.user), draft, "budget", body)

    words = text_of(response)
    assert "财政支出" not in words
    assert "支出比来源少 999.89" in words
    assert "支出比来源多 0.01" in words
    assert "上限 18.60，超出 0.01" in words
    # What is no amount counts as nothing in the sums, and says so at its field.
    assert list(response.context["form"].errors) == ["fiscal_21"]
    assert 'value="十"' in response.content.decode()


@pytest.mark.parametrize(("cap", "most"), [("18.6", "18.60"), ("18.6099", "18.60"), ("0", "0.00")])
def test_the_cap_is_the_largest_amount_with_two_decimals(cap, most):
    assert f"{largest(Decimal(cap))}" == most


def test_a_lump_sum_call_asks_for_the_sources_only(login, pi):
    draft = make.make_proposal(pi, make_full_call(budget_mode=BudgetMode.LUMP_SUM))

    response = login(pi.user).get(url_of(draft, "budget"))

    assert "本批次实行经费包干制，只填写经费来源，不编制支出预算。" in text_of(response)
    assert 'name="source_11"' in response.content.decode()
    assert 'name="fiscal_1101"' not in response.content.decode()
