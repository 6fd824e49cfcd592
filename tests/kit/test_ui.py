"""The template tags for marks, values and boxes: exact values that pages rely on."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import RequestFactory
from lucide import IconDoesNotExist

from tests.kit.drawing import NUMBER, Sheet, draw, get
from zhgg.kit.ui import Badge, Fact, Link, Masked, TimelineItem, row_action


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
