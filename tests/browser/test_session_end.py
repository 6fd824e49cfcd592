"""The end of a session in a real browser: said before, put off by a click, and nothing typed is lost by it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Session

pytestmark = pytest.mark.django_db

UNIT = "重庆样例新材料科技有限公司（虚构）"
FORM = "/unit/edit/"
TYPED = "重庆市渝北区样例路 77 号"


def let_end(someone, seconds):
    """Shift the end of the session to so many seconds from now, in the row that the site reads."""
    key = next(each["value"] for each in someone.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME)

    def shift():
        Session.objects.filter(session_key=key).update(expire_date=timezone.now() + timedelta(seconds=seconds))
        connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(shift).result()


def look(page):
    """What the page does by itself when it is seen again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_the_warning_counts_down_and_a_click_keeps_the_session(visitor):
    someone = visitor().sign_in("legal", UNIT)
    page = someone.open(FORM)
    page.get_by_label("通信地址").fill(TYPED)
    dialog = page.get_by_role("alertdialog", name="即将自动退出登录")
    expect(dialog).to_be_hidden()

    let_end(someone, 90)
    look(page)

    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("1 分 2")
    keep = dialog.get_by_role("button", name="继续使用")
    expect(keep).to_be_focused()
    assert someone.flaws() == []
    keep.click()
    expect(dialog).to_be_hidden()
    assert page.evaluate("fetch('/session/').then(a => a.json()).then(a => a.left)") > 1790
    expect(page.get_by_label("通信地址")).to_have_value(TYPED)


def test_it_comes_by_itself_and_what_another_tab_does_counts(visitor):
    with override_settings(SESSION_WARNING_SECONDS=1797):
        someone = visitor().sign_in("legal", UNIT)
        page = someone.open(FORM)
        dialog = page.get_by_role("alertdialog", name="即将自动退出登录")
        expect(dialog).to_be_visible()
    # The other tab is told of 120 seconds again, and its being opened makes this one ask.
    page.evaluate("document.getElementById('session-end').dataset.warn")
    other = someone.context.new_page()
    other.goto("/unit/")
    assert other.get_by_role("alertdialog").count() == 0
    expect(dialog).to_be_visible()


def test_after_the_end_the_text_is_still_there_and_is_sent_after_a_login_in_a_new_tab(visitor):
    someone = visitor().sign_in("legal", UNIT)
    page = someone.open(FORM)
    page.get_by_label("通信地址").fill(TYPED)
    let_end(someone, -1)
    look(page)

    dialog = page.get_by_role("alertdialog", name="登录已超时，您填写的内容还在本页")
    expect(dialog).to_be_visible()
    assert someone.flaws() == []
    with someone.context.expect_page() as opened:
        dialog.get_by_role("link", name="重新登录").click()
    tab = opened.value
    tab.get_by_role("link", name="法人用户").click()
    tab.get_by_role("button", name=UNIT).click()
    tab.wait_for_url(f"{someone.site}/**")
    tab.close()
    look(page)

    expect(dialog).to_be_hidden()
    expect(page.get_by_label("通信地址")).to_have_value(TYPED)
    # The token of the form is the new login's: the form is taken, and judged like any other.
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("处需要修改")
    expect(page.get_by_label("通信地址")).to_have_value(TYPED)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_form_sent_after_the_end_comes_back_filled_in(visitor, script):
    someone = visitor(script=script).sign_in("legal", UNIT)
    page = someone.open(FORM)
    page.get_by_label("通信地址").fill(TYPED)
    let_end(someone, -1)

    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.get_by_role("status").first).to_contain_text("您填写的内容已保留 1 小时")
    page.get_by_role("link", name="法人用户").click()
    page.get_by_role("button", name=UNIT).click()
    page.wait_for_url(f"{someone.site}{FORM}")
    expect(page.get_by_text("登录超时前填写的内容已恢复，尚未保存")).to_be_visible()
    expect(page.get_by_label("通信地址")).to_have_value(TYPED)
    if script:
        assert someone.flaws() == []
    page.get_by_role("button", name="放弃恢复的内容").click()
    expect(page.get_by_text("登录超时前填写的内容已恢复")).to_have_count(0)


def test_without_script_the_form_says_until_when(visitor):
    page = visitor(script=False).sign_in("legal", UNIT).open(FORM)
    expect(page.get_by_text("登录保持到")).to_be_visible()
