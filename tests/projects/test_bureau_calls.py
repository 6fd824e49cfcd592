"""科技局's pages of 申报批次."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.call_forms import GUIDE_MAX
from projects.enums import Scope, State
from projects.models import Call, CallFile, Extension
from tests import factories as make
from tests.projects.pages import queries_of, text_of
from tests.uploads import pdf, uploaded

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LIST, NEW = reverse("bureau-calls"), reverse("bureau-call-new")


@pytest.fixture
def officer():
    return make.make_officer("周例")


@pytest.fixture
def client(login, officer):
    return login(officer)


@pytest.fixture
def pi():
    return make.make_person(unit=make.make_unit("重庆样例大学（虚构）"))


def moment(days):
    return timezone.localtime(timezone.now() + days * DAY).strftime("%Y-%m-%dT%H:%M")


def form_data(**changes):
    return {
        "version": "0",
        "form_key": str(uuid4()),
        "name": "2027 年度样例专项",
        "kind": "样例计划",
        "number_prefix": "CSTB2027-",
        "opens_at": moment(1),
        "closes_at": moment(10),
        "review_closes_at": moment(15),
        "tabs": ["basics", "team"],
        "required_attachments": ["01"],
        "budget_mode": "detailed",
        "min_own_ratio": "0",
        "max_months": "36",
        "guide": "# 条件\n\n**不超过两项**",
        "directions": "1.1 人工智能\r\n\r\n  1.2 先进制造，含机器人  \r\n1.1 人工智能",
        "categories": "一般项目",
        **changes,
    }


def page(name, call):
    return reverse(f"bureau-call{name}", args=[call.pk])


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


# Preview, publishing, closing -----------------------------------------------------------------------------------------


def test_the_preview_is_the_page_that_a_pi_sees(client, login, pi):
    call = make.make_call(published=False, guide="# 申报条件")
    before = client.get(page("-preview", call))
    assert login(pi.user).get(call.get_absolute_url()).status_code == 404

    client.post(page("-publish", call), {"version": "1"})
    seen = login(pi.user).get(call.get_absolute_url())

    assert before.templates[0].name == seen.templates[0].name == "projects/call.html"
    for words in ("申报条件", "1.2 先进制造", "我要申报"):
        assert words in text_of(before)
        assert words in text_of(seen)


def test_publishing_asks_first_and_says_what_follows(client):
    call = make.make_call(published=False)

    question = client.get(page("-publish", call))
    assert Call.objects.get().published is False
    response = client.post(page("-publish", call), {"version": str(question.context["call"].version)}, follow=True)

    assert "发布后立即开始受理" in text_of(question)
    assert "已发布。" in text_of(response)
    assert Call.objects.get().published is True


def test_an_older_version_is_not_published(client):
    call = make.make_call(published=False)
    client.post(page("-edit", call), form_data(version="1", name="刚改的名字"))

    response = client.post(page("-publish", call), {"version": "1"})

    assert response.status_code == 409
    assert "周例于" in text_of(response)
    assert Call.objects.get().published is False


def test_what_is_incomplete_is_not_published_and_says_why(client):
    call = make.make_call(published=False, guide="")

    for response in (client.get(page("-publish", call)), client.post(page("-publish", call), {"version": "1"})):
        assert response.status_code == 409
        assert "请填写申报指南" in text_of(response)
    assert "请填写申报指南" in text_of(client.get(page("", call)))


@pytest.mark.parametrize("version", ["", "x", "9" * 40, "\x00"])
def test_a_broken_version_publishes_nothing(client, version):
    call = make.make_call(published=False)

    assert client.post(page("-publish", call), {"version": version}).status_code == 200
    assert Call.objects.get().published is False


def test_closing_needs_a_reason_that_everybody_reads(client, login, pi):
    call = make.make_call()
    make.make_proposal(pi, call)

    question = client.get(page("-close", call))
    without = client.post(page("-close", call), {"version": "1", "reason": " "})
    done = client.post(page("-close", call), {"version": "1", "reason": "指南有重大调整"}, follow=True)

    assert "现有 1 份未提交的申报书将不能再提交" in text_of(question)
    assert without.status_code == 200
    assert "请填写" in text_of(without)
    assert "已结束受理" in text_of(done)
    assert "提前结束受理。原因：指南有重大调整" in text_of(login(pi.user).get(call.get_absolute_url()))
    assert client.get(page("-close", call)).status_code == 409


# Extending ------------------------------------------------------------------------------------------------------------


def extension_data(**changes):
    return {
        "form_key": str(uuid4()),
        "scope": Scope.ALL,
        "submit_until": moment(20),
        "review_until": moment(25),
        "reason": "系统故障",
        **changes,
    }


def test_an_extension_is_asked_about_before_it_is_granted(client, login, pi):
    call = make.make_call()
    make.make_proposal(pi, call)
    make.make_proposal(pi, call, state=State.UNIT)
    data = extension_data()

    question = client.post(page("-extend", call), data)
    assert Extension.objects.count() == 0
    done = client.post(page("-extend", call), {**data, "confirm": "1"}, follow=True)

    assert "涉及 2 份申报书：未提交 1 份，单位审核 1 份" in text_of(question)
    assert "已延期，涉及 2 份申报书" in text_of(done)
    assert "周例 延期" in text_of(done)
    assert "系统故障" in text_of(done)
    shown = text_of(login(pi.user).get(call.get_absolute_url()))
    assert "延期通知" in shown
    assert "原因：系统故障" in shown


def test_units_are_found_and_ticked_step_by_step(client, login, pi):
    call = make.make_call(closes_at=timezone.now() - DAY)
    other = make.make_unit("重庆样例研究院（虚构）")
    data = extension_data(scope=Scope.UNITS)

    found = client.post(page("-extend", call), {**data, "unit_query": "样例大学", "find": "1"})
    ticked = [str(pi.unit_id)]
    more = client.post(page("-extend", call), {**data, "unit_query": "样例研究院", "find": "1", "units": ticked})
    done = client.post(page("-extend", call), {**data, "units": [*ticked, str(other.pk)], "confirm": "1"})

    assert "查到 1 个单位" in text_of(found)
    assert [pk for pk, _ in found.context["form"].fields["units"].choices] == [pi.unit_id]
    assert {pk for pk, _ in more.context["form"].fields["units"].choices} == {pi.unit_id, other.pk}
    assert "checked" in more.content.decode()
    assert done.status_code == 302
    assert set(Extension.objects.get().units.all()) == {pi.unit, other}
    assert "我要申报" in text_of(login(pi.user).get(call.get_absolute_url()))


def test_one_application_is_named_by_its_number_and_shows_the_reason(client, login, pi):
    call = make.make_call(closes_at=timezone.now() - DAY)
    draft, other = make.make_proposal(pi, call), make.make_proposal(pi, call)

    data = extension_data(scope=Scope.PROPOSAL, number=draft.number)
    client.post(page("-extend", call), {**data, "confirm": "1"})

    reader = login(pi.user)
    assert Extension.objects.get().proposal == draft
    assert "这份申报书的申报截止延至" in text_of(reader.get(draft.get_absolute_url()))
    assert "延期通知" not in text_of(reader.get(other.get_absolute_url()))
    assert "延期通知" not in text_of(reader.get(call.get_absolute_url()))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"submit_until": "2020-01-01 17:00"}, "submit_until", "已经过去"),
        ({"submit_until": moment(1)}, "submit_until", "应晚于现在的截止时间"),
        ({"submit_until": moment(30)}, "review_until", "不能早于申报截止"),
        ({"submit_until": "", "review_until": ""}, "submit_until", "至少一项"),
        ({"reason": ""}, "reason", "请填写"),
        ({"reason": "长" * 501}, "reason", "最多 500 字"),
        ({"reason": "含\x00"}, "reason", "控制字符"),
        ({"scope": "nobody"}, "scope", "不存在或已停用"),
        ({"scope": Scope.UNITS}, "unit_query", "请查找并勾选要延期的单位"),
        ({"scope": Scope.UNITS, "units": ["999999"]}, "units", "单位不存在"),
        ({"scope": Scope.UNITS, "units": ["9" * 40]}, "units", "单位不存在"),
        ({"scope": Scope.UNITS, "units": ["x\x00"]}, "units", "单位不存在"),
        ({"scope": Scope.PROPOSAL}, "number", "请填写申报编号"),
        ({"scope": Scope.PROPOSAL, "number": "没有这份"}, "number", "没有这份申报书"),
    ],
)
@pytest.mark.parametrize("button", [{}, {"confirm": "1"}])
def test_a_bad_extension_is_told_at_its_field_and_kept(client, changes, field, words, button):
    call = make.make_call()

    response = client.post(page("-extend", call), extension_data(**changes, **button))

    assert response.status_code == 200
    assert words in " ".join(response.context["form"].errors[field])
    assert Extension.objects.count() == 0
    assert Call.objects.get().closes_at == call.closes_at


def test_going_back_keeps_what_was_typed(client, pi):
    call = make.make_call()
    data = extension_data(scope=Scope.UNITS, units=[str(pi.unit_id)], back="1")

    form = client.post(page("-extend", call), data).context["form"]

    assert form["reason"].value() == "系统故障"
    assert form["scope"].value() == Scope.UNITS
    assert str(pi.unit_id) in form["units"].value()


# Files ----------------------------------------------------------------------------------------------------------------


def test_files_of_the_guide_are_added_and_deleted(client):
    call = make.make_call()
    client.post(page("-files", call), {"file": uploaded("申报指南.pdf", pdf())})
    [file] = CallFile.objects.all()
    question = reverse("bureau-call-file-delete", args=[call.pk, file.pk])

    assert "申报指南.pdf" in text_of(client.get(page("-files", call)))
    assert client.get(question).status_code == 200
    assert CallFile.objects.count() == 1
    assert client.post(question).headers["Location"] == page("-files", call)
    assert CallFile.objects.count() == 0
    assert client.post(question).status_code == 404


def test_without_a_file_the_form_says_so(client):
    response = client.post(page("-files", make.make_call()), {})

    assert "请选择文件" in text_of(response)


# What people of other roles read --------------------------------------------------------------------------------------


def test_other_units_do_not_read_of_an_extension(client, login, pi):
    call = make.make_call()
    data = extension_data(scope=Scope.UNITS, units=[str(pi.unit_id)])
    client.post(page("-extend", call), {**data, "confirm": "1"})
    stranger = make.make_person(unit=make.make_unit())

    answers = {
        "their own": text_of(login(pi.user).get(call.get_absolute_url())),
        "the unit's": text_of(login(pi.unit.account).get(call.get_absolute_url())),
        "a stranger's": text_of(login(stranger.user).get(call.get_absolute_url())),
    }

    assert {who: "延期通知" in words for who, words in answers.items()} == {
        "their own": True,
        "the unit's": True,
        "a stranger's": False,
    }
