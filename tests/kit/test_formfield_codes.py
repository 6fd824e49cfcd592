"""Form fields for codes of tables and for numbers that are shown masked."""

import pytest
from django import forms

from orgs import codes
from tests.kit.fields import district_field, refusal, today
from zhgg.kit.formfields import codes as code_fields
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.numbers import BankAccountField, IdNumberField

__all__ = ["today"]


# Codes ----------------------------------------------------------------------------------------------------------------


def test_a_code_is_chosen_from_the_table_with_please_choose_on_top():
    field = district_field()
    assert next(iter(field.choices)) == ("", "请选择")
    assert len(list(field.choices)) == 38
    assert field.clean("500103") == "500103"


@pytest.mark.parametrize("wrong", ["500112", "510104", "x", "\0", "1" * 10**6])
def test_what_the_table_does_not_offer_is_refused(wrong):
    assert refusal(district_field(), wrong) == "所选的项不存在或已停用，请从列表中重新选择"


def test_a_table_with_headings_is_offered_under_them():
    field = CodeField(codes.table("tech_field"))
    assert dict(list(field.choices)[1:])["电子信息"][0] == ("101", "软件")
    assert field.clean("101") == "101"
    assert refusal(field, "10").startswith("所选的项")


class DistrictForm(forms.Form):
    district = district_field(required=False)


def test_a_stored_code_no_longer_in_force_may_stay():
    form = DistrictForm({"district": "500112"}, initial={"district": "500112"})
    assert form.is_valid()
    assert form.cleaned_data == {"district": "500112"}
    assert "渝北区（已撤销）" in str(form["district"])
    assert not form.has_changed()


def test_the_stored_code_of_one_form_is_not_offered_in_another():
    assert DistrictForm({"district": "500112"}, initial={"district": "500112"}).is_valid()
    for stored in ("500103", "", None):
        form = DistrictForm({"district": "500112"}, initial={"district": stored})
        assert form.errors == {"district": ["所选的项不存在或已停用，请从列表中重新选择"]}
        assert "渝北区" not in str(form["district"])


def test_a_stored_code_that_no_table_knows_is_shown_as_it_is():
    form = DistrictForm(initial={"district": "123456"})
    assert '<option value="123456" selected>123456</option>' in str(form["district"])


def test_a_form_may_offer_a_part_of_the_table():
    field = CodeField(codes.table("china_division"), choices=lambda: codes.district_choices("510000"))
    assert field.clean("510104") == "510104"
    assert refusal(field, "500103").startswith("所选的项")
    field.offer(codes.district_choices("500000"))
    assert field.clean("500103") == "500103"


def test_a_table_can_be_named_once_the_tables_are_known(monkeypatch):
    monkeypatch.setattr(code_fields, "_code_tables", [])
    field = CodeField("degree")
    with pytest.raises(LookupError, match="use_code_tables"):
        list(field.choices)
    code_fields.use_code_tables(codes.table)
    assert ("2", "博士") in list(field.choices)


# Secrets --------------------------------------------------------------------------------------------------------------


class SecretForm(forms.Form):
    id_type = CodeField(codes.table("id_document_type"), required=False)
    id_number = IdNumberField(type_field="id_type", masked=True)
    account = BankAccountField(masked=True)


STORED = {"id_type": "01", "id_number": "990000198501010019", "account": "120155556666777766635"}


MASKS = {"id_type": "01", "id_number": "990000********0019", "account": "1201 **** **** 6635"}


def test_a_stored_secret_is_in_the_page_as_its_mask_only():
    html = SecretForm(initial=STORED).as_p()
    assert MASKS["id_number"] in html
    assert MASKS["account"] in html
    assert STORED["id_number"] not in html
    assert STORED["account"] not in html


def test_a_mask_sent_back_stands_for_the_stored_value():
    form = SecretForm(MASKS, initial=STORED)
    assert form.is_valid()
    assert form.cleaned_data == STORED
    assert not form.has_changed()
    assert STORED["account"] not in form.as_p()


def test_a_new_number_replaces_the_stored_one_and_a_wrong_one_stays_to_be_corrected():
    form = SecretForm({**MASKS, "account": "62220001"}, initial=STORED)
    assert form.is_valid()
    assert form.cleaned_data["account"] == "62220001"
    wrong = SecretForm({**MASKS, "account": "6222"}, initial=STORED)
    assert wrong.errors == {"account": ["银行账号应为 8 至 32 位数字，现在是 4 位"]}
    assert 'value="6222"' in wrong.as_p()


def test_the_mask_of_another_number_is_no_number():
    form = SecretForm({**MASKS, "account": "9999 **** **** 6635"}, initial=STORED)
    assert form.errors == {"account": ["银行账号只能有数字，现在有“*”，请核对"]}
    assert SecretForm(MASKS).errors["account"] == ["银行账号只能有数字，现在有“*”，请核对"]


def test_the_kept_number_must_fit_a_changed_type():
    form = SecretForm({**MASKS, "id_type": "02"}, initial=STORED)
    assert list(form.errors) == ["id_number"]


def test_a_number_is_checked_by_the_type_that_was_chosen():
    assert SecretForm({"id_type": "06", "id_number": "E12345678", "account": "62220001"}).is_valid()
    form = SecretForm({"id_type": "", "id_number": "E12345678", "account": "62220001"})
    assert form.errors == {"id_number": ["请先选择证件类型"]}


def test_without_masked_the_stored_value_is_shown_in_full():
    class Form(forms.Form):
        account = BankAccountField()

    assert STORED["account"] in str(Form(initial=STORED)["account"])
