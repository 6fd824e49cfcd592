"""What a login of a 法人用户 does to its unit."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from accounts.models import AuditEvent, User
from accounts.oidc.claims import Claims
from accounts.services import sign_in
from orgs.models import Unit
from tests import factories as make
from zhgg.kit.identifiers import synthetic

pytestmark = pytest.mark.django_db

USCC = synthetic.synthetic_uscc(4711)
ID_NUMBER = make.id_number(4711)
FULL = Claims(
    issuer=make.ISSUER,
    subject="unit-1",
    account_type="legal",
    name="山城样例（经办）",
    org_name="重庆山城样例研究院（虚构）",
    uscc=USCC,
    legal_rep_name="样例法人",
    legal_rep_id_type="01",
    legal_rep_id_number=ID_NUMBER,
    registered_on=date(2017, 4, 18),
    registered_capital=Decimal("500.000000"),
    registration_type="110",
    district="500103",
    address="重庆市渝中区样例路 1 号",
)
STATED_BY_FULL = [
    "address",
    "district",
    "legal_rep_id_number",
    "legal_rep_id_type",
    "legal_rep_name",
    "name",
    "province",
    "registered_capital",
    "registered_on",
    "registration_type",
]


def log_in(claims):
    user = sign_in(claims=claims, entrance="legal")
    return Unit.objects.filter(uscc=claims.uscc).first() if claims.uscc else user


def test_the_first_login_makes_the_unit_with_all_that_was_stated():
    unit = log_in(FULL)

    assert unit.name == "重庆山城样例研究院（虚构）"
    assert (unit.province, unit.district, unit.scope) == ("500000", "500103", "1")
    assert unit.legal_rep_id_number == ID_NUMBER
    assert (unit.registered_on, unit.registered_capital) == (date(2017, 4, 18), Decimal(500))
    assert unit.paid_in_capital is None
    assert unit.stated == STATED_BY_FULL
    assert (unit.version, unit.updated_by) == (1, "渝快办")


def test_the_same_login_again_changes_nothing():
    before = log_in(FULL)
    events = AuditEvent.objects.filter(action="unit_saved").count()

    after = log_in(FULL)

    assert (after.version, after.updated_at) == (before.version, before.updated_at)
    assert (events, AuditEvent.objects.filter(action="unit_saved").count()) == (1, 1)


def test_a_value_that_is_no_longer_stated_stays_and_may_be_edited():
    log_in(FULL)

    unit = log_in(replace(FULL, address="", registered_capital=None))

    assert (unit.address, unit.registered_capital) == ("重庆市渝中区样例路 1 号", Decimal(500))
    assert unit.stated == [name for name in STATED_BY_FULL if name not in ("address", "registered_capital")]
    assert unit.version == 2


def test_what_the_unit_filled_in_gives_way_to_what_is_stated():
    unit = log_in(replace(FULL, address=""))
    unit.address = "自己填的地址"
    unit.save()

    unit = log_in(FULL)

    assert unit.address == "重庆市渝中区样例路 1 号"
    assert "address" in unit.stated


def test_what_was_never_stated_is_left_as_the_unit_filled_it_in():
    unit = log_in(replace(FULL, address=""))
    unit.address, unit.bank_account = "自己填的地址", "9999990000000006"
    unit.save()

    unit = log_in(replace(FULL, address="", legal_rep_name="新法人"))

    assert (unit.address, unit.bank_account) == ("自己填的地址", "9999990000000006")
    assert (unit.legal_rep_name, unit.version) == ("新法人", 2)


def test_another_name_is_taken_over_and_the_former_one_is_on_record():
    first = log_in(FULL)

    unit = log_in(replace(FULL, org_name="重庆山城样例集团（虚构）"))

    assert (unit.pk, unit.name) == (first.pk, "重庆山城样例集团（虚构）")
    event = AuditEvent.objects.filter(action="unit_saved").first()
    assert event.detail == {"fields": ["name"], "from": "渝快办", "former_name": "重庆山城样例研究院（虚构）"}
    assert (event.unit_id, event.role) == (unit.pk, "legal")


def test_without_org_name_the_name_of_the_account_stands_in_and_follows_it():
    unit = log_in(replace(FULL, org_name=""))
    assert (unit.name, "name" in unit.stated) == ("山城样例（经办）", False)

    assert log_in(replace(FULL, org_name="", name="山城样例")).name == "山城样例"


def test_a_name_once_stated_is_not_replaced_by_the_name_of_the_account():
    log_in(FULL)

    assert log_in(replace(FULL, org_name="")).name == "重庆山城样例研究院（虚构）"


def test_codes_that_our_tables_do_not_know_are_left_to_the_unit():
    unit = log_in(replace(FULL, district="999999", registration_type="777"))

    assert (unit.province, unit.district, unit.registration_type) == ("", "", "")
    assert {"province", "district", "registration_type"}.isdisjoint(unit.stated)


def test_a_district_that_was_withdrawn_is_still_the_one_that_was_stated():
    unit = log_in(replace(FULL, district="500112"))

    assert (unit.province, unit.district) == ("500000", "500112")


def test_a_province_stated_as_district_is_no_district():
    unit = log_in(replace(FULL, district="500000"))

    assert (unit.province, unit.district) == ("500000", "")
    assert ("province" in unit.stated, "district" in unit.stated) == (True, False)


def test_a_login_without_a_code_makes_no_unit():
    user = log_in(replace(FULL, uscc=""))

    assert isinstance(user, User)
    assert Unit.objects.count() == 0


def test_a_person_makes_no_unit():
    sign_in(
        claims=Claims(issuer=make.ISSUER, subject="p", account_type="person", name="样例个人", org_name="某某公司"),
        entrance="person",
    )

    assert Unit.objects.count() == 0


def test_the_trail_names_fields_and_never_their_values():
    log_in(FULL)

    event = AuditEvent.objects.get(action="unit_saved")
    assert event.detail["fields"] == STATED_BY_FULL
    assert ID_NUMBER not in str(event.detail)
