"""审计记录: what 科技局 finds in the trail, and that looking leaves a line too."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts import audit
from accounts.models import AuditEvent
from orgs.models import Grant
from orgs.particulars import in_words
from orgs.views.bureau import audit as page
from tests import factories as make
from tests.orgs.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(login):
    return login(make.make_officer("查询科员"))


def found(client, **asked):
    answer = client.get(reverse("bureau-audit"), asked)
    assert answer.status_code == 200
    table = answer.context.get("table")
    return [row.record.action for row in table.rows if row.record.action != "audit_searched"] if table else []


def test_lines_are_found_by_who_what_whom_unit_day_and_result(officer):
    unit = make.make_unit("重庆样例甲院（虚构）")
    agent = make.make_agent(unit, make.make_user("周例岚"))
    grant = Grant.objects.get()
    audit.record("granted", user=unit.account, role="legal", obj=grant, unit_id=unit.pk)
    audit.record("login", user=agent)
    audit.record("login_refused", user=agent, ok=False)

    assert found(officer, who="周例岚") == ["login_refused", "login"]
    assert found(officer, action="login") == ["login"]
    assert found(officer, whom="周例") == ["granted"]
    assert found(officer, whom="法人单位授权人 周") == ["granted"]
    assert found(officer, unit="重庆样例甲院（虚构）") == found(officer, unit=unit.uscc) == ["granted"]
    assert found(officer, result="no") == ["login_refused"]
    today = timezone.localdate()
    assert len(found(officer, at_after=today, at_before=today)) == 3
    assert found(officer, at_before=today - timedelta(days=1)) == []


def test_each_search_and_export_is_a_line_and_numbers_stay_out_of_it(officer):
    audit.record("login", label="某人")

    officer.get(reverse("bureau-audit"), {"who": "500112199001014217", "action": "login"})
    export = officer.post(f"{reverse('bureau-audit-export')}?action=login")
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(export.streaming_content))).get_sheet_by_index(0)

    searched, exported = AuditEvent.objects.filter(action__in=["audit_searched", "export"]).order_by("pk")
    assert searched.detail["conditions"] == ["操作人（姓名或登录名）含“（号码）”", "操作为“登录”"]
    assert (exported.object_label, exported.detail) == ("审计记录", {"rows": 1, "conditions": ["操作为“登录”"]})
    assert sheet.to_python()[2][3:5] == ["登录", "某人"]


@pytest.mark.parametrize("number", [1, 25])
def test_the_list_takes_a_fixed_number_of_queries(officer, number, django_assert_num_queries):
    for _ in range(number):
        audit.record("login", user=make.make_user())

    with django_assert_num_queries(8):
        officer.get(reverse("bureau-audit"))


def test_counting_ends_somewhere(officer, monkeypatch):
    monkeypatch.setattr(page, "MOST_LISTED", 5)
    for _ in range(8):
        audit.record("login")

    answer = officer.get(reverse("bureau-audit"), {"page": "9"})

    assert "超过 5 条" in text(answer)
    assert len(answer.context["table"].rows) == 5


@pytest.mark.parametrize("value", ["\0", "9" * 41, "1e309", "x" * 10_000, "2026-13-45"])
def test_nonsense_is_a_page_and_never_an_error(officer, value):
    for name in ("who", "action", "whom", "unit", "at_after", "at_before", "result", "page", "size"):
        answer = officer.get(reverse("bureau-audit"), {name: value})
        assert answer.status_code == 200
        # Either the conditions say what is wrong, or it is a list like any other.
        assert bool(answer.context["form"].errors) != ("table" in answer.context)


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        (
            {"to": "unit", "from": "department", "step": 2, "action": "pass-to-unit"},
            "审核通过，提交至单位，由“部门审核”，到“单位审核”",
        ),
        ({"action": "approve", "batch": 1200}, "审核通过，共 1,200 条"),
        ({"role": "agent", "department": None, "reason": "已调离"}, "法人单位授权人，原因：已调离"),
        ({"from": "渝快办", "fields": ["name", "postcode", "gone"]}, "修改：单位名称、邮政编码，来自渝快办"),
        ({"changed": ["guide", "closes_at", "is_active"]}, "修改：申报指南、申报截止、启用"),
        ({"kind": "degree", "size": 4382}, "学位证书，5 KB"),
        ({"kind": "01", "proposal": 7}, "科研诚信承诺书（负责人+单位签章）"),
        ({"kind": "IdentityTaken", "entrance": "个人用户"}, "入口：个人用户"),
        (
            {"scope": "units", "count": 5, "extension": 1, "submit_until": "2026-12-05T09:00:00+00:00"},
            "部分单位，5 份申报书，申报截止延至 2026-12-05 17:00",
        ),
        ({"outcome": "bound", "account": 3, "subject": "abc"}, "重新绑定"),
        ({"rows": 1, "conditions": [], "full": True}, "含完整号码，1 行"),
        ({"unheard_of": "x"}, ""),
    ],
    ids=str,
)
def test_the_particulars_of_a_line_are_said_in_chinese(detail, words):
    assert in_words(AuditEvent(detail=detail)) == words


def test_the_list_and_the_export_show_the_particulars(officer):
    audit.record("granted", label="周例岚", detail={"role": "manager"})

    assert "周例岚 二级单位管理人员" in text(officer.get(reverse("bureau-audit"), {"action": "granted"}))
    export = officer.post(f"{reverse('bureau-audit-export')}?action=granted")
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(export.streaming_content))).get_sheet_by_index(0)
    assert "二级单位管理人员" in sheet.to_python()[-1]
