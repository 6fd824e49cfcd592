"""个人信息 and 维护个人信息, as the person sees and fills them in."""

import pytest

from accounts.models import AuditEvent
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest
from tests import factories as make
from tests.profiles.conftest import REASON, again, decide, filled, submit
from tests.profiles.pages import FORM, PAGE, errors, newcomer, text_of, unverified
from tests.reveals import asks

__all__ = ["newcomer", "unverified"]

pytestmark = pytest.mark.django_db


# 个人信息 -------------------------------------------------------------------------------------------------------------


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
    shown_to = AuditEvent.objects.filter(action="reveal", ok=True).values_list("user", flat=True)
    assert list(shown_to) == [world.manager.pk] * 3


def test_the_page_takes_the_same_number_of_queries_whatever_happened(world, login, django_assert_num_queries):
    person = make.make_person(unit=world.unit, department=world.software)
    client = login(person.user)
    with django_assert_num_queries(6):
        client.get(PAGE)
    for number in range(8):
        submit(person.user, world.unit, world.software, position=f"职务{number}")
    with django_assert_num_queries(6):
        client.get(PAGE)


# 维护个人信息: what is saved ------------------------------------------------------------------------------------------


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
