"""个人信息审核: the list, the page of one request and the decision, as reviewers see them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from profiles.enums import ReviewState
from profiles.models import ReviewRequest
from tests import factories as make
from tests.profiles.conftest import REASON, again, decide, submit
from tests.profiles.test_person_pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/reviews/"
STATES = [ReviewState.PENDING, ReviewState.APPROVED, ReviewState.REJECTED]


def fill_list(world, number):
    for position in range(number):
        person = make.make_person(f"样例人员{position:02}")
        person.sex = "2"
        person.save()
        make.make_request(person, world.unit, world.software, state=STATES[position % 3])


# The list ------------------------------------------------------------------------------------------------------------


def test_the_list_takes_the_same_number_of_queries_with_3_rows_and_with_25(world, login, django_assert_num_queries):
    # What waits and what was decided are looked up one after the other, where a page reaches from one to the other.
    client = login(world.manager)
    fill_list(world, 3)
    with django_assert_num_queries(6):
        client.get(LIST)
    fill_list(world, 22)
    with django_assert_num_queries(6):
        client.get(LIST)


def test_a_row_shows_the_columns_of_the_guide_with_masked_numbers(world, login):
    person = make.make_person("韩明哲")
    person.sex, person.mobile = "1", "16900000625"
    person.save()
    request = submit(person.user, world.unit, world.software)

    answer = login(world.manager).get(LIST)

    table = answer.context["table"]
    cells = {column.name: cell for row in table.rows for column, cell in row.items()}
    number = person.user.id_number
    assert [column.header for column in table.columns] == (
        [
            table.columns["check"].header,
            "姓名",
            "性别",
            "证件号码",
            "手机号码",
            "最高学历",
            "职称",
            "工作单位（部门）",
            "最近更新时间",
            "状态",
            "操作",
        ]
    )
    assert (cells["name"], cells["sex"], cells["education"], cells["title_level"]) == (
        "韩明哲",
        "男",
        "博士研究生",
        "正高",
    )
    assert (cells["id_number"], cells["mobile"]) == (f"{number[:6]}********{number[-4:]}", "169****0625")
    assert cells["unit"] == "重庆样例大学（虚构）（软件学院）"
    assert cells["updated_at"] == f"{timezone.localtime(request.updated_at):%Y-%m-%d %H:%M}"
    assert number not in text_of(answer)


def test_twenty_rows_a_page_and_chips_with_counts(world, login):
    fill_list(world, 25)
    client = login(world.manager)

    first, second = client.get(LIST), client.get(LIST, {"page": 2})

    assert [len(answer.context["table"].page.object_list) for answer in (first, second)] == [20, 5]
    assert [(chip.label, chip.count) for chip in first.context["chips"]] == [
        ("全部", 25),
        ("待审核", 9),
        ("审核已通过", 8),
        ("审核不通过", 8),
    ]
    assert "共 2 页" in text_of(first)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({"sort": "name"}, 20),
        ({"sort": "x\0"}, 20),
        ({"size": "10"}, 10),
        ({"state": "pending"}, 9),
        ({"state": "approved"}, 8),
        ({"page": "x"}, 20),
        ({"page": "9" * 30}, 5),
        ({"page": "-1"}, 5),
        ({"size": "50"}, 25),
        ({"size": "1000000"}, 20),
    ],
    ids=str,
)
def test_conditions_in_the_address_that_mean_nothing_are_left_alone(query, rows, world, login):
    fill_list(world, 25)

    assert len(login(world.manager).get(LIST, query).context["table"].page.object_list) == rows


def test_a_unit_with_departments_is_told_why_nothing_arrives(world, login):
    for user in (world.unit.account, world.agent):
        assert "本单位已设置二级单位，人员的个人信息提交到二级单位审核，不再到单位" in text_of(login(user).get(LIST))
    assert "工作单位选择本单位的人员提交个人信息后" in text_of(login(world.plain.account).get(LIST))
    assert "工作单位选择本二级单位的人员提交个人信息后" in text_of(login(world.manager).get(LIST))


# One request ---------------------------------------------------------------------------------------------------------


def test_what_changed_comes_first_old_beside_new(world, login):
    person = make.make_person(unit=world.unit, department=world.software)
    request = submit(person.user, world.unit, world.software, title_level="412", education="14")

    answer = login(world.manager).get(request.get_absolute_url())

    rows = answer.context["rows"]
    assert [(row.label, row.old, row.new) for row in rows if row.changed] == [
        ("最高学历", "博士研究生", "硕士研究生"),
        ("职称", "正高", "副高"),
    ]
    assert [row.changed for row in rows] == [True, True, False, False, False, False, False, False]
    page = text_of(answer)
    assert "本次变更 2 项" in page
    assert page.count("<del>") == page.count("<ins>") == 2
    assert page.count("btn--primary") == 1


def test_a_first_submission_is_shown_whole(world, login):
    request = submit(make.make_person().user, world.unit, world.software)

    page = text_of(login(world.manager).get(request.get_absolute_url()))

    assert "首次提交" in page
    assert "<del>" not in page


def test_a_decided_request_is_read_only_and_still_says_what_it_changed(world, login):
    user = make.make_person().user
    decide(world.manager, "approve", submit(user, world.unit, world.software))
    request = submit(user, world.unit, world.software, title_level="412")
    decide(world.manager, "approve", request)

    answer = login(world.manager).get(request.get_absolute_url())

    assert [(row.label, row.old, row.new) for row in answer.context["rows"] if row.changed] == [
        ("职称", "正高", "副高")
    ]
    page = text_of(answer)
    assert f"{world.manager.name} 审核通过，内容已生效" in page
    assert "审核不通过</a>" not in page


def test_what_is_nobodys_business_is_not_shown_to_a_reviewer(world, login):
    person = make.make_person()
    person.ethnicity, person.political_status, person.qq, person.wechat = "08", "01", "1234567", "wx_secret"
    person.save()
    request = submit(person.user, world.unit, world.software)

    page = text_of(login(world.manager).get(request.get_absolute_url()))

    assert [secret for secret in ("苗族", "共产党", "1234567", "wx_secret") if secret in page] == []
    assert person.user.id_number not in page


def test_history_holds_what_was_this_reviewers_and_nothing_of_others(world, login):
    user = make.make_person().user
    elsewhere = submit(user, world.plain)
    decide(world.plain_agent, "reject", elsewhere)
    first = submit(user, world.unit, world.software)
    decide(world.manager, "reject", first)
    request = submit(user, world.unit, world.software, position="教授")

    lines = login(world.manager).get(request.get_absolute_url()).context["history"]

    assert [(line.title, line.who, line.quote) for line in lines] == [
        ("等您审核", "", ""),
        ("提交审核", user.name, ""),
        ("审核不通过", world.manager.name, REASON),
        ("提交审核", user.name, ""),
    ]


def test_a_replaced_request_leads_to_the_newest(world, login):
    user = make.make_person().user
    old = submit(user, world.unit, world.software)
    new = submit(user, world.unit, world.software, position="教授")

    page = text_of(login(world.manager).get(old.get_absolute_url()))

    assert "这一份不再有效，不能审核" in page
    assert f'<a href="{new.get_absolute_url()}">打开最新的一份</a>' in page
    assert "审核不通过</a>" not in page


def test_the_page_takes_the_same_number_of_queries_with_a_long_history(world, login, django_assert_num_queries):
    user = make.make_person(unit=world.unit, department=world.software).user
    client = login(world.manager)
    request = submit(user, world.unit, world.software, position="教授")
    with django_assert_num_queries(9):
        client.get(request.get_absolute_url())
    for number in range(6):
        request = submit(user, world.unit, world.software, position=f"职务{number}")
    with django_assert_num_queries(9):
        client.get(request.get_absolute_url())


# The decision --------------------------------------------------------------------------------------------------------


def test_an_approval_goes_back_to_the_list_and_says_what_happened(world, login):
    request = submit(make.make_person("韩明哲").user, world.unit, world.software)

    answer = login(world.manager).post(reverse("review-decide", args=[request.pk, "approve"]), follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "韩明哲的个人信息审核已通过，内容已生效，对方会收到消息。" in text_of(answer)


def test_the_question_and_the_reason_are_pages_of_their_own(world, login):
    request = submit(make.make_person("韩明哲").user, world.unit, world.software)
    client = login(world.manager)

    question = text_of(client.get(reverse("review-decide", args=[request.pk, "approve"])))
    reason = text_of(client.get(reverse("review-decide", args=[request.pk, "reject"])))

    assert "审核通过“韩明哲”的个人信息？" in question
    assert 'name="reason"' in reason
    assert ">确认</button>" in reason
    assert again(request).state == ReviewState.PENDING


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "请填写"),
        (" \n ", "请填写"),
        ("否", "至少 2 字，现在只有 1 字，请补充"),
        ("长" * 501, "最多 500 字，现在有 501 字，请删减"),
        ("x" * 1_000_000, "最多 500 字，现在有 1,000,000 字，请删减"),
        ("a\0b", "第 2 个字是无法显示的控制字符（U+0000），请删除后再保存"),
    ],
    ids=["empty", "blank", "1", "501", "1 MB", "NUL"],
)
def test_a_refusal_needs_a_reason_of_2_to_500_code_points(reason, sentence, world, login):
    request = submit(make.make_person().user, world.unit, world.software)

    answer = login(world.manager).post(reverse("review-decide", args=[request.pk, "reject"]), {"reason": reason})

    assert answer.status_code == 200
    assert list(answer.context["form"].errors["reason"]) == [sentence]
    assert again(request).state == ReviewState.PENDING


@pytest.mark.parametrize("reason", ["不符", "𠮷" * 500, "一\r\n二"], ids=["2", "500 rare", "two lines"])
def test_reasons_are_counted_in_code_points(reason, world, login):
    request = submit(make.make_person().user, world.unit, world.software)

    answer = login(world.manager).post(reverse("review-decide", args=[request.pk, "reject"]), {"reason": reason})

    assert (answer.status_code, again(request).reason) == (302, reason.replace("\r\n", "\n"))


@pytest.mark.parametrize("key", ["approve", "reject"])
def test_the_same_form_twice_gets_the_same_page_twice_and_acts_once(key, world, login):
    request = submit(make.make_person().user, world.unit, world.software)
    client, address = login(world.manager), reverse("review-decide", args=[request.pk, key])

    answers = [client.post(address, {"reason": REASON}) for _ in range(2)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, LIST)] * 2
    assert request.person.user.notices.count() == 1


def test_a_decision_about_a_replaced_request_leads_to_the_newest(world, login):
    user = make.make_person().user
    old = submit(user, world.unit, world.software)
    new = submit(user, world.unit, world.software, position="教授")

    for key in ("approve", "reject"):
        answer = login(world.manager).post(reverse("review-decide", args=[old.pk, key]), {"reason": REASON})
        page = text_of(answer)
        assert answer.status_code == 409
        assert "对方已重新提交个人信息，您打开的这一份不再有效" in page
        assert f'href="{new.get_absolute_url()}">打开最新的一份</a>' in page
        assert f'href="{LIST}">返回个人信息审核</a>' in page
    assert [again(old).state, again(new).state] == [ReviewState.REPLACED, ReviewState.PENDING]


def test_a_request_that_went_elsewhere_leads_to_the_list_and_tells_nothing_of_it(world, login):
    user = make.make_person().user
    old = submit(user, world.plain)
    new = submit(user, world.unit, world.software)

    answer = login(world.plain_agent).post(reverse("review-decide", args=[old.pk, "approve"]))

    assert answer.status_code == 409
    assert new.get_absolute_url() not in text_of(answer)
    assert f'href="{LIST}"' in text_of(answer)


def test_a_decision_that_came_second_is_told_who_came_first(world, login):
    request = submit(make.make_person().user, world.plain)
    decide(world.plain_agent, "approve", request)
    when = timezone.localtime(again(request).decided_at)

    answer = login(world.plain.account).post(reverse("review-decide", args=[request.pk, "reject"]), {"reason": REASON})

    assert answer.status_code == 409
    assert f"{world.plain_agent.name}已于 {when:%Y-%m-%d %H:%M} 办理：审核已通过。没有重复办理。" in text_of(answer)


@pytest.mark.parametrize("key", ["frob", "state", "APPROVE"])
def test_an_unknown_action_answers_404(key, world, login):
    request = submit(make.make_person().user, world.unit, world.software)

    assert login(world.manager).post(f"/reviews/{request.pk}/{key}/").status_code == 404
    assert ReviewRequest.objects.get(pk=request.pk).state == ReviewState.PENDING


def test_reading_changes_nothing(world, login):
    request = submit(make.make_person().user, world.unit, world.software)
    client = login(world.manager)

    assert client.post(request.get_absolute_url()).status_code == 405
    assert client.post(LIST, {"state": "pending"}).status_code == 302
    assert ReviewRequest.objects.filter(state=ReviewState.PENDING).count() == 1


def test_how_long_it_has_waited_is_said_in_days(world, login):
    request = submit(make.make_person().user, world.unit, world.software)
    ReviewRequest.objects.filter(pk=request.pk).update(submitted_at=timezone.now() - timedelta(days=3))

    assert "已等待 3 天" in text_of(login(world.manager).get(request.get_absolute_url()))
