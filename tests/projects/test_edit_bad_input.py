"""Input of every bad kind on the pages of an 申报书."""

import pytest

from tests.projects.editing import JSON, draft, pi, post, rows_of, saved, typed

__all__ = ["draft", "pi"]

pytestmark = pytest.mark.django_db


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
