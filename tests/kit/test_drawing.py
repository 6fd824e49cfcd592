"""Controls that are drawn without a template: escaped, and as the browser needs them."""

import pytest
from django import forms

from zhgg.kit.formfields.codes import CodeField

HOSTILE = "\"><script>'&"
ESCAPED = "&quot;&gt;&lt;script&gt;&#x27;&amp;"


class Table:
    """A code table with a heading and a code to be escaped."""

    def grouped_choices(self):
        return [("01", "甲<"), ('组"', [("02", "乙"), (HOSTILE, "丙")])]

    def current(self, code):
        return code in ("01", "02", HOSTILE)

    def label(self, code):
        return f"{code}（已停用）"


class SampleForm(forms.Form):
    line = forms.CharField(widget=forms.TextInput(attrs={"class": "num", "readonly": True, "title": False}))
    text = forms.CharField(widget=forms.Textarea)
    tick = forms.BooleanField()
    number = forms.IntegerField()
    code = CodeField(Table())


def test_values_and_attributes_are_escaped():
    form = SampleForm({"line": HOSTILE, "text": f"\n{HOSTILE}", "code": HOSTILE})
    assert f'<input class="input num" type="text" name="line" value="{ESCAPED}" readonly' in str(form["line"])
    assert "title" not in str(form["line"])
    # The browser drops the first line break of a textarea, never one that was typed.
    assert str(form["text"]).endswith(f">\n\n{ESCAPED}</textarea>")
    assert f'<option value="{ESCAPED}" selected>丙</option>' in str(form["code"])
    assert '<optgroup label="组&quot;">' in str(form["code"])
    assert ">甲&lt;</option>" in str(form["code"])


def test_an_empty_form_has_no_values_and_please_choose_is_chosen():
    form = SampleForm()
    assert "value" not in str(form["line"]) + str(form["number"])
    assert '<option value="" selected>请选择</option>' in str(form["code"])
    assert str(form["code"]).count(" selected") == 1


def test_a_tick_is_kept():
    assert "checked" in str(SampleForm({"tick": "on"})["tick"])
    assert "checked" not in str(SampleForm({})["tick"])
    assert 'class="input' not in str(SampleForm()["tick"])


def test_a_stored_code_that_is_offered_no_longer_is_on_top_in_its_own_form_only():
    stored = SampleForm(initial={"code": "99"})
    assert '<option value="99" selected>99（已停用）</option>' in str(stored["code"])
    assert '"99"' not in str(SampleForm()["code"])
    assert SampleForm({"code": "99"})["code"].errors
    assert not SampleForm({"code": "99"}, initial={"code": "99"})["code"].errors


def test_a_value_that_is_nowhere_is_not_drawn():
    drawn = str(SampleForm({"code": '01" selected'})["code"])
    assert drawn.count(" selected>") == 0


class PlainForm(forms.Form):
    line = forms.CharField(widget=forms.TextInput(attrs={"class": "num", "data-x": HOSTILE}), help_text="提示")
    number = forms.IntegerField()
    hidden = forms.CharField(widget=forms.HiddenInput)
    address = forms.EmailField(required=False)
    day = forms.DateField(widget=forms.DateInput(attrs={"id": "own"}))
    menu = forms.ChoiceField(
        choices=[
            ("", "全部"),
            (1, "一"),
            (HOSTILE, HOSTILE),
            ("组", [("2", "二"), (3, "三")]),
            ("1", "又一"),
            (None, "无"),
        ]
    )


@pytest.mark.parametrize("value", [None, "", "1", "2", HOSTILE, "2026-11-22", "nowhere"])
def test_plain_controls_look_as_if_django_had_made_their_context(value):
    for form in (PlainForm(dict.fromkeys(PlainForm.base_fields, value)), PlainForm(initial={"menu": value})):
        for bound in form:
            for attrs in (None, {"aria-describedby": "note"}):
                assert bound.as_widget(attrs=attrs) == forms.BoundField.as_widget(bound, attrs=attrs)
            assert bound.as_hidden() == forms.BoundField.as_hidden(bound)
