"""The pages on which an 申报书 is filled in: steps, rows, sums, what saves itself, and input of every bad kind."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from projects.enums import BudgetMode, State, Tab
from projects.models import Proposal, Section
from projects.sections.base import NEW_KEY, bound
from projects.sections.budget_table import BudgetTable, largest
from projects.sections.registry import FORMS
from projects.services.decisions import perform
from projects.services.drafts import QUIET, save_section
from projects.workflow import SUBMIT
from tests import factories as make
from tests.full_proposal import FULL, make_full_call, make_full_proposal
from tests.projects.pages import queries_in, queries_of, text_of

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def pi():
    return make.make_person("样例负责人", unit=make.make_unit())


@pytest.fixture
def draft(pi):
    return make_full_proposal(pi)


def url_of(proposal, tab):
    return reverse("proposal-edit", args=[proposal.pk, tab])


def typed(tab, version="1", **changes):
    """What the browser sends for a complete tab; `members__1__name` names a field of a row."""
    form = bound(FORMS[tab], FULL[tab], call=make.make_call(directions=["1.1 人工智能"]))
    data = QueryDict(mutable=True)
    for name, values in form.data.lists():
        data.setlist(name, [value if value is not True else "on" for value in values if value is not False])
    data["version"] = version
    for name, value in changes.items():
        data.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return data.urlencode()


FORM = "application/x-www-form-urlencoded"


def post(client, proposal, tab, body=None, **options):
    return client.post(url_of(proposal, tab), body or typed(tab), content_type=FORM, **options)


def saved(proposal, tab):
    return Section.objects.get(proposal=proposal, tab=tab)


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


def rows_of(response, table):
    return [form.key for form in response.context["form"].row_sets[table].forms]


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


# What saves itself ----------------------------------------------------------------------------------------------------


def test_an_automatic_save_answers_with_the_time_and_the_version(login, draft):
    answer = post(login(draft.pi.user), draft, "team", typed("team", pi_months="7"), **JSON)

    section = saved(draft, "team")
    assert (answer.status_code, answer.json()) == (
        200,
        {"saved": f"{timezone.localtime(section.saved_at):%H:%M}", "version": 2},
    )
    assert section.data["pi_months"] == "7"


def test_an_automatic_save_names_the_mistakes_in_the_words_of_the_page(login, draft):
    answer = post(login(draft.pi.user), draft, "team", typed("team", pi_months="13", members__1__months="0"), **JSON)

    assert answer.status_code == 422
    assert answer.json() == {
        "errors": [
            ["id_pi_months", "负责人每年投入（月）", "应为 1 至 12 的整数，请核对"],
            ["id_members-1-months", "成员 1 每年投入（月）", "应为 1 至 12 的整数，请核对"],
        ]
    }
    assert saved(draft, "team").version == 1


def test_an_automatic_save_of_an_old_version_overwrites_nothing(login, draft):
    client = login(draft.pi.user)
    post(client, draft, "team", typed("team", pi_months="7"))

    answer = post(client, draft, "team", typed("team", pi_months="8"), **JSON)

    assert (answer.status_code, list(answer.json())) == (409, ["stale"])
    assert saved(draft, "team").data["pi_months"] == "7"


def test_an_automatic_save_is_told_when_the_proposal_was_submitted_meanwhile(login, draft):
    perform(action=SUBMIT, proposal_id=draft.pk, actor=make.actor_of(draft.pi.user), seen_step=0)

    answer = post(login(draft.pi.user), draft, "team", typed("team", pi_months="7"), **JSON)

    assert answer.status_code == 409
    assert answer.json()["refused"].startswith("申报书已在单位审核，不能修改")


def test_a_repeated_request_is_neither_stale_nor_a_new_version(login, draft):
    client = login(draft.pi.user)
    body = typed("team", pi_months="7")

    answers = [post(client, draft, "team", body, **JSON) for _ in range(2)]

    assert [answer.json()["version"] for answer in answers] == [2, 2]
    assert saved(draft, "team").version == 2


def lines(draft):
    return [
        event.detail for event in AuditEvent.objects.filter(action="proposal_saved", object_id=str(draft.pk)).reverse()
    ]


def save(draft, tab, number, **options):
    data = saved(draft, tab).data | {"references": f"第 {number} 次"}
    version = saved(draft, tab).version
    return save_section(
        actor=make.actor_of(draft.pi.user), proposal_id=draft.pk, tab=tab, version=version, data=data, **options
    )


def test_automatic_saves_leave_one_line_a_tab_in_ten_minutes(draft):
    for number in range(3):
        save(draft, "research", number, by_itself=True)
    save(draft, "team", 1, by_itself=True)
    save(draft, "research", 9)

    assert lines(draft) == [
        {"tab": "research", "by_itself": True},
        {"tab": "team", "by_itself": True},
        {"tab": "research"},
    ]


def test_automatic_saves_move_the_proposal_in_lists_once_in_ten_minutes(draft):
    long_ago, lately = timezone.now() - 2 * QUIET, timezone.now() - timedelta(minutes=9)
    for before, moves in ((long_ago, True), (lately, False)):
        Proposal.objects.filter(pk=draft.pk).update(updated_at=before)
        save(draft, "research", before, by_itself=True)
        assert (Proposal.objects.get(pk=draft.pk).updated_at != before) is moves
    save(draft, "research", "button")
    assert Proposal.objects.get(pk=draft.pk).updated_at > lately


# Two windows ----------------------------------------------------------------------------------------------------------


def test_rows_added_removed_and_changed_in_another_window_are_shown(login, draft):
    client = login(draft.pi.user)
    target = {"category": "social", "name": "新增就业", "unit": "人", "after": "20", "method": "统计报表"}
    theirs = {f"targets__3__{name}": value for name, value in target.items()}
    post(client, draft, "targets", typed("targets", targets=["1", "3"], targets__1__after="≤8", **theirs))

    response = post(client, draft, "targets", typed("targets", targets__1__after="≤9"))

    assert response.status_code == 409
    assert [tuple(change) for change in response.context["differences"]] == [
        ("指标 1 完成值", "≤8", "≤9"),
        ("指标 2", "", "经济效益，新增产值，万元，0，200，1000，审计报告"),
        ("指标 2", "社会效益，新增就业，人，20，统计报表", ""),
    ]
    words, body = text_of(response), response.content.decode()
    assert "以我填写的为准" in words
    assert f'href="{url_of(draft, "targets")}" data-discard' in re.sub(r"\s+", " ", body)
    assert 'value="≤9"' in body
    assert len(re.findall("btn--primary", body)) == 1


def test_mistakes_in_an_old_version_say_that_there_is_a_newer_one(login, draft):
    client = login(draft.pi.user)
    post(client, draft, "team", typed("team", pi_months="7"))

    response = post(client, draft, "team", typed("team", pi_months="很多"))

    assert "在另一个窗口保存过" in text_of(response)
    assert response.context["version"]["version"].value() == "1"
    assert 'value="很多"' in response.content.decode()


# Bad input ------------------------------------------------------------------------------------------------------------

LONG = "长" * 100_000
BAD = {
    "team: NUL in a row": ("team", {"members__1__name": "样\x00例"}, "id_members-1-name"),
    "team: 100,000 characters in a row": ("team", {"members__1__duty": LONG}, "id_members-1-duty"),
    "team: 10^40 months": ("team", {"pi_months": "1" + "0" * 40}, "id_pi_months"),
    "team: number that is none": ("team", {"members__1__id_number": "12345"}, "id_members-1-id_number"),
    "team: unknown code": ("team", {"members__1__education": "zz\x00"}, "id_members-1-education"),
    "research: 100,000 characters": ("research", {"content": LONG}, "id_content"),
    "research: broken encoding": ("research", {"route": "坏\ufffd"}, "id_route"),
    "research: 51 references": ("research", {"references": "甲\n" * 51}, "id_references"),
    "targets: unknown category": ("targets", {"targets__1__category": "magic"}, "id_targets-1-category"),
    "schedule: year 0001": ("schedule", {"stages__1__starts_on": "0001-01"}, "id_stages-1-starts_on"),
    "schedule: month 13": ("schedule", {"stages__2__ends_on": "2027-13"}, "id_stages-2-ends_on"),
    "schedule: NUL in a month": ("schedule", {"stages__2__ends_on": "2027\x00-01"}, "id_stages-2-ends_on"),
    "budget: 1e309": ("budget", {"fiscal_1201": "1e309"}, "id_fiscal_1201"),
    "budget: negative": ("budget", {"source_11": "-5"}, "id_source_11"),
    "budget: three decimals": ("budget", {"own_1201": "1.001"}, "id_own_1201"),
    "budget: infinity": ("budget", {"own_1201": "Infinity"}, "id_own_1201"),
    "budget: 10^40": ("budget", {"own_1201": "9" * 40}, "id_own_1201"),
    "budget: full width letters": ("budget", {"own_22": "ｘ１"}, "id_own_22"),
    "budget: quantity": (
        "budget",
        {"equipment": "1", "equipment__1__name": "风洞", "equipment__1__quantity": "-1"},
        "id_equipment-1-quantity",
    ),
    "partners: code": ("partners", {"partners__1__uscc": "错" * 18}, "id_partners-1-uscc"),
    "partners: negative share": ("partners", {"partners__1__fiscal": "-0.01"}, "id_partners-1-fiscal"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_a_sentence_at_its_field_and_stays_in_the_page(login, draft, what):
    tab, changes, target = BAD[what]
    client = login(draft.pi.user)

    response = post(client, draft, tab, typed(tab, **changes))

    page = response.content.decode()
    assert response.status_code == 200
    assert "有 1 处需要修改，尚未保存" in page
    assert f'href="#{target}"' in page
    assert f'id="{target}_error"' in page
    # A menu cannot show what it does not offer.
    values = [value for value in changes.values() if value.isprintable() and value not in ("magic",)]
    assert all(value in page for value in values)
    assert saved(draft, tab).version == 1
    assert [line[0] for line in post(client, draft, tab, typed(tab, **changes), **JSON).json()["errors"]] == [target]


@pytest.mark.parametrize("key", ["abc", "1000000000", "-1", "0", "1\x00", "１"])
def test_rows_with_impossible_numbers_are_no_rows(login, draft, key):
    response = post(login(draft.pi.user), draft, "schedule", typed("schedule", stages=["1", "2", key]))

    assert response.status_code == 302
    assert [row["key"] for row in saved(draft, "schedule").data["stages"]] == ["1", "2"]


@pytest.mark.parametrize("command", ["add:nothing", "remove:members:99", "remove:members", "x", ":", "add:members\x00"])
def test_commands_that_name_nothing_change_nothing(login, draft, command):
    response = post(login(draft.pi.user), draft, "team", typed("team", rows=command))

    assert response.status_code == 200
    assert rows_of(response, "members") == ["1"]


def test_several_values_for_one_field_are_no_crash(login, draft):
    response = post(login(draft.pi.user), draft, "budget", typed("budget", source_11=["1", "2"]))

    assert response.status_code == 302
    assert saved(draft, "budget").data["source_11"] == "2.00"


# The check ------------------------------------------------------------------------------------------------------------


def test_the_check_keeps_errors_and_warnings_apart_and_sorts_both_by_tab(login, draft):
    for tab, changes in (("team", {"avoid_experts": "", "pi_months": ""}), ("budget", {"basis": ""})):
        section = saved(draft, tab)
        section.data = section.data | changes
        section.save()

    response = login(draft.pi.user).get(reverse("proposal-check", args=[draft.pk]))

    shown = {
        name: [(place, [gap.label for gap in found]) for place, found in response.context[name]]
        for name in ("groups", "warning_groups")
    }
    assert shown == {
        "groups": [("负责人与成员", ["负责人每年投入（月）"]), ("经费预算", ["测算说明"])],
        "warning_groups": [("负责人与成员", ["专家回避说明"])],
    }
    assert "有 1 处，不影响提交" in text_of(response)
    assert "submit/" not in response.content.decode()


def test_warnings_do_not_keep_it_from_being_submitted(login, draft):
    section = saved(draft, "team")
    section.data = section.data | {"avoid_experts": ""}
    section.save()

    response = login(draft.pi.user).get(reverse("proposal-check", args=[draft.pk]))

    assert "检查通过，可以提交" in text_of(response)
    assert "没有需要回避的专家，请填“无”" in text_of(response)
    assert f'action="{reverse("proposal-act", args=[draft.pk, "submit"])}"' in response.content.decode()


def test_links_of_the_check_lead_into_rows_and_the_budget_table(login, draft):
    broken = {
        "team": {"members": [{**FULL[Tab.TEAM]["members"][0], "duty": ""}]},
        "budget": {"fiscal_1201": "41.00"},
        "schedule": {"stages": [{**FULL[Tab.SCHEDULE]["stages"][0], "starts_on": "2027-03", "ends_on": "2029-12"}]},
        "partners": {"partners": [{**FULL[Tab.PARTNERS]["partners"][0], "fiscal": "200.00"}]},
    }
    for tab, changes in broken.items():
        section = saved(draft, tab)
        section.data = section.data | changes
        section.save()
    client = login(draft.pi.user)

    found = client.get(reverse("proposal-check", args=[draft.pk])).context["gaps"]

    assert [gap.place for gap in found] == ["负责人与成员", "经费预算", "申报与合作单位", "进度安排"]
    for gap in found:
        path, target = gap.url.split("#")
        assert f'id="{target}"' in client.get(path).content.decode(), gap
