"""The check before an 申报书 is submitted."""

import pytest
from django.urls import reverse

from projects.enums import Tab
from tests.full_proposal import FULL
from tests.projects.editing import draft, pi, saved
from tests.projects.pages import text_of

__all__ = ["draft", "pi"]

pytestmark = pytest.mark.django_db


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
