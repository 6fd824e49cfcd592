"""Forms: grey fields cannot be forged, panels lose no field, mistakes are listed, versions come back."""

import pytest
from django import forms
from django.http import QueryDict
from django.test import SimpleTestCase

from orgs import codes
from zhgg.kit.formfields.amounts import WanField
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.formfields.contacts import MobileField
from zhgg.kit.formfields.days import DateField
from zhgg.kit.formfields.numbers import IdNumberField
from zhgg.kit.formfields.texts import LineField
from zhgg.kit.forms import BaseForm, VersionedFormMixin, VersionField


class UnitForm(BaseForm):
    name = LineField(label="单位名称", max_length=100)
    district = CodeField(codes.table("chongqing_district"), label="区县")
    capital = WanField(label="注册资本", required=False)
    founded = DateField(label="注册时间", required=False)
    mobile = MobileField(label="联系人手机")
    note = LineField(label="备注", max_length=10, required=False)

    read_only_fields = ("name",)
    sections = [("基本信息", ["name", "district", "not_here"]), ("联系", ["mobile"])]


STORED = {"name": "样例（虚构）", "district": "500103", "mobile": "16900000001"}


def post(**values):
    query = QueryDict(mutable=True)
    query.update(values)
    return query


def test_a_forged_post_does_not_change_a_grey_field():
    form = UnitForm(post(name="别的单位", district="500103", mobile="16900000002"), initial=STORED)
    assert form.is_valid()
    assert form.cleaned_data["name"] == "样例（虚构）"
    assert form.cleaned_data["mobile"] == "16900000002"
    assert form["name"].value() == "样例（虚构）"
    assert form.changed_data == ["mobile"]


def test_grey_fields_can_be_named_for_one_form():
    grey = UnitForm(
        post(district="500107", mobile="1", founded="2001-01-01"),
        initial={**STORED, "capital": None},
        read_only_fields=["district", "mobile", "capital", "founded"],
    )
    assert grey.is_valid()
    assert grey.cleaned_data == {**STORED, "capital": None, "founded": None, "note": ""}
    assert grey.fields["district"].read_only
    other = UnitForm(post(district="500107", mobile="16900000002"), initial=STORED)
    assert not other.fields["district"].read_only
    assert other.is_valid()
    assert other.cleaned_data["district"] == "500107"


def test_a_stored_grey_value_is_not_judged_again():
    form = UnitForm(
        post(),
        initial={"name": "x" * 500, "district": "500112", "mobile": "12"},
        read_only_fields=["district", "mobile"],
    )
    assert form.is_valid()
    assert form.cleaned_data["name"] == "x" * 500
    assert form.cleaned_data["district"] == "500112"


def test_an_empty_grey_value_is_the_empty_value_and_not_asked_for():
    form = UnitForm(post(district="500103", mobile="16900000001"))
    assert form.is_valid()
    assert form.cleaned_data["name"] == ""


def test_a_field_that_does_not_exist_cannot_be_grey():
    with pytest.raises(KeyError):
        UnitForm(read_only_fields=["nothing"])


def test_panels_hold_every_visible_field_once():
    panels = [(title, [field.name for field in fields]) for title, fields in UnitForm().panels]
    assert panels == [
        ("基本信息", ["name", "district"]),
        ("联系", ["mobile"]),
        ("", ["capital", "founded", "note"]),
    ]


def test_a_form_without_sections_is_one_panel():
    class Plain(BaseForm):
        note = LineField(max_length=10)

    assert [(title, len(fields)) for title, fields in Plain().panels] == [("", 1)]


def test_mistakes_are_listed_in_the_order_of_the_fields():
    form = UnitForm(post(district="", mobile="1390000447", capital="-1"), initial=STORED)
    form.add_error(None, "本单位已停用")
    assert form.error_list == [
        ("", "", "本单位已停用"),
        ("id_district", "区县", "请选择"),
        ("id_capital", "注册资本", "不能是负数，请填写 0 或正数"),
        ("id_mobile", "联系人手机", "应为 11 位数字，现在是 10 位"),
    ]
    assert form.error_count == 4


def test_a_form_nobody_sent_has_no_mistakes():
    assert UnitForm().error_list == []
    assert UnitForm().error_count == 0


def test_what_was_typed_is_kept():
    form = UnitForm(post(district="500103", mobile="1390000447", note="很长的备注" * 10), initial=STORED)
    assert not form.is_valid()
    assert form["mobile"].value() == "1390000447"
    assert form["note"].value() == "很长的备注" * 10


def test_labels_have_no_colon_and_required_fields_say_so():
    form = UnitForm()
    assert form["mobile"].label_tag() == '<label for="id_mobile">联系人手机</label>'
    assert "required" in str(form["mobile"])
    assert "required" not in str(form["name"])


def test_djangos_own_fields_speak_our_words_unless_somebody_chose_others():
    class Plain(BaseForm):
        kind = forms.ChoiceField(choices=[("a", "甲")])
        kinds = forms.MultipleChoiceField(choices=[("a", "甲")])
        text = forms.CharField()
        reason = forms.CharField(error_messages={"required": "请填写驳回原因"})
        wrong = forms.ChoiceField(choices=[("a", "甲")])

    assert Plain(post(wrong="b")).errors == {
        "kind": ["请选择"],
        "kinds": ["请选择"],
        "text": ["请填写"],
        "reason": ["请填写驳回原因"],
        "wrong": ["所选的项不存在或已停用，请重新选择"],
    }
    assert Plain(post(kinds="b", wrong="a", kind="a", text="x", reason="x")).errors == {
        "kinds": ["所选的项不存在或已停用，请重新选择"]
    }


class VersionedForm(VersionedFormMixin, BaseForm):
    note = LineField(label="备注", max_length=10)


def test_the_version_comes_back_as_a_number():
    form = VersionedForm(post(note="x", version="7"))
    assert form.is_valid()
    assert form.cleaned_data == {"version": 7, "note": "x"}
    SimpleTestCase().assertInHTML(
        '<input type="hidden" name="version" value="7" id="id_version">', VersionedForm(initial={"version": 7}).as_p()
    )


@pytest.mark.parametrize("broken", [None, "", "-1", "x", "1.0", "1e3", "٣", "9" * 10, "9" * 10**6, "\0"])
def test_a_missing_or_broken_version_is_an_error_of_the_form(broken):
    values = {"note": "x"} if broken is None else {"note": "x", "version": broken}
    form = VersionedForm(post(**values))
    assert form.error_list == [("", "", "页面已过期，请重新打开本页后再修改")]
    assert "version" not in form.cleaned_data


def test_what_is_wrong_with_a_hidden_field_is_said_without_its_english_name():
    class Hidden(BaseForm):
        seen_step = VersionField()

    assert Hidden(post(seen_step="x")).error_list == [("", "", "页面已过期，请重新打开本页后再修改")]


def test_a_grey_secret_carries_its_mask_for_the_template():
    class Secret(BaseForm):
        number = IdNumberField(label="证件号码")

    form = Secret(initial={"number": "990000198501010019"}, read_only_fields=["number"])
    assert form.fields["number"].mask == "id"
    assert form.fields["number"].read_only
