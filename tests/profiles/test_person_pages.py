"""个人信息 and 维护个人信息, as the person sees and fills them in."""

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest
from tests import factories as make
from tests.profiles.conftest import REASON, again, decide, filled, submit
from tests.reveals import asks

pytestmark = pytest.mark.django_db

PAGE, FORM = "/person/", "/person/edit/"


@pytest.fixture
def newcomer():
    """A person who has never saved anything."""
    return make.make_person("夏知雪")


@pytest.fixture
def unverified():
    """A person whose 证件号码 渝快办 did not state."""
    user = make.make_user()
    user.id_type, user.id_number, user.identity_digest, user.known_as = "", "", "", ""
    user.save()
    return make.make_person(user=user)


def text_of(answer):
    """What stands on the page, blanks folded."""
    return " ".join(answer.content.decode().split())


def errors(answer):
    assert answer.status_code == 200
    return {name: list(messages) for name, messages in answer.context["form"].errors.items()}


# 个人信息 ------------------------------------------------------------------------------------------------------------


def test_before_the_first_save_the_page_says_what_to_do(newcomer, login):
    page = text_of(login(newcomer.user).get(PAGE))

    assert "还没有填写个人信息" in page
    assert "badge--todo" in page
    assert page.count("btn--primary") == 1
    assert f'href="{FORM}"' in page


def test_what_was_first_submitted_is_shown_as_waiting(newcomer, world, login):
    submit(newcomer.user, world.unit, world.software)

    page = text_of(login(newcomer.user).get(PAGE))

    assert "等待<b>重庆样例大学（虚构）（软件学院）</b>审核" in page
    assert "需审核的内容在审核通过后生效" in page
    assert "待审核的修改" not in page


def test_what_is_in_force_stands_beside_what_waits(world, login):
    person = make.make_person(unit=world.unit, department=world.software)
    submit(person.user, world.unit, world.software, title_level="412")

    answer = login(person.user).get(PAGE)

    assert [(row.label, row.old, row.new) for row in answer.context["rows"] if row.changed] == [
        ("职称", "正高", "副高")
    ]
    page = text_of(answer)
    assert "待审核的修改 1 项" in page
    assert "此前审核通过的内容继续有效" in page


def test_a_refusal_shows_its_reason_and_the_way_on(world, login):
    person = make.make_person(unit=world.unit, department=world.software)
    decide(world.manager, "reject", submit(person.user, world.unit, world.software, title_level="412"))

    page = text_of(login(person.user).get(PAGE))

    assert page.index(REASON) < page.index("未通过的修改 1 项")
    assert "修改后再次提交" in page
    assert "badge--bad" in page


def test_facts_stand_in_the_order_of_the_guide_with_what_the_unit_says(world, login):
    person = make.make_person(unit=world.unit, department=world.software)

    facts = login(person.user).get(PAGE).context["facts"]

    labels = [str(fact.label).split("<")[0].split(" ")[0] for fact in facts]
    assert " ".join(labels) == (
        "姓名 性别 国籍/地区 民族 政治面貌 证件类型 证件号码 出生日期 "
        "工作单位所在省/市 工作单位所在区/县 工作单位地域 单位性质 工作单位名称 二级单位（部门） 单位通信地址 "
        "最高学历 最高学位 职称 职务 专业 手机 办公电话 Email QQ 微信"
    )
    values = {label: fact.value for label, fact in zip(labels, facts, strict=True)}
    assert (values["工作单位所在省/市"], values["工作单位所在区/县"]) == ("重庆市", "渝中区")
    assert (values["工作单位地域"], values["二级单位（部门）"]) == ("重庆市内", "软件学院")


def test_numbers_are_masked_until_they_are_asked_for_and_that_is_recorded(world, login):
    person = make.make_person(unit=world.unit, department=world.software)
    client = login(person.user)
    number = person.user.id_number

    assert number not in text_of(client.get(PAGE))
    assert "16900000002" not in text_of(client.get(PAGE))
    client.post("/reveal/", {"what": f"person-id-number:{person.pk}", "next": PAGE})
    assert number in text_of(client.get(PAGE))
    client.post("/reveal/", {"what": f"person-mobile:{person.pk}", "next": PAGE})
    assert "16900000002" in text_of(client.get(PAGE))
    assert AuditEvent.objects.filter(action="reveal", user=person.user).count() == 2


def test_another_persons_number_is_not_shown(world, login):
    person = make.make_person(unit=world.unit, department=world.software)
    request = submit(person.user, world.unit, world.software, title_level="412")

    for who, sees in [(world.manager, 302), (world.other_manager, 404), (make.make_person().user, 404)]:
        for what in (
            f"person-id-number:{person.pk}",
            f"request-id-number:{request.pk}",
            f"request-mobile:{request.pk}",
        ):
            assert login(who).post("/reveal/", asks(what)).status_code == sees


def test_the_page_takes_the_same_number_of_queries_whatever_happened(world, login, django_assert_num_queries):
    person = make.make_person(unit=world.unit, department=world.software)
    client = login(person.user)
    with django_assert_num_queries(6):
        client.get(PAGE)
    for number in range(8):
        submit(person.user, world.unit, world.software, position=f"职务{number}")
    with django_assert_num_queries(6):
        client.get(PAGE)


# 维护个人信息: what is saved -----------------------------------------------------------------------------------------


def test_one_form_saves_what_needs_no_review_and_submits_the_rest(newcomer, world, login):
    client = login(newcomer.user)

    answer = client.post(FORM, filled(newcomer, world.unit, world.software), follow=True)

    assert answer.redirect_chain == [(PAGE, 302)]
    assert "需审核的内容已提交重庆样例大学（虚构）（软件学院）审核" in text_of(answer)
    person, request = again(newcomer), ReviewRequest.objects.get()
    assert (person.major, person.mobile, person.ethnicity) == ("计算机", "16900000005", "01")
    assert (request.unit, request.reviewing_department) == (world.unit, world.software)
    assert (request.education, request.position, request.state) == ("11", "研究员", ReviewState.PENDING)


def test_without_a_change_that_needs_review_it_is_in_force_at_once(world, login):
    person = make.make_person(unit=world.unit, department=world.software)

    answer = login(person.user).post(FORM, filled(person, world.unit, world.software, major="机械"), follow=True)

    assert "已保存，立即生效。" in text_of(answer)
    assert (again(person).major, ReviewRequest.objects.count()) == ("机械", 0)


def test_going_back_takes_the_waiting_change_back(world, login):
    person = make.make_person(unit=world.unit, department=world.software)
    submit(person.user, world.unit, world.software, title_level="412")

    answer = login(person.user).post(FORM, filled(again(person), world.unit, world.software), follow=True)

    assert "之前提交的修改已撤回" in text_of(answer)
    assert "改回已生效的内容" in text_of(answer)
    assert "badge--ok" in text_of(answer)


def test_after_a_refusal_the_form_begins_with_what_was_submitted(world, login):
    person = make.make_person(unit=world.unit, department=world.software)
    decide(world.manager, "reject", submit(person.user, world.unit, world.software, title_level="412"))

    form = login(person.user).get(FORM).context["form"]

    assert form["title_level"].value() == "412"


def test_education_and_degree_that_hardly_fit_are_saved_with_a_remark(newcomer, world, login):
    answer = login(newcomer.user).post(FORM, filled(newcomer, world.plain, degree="4"), follow=True)

    assert "最高学历与最高学位不一致，请核对" in text_of(answer)
    assert ReviewRequest.objects.get().degree == "4"


def test_what_the_provider_stated_is_grey_and_cannot_be_forged(newcomer, world, login):
    client = login(newcomer.user)
    page = text_of(client.get(FORM))
    forged = filled(
        newcomer,
        world.plain,
        name="别名",
        id_type="06",
        id_number="E12345678",
        sex="2",
        birth_date="1999-01-01",
        nationality="USA",
    )

    client.post(FORM, forged)

    assert page.count("readonly") == 6
    assert newcomer.user.id_number not in page
    person, request = again(newcomer), ReviewRequest.objects.get()
    assert (person.name, person.sex, person.nationality) == (
        "夏知雪",
        "1" if int(newcomer.user.id_number[16]) % 2 else "2",
        "CHN",
    )
    assert f"{person.birth_date:%Y%m%d}" == newcomer.user.id_number[6:14]
    assert (request.id_type, request.id_number) == ("01", newcomer.user.id_number)


def test_a_typed_resident_number_tells_sex_birth_date_and_nationality(unverified, world, login):
    typed = filled(
        unverified, world.plain, id_number="990000198501010027", sex="1", birth_date="不是日期", nationality="USA"
    )

    assert login(unverified.user).post(FORM, typed).status_code == 302

    person = again(unverified)
    assert (person.sex, f"{person.birth_date:%Y-%m-%d}", person.nationality) == ("2", "1985-01-01", "CHN")
    assert ReviewRequest.objects.get().id_number == "990000198501010027"


def test_a_typed_number_comes_back_masked_and_stands_when_it_is_left_alone(unverified, world, login):
    client = login(unverified.user)
    client.post(FORM, filled(unverified, world.plain, id_number="990000198501010027"))

    page = client.get(FORM)
    client.post(FORM, filled(again(unverified), world.plain, id_number="990000********0027", position="教授"))

    assert "990000198501010027" not in text_of(page)
    assert ReviewRequest.objects.latest("pk").id_number == "990000198501010027"


def test_with_a_passport_sex_birth_date_and_nationality_are_asked_for(unverified, world, login):
    client = login(unverified.user)
    passport = {"id_type": "06", "id_number": "e12345678", "ethnicity": ""}

    empty = client.post(FORM, filled(unverified, world.plain, **passport, sex="", nationality=""))
    assert errors(empty) == {"sex": ["请选择"], "nationality": ["请选择"], "birth_date": ["请填写"]}
    client.post(FORM, filled(unverified, world.plain, **passport, nationality="USA", birth_date="1990-02-03"))

    person = again(unverified)
    assert (person.sex, person.nationality, f"{person.birth_date}") == ("1", "USA", "1990-02-03")
    assert ReviewRequest.objects.get().id_number == "E12345678"


def test_an_old_form_is_shown_again_with_everything_typed_and_saves_the_second_time(newcomer, world, login):
    client = login(newcomer.user)
    old = filled(newcomer, world.plain, major="我的输入")
    Person.objects.filter(pk=newcomer.pk).update(version=newcomer.version + 1, major="别处保存的")

    answer = client.post(FORM, old)

    page = text_of(answer)
    assert "这次没有保存" in page
    assert 'value="我的输入"' in page
    assert again(newcomer).major == "别处保存的"
    shown = answer.context["form"]["version"].value()
    assert client.post(FORM, {**old, "version": shown}).status_code == 302
    assert again(newcomer).major == "我的输入"


# 工作单位 and 二级单位 ------------------------------------------------------------------------------------------------


def test_units_are_found_by_a_part_of_their_name_and_nothing_typed_is_lost(newcomer, world, login):
    typed = filled(newcomer, unit_query="样例大学", major="我的输入", mobile="还没填完", find="1")

    answer = login(newcomer.user).post(FORM, typed)

    page = text_of(answer)
    assert f"重庆样例大学（虚构） {world.unit.uscc}" in page
    assert 'value="我的输入"' in page
    assert 'value="还没填完"' in page
    assert 'class="err"' not in page
    assert again(newcomer).major == ""
    # The only hit is chosen, and its 二级单位 are there to choose from.
    assert answer.context["form"].chosen == world.unit
    assert [option for option in ("软件学院", "机械学院") if f">{option}</option>" in page] == ["软件学院", "机械学院"]


def test_brackets_of_either_width_and_the_whole_code_find_a_unit(newcomer, world, login):
    client = login(newcomer.user)
    for text in ("重庆样例大学(虚构)", "样例大学（虚构）", world.unit.uscc, world.unit.uscc.lower()):
        answer = client.post(FORM, filled(newcomer, unit_query=text, find="1"))
        assert answer.context["form"].matches == [world.unit]


def test_an_unregistered_unit_gets_a_sentence_that_says_what_to_do(newcomer, world, login):
    page = text_of(login(newcomer.user).post(FORM, filled(newcomer, unit_query="不存在的单位", find="1")))

    assert "没有查到名称含“不存在的单位”的单位。该单位尚未注册。请联系单位先用渝快办法人账号登录本系统一次" in page


def test_twenty_units_are_listed_at_most(newcomer, login):
    for number in range(22):
        make.make_unit(f"样例测试第{number}公司")

    answer = login(newcomer.user).post(FORM, filled(newcomer, unit_query="样例测试", find="1"))

    assert len(answer.context["form"].matches) == 20
    assert "只列出 20 个" in text_of(answer)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请先输入单位名称的一部分"),
        ("  ", "请先输入单位名称的一部分"),
        ("a\0b", "无法显示的控制字符"),
        ("长" * 101, "最多 100 字"),
    ],
)
def test_a_search_that_cannot_be_done_says_why(typed, sentence, newcomer, login):
    answer = login(newcomer.user).post(FORM, filled(newcomer, unit_query=typed, find="1"))

    assert sentence in answer.context["form"].search_answer
    assert sentence in text_of(answer)


def test_signs_of_sql_patterns_are_plain_letters(newcomer, world, login):
    for sign in ("%", "_", "\\"):
        answer = login(newcomer.user).post(FORM, filled(newcomer, unit_query=sign, find="1"))
        assert answer.context["form"].matches == []


def test_choosing_another_unit_offers_its_departments(newcomer, world, login):
    answer = login(newcomer.user).post(FORM, filled(newcomer, world.unit, find="2"))

    assert set(answer.context["form"].fields["department"].queryset) == {world.mechanics, world.software}


def test_a_unit_must_be_chosen(newcomer, world, login):
    answer = login(newcomer.user).post(FORM, filled(newcomer, unit_query="样例"))

    assert errors(answer) == {"unit": ["请先点【查找单位】，再从查到的单位中选择一个"]}
    assert set(answer.context["form"].matches) == {world.unit, world.plain}


def test_a_search_that_was_not_followed_by_a_choice_is_not_overlooked(newcomer, world, login):
    answer = login(newcomer.user).post(FORM, filled(newcomer, world.plain, unit_query="样例大学"))

    assert list(errors(answer)) == ["unit_query"]


def test_a_department_is_required_where_the_unit_has_any(newcomer, world, login):
    answer = login(newcomer.user).post(FORM, filled(newcomer, world.unit))

    assert errors(answer) == {"department": ["“重庆样例大学（虚构）”设有二级单位，请选择您所在的一个"]}
    assert "请联系单位新增“机关”“本部”这样的二级单位" in text_of(answer)


def test_a_unit_without_departments_needs_none_and_ignores_a_forged_one(newcomer, world, login):
    login(newcomer.user).post(FORM, filled(newcomer, world.plain, world.software))

    request = ReviewRequest.objects.get()
    assert (request.unit, request.department, request.reviewing_department) == (world.plain, None, None)


def test_a_department_that_was_deleted_meanwhile_is_an_error_and_everything_stays(newcomer, world, login):
    typed = filled(newcomer, world.unit, world.software, major="我的输入")
    world.software.ended_at = timezone.now()
    world.software.save()

    answer = login(newcomer.user).post(FORM, typed)

    assert errors(answer) == {"department": ["这个单位现在没有所选的二级单位，请从列表中重新选择"]}
    assert 'value="我的输入"' in text_of(answer)


def test_a_record_from_before_the_first_department_may_stay_without_one(world, login):
    person = make.make_person(unit=world.plain)
    make.make_department(world.plain, "新设的所")

    answer = login(person.user).post(FORM, filled(person, world.plain, major="机械"), follow=True)

    assert "已保存，立即生效。" in text_of(answer)
    change = filled(again(person), world.plain, position="主任")
    again_typed = login(person.user).post(FORM, change)
    assert errors(again_typed) == {
        "__all__": ["重庆样例研究院（虚构）已设置二级单位，请选择您所在的二级单位后再提交。"]
    }


# Bad input -----------------------------------------------------------------------------------------------------------

TEXTS = ("position", "major", "mobile", "office_phone", "email", "qq", "wechat")


def shortly(value):
    return repr(value)[:9]


CHOICES = ("political_status", "education", "degree", "title_level", "unit", "department")


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("value", ["a\0b", "\u202e", "x" * 1_000_000, "\ufffd"], ids=shortly)
def test_bad_text_is_an_error_at_its_field_and_nothing_is_saved(name, value, newcomer, world, login):
    answer = login(newcomer.user).post(FORM, {**filled(newcomer, world.unit, world.software), name: value})

    assert list(errors(answer)) == [name]
    assert (again(newcomer).version, ReviewRequest.objects.count()) == (newcomer.version, 0)


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("value", ["a\0b", "x" * 100_000, "999", "-1", "1" * 40, "01; DROP"], ids=shortly)
def test_an_unknown_choice_is_an_error_at_its_field_and_nothing_is_saved(name, value, newcomer, world, login):
    answer = login(newcomer.user).post(FORM, {**filled(newcomer, world.unit, world.software), name: value})

    assert list(errors(answer)) == [name]
    assert ReviewRequest.objects.count() == 0


def test_markup_is_text(newcomer, world, login):
    client = login(newcomer.user)
    client.post(FORM, filled(newcomer, world.plain, position="<script>alert(1)</script>"))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text_of(client.get(PAGE))


def test_a_department_of_another_unit_is_an_error(newcomer, world, login):
    foreign = make.make_department(world.plain)

    answer = login(newcomer.user).post(FORM, filled(newcomer, world.unit, foreign))

    assert errors(answer) == {"department": ["这个单位现在没有所选的二级单位，请从列表中重新选择"]}


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "1\0"])
def test_a_broken_version_is_an_error_of_the_whole_form(version, newcomer, world, login):
    answer = login(newcomer.user).post(FORM, filled(newcomer, world.plain, version=version))

    assert errors(answer) == {"__all__": ["页面已过期，请重新打开本页后再修改"]}


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("990000198501010028", "最后一位校验码与前 17 位不符"),
        ("9900001985010100", "应为 18 位，现在是 16 位"),
        ("000000198501010027", "不是省级行政区划代码"),
        ("1\0", "应为 18 位"),
        ("9" * 1_000_000, "应为 18 位"),
        ("", "请填写"),
    ],
    ids=lambda value: value[:18],
)
def test_a_wrong_number_is_said_at_its_field_alone(number, sentence, unverified, world, login):
    answer = login(unverified.user).post(FORM, filled(unverified, world.plain, id_number=number, sex=""))

    found = errors(answer)
    assert list(found) == ["id_number"]
    assert sentence in found["id_number"][0]


@pytest.mark.parametrize(("years", "fits"), [(15, False), (16, True), (100, True), (101, False)])
def test_people_are_16_to_100_years_old(years, fits, unverified, world, login):
    today = timezone.localdate()
    born = today.replace(year=today.year - years, day=min(today.day, 28))
    number = make.synthetic.synthetic_resident_id(born, 7)

    answer = login(unverified.user).post(FORM, filled(unverified, world.plain, id_number=number))

    assert answer.status_code == (302 if fits else 200)
    if not fits:
        assert errors(answer) == {"id_number": [f"按证件号码出生于 {born}，年龄应在 16 至 100 周岁之间，请核对"]}


def test_foreigners_are_not_asked_for_what_chinese_citizens_are(unverified, world, login):
    typed = filled(
        unverified, world.plain, id_type="06", id_number="E12345678", nationality="USA", birth_date="1990-02-03"
    )

    answer = login(unverified.user).post(FORM, typed)

    assert errors(answer) == {"ethnicity": ["国籍/地区不是中国的不用填，请改为“请选择”"]}


def test_an_empty_form_names_every_gap_and_keeps_the_page(unverified, login):
    answer = login(unverified.user).post(FORM, {"version": unverified.version})

    assert set(errors(answer)) == {
        *("sex", "nationality", "birth_date", "id_type", "id_number", "unit"),
        *("education", "degree", "title_level", "major", "mobile", "email"),
    }
    page = text_of(answer)
    assert "有 12 处需要修改，尚未保存" in page
    assert "<title>有 12 处需要修改 - 维护个人信息" in page
