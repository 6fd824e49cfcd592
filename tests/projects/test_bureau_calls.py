"""科技局's pages of 申报批次: the list, and writing one."""

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.call_forms import GUIDE_MAX
from projects.enums import Scope, State
from projects.models import Call
from tests import factories as make
from tests.projects.calls import DAY, client, extension_data, form_data, moment, officer, page, pi
from tests.projects.pages import queries_of, text_of

__all__ = ["client", "officer", "pi"]

pytestmark = pytest.mark.django_db


LIST, NEW = reverse("bureau-calls"), reverse("bureau-call-new")


# The list -------------------------------------------------------------------------------------------------------------


def test_the_list_says_where_each_call_stands_and_how_many_applications(client, pi):
    now = timezone.now()
    open_call = make.make_call("正在受理的")
    make.make_call("没有发布的", published=False)
    make.make_call("还没开始的", opens_at=now + DAY)
    make.make_call("单位在审的", closes_at=now - DAY)
    make.make_call("都结束了的", closes_at=now - 2 * DAY, review_closes_at=now - DAY)
    for state in (State.DRAFT, State.DRAFT, State.UNIT, State.BUREAU, State.ACCEPTED):
        make.make_proposal(pi, open_call, state=state)

    table = client.get(LIST).context["table"]

    shown = {row.record.name: text for row, text in zip(table.page.object_list, _rows(table), strict=True)}
    assert {name: text[0] for name, text in shown.items()} == {
        "正在受理的": "受理中",
        "没有发布的": "未发布",
        "还没开始的": "未开始",
        "单位在审的": "单位审核中",
        "都结束了的": "已结束",
    }
    assert shown["正在受理的"][1:] == ["2", "1", "2"]


def _rows(table):
    for row in table.page.object_list:
        badge = row.get_cell("state")
        label = badge.rsplit("</svg>")[-1].split("<")[0]
        yield [label, *(row.get_cell(name) for name in ("drafts", "reviewing", "reported"))]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?state=open", {"甲专项", "乙专项"}),
        ("?state=unpublished", {"丙专项"}),
        ("?q=甲", {"甲专项"}),
        ("?q=%25", set()),
        ("?state=over", set()),
    ],
)
def test_the_list_is_searched(client, query, names):
    for name in ("甲专项", "乙专项"):
        make.make_call(name)
    make.make_call("丙专项", published=False)

    context = client.get(LIST + query).context

    assert {row.record.name for row in context["table"].page.object_list} == names


def test_nonsense_conditions_are_told(client):
    assert "查询条件有误" in text_of(client.get(f"{LIST}?state=xx&q={'长' * 200}"))
    assert "查询条件有误" in text_of(client.get(f"{LIST}?q=%00"))


def test_an_empty_list_says_what_to_do(client):
    assert "还没有申报批次" in text_of(client.get(LIST))


def test_the_list_takes_a_fixed_number_of_queries(client, pi):
    make.make_proposal(pi, make.make_call())
    assert queries_of(client, LIST)[1] == 8
    for number in range(24):
        make.make_proposal(pi, make.make_call(f"专项{number}"))

    assert queries_of(client, f"{LIST}?size=50")[1] == 8


def test_the_page_of_a_call_takes_a_fixed_number_of_queries(client, pi):
    call = make.make_call()
    make.make_proposal(pi, call)
    kept = {"directions": "\n".join(call.directions)}
    for number in range(2):
        units = [str(make.make_unit().pk) for _ in range(3)]
        data = extension_data(scope=Scope.UNITS, units=units, submit_until=moment(20 + number))
        client.post(page("-extend", call), {**data, "confirm": "1"})
        client.post(page("-edit", call), form_data(**kept, version=str(number + 1), name=f"改名{number}的专项"))
        assert call.changes.count() == number + 1
        assert queries_of(client, page("", call))[1] == 12


def test_officers_find_it_in_the_menu(client, login, pi):
    link = f'href="{LIST}"'

    assert link in client.get(LIST).content.decode()
    assert link not in login(pi.user).get("/calls/").content.decode()


# Writing --------------------------------------------------------------------------------------------------------------


def test_a_new_call_is_saved_and_not_yet_published(client):
    response = client.post(NEW, form_data())

    call = Call.objects.get()
    assert response.headers["Location"] == page("", call)
    assert (call.published, call.tabs, call.required_attachments) == (False, ["basics", "team"], ["01"])
    assert call.directions == ["1.1 人工智能", "1.2 先进制造，含机器人"]
    assert call.max_months == 36


def test_the_same_form_twice_makes_one_call(client):
    data = form_data()

    assert [client.post(NEW, data).status_code for _ in range(2)] == [302, 302]
    assert Call.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closes_at": "2020-01-01 17:00", "opens_at": "2020-01-02 09:00"}, "申报截止应晚于开始受理"),
        ({"closes_at": "2026-12-05T17:00", "review_closes_at": "2026-12-01T17:00"}, "单位审核截止不能早于申报截止"),
        ({"closes_at": "明天"}, "请按 2026-12-05 17:00 的格式"),
        ({"closes_at": "2026-02-30 17:00"}, "没有这个日期或时间"),
        ({"closes_at": "9" * 40}, "请按 2026-12-05 17:00 的格式"),
        ({"name": ""}, "请填写"),
        ({"name": "长" * 100_000}, "最多 100 字"),
        ({"name": "含有\x00的名称"}, "控制字符"),
        ({"guide": "字" * (GUIDE_MAX + 1)}, "最多 20,000 字"),
        ({"guide": "乱\ufffd码"}, "是乱码（U+FFFD）"),
        ({"number_prefix": "中文-"}, "只能用大写字母、数字和减号"),
        ({"max_months": "10" * 20}, "应为 1 至 120 的整数"),
        ({"max_funding": "1e309"}, "应为数字"),
        ({"max_funding": "9" * 40}, "整数部分最多 7 位"),
        ({"min_funding": "30", "max_funding": "20"}, "上限应不小于下限"),
        ({"min_own_ratio": "101"}, "最多 100 倍"),
        ({"tabs": ["team"]}, "请勾选"),
        ({"tabs": []}, "请选择"),
        ({"tabs": ["basics", "unknown"]}, "不存在或已停用"),
        ({"required_attachments": ["zz"]}, "不存在或已停用"),
        ({"partner_province": "999999"}, "不存在或已停用"),
        ({"budget_mode": "free"}, "不存在或已停用"),
        ({"directions": "长" * 101}, "第 1 行“长长长长长长长长长长长长长长长长长长长长…”有 101 字"),
        ({"directions": "行\n" * 1000 + "x"}, "每行"),
        ({"categories": "\n".join(f"类别{number}" for number in range(51))}, "最多 50 行"),
        ({"form_key": "x"}, ""),
    ],
)
def test_bad_input_is_told_at_its_field_and_kept(client, changes, words):
    if changes.get("directions", "").startswith("行"):
        changes = {"directions": "\n".join(f"方向{number}" for number in range(201))}
        words = "最多 200 行"
    response = client.post(NEW, form_data(**changes))

    assert response.status_code == 200
    assert words in text_of(response)
    assert Call.objects.count() == 0
    [(name, value)] = list(changes.items())[:1]
    assert response.context["form"][name].value() == value


def test_script_in_the_guide_shows_as_text(client, login, pi):
    client.post(NEW, form_data(guide="<script>alert(1)</script> [x](javascript:alert(1))"))
    call = Call.objects.get()

    body = client.get(page("-preview", call)).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert 'href="javascript' not in body


def test_the_guide_is_previewed_without_saving_and_without_complaints(client):
    response = client.post(NEW, {"preview": "1", "guide": "# 条件\n\n**不超过两项**", "name": "只填了名称"})

    body = response.content.decode()
    assert response.status_code == 200
    assert "<h3>条件</h3>" in body
    assert "<strong>不超过两项</strong>" in body
    assert 'value="只填了名称"' in body
    assert "处需要修改" not in body
    assert Call.objects.count() == 0


def test_editing_shows_the_change_in_the_history(client):
    call = make.make_call(published=False)

    client.post(page("-edit", call), form_data(version="1", name="改名后的专项"))

    words = text_of(client.get(page("", call)))
    assert Call.objects.get().name == "改名后的专项"
    assert "周例 修改" in words
    assert "批次名称： 2026 年度样例专项 → 改名后的专项" in words


def test_two_officers_with_the_same_form(client, login):
    call = make.make_call(published=False)
    client.post(page("-edit", call), form_data(version="1", name="第一个人改的"))
    second = login(make.make_officer("吴例"))

    response = second.post(page("-edit", call), form_data(version="1", name="第二个人改的"))

    assert response.status_code == 409
    assert "周例于" in text_of(response)
    assert response.context["form"]["name"].value() == "第二个人改的"
    assert Call.objects.get().name == "第一个人改的"
    again = second.post(page("-edit", call), form_data(version="2", name="第二个人改的"))
    assert again.status_code == 302
    assert Call.objects.get().name == "第二个人改的"


def test_what_is_fixed_is_grey_and_stays_whatever_is_posted(client, pi):
    call = make.make_call()
    make.make_proposal(pi, call)

    form = client.get(page("-edit", call)).context["form"]
    client.post(
        page("-edit", call),
        form_data(version="1", number_prefix="OTHER-", closes_at=moment(99), directions="\n".join(call.directions)),
    )

    saved = Call.objects.get()
    assert {name for name in form.fields if form[name].field.disabled} == {
        "number_prefix",
        "budget_mode",
        "opens_at",
        "closes_at",
        "review_closes_at",
    }
    assert (saved.number_prefix, saved.closes_at) == (call.number_prefix, call.closes_at)
    assert saved.name == "2027 年度样例专项"


def test_a_direction_in_use_is_refused_at_its_field(client, pi):
    call = make.make_call()
    make.make_proposal(pi, call)

    response = client.post(page("-edit", call), form_data(version="1", directions="1.9 全新的"))

    assert response.status_code == 200
    assert "指南方向只能增加" in response.context["form"].errors["directions"][0]
    assert Call.objects.get().directions == call.directions
