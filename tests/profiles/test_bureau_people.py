"""人员查询: what 科技局 finds and sees of people."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from tests import factories as make
from tests.orgs.pages import text
from tests.reveals import asks

pytestmark = pytest.mark.django_db
PEOPLE = "bureau-people"


@pytest.fixture
def officer(login):
    return login(make.make_officer())


def names(answer):
    table = answer.context.get("table")
    return [row.record.name for row in table.rows] if table else []


def asked(client, **conditions):
    """The address that 【查询】 leads to, and who stands there."""
    answer = client.post(reverse(PEOPLE), conditions)
    assert answer.status_code == 302
    return answer.headers["Location"], names(client.get(answer.headers["Location"]))


def test_people_are_found_by_name_number_mobile_and_unit(officer):
    unit = make.make_unit("重庆样例甲院（虚构）")
    found = make.make_person("王例知", unit=unit)
    other = make.make_person("李例知")
    other.mobile = "16900000099"
    for field, digest in make.mobile_digests(other.mobile).items():
        setattr(other, field, digest)
    other.save()

    assert asked(officer, name="王例")[1] == ["王例知"]
    assert asked(officer, id=found.user.id_number)[1] == ["王例知"]
    assert asked(officer, id=other.user.id_number)[1] == ["李例知"]
    assert asked(officer, mobile="169 0000 0099")[1] == ["李例知"]
    assert asked(officer, unit="样例甲院")[1] == ["王例知"]
    assert asked(officer, unit=unit.uscc)[1] == ["王例知"]


def test_a_number_never_stands_in_the_address(officer):
    found = make.make_person()

    address, _ = asked(officer, id=found.user.id_number, mobile=make.MOBILE)

    query = parse_qs(urlsplit(address).query)
    assert {name: len(value) for name, [value] in query.items()} == {"id": 64, "mobile": 64}
    typed_into_the_address = officer.get(reverse(PEOPLE), {"id": found.user.id_number})
    assert (typed_into_the_address.status_code, found.user.id_number in typed_into_the_address["Location"]) == (
        302,
        False,
    )


def test_four_places_are_not_enough_here(officer):
    answer = officer.post(reverse(PEOPLE), {"id": "4217", "mobile": "0099"})

    assert answer.status_code == 200
    assert {"请填写完整的证件号码", "请填写完整的 11 位手机号码"} <= {
        message for messages in answer.context["form"].errors.values() for message in messages
    }


@pytest.mark.parametrize("number", [1, 25])
def test_the_list_takes_a_fixed_number_of_queries(officer, number, django_assert_num_queries):
    unit = make.make_unit()
    for _ in range(number):
        make.make_person(unit=unit)

    with django_assert_num_queries(7):
        officer.get(reverse(PEOPLE))


def test_the_page_masks_numbers_and_each_look_is_one_line(officer):
    unit = make.make_unit()
    agent = make.make_agent(unit)
    make.approve_person(agent.person, unit)
    make.make_request(agent.person, unit)

    officer.get(reverse(PEOPLE))
    page = officer.get(reverse("bureau-person", args=[agent.pk]))

    words = text(page)
    for shown in (agent.name, unit.name, "169****0002", "法人单位授权人", "已核验证件号码", "申报书（项目负责人）"):
        assert shown in words
    assert agent.id_number not in page.content.decode()
    [line] = AuditEvent.objects.filter(action="person_viewed")
    assert (line.object_id, line.object_label, line.unit_id) == (str(agent.pk), agent.name, unit.pk)


def test_a_number_is_shown_on_purpose_and_that_is_one_line_more(officer):
    person = make.make_person(unit=make.make_unit())
    address = reverse("bureau-person", args=[person.pk])

    officer.post(reverse("reveal"), asks(f"person-id-number:{person.pk}", next=address))

    assert person.user.id_number in officer.get(address).content.decode()
    assert AuditEvent.objects.filter(action="reveal", object_label=person.name).count() == 1


def test_somebody_without_a_number_holds_no_grant_of_others(officer):
    make.make_agent(make.make_unit())
    person = make.make_person()
    type(person.user).objects.filter(pk=person.pk).update(identity_digest="")

    page = officer.get(reverse("bureau-person", args=[person.pk]))

    assert "法人单位授权人" not in text(page)
