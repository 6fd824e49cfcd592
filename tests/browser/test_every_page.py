"""Every page that a role can reach: no flaw that axe can find, nothing too wide for a phone, nothing in the console,
nothing that moves once it is drawn."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import expect

from tests.browser.visitor import DESKTOP, PHONE

pytestmark = pytest.mark.django_db

# 法人单位 (also one that has filled in nothing), 授权人, 二级单位管理人员, 个人 (returned; waiting; nothing submitted).
ROLES = [
    ("legal", "重庆样例大学（虚构）"),
    ("legal", "重庆样例新材料科技有限公司（虚构）"),
    ("person", "周例言"),
    ("person", "陈样安"),
    ("person", "沈样禾"),
    ("person", "范样雪"),
    ("person", "章测如"),
]
ON_A_PHONE = {"周例言", "沈样禾"}
# Pages whose look depends on the state of what they show: so many of each are looked at.
SEVERAL = {"proposal": 3, "proposals": 2, "review": 2, "reviews": 2, "call": 2}
# Links that do something, bring a file or leave the site as the role sees it.
NOT_PAGES = {
    "text-size",
    "logout",
    "departments-export",
    "department-import-template",
    "document",
    "reviews-export",
    "reviews-batch-export",
    "proposals-batch-result",
    "proposals-export",
    "my-proposals-export",
    "attachment",
    "call-file",
    "proposal-pdf-file",
    "proposal-pdf-state",
    # The same for everybody: test_pages_before_the_login looks at them.
    "guides",
    "guide",
}
# Addresses that every role of the site can reach; a walk that misses one has gone wrong.
EXPECTED = {
    "legal": {"portal", "unit", "unit-edit", "reviews", "review", "proposals", "proposal", "proposal-act", "calls"},
    "agent": {"person", "unit", "unit-edit", "reviews", "review", "proposals", "proposal-act", "my-proposals"},
    "manager": {"person", "person-edit", "reviews", "review", "proposals", "proposal", "proposal-act"},
    "person": {"person", "person-edit", "my-proposals", "calls", "call", "messages"},
}


def walk(visitor, start="/"):
    """Follow every link, one page of a kind (a few where SEVERAL says so). `{kind: [paths]}` of what was looked at."""
    seen, queue, kinds = set(), [start], {}
    while queue:
        path = queue.pop(0)
        name, kind = _kind(path)
        looked_at = kinds.setdefault(kind, [])
        if name is None or path in seen or len(looked_at) >= SEVERAL.get(name, 1):
            continue
        seen.add(path)
        page = visitor.open(path)
        looked_at.append(path)
        assert visitor.moved() == []
        visitor.look()
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
        queue += [link.removeprefix(visitor.site).split("#")[0] for link in links if link.startswith(visitor.site)]
    return {kind: paths for kind, paths in kinds.items() if paths}


def _kind(path):
    """The name of the page, and what else makes another page of it: text arguments, and the tab."""
    parts = urlsplit(path)
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None, None
    if match.url_name in NOT_PAGES or "admin" in match.namespaces or match.url_name == "gallery":
        return None, None
    words = [value for value in match.kwargs.values() if isinstance(value, str)]
    return match.url_name, (match.url_name, *words, *parse_qs(parts.query).get("tab", ()))


@pytest.mark.parametrize(("entrance", "label"), ROLES, ids=[label for _, label in ROLES])
def test_every_page_of_a_role(visitor, entrance, label):
    someone = visitor(width=PHONE if label in ON_A_PHONE else DESKTOP).sign_in(entrance, label)

    names = {kind[0] for kind in walk(someone)}

    role = {"周例言": "agent", "陈样安": "manager", "重庆样例大学（虚构）": "legal", "沈样禾": "person"}.get(label)
    assert names >= EXPECTED.get(role, {"portal", "calls"})


def test_every_page_of_the_bureau(visitor):
    officer = visitor().sign_in_as_staff("kjj")

    names = {kind[0] for kind in walk(officer)}

    assert names >= {"portal", "proposals", "proposal", "proposal-act", "figures", "calls", "call"}


def test_pages_before_the_login(visitor):
    someone = visitor()
    for path in ("/login/", "/login/?expired=1", "/admin/login/", "/guide/", "/guide/legal/"):
        someone.open(path)
        assert someone.moved() == []
        someone.look()


def test_the_admin_keeps_to_the_content_security_policy(visitor):
    administrator = visitor().sign_in_as_staff("admin")
    page = administrator.open("/admin/")
    links = page.locator("#content-main th a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert len(links) >= 8
    for link in links:
        administrator.open(link)
        row = page.locator("#result_list th a").first
        if row.count():
            administrator.open(row.get_attribute("href"))


def test_the_instruments_see_what_is_wrong(visitor):
    someone = visitor()
    page = someone.open("/login/")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend',"
        " '<img src=/static/zhgg/mark.svg><table width=3000><tr><td>x</table><p style=color:red>x</p>')"
    )
    page.evaluate("document.body.firstElementChild.before(document.createElement('hr'))")
    flaws = " ".join(someone.flaws())
    assert "image-alt" in flaws
    assert "px too wide" in flaws
    assert "演示系统" in " ".join(someone.moved())
    assert any("Content Security Policy" in complaint for complaint in someone.complaints)
    someone.complaints.clear()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_forms_full_of_mistakes(visitor, width):
    unit = visitor(width=width).sign_in("legal", "重庆样例新材料科技有限公司（虚构）")
    person = visitor(width=width).sign_in("person", "章测如")
    manager = visitor(width=width).sign_in("person", "何拟川")

    for someone, path, button in ((unit, "/unit/edit/", "保存"), (person, "/person/edit/", "保存并提交审核")):
        page = someone.open(path)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("alert").first).to_contain_text("处需要修改")
        assert "处需要修改" in page.title()
        assert someone.flaws() == []

    page = manager.open("/projects/")
    page.get_by_role("link", name=re.compile("^处理")).first.click()
    page.get_by_role("link", name="退回", exact=True).click()
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("退回原因")
    assert manager.flaws() == []


def test_pages_that_say_no(visitor):
    person = visitor().sign_in("person", "沈样禾")
    for path, status in (("/nowhere/", 404), ("/projects/999999/", 404), ("/unit/", 403), ("/projects/", 403)):
        response = person.page.goto(path)
        assert response.status in (status, 404)
        assert person.flaws() == []
    # That the answer was no page is what the browser complains about, and nothing else.
    assert all("Failed to load resource" in complaint for complaint in person.complaints)
    person.complaints.clear()


def test_the_dialog_for_a_refusal_opens_takes_the_focus_and_closes_with_escape(visitor):
    manager = visitor().sign_in("person", "尤样岚")
    page = manager.open("/reviews/")
    page.get_by_role("link", name=re.compile("^审核\\s*潘试舒")).click()
    opener = page.get_by_role("link", name="审核不通过")
    opener.click()
    dialog = page.get_by_role("dialog", name="审核不通过")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("textbox")).to_be_focused()
    assert manager.flaws() == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_login_and_a_decision_with_the_keyboard_alone(visitor):
    # Nobody else's test decides about what waits for her: this one takes the first of it.
    manager = visitor()
    page = manager.page
    page.goto("/login/")
    _go_to(page, "个人用户")
    page.keyboard.press("Enter")
    page.wait_for_url("**/authorize**")
    _go_to(page, "尤样岚")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{manager.site}/**")
    _go_to(page, "项目管理系统")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/**")
    _go_to(page, "处理")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/projects/\d+/(\?.*)?$"))
    _go_to(page, "项目申报审核（单位）")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/pass-to-unit/"))
    _go_to(page, "项目申报审核（单位）")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("已通过部门审核")


def _go_to(page, words):
    """Press Tab until the focus is on a control that begins with `words`; the ring must be seen there."""
    for _ in range(80):
        page.keyboard.press("Tab")
        text, ring = page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.innerText ?? '', s.outlineStyle !== 'none' || s.boxShadow !== 'none']; })()"
        )
        if text.strip().startswith(words):
            assert ring, f"no focus ring on {words}"
            return
    raise AssertionError(f"the keyboard does not get to {words}")
