"""维护个人信息: 工作单位 and 二级单位, and bad input."""

import pytest
from django.utils import timezone

from profiles.models import ReviewRequest
from tests import factories as make
from tests.profiles.conftest import again, filled
from tests.profiles.pages import FORM, PAGE, errors, newcomer, text_of, unverified

__all__ = ["newcomer", "unverified"]

pytestmark = pytest.mark.django_db


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


# Bad input ------------------------------------------------------------------------------------------------------------


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
