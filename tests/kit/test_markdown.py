"""Markdown of officers: what it becomes, and what it never becomes."""

from html.parser import HTMLParser

import pytest

from zhgg.kit.markdown import render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("一段\n下一行", "<p>一段<br>\n下一行</p>\n"),
        ("# 一、资助方向", "<h3>一、资助方向</h3>\n"),
        ("## 一、\n\n##### 小标题\n\n## 二、", "<h3>一、</h3>\n<h4>小标题</h4>\n<h3>二、</h3>\n"),
        ("**重要**：不超过 *三年*", "<p><strong>重要</strong>：不超过 <em>三年</em></p>\n"),
        ("- 甲\n- 乙", "<ul>\n<li>甲</li>\n<li>乙</li>\n</ul>\n"),
        ("3. 丙\n4. 丁", '<ol start="3">\n<li>丙</li>\n<li>丁</li>\n</ol>\n'),
        (
            "[指南](https://kjj.cq.gov.cn/zn)",
            '<p><a href="https://kjj.cq.gov.cn/zn" rel="noopener noreferrer">指南</a></p>\n',
        ),
        ("<b>不是标签</b>", "<p>&lt;b&gt;不是标签&lt;/b&gt;</p>\n"),
    ],
)
def test_text_becomes_plain_html(text, html):
    assert render(text) == html


def test_a_table_scrolls_in_a_box_that_the_keyboard_reaches():
    html = render("| 类别 | 限额 |\n| --- | --- |\n| 重点 | 200 |")

    assert html.startswith('<div class="scroll" tabindex="0" role="region" aria-label="表格，可左右滚动"><table>')
    assert "<th>类别</th>" in html
    assert "<td>200</td>" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[点我](javascript:alert(1))",
        "[点我](data:text/html;base64,PHNjcmlwdD4=)",
        '[点我](https://x.example "x\\" onmouseover=\\"alert(1)")',
        "![图](https://tracker.example/x.png)",
        '<a href="#" onclick="alert(1)">x</a>',
        '<table style="position:fixed">',
    ],
)
def test_nothing_that_runs_or_calls_elsewhere_comes_out(text):
    found = Tags(render(text))

    assert {tag for tag, _ in found.tags} <= {"p", "a"}
    assert {name for _, attributes in found.tags for name, _ in attributes} <= {"href", "title", "rel"}
    links = [value for _, attributes in found.tags for name, value in attributes if name == "href"]
    assert [link for link in links if not link.startswith("https://")] == []


class Tags(HTMLParser):
    """The tags of a page with their attributes, as a browser would see them."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, attributes))


def test_a_very_long_and_deeply_nested_text_is_answered_at_once():
    assert "<blockquote>" in render(">" * 5000 + " 很深")
    assert render("*a " * 20000).startswith("<p>")
