"""The form field template."""

import re

from tests.kit.drawing import NUMBER, Sheet, draw
from zhgg.kit.templatetags.ui.forms import error_lines


def field(name, data=None):
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", Sheet(data)[name].as_field_group()))


class TestFields:
    def test_a_required_field_has_label_star_and_hint_that_belong_to_it(self):
        html = field("mobile")
        assert '<label for="id_mobile">' in html
        assert '<span class="req" aria-hidden="true">*</span>' in html
        assert '<span class="hint" id="id_mobile_helptext">11 位数字</span>' in html
        assert 'class="input" type="text" name="mobile"' in html
        assert 'aria-describedby="id_mobile_helptext"' in html
        assert "required" in html

    def test_an_error_stands_at_its_field(self):
        html = field("mobile", {"mobile": ""})
        assert 'aria-invalid="true"' in html
        assert 'aria-describedby="id_mobile_helptext id_mobile_error"' in html
        assert re.search(r'<span class="err" ?id="id_mobile_error"><svg', html)

    def test_a_read_only_field_is_readonly_and_never_disabled(self):
        html = field("unit", {"unit": "forged"})
        assert 'class="field field--ro"' in html
        assert 'name="unit" value="江合" id="id_unit" readonly' in html
        assert "disabled" not in html
        assert "系统自动带出，不能修改" in html
        assert "*" not in html

    def test_a_read_only_choice_shows_its_label(self):
        html = field("kind")
        assert 'value="研究院" id="id_kind" readonly' in html
        assert "<select" not in html

    def test_a_read_only_number_can_be_masked(self):
        form = Sheet(initial={"unit": NUMBER})
        form.fields["unit"].mask = "id"
        html = form["unit"].as_field_group()
        assert 'value="500112********4217"' in html
        assert NUMBER not in html

    def test_a_unit_stands_behind_the_control(self):
        html = field("capital")
        assert '<span class="vh">（万元）</span>' in html
        assert '<div class="affix"><input class="input"' in html
        assert '<span aria-hidden="true">万元</span></div>' in html

    def test_an_optional_field_can_say_so(self):
        assert '<span class="opt">选填</span>' in field("zone")
        assert 'class="select"' in field("zone")

    def test_choices_are_a_group_with_a_legend(self):
        html = field("sex")
        assert html.strip().startswith('<fieldset class="field"')
        assert '<legend class="label">' in html
        assert '<div id="id_sex" class="radios">' in html
        assert html.count('<label class="check"') == 2

    def test_one_checkbox_stands_in_its_label(self):
        html = field("agreed")
        assert '<label class="check" for="id_agreed"><input type="checkbox" name="agreed"' in html

    def test_a_text_tells_how_long_it_may_be(self):
        html = field("reason")
        assert 'class="field full"' in html
        assert '<textarea class="textarea" name="reason"' in html
        assert '<span class="counter" id="id_reason_count">最多 500 字</span>' in html

    def test_the_summary_links_to_each_mistake_in_the_order_of_the_form(self):
        form = Sheet({"mobile": "13800000000", "agreed": "on"})
        html = draw("{% form_errors form %}", form=form)
        assert "<h2>有 2 处需要修改，尚未保存</h2>" in html
        assert 'role="alert" tabindex="-1" id="form-errors"' in html
        assert "<li>手机号码与联系人相同</li>" in html
        assert '<a href="#id_sex">性别：' in html
        assert draw("{% error_title form %}", form=form) == "有 2 处需要修改 -"

    def test_the_summary_of_a_decision_does_not_speak_of_saving(self):
        html = draw('{% form_errors form but="尚未办理" %}', form=Sheet({"mobile": "13800000000", "agreed": "on"}))
        assert "<h2>有 2 处需要修改，尚未办理</h2>" in html

    def test_a_form_without_mistakes_has_no_summary(self):
        assert draw("{% form_errors a b %}{% error_title a b %}", a=Sheet(), b=Sheet()) == ""
        assert list(error_lines([Sheet()])) == []
