"""The layouts and the pages of errors."""

import re
from collections import namedtuple
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from tests.kit.drawing import draw, get
from zhgg.kit.ui import Link

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
