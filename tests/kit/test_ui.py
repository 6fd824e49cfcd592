"""The template tags, the form field template and the layouts: exact values that pages rely on."""

import re
from collections import namedtuple
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import django_tables2 as tables
import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from lucide import IconDoesNotExist

from zhgg.kit.templatetags.ui.forms import error_lines
from zhgg.kit.templatetags.ui.ways import pager_numbers
from zhgg.kit.ui import ActionsColumn, Badge, Fact, Link, Masked, RowCheckColumn, TimelineItem, row_action

NUMBER = "500112197003124217"


def draw(source, request=None, **values):
    """What a template source with `{% load ui %}` renders to, without the blanks between tags."""
    if request is not None:
        values["request"] = request
    html = Template("{% load ui django_tables2 %}" + source).render(Context(values))
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", html)).strip()


def words(html):
    """The text that is left without tags and without what stands in the source only for its layout."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def get(path="/"):
    request = RequestFactory().get(path)
    request.revealed = set()
    return request


class TestIconsAndBadges:
    def test_an_icon_is_inline_and_hidden_from_those_who_listen(self):
        html = draw('{% icon "stamp" %}')
        assert html.startswith("<svg")
        assert 'class="i" aria-hidden="true" focusable="false"' in html
        assert "<path" in html

    def test_an_unknown_icon_raises(self):
        with pytest.raises(IconDoesNotExist):
            draw('{% icon "no-such-icon" %}')

    def test_a_badge_has_icon_words_and_tone(self):
        html = draw("{% badge state %}", state=Badge("待审核", "todo", "hourglass"))
        assert html.startswith('<span class="badge badge--todo"><svg')
        assert html.endswith("待审核</span>")
        assert html == draw('{% badge "待审核" "todo" "hourglass" %}')

    def test_a_note_stands_under_the_badge(self):
        html = draw("{% badge state %}", state=Badge("未提交", "draft", "file-pen-line", note="被退回 11-20"))
        assert html.endswith('</span><span class="sub">被退回 11-20</span>')

    def test_a_label_cannot_bring_markup(self):
        assert "&lt;b&gt;" in draw("{% badge state %}", state=Badge("<b>", "ok", "check"))

    @pytest.mark.parametrize("make", [lambda: Badge("x", "red", "x"), lambda: TimelineItem("later", "x")])
    def test_an_unknown_tone_raises(self, make):
        with pytest.raises(ValueError, match="tone"):
            make()

    def test_the_route_is_spoken(self):
        html = draw("{% route steps %}", steps=[("部门", "done"), ("单位", "now"), ("科技局", "later")])
        assert html == (
            '<span class="route" role="img" aria-label="部门已通过，单位办理中，科技局未到">'
            '<i class="is-done"></i><i class="is-now"></i><i class="is-later"></i></span>'
        )

    def test_a_row_action_names_its_row(self):
        assert row_action("处理", "/p/1/", "<甲>", tone="todo") == (
            '<a class="linkbtn linkbtn--todo" href="/p/1/">处理<span class="vh">&lt;甲&gt;</span></a>'
        )


class TestMaskedValues:
    def test_a_masked_value_offers_to_show_it_and_says_that_this_is_logged(self):
        html = draw('{% masked "record" 7 number "id" %}', get(), number=NUMBER)
        assert "<code>500112********4217</code>" in html
        assert 'form="reveal" name="what" value="record:7"' in html
        assert 'aria-label="显示完整证件号码（将记入查看日志）"' in html
        assert html.endswith("显示</button></span>")
        assert NUMBER not in html

    @pytest.mark.parametrize(
        ("style", "value", "shown"),
        [
            ("phone", "13812340625", "138****0625"),
            ("bank", "1201880620146635", "1201 **** **** 6635"),
            ("name", "张广源", "张*"),
            ("email", "zhang@example.com", "z***@example.com"),
        ],
    )
    def test_each_style_masks_its_own_way(self, style, value, shown):
        html = draw('{% masked "x" 1 value style %}', get(), value=value, style=style)
        assert f"<code>{shown}</code>" in html
        assert value not in html

    def test_a_revealed_value_is_shown_in_full_without_a_button(self):
        request = get()
        request.revealed = {"record:7"}
        html = draw('{% masked "record" 7 number %}{% masked "record" 70 number %}', request, number=NUMBER)
        assert html.count(NUMBER) == 1
        assert html.count("<button") == 1

    def test_without_the_middleware_nothing_is_revealed(self):
        assert NUMBER not in draw('{% masked "record" 7 number %}', RequestFactory().get("/"), number=NUMBER)
        assert NUMBER not in draw('{% masked "record" 7 number %}', number=NUMBER)

    def test_a_missing_value_has_nothing_to_show(self):
        assert draw('{% masked "record" 7 number %}', get(), number="") == '<span class="muted">未填写</span>'

    def test_an_unknown_style_raises(self):
        with pytest.raises(ValueError, match="style"):
            Masked("record", 7, NUMBER, "passport")


class TestFacts:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("渝北区", "渝北区"),
            (0, "0"),
            (2027, "2027"),
            (Decimal("12345.60"), "12,345.60"),
            (True, "是"),
            (False, "否"),
            (date(2017, 4, 18), "2017-04-18"),
            (datetime(2026, 11, 22, 2, 13, tzinfo=UTC), "2026-11-22 10:13"),
            (["镁合金", "工业软件"], "镁合金，工业软件"),
            ("<script>", "&lt;script&gt;"),
        ],
    )
    def test_values_of_all_kinds(self, value, shown):
        html = draw("{% facts rows %}", rows=[("项", value)])
        assert html == f'<dl class="facts facts--3"><div><dt>项</dt><dd>{shown}</dd></div></dl>'

    @pytest.mark.parametrize("value", [None, "", "  ", [], Masked("unit", 1, "")])
    def test_a_missing_value_says_so(self, value):
        assert '<dd class="empty">未填写</dd>' in draw("{% facts rows %}", rows=[Fact("E-mail", value)])

    def test_a_masked_fact_stays_masked(self):
        html = draw("{% facts rows %}", get(), rows=[Fact("证件号码", Masked("unit", 1, NUMBER))])
        assert "500112********4217" in html
        assert NUMBER not in html

    def test_a_wide_fact_takes_the_whole_row(self):
        assert '<div class="full"><dt>摘要</dt>' in draw('{% fact "摘要" "……" full=True %}')

    def test_numbers_are_grouped(self):
        assert draw("{{ n|grouped }}", n=1592) == "1,592"

    def test_moment_and_day_of_nothing_are_nothing(self):
        assert draw("{{ a|moment }}{{ a|day }}", a=None) == ""
        assert draw("{{ a|day }}", a=datetime(2026, 11, 21, 17, tzinfo=UTC)) == "2026-11-22"


class TestPager:
    @pytest.mark.parametrize(
        ("current", "last", "expected"),
        [
            (1, 1, [1]),
            (3, 6, [1, 2, 3, 4, 5, 6]),
            (1, 80, [1, 2, 3, 4, 5, 6, None]),
            (5, 80, [1, 2, 3, 4, 5, 6, None]),
            (40, 80, [1, None, 38, 39, 40, 41, 42, None]),
            (80, 80, [1, None, 75, 76, 77, 78, 79, 80]),
        ],
    )
    def test_numbers_around_the_current_page(self, current, last, expected):
        assert pager_numbers(current, last) == expected

    @pytest.mark.parametrize("last", range(1, 30))
    def test_the_current_page_is_always_there(self, last):
        for current in range(1, last + 1):
            numbers = pager_numbers(current, last)
            assert current in numbers
            assert [n for n in numbers if n] == sorted({n for n in numbers if n})

    def test_the_words_of_the_guide_in_their_order(self):
        page = Paginator(range(1592), 20).page(1)
        html = draw("{% pager page %}", get("/list/?state=waiting"), page=page)
        text = re.sub(r"<noscript>.*?</noscript>|<span class=\"vh\">.*?</span>", "", html)
        assert words(text) == ("共80页 20/页 50/页 100/页 上一页 1 2 3 4 5 6 … 尾页 下一页 到第 页 确定")
        assert '<option value="20" selected>20/页</option>' in html

    def test_links_and_both_forms_keep_the_other_parameters(self):
        page = Paginator(range(1592), 50).page(7)
        html = draw("{% pager page %}", get("/list/?name=%E5%BC%A0&kind=a&kind=b&size=50&page=7"), page=page)
        assert 'href="?name=%E5%BC%A0&amp;kind=a&amp;kind=b&amp;size=50&amp;page=8" rel="next"' in html
        assert html.count('<input type="hidden" name="name" value="张">') == 2
        assert html.count('<input type="hidden" name="kind" value="a">') == 2
        assert html.count('<input type="hidden" name="size" value="50">') == 1
        assert '<input type="hidden" name="page"' not in html
        assert 'name="page" inputmode="numeric" autocomplete="off" value="7"' in html

    def test_on_the_only_page_no_word_is_a_link(self):
        html = draw("{% pager page %}", get(), page=Paginator([], 20).page(1))
        assert html.count('aria-disabled="true"') == 3
        assert html.count("<a ") == 1


class TestSorting:
    def test_a_heading_turns_the_order_and_goes_back_to_page_one(self):
        source = '<th {% aria_sort "updated" %}>{% sort_link "更新时间" "updated" %}</th>'
        assert 'href="?sort=-updated"' in draw(source, get("/?page=3"))
        html = draw(source, get("/?sort=-updated&page=3&name=a"))
        assert 'aria-sort="descending"' in html
        assert 'href="?sort=updated&amp;name=a"' in html


class People(tables.Table):
    caption = "个人信息"
    check = RowCheckColumn(may=lambda row: row["waiting"], name_of=lambda row: row["name"])
    name = tables.Column(verbose_name="姓名")
    number = tables.Column(verbose_name="证件号码", orderable=False)
    updated = tables.Column(verbose_name="最近更新时间", attrs={"td": {"class": "nw", "data-label": "更新时间"}})
    money = tables.Column(verbose_name="经费", attrs={"td": {"class": "r"}}, orderable=False)
    actions = ActionsColumn(lambda row: row_action("查看", "#", row["name"]))


class TestTable:
    def rows(self):
        return [
            {
                "pk": 1,
                "name": "张广源",
                "number": "500112********4217",
                "updated": "11-22",
                "money": 1,
                "waiting": True,
            },
            {"pk": 2, "name": "<夏>", "number": "500105********5524", "updated": "11-21", "money": 2, "waiting": False},
        ]

    def html(self, path="/", **options):
        request = get(path)
        return draw("{% render_table table %}", request, table=People(self.rows(), request=request, **options))

    def test_roles_headers_and_labels_for_the_phone(self):
        html = self.html()
        assert '<div class="scroll" tabindex="0" role="region" aria-label="个人信息，可左右滚动">' in html
        assert "<caption>个人信息</caption>" in html
        assert '<th role="rowheader" scope="row">张广源</th>' in html
        assert '<td role="cell" data-label="证件号码">500112********4217</td>' in html
        assert '<td role="cell" class="nw" data-label="更新时间">11-22</td>' in html
        assert '<th role="columnheader" scope="col" class="r">经费</th>' in html
        assert "&lt;夏&gt;" in html
        assert '<td role="cell" class="c-ops"><span class="ops"><a class="linkbtn"' in html

    def test_only_rows_that_may_be_acted_on_have_a_checkbox(self):
        html = self.html()
        assert html.count('class="row-check"') == 1
        assert 'name="id" value="1" form="batch" aria-label="选择：张广源"' in html
        assert '<td role="cell" class="cell-check"></td>' in html

    def test_a_sorted_column_says_so_and_links_keep_parameters(self):
        html = self.html("/?name=a&page=2", order_by="-updated")
        assert re.search(r'aria-sort="descending"><a class="sort" href="\?name=a&amp;sort=updated">最近更新时间', html)

    def test_an_empty_table_says_so(self):
        request = get()
        assert "没有符合条件的记录" in draw("{% render_table t %}", request, t=People([], request=request))


class Sheet(forms.Form):
    unit = forms.CharField(label="单位名称", initial="江合", disabled=True)
    kind = forms.ChoiceField(label="单位性质", choices=[("r", "研究院"), ("u", "大学")], initial="r", disabled=True)
    mobile = forms.CharField(label="手机", max_length=11, help_text="11 位数字")
    capital = forms.DecimalField(label="注册资本", required=False, widget=forms.TextInput)
    zone = forms.ChoiceField(label="新区", choices=[("a", "两江新区")], required=False)
    sex = forms.ChoiceField(label="性别", choices=[("m", "男"), ("f", "女")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="同意")
    reason = forms.CharField(label="原因", max_length=500, widget=forms.Textarea, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].read_only = self.fields["kind"].read_only = True
        self.fields["capital"].suffix = "万元"
        self.fields["zone"].show_optional = True
        self.fields["reason"].span = "full"

    def clean(self):
        if self.data.get("mobile") == "13800000000":
            raise forms.ValidationError("手机号码与联系人相同")


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


class TestBoxes:
    def test_a_panel_is_a_section_named_by_its_heading(self):
        html = draw('{% panel "基本信息" note="必填" %}<p>内容</p>{% endpanel %}')
        assert html.startswith('<section class="panel" aria-labelledby="基本信息-title">')
        assert '<h2 class="bar-title" id="基本信息-title">基本信息</h2>' in html
        assert html.endswith('<div class="panel__body"><p>内容</p></div></section>')

    def test_a_dialog_with_an_action_is_a_form_with_a_token(self):
        html = draw(
            '{% dialog "dlg" "删除“甲”？" action="/x/" %}<p class="dlg__body">将停用</p>{% enddialog %}',
            csrf_token="7c0e",
        )
        assert 'id="dlg" aria-labelledby="dlg-title"' in html
        assert '<form class="dlg__in" method="post" action="/x/" novalidate>' in html
        assert '<input type="hidden" name="csrfmiddlewaretoken" value="7c0e">' in html
        assert '<button class="dlg__close" type="button" data-close aria-label="关闭">' in html

    def test_a_timeline_quotes_the_reason_as_text(self):
        item = TimelineItem(
            "back", "单位退回", who="周岚", when=datetime(2026, 11, 20, 8, 0, tzinfo=UTC), quote="<b>补</b>"
        )
        html = draw("{% timeline items %}", items=[item])
        assert '<li class="is-back">' in html
        assert "<b>周岚 单位退回</b>" in html
        assert "2026-11-20 16:00" in html
        assert "<blockquote>&lt;b&gt;补&lt;/b&gt;</blockquote>" in html

    def test_crumbs_end_at_this_page(self):
        html = draw('{% crumbs "单位信息" "/org/" "维护单位信息" %}')
        assert '<li><a href="/org/">单位信息</a></li><li aria-current="page">维护单位信息</li>' in html
        assert '<li aria-current="page">门户</li>' in draw('{% crumbs "门户" %}')

    def test_chips_mark_the_current_one_and_what_waits(self):
        links = [
            Link("全部", "?", count=1592, current=True),
            Link("待审核", "?s=w", count=12, icon="hourglass", todo=True),
            Link("部门审核", "?s=d", count=0, todo=True),
        ]
        html = draw("{% chips links %}", links=links)
        assert 'href="?" aria-current="true">全部 <b>1,592</b>' in html
        assert html.count("chip--todo") == 1

    def test_conditions_keep_the_order_of_the_list(self):
        html = draw('{% filters form reset="/people/" %}', get("/?sort=-updated&page=9"), form=Sheet())
        assert 'role="search"' in html
        assert '<input type="hidden" name="sort" value="-updated">' in html
        assert 'name="page"' not in html
        assert re.sub(r"<svg.*?</svg>", "", html).endswith(
            '<button class="btn btn--primary" type="submit">查询</button>'
            '<a class="btn" href="/people/">重置</a></div></form></details>'
        )


PAGES = ["layouts/plain.html", "layouts/user_centre.html", "layouts/projects.html", "layouts/entry.html"]
STATUSES = ["400", "403", "404", "405", "409", "413", "429", "500", "503"]


Group = namedtuple("Group", "label items")


class TestLayouts:
    def actor(self):
        return SimpleNamespace(
            name="周岚", role_label="法人单位授权人", unit_name="江合研究院", department_name="", is_authenticated=True
        )

    @pytest.mark.parametrize("template", PAGES)
    def test_each_layout_has_one_main_and_nothing_inline(self, template):
        request = get("/here/?a=1")
        request.actor = self.actor()
        menu = (Link("本单位的项目", "/p/", count=9, current=True, icon="stamp"),)
        site = {
            "demo": True,
            "unread": 3,
            "scale": "large",
            "tabs": (Link("单位信息", "/o/", current=True),),
            "menu": (Group("项目管理", menu),),
        }
        html = render_to_string(template, {"request": request, "site": site})
        assert html.startswith("<!DOCTYPE html>")
        assert html.count("<main ") == html.count('id="main"') == 1
        assert '<html lang="zh-CN" data-scale="large">' in html
        assert '<a class="skip" href="#main">跳到主要内容</a>' in html
        assert "演示系统" in html
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
        assert re.findall(r"<script(?! src=)", html) == []

    def test_the_account_menu_says_who_is_acting(self):
        request = get()
        request.actor = self.actor()
        html = render_to_string("layouts/plain.html", {"request": request, "site": {"unread": 3}})
        assert "<span>您以<b>法人单位授权人</b>身份登录</span>" in html
        assert "<span>江合研究院</span>" in html

    def test_a_visitor_has_no_account_menu(self):
        html = render_to_string("layouts/plain.html", {"request": get(), "site": {}})
        assert "menu__head" not in html
        assert 'id="reveal"' not in html

    @pytest.mark.parametrize("status", STATUSES)
    def test_error_pages_render_without_request_and_database(self, status):
        html = render_to_string(
            f"errors/{status}.html", {"status": int(status), "reference": "E5D0-77AB", "moment": datetime.now(UTC)}
        )
        assert f'<b aria-hidden="true">{status}</b>' in html
        assert "E5D0-77AB" in html
        assert "023-67035473　023-67605796" in html
        assert html.count("<h1>") == 1

    def test_an_error_page_without_any_context_still_stands(self):
        assert "返回门户首页" in render_to_string("errors/500.html")

    def test_a_refusal_shows_what_happened_and_the_ways_on(self):
        html = render_to_string(
            "errors/409.html",
            {"title": "已被退回", "message": "10:41 已由周岚退回。", "links": [("/p/1/", "查看这份申报书")]},
        )
        assert "<title>已被退回 - 智汇攻关 - 重庆市科学技术局</title>" in html
        assert "<p>10:41 已由周岚退回。</p>" in html
        assert re.search(r'<a class="btn btn--primary"\s+href="/p/1/">查看这份申报书</a>', html)
        assert "您打开页面之后" not in html

    def test_a_failed_login_offers_the_other_entrance(self):
        html = render_to_string("errors/login.html", {"title": "这是法人账号", "other_entrance": "legal"})
        assert "从【法人用户】登录" in html
        assert "从【个人用户】登录" not in html


HOSTILE = "\"><b>'&"
ESCAPED = "&quot;&gt;&lt;b&gt;&#x27;&amp;"


def test_the_text_size_leads_back_to_the_page_with_its_conditions():
    request = RequestFactory().get("/projects/", {"q": "甲 &", "page": 2})
    back = "%2Fprojects%2F%3Fq%3D%25E7%2594%25B2%2B%2526%26page%3D2"
    assert f'<a class="tool" href="/text-size/?next={back}">' in draw("{% text_size_link '' %}", request)
    assert "大字版</span>" in draw("{% text_size_link '' %}", request)
    assert "标准版</span>" in draw("{% text_size_link 'large' %}", request)
    # Error pages have no request.
    assert draw("{% text_size_link site.scale %}") == ""


def test_a_form_of_buttons_has_the_token_and_what_it_sends_along():
    drawn = draw('{% button_form "reveal" next=path %}', csrf_token="the-token", path=HOSTILE)
    assert drawn == (
        '<form id="reveal" method="post" action="/reveal/" hidden>'
        '<input type="hidden" name="csrfmiddlewaretoken" value="the-token">'
        f'<input type="hidden" name="next" value="{ESCAPED}"></form>'
    )


def test_a_print_says_who_made_it_and_when():
    begins = f'<p class="only-print">打印人：{ESCAPED} 打印时间：'
    drawn = draw("{% print_line name %}", name=HOSTILE)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d</p>", drawn.removeprefix(begins))


def test_addresses_and_files_are_those_of_django():
    assert draw("{% address 'messages' %} {% asset 'zhgg/zhgg.css' %}") == draw(
        "{% load static %}{% url 'messages' %} {% static 'zhgg/zhgg.css' %}"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("layout", ["projects", "user_centre", "plain"])
def test_the_page_of_all_components_is_drawn_in_each_layout(client, layout):
    html = client.get(f"/dev/components/?layout={layout}", headers={"host": "127.0.0.1"}).content.decode()
    assert "<h1>" in html
    assert ("11592<span" in html) == (layout == "projects")
