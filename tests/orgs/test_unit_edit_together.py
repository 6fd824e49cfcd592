"""【维护单位信息】: numbers that stay hidden, who is told, and two people at once."""

import re
from html import unescape

import pytest
from django.utils.html import strip_tags

from accounts.models import Notice
from orgs.models import Unit
from tests import factories as make
from tests.orgs.unit_form import ACCOUNT, OTHER_ACCOUNT, errors, save, synthetic_numbers, typed, unit
from tests.races import together
from zhgg.kit.identifiers import synthetic

__all__ = ["synthetic_numbers", "unit"]

pytestmark = pytest.mark.django_db


# Numbers --------------------------------------------------------------------------------------------------------------


def test_stored_numbers_are_never_in_the_form(unit, login):
    page = login(unit.account).get("/unit/edit/")

    assert typed(page)["bank_account"] == "9999 **** **** 0006"
    assert typed(page)["legal_rep_id_number"] == "990000********0019"
    assert ACCOUNT not in page.content.decode()
    assert "990000198501010019" not in page.content.decode()
    assert "已保存，尾号 0006；不更改请保留原样" in page.content.decode()


@pytest.mark.parametrize(
    ("again", "message"),
    [
        ("", "银行账号已填写或更改，请再输入一遍，以免收款出错"),
        (OTHER_ACCOUNT[:-1] + "8", "与上面的银行账号不一致，请核对两处"),
        (ACCOUNT, "与上面的银行账号不一致，请核对两处"),
    ],
)
def test_another_account_number_is_typed_twice(unit, login, again, message):
    page = save(login(unit.account), bank_account=OTHER_ACCOUNT, bank_account_again=again)

    assert errors(page) == {"再次输入银行账号": message}
    assert typed(page)["bank_account"] == OTHER_ACCOUNT
    assert Unit.objects.get().bank_account == ACCOUNT


def test_the_account_is_encrypted_in_the_database(unit, login):
    save(login(unit.account), bank_account="9999 9000 0000 0000 077", bank_account_again=OTHER_ACCOUNT)

    stored = Unit.objects.values_list("bank_account", flat=True).get()
    assert Unit.objects.get().bank_account == OTHER_ACCOUNT
    assert OTHER_ACCOUNT.encode() not in bytes(stored)


def test_the_other_party_is_told_of_another_account(unit, login):
    agent = make.make_agent(unit, make.make_user("周岚"))

    save(login(agent), bank_account=OTHER_ACCOUNT, bank_account_again=OTHER_ACCOUNT, bank_name="样例银行渝中支行")

    notice = Notice.objects.get()
    assert (notice.recipient, notice.subject, notice.url) == (unit.account, "单位的开户银行、银行账号已更改", "/unit/")
    assert notice.body.startswith("周岚（法人单位授权人）更改了重庆样例研究院（虚构）的开户银行、银行账号。")
    assert OTHER_ACCOUNT not in notice.body


def test_the_agent_is_told_when_the_legal_account_changes_the_bank_code(unit, login):
    agent = make.make_agent(unit)

    save(login(unit.account), bank_code=synthetic.synthetic_cnaps(2))

    assert [(notice.recipient, notice.subject) for notice in Notice.objects.all()] == [(agent, "单位的银行行号已更改")]


def test_nobody_is_told_of_other_changes(unit, login):
    make.make_agent(unit)

    save(login(unit.account), postcode="400010")

    assert Notice.objects.count() == 0


# Two people at once ---------------------------------------------------------------------------------------------------


def rows(page):
    table = re.search(r"<tbody>(.*?)</tbody>", page.content.decode(), re.DOTALL)
    return [
        tuple(unescape(strip_tags(cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL))
        for row in re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL)
    ]


def test_a_form_opened_before_somebody_saved_shows_both_and_wins_on_purpose(unit, login):
    agent = login(make.make_agent(unit, make.make_user("周岚")))
    owner = login(unit.account)
    opened = typed(owner.get("/unit/edit/"))
    save(
        agent,
        address="重庆市渝中区新路 2 号",
        email="agent@example.com",
        bank_account=OTHER_ACCOUNT,
        bank_account_again=OTHER_ACCOUNT,
    )

    page = owner.post("/unit/edit/", {**opened, "email": "owner@example.com", "postcode": "400010"})

    assert page.status_code == 409
    assert "周岚（法人单位授权人）于" in page.content.decode()
    assert rows(page) == [
        ("通信地址", "重庆市渝中区新路 2 号", "重庆市渝中区样例路 1 号"),
        ("邮政编码", "未填写", "400010"),
        ("E-mail", "agent@example.com", "owner@example.com"),
    ]
    kept = typed(page)
    assert (kept["email"], kept["postcode"], kept["version"]) == ("owner@example.com", "400010", "2")
    assert (Unit.objects.get().email, Unit.objects.get().version) == ("agent@example.com", 2)

    response = owner.post("/unit/edit/", kept)

    now = Unit.objects.get()
    assert response.status_code == 302
    assert (now.email, now.address, now.version) == ("owner@example.com", "重庆市渝中区样例路 1 号", 3)
    assert now.bank_account == OTHER_ACCOUNT


def test_an_account_typed_into_an_outdated_form_is_shown_masked_beside_the_stored_one(unit, login):
    owner = login(unit.account)
    opened = typed(owner.get("/unit/edit/"))
    save(owner, postcode="400010")

    page = owner.post(
        "/unit/edit/",
        {**opened, "bank_account": OTHER_ACCOUNT, "bank_account_again": OTHER_ACCOUNT, "postcode": "400010"},
    )

    assert rows(page) == [("银行账号", "9999 **** **** 0006", "9999 **** **** 0077")]


@pytest.mark.parametrize("version", ["", "0", "x", "１", "99999999999999999999", None])
def test_a_broken_version_counts_as_outdated(unit, login, version):
    owner = login(unit.account)
    values = {**typed(owner.get("/unit/edit/")), "postcode": "400010", "version": version}

    page = owner.post("/unit/edit/", {name: value for name, value in values.items() if value is not None})

    assert page.status_code == 409
    assert typed(page)["version"] == "1"
    assert Unit.objects.get().postcode == ""


def test_mistakes_in_an_outdated_form_are_named_too(unit, login):
    owner = login(unit.account)
    opened = typed(owner.get("/unit/edit/"))
    save(owner, postcode="400010")

    page = owner.post("/unit/edit/", {**opened, "email": "nobody"})

    assert page.status_code == 409
    assert errors(page) == {"E-mail": "应为一个邮箱地址，例如 name@example.com，请核对"}


def test_what_became_grey_meanwhile_stays_as_it_was_stated(unit, login):
    owner = login(unit.account)
    opened = typed(owner.get("/unit/edit/"))
    Unit.objects.filter(pk=unit.pk).update(
        address="渝快办给出的地址", stated=["address", "name"], version=2, updated_by="渝快办"
    )

    page = owner.post("/unit/edit/", {**opened, "address": "自己填的地址"})
    response = owner.post("/unit/edit/", {**typed(page), "address": "自己填的地址"})

    assert "渝快办于" in page.content.decode()
    assert response.status_code == 302
    assert Unit.objects.get().address == "渝快办给出的地址"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(unit, login):
    owner, agent = login(unit.account), login(make.make_agent(unit))
    forms = [(visitor, typed(visitor.get("/unit/edit/"))) for visitor in (owner, agent)]

    responses = together(
        *(
            lambda visitor=visitor, values=values, code=code: visitor.post("/unit/edit/", {**values, "postcode": code})
            for (visitor, values), code in zip(forms, ["400010", "400020"], strict=True)
        )
    )

    assert sorted(response.status_code for response in responses) == [302, 409]
    assert Unit.objects.get().version == 2
