"""The template tags for lists: pager, sorting, table."""

import re

import django_tables2 as tables
import pytest
from django.core.paginator import Paginator

from tests.kit.drawing import draw, get
from zhgg.kit.templatetags.ui.ways import pager_numbers
from zhgg.kit.ui import ActionsColumn, RowCheckColumn, row_action


def words(html):
    """The text that is left without tags and without what stands in the source only for its layout."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


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
