"""An 申报书 of all tabs is filled in by typing and clicking: with script and without, on the phone, in two windows,
without a network and without a session."""

import re

import pytest
from playwright.sync_api import expect

from projects.enums import Tab
from projects.models import Call
from tests.browser.filling import fill_in
from tests.browser.visitor import DESKTOP, PHONE
from tests.full_proposal import FULL, make_full_call

pytestmark = pytest.mark.django_db
NAME = "浏览器填写全部页签的样例专项"
# The script waits three seconds after the last key.
SAVED = re.compile(r"已于 \d\d:\d\d 自动保存")
SOON = 12_000


@pytest.fixture(scope="package")
def call_path(site, django_db_blocker):
    """The address of a call that asks for every tab; other tests of the package see it too."""
    with django_db_blocker.unblock():
        call = Call.objects.filter(name=NAME).first() or make_full_call(name=NAME)
        call.directions, call.categories = ["1.1 人工智能"], ["一般项目", "重点项目"]
        call.save()
        return call.get_absolute_url()


def begin(someone, call_path):
    """【我要申报】; `tab → address` of the new draft."""
    page = someone.open(call_path)
    page.get_by_role("button", name="我要申报").click()
    page.wait_for_url(re.compile("/edit/basics/"))
    return {tab: page.url.removeprefix(someone.site).replace("basics", tab) for tab in FULL}


def says(page, words):
    expect(page.locator(".savestate")).to_have_text(words, timeout=SOON)


def expected(someone, words):
    """The browser complains of every answer that is no success; these were meant."""
    someone.complaints[:] = [each for each in someone.complaints if words not in each]


@pytest.mark.parametrize(
    ("script", "width", "who"),
    [(True, DESKTOP, "刘试"), (False, DESKTOP, "孙样棋"), (True, PHONE, "吴例")],
    ids=["script", "no-script", "phone"],
)
def test_the_whole_way_of_the_pi(visitor, call_path, script, width, who):
    pi = visitor(script=script, width=width).sign_in("person", who)
    begin(pi, call_path)
    page, title = pi.page, f"{who}填写全部页签的申报书"

    for tab, values in FULL.items():
        page.wait_for_url(re.compile(f"/edit/{tab}/"))
        changes = {"title": title} if tab == Tab.BASICS else {}
        fill_in(page, {**values, **changes})
        if tab == Tab.BUDGET:
            break
        page.get_by_role("button", name="保存，下一步").click()
    if script:
        expect(page.locator('[data-sum="both_"]')).to_have_text("160.00")
        expect(page.locator('[data-balance="fiscal"]')).to_have_text("相等")
        expect(page.locator('[data-cap="fiscal"]')).to_have_text("上限 18.60，还可填 0.60")
    page.get_by_role("button", name="保存", exact=True).last.click()
    expect(page.get_by_role("status").first).to_contain_text("经费预算已保存")
    # The server's sums are those of the script.
    expect(page.locator('[data-sum="both_"]')).to_have_text("160.00")
    expect(page.locator('[data-balance="fiscal"]')).to_have_text("相等")
    expect(page.locator('[data-cap="fiscal"]')).to_have_text("上限 18.60，还可填 0.60")
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_text("检查通过，可以提交。")).to_be_visible()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator("h1")).to_contain_text("部门审核")
    expect(page.locator("h1")).to_contain_text(title)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_tab_empty_with_rows_and_full_of_mistakes(visitor, call_path, width):
    pi = visitor(width=width).sign_in("person", "褚样锋")
    paths = begin(pi, call_path)
    for path in paths.values():
        page = pi.open(path)
        assert pi.flaws() == []
        if (adding := page.get_by_role("button", name=re.compile("^添加"))).count():
            adding.click()
        for control in page.locator("#tab-form .input, #tab-form .textarea").all():
            if control.get_attribute("type") != "month":
                control.fill("\u202e错" * 3)
        page.get_by_role("button", name="保存", exact=True).last.click()
        expect(page.get_by_role("alert").first).to_contain_text("处需要修改")
        assert pi.flaws() == []
        for link in page.locator("#form-errors a").all():
            assert page.locator(link.get_attribute("href").replace(".", "\\.")).count() == 1
    path = pi.page.url.removeprefix(pi.site).replace("edit/budget/", "check/")
    pi.page.evaluate("document.getElementById('tab-form').dispatchEvent(new Event('saved'))")
    pi.open(path)
    assert pi.flaws() == []


def test_rows_come_and_go_with_the_keyboard(visitor, call_path):
    pi = visitor().sign_in("person", "卫例刚")
    page = pi.open(begin(pi, call_path)[Tab.SCHEDULE])
    adding = page.get_by_role("button", name="添加阶段")

    adding.press("Enter")
    expect(page.locator('[name="stages-1-starts_on"]')).to_be_focused()
    page.locator('[name="stages-1-goal"]').fill("第一个阶段的目标")
    adding.press("Enter")
    page.locator('[name="stages-2-goal"]').fill("第二个阶段的目标")
    page.get_by_role("button", name=re.compile("删除 *阶段 1")).press("Enter")
    undo = page.get_by_role("button", name="撤销")
    expect(undo).to_be_focused()
    expect(page.locator(".row legend")).to_have_text(["阶段 1"])
    undo.press("Enter")
    expect(page.locator(".row legend")).to_have_text(["阶段 1", "阶段 2"])
    expect(page.locator('[name="stages-1-goal"]')).to_have_value("第一个阶段的目标")
    expect(page.locator('[name="stages-1-starts_on"]')).to_be_focused()
    adding.press("Enter")
    page.get_by_role("button", name=re.compile("删除 *阶段 3")).press("Enter")
    expect(page.locator(".undo")).to_have_count(0)
    expect(adding).to_be_focused()
    # Enter in a field saves; it neither adds nor removes.
    page.locator('[name="stages-2-responsible"]').press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("进度安排已保存")
    expect(page.locator(".row legend")).to_have_text(["阶段 1", "阶段 2"])


def test_what_is_typed_saves_itself_and_says_so(visitor, call_path):
    pi = visitor().sign_in("person", "冯试铭")
    page = pi.open(begin(pi, call_path)[Tab.TEAM])

    page.locator('[name="achievements"]').fill("第一次填写的业绩")
    says(page, SAVED)
    page.get_by_role("button", name="添加成员").click()
    page.locator('[name="members-1-name"]').fill("样例成员")
    page.locator('[name="pi_months"]').fill("十二")
    says(page, "没有保存：有 1 处需要修改")
    expect(page.locator("#id_pi_months_error")).to_contain_text("应为 1 至 12 的整数，请核对")
    expect(page.locator('[name="pi_months"]')).to_be_focused()
    assert pi.flaws() == []
    page.locator('[name="pi_months"]').fill("12")
    says(page, SAVED)
    expect(page.locator("#id_pi_months_error")).to_have_count(0)

    # Nothing is unsaved, so nothing asks; and everything is there.
    pi.open(page.url.removeprefix(pi.site))
    expect(page.locator('[name="achievements"]')).to_have_value("第一次填写的业绩")
    expect(page.locator('[name="members-1-name"]')).to_have_value("样例成员")
    expect(page.locator('[name="pi_months"]')).to_have_value("12")
    expected(pi, "422")


def test_without_network_and_without_session_everything_stays(visitor, call_path):
    pi = visitor().sign_in("person", "蒋测雯")
    page = pi.open(begin(pi, call_path)[Tab.RESEARCH])

    pi.context.set_offline(True)
    page.locator('[name="route"]').fill("断网时填写的技术路线")
    says(page, "没有保存成功，请检查网络后点【保存】")
    page.locator('[name="route"]').fill("断网时填写的技术路线，又补了一句")
    pi.context.set_offline(False)
    says(page, SAVED)
    cookies = pi.context.cookies()
    pi.context.clear_cookies(name=re.compile("session"))
    page.locator('[name="route"]').fill("登录过期后填写的技术路线")
    says(page, "登录已过期，没有保存。内容都还在本页，请重新登录后点【保存】")
    expect(page.locator('[name="route"]')).to_have_value("登录过期后填写的技术路线")
    pi.context.add_cookies(cookies)
    page.get_by_role("button", name="保存", exact=True).last.click()
    expect(page.get_by_role("status").first).to_contain_text("研究内容已保存")
    expect(page.locator('[name="route"]')).to_have_value("登录过期后填写的技术路线")
    expected(pi, "ERR_INTERNET_DISCONNECTED")


def test_the_second_window_is_shown_the_difference_and_decides(visitor, call_path):
    pi = visitor().sign_in("person", "秦样文")
    path = begin(pi, call_path)[Tab.TARGETS]
    first = pi.open(path)
    first.get_by_role("button", name="添加指标").click()
    first.locator('[name="targets-1-name"]').fill("定位误差")
    says(first, SAVED)
    second = pi.context.new_page()
    second.goto(path)
    second.locator('[name="targets-1-name"]').fill("定位精度")
    says(second, SAVED)

    first.locator('[name="targets-1-unit"]').fill("cm")
    says(first, re.compile("没有保存：.*已在另一个窗口保存过。请点【保存】，比较后再选定"))
    first.get_by_role("button", name="保存", exact=True).last.click()
    expect(first.get_by_role("alert").first).to_contain_text("在另一个窗口保存过")
    expect(first.locator(".diff dl")).to_contain_text("指标 1 指标名称")
    expect(first.locator(".diff dl")).to_contain_text("定位精度")
    assert pi.flaws() == []
    first.get_by_role("button", name="以我填写的为准").click()
    expect(first.get_by_role("status").first).to_contain_text("考核指标已保存")

    second.locator('[name="targets-1-name"]').fill("又改的名称")
    says(second, re.compile("没有保存：.*已在另一个窗口保存过"))
    second.get_by_role("button", name="保存", exact=True).last.click()
    second.get_by_role("link", name="采用已保存的").click()
    expect(second.locator('[name="targets-1-name"]')).to_have_value("定位误差")
    expect(second.locator('[name="targets-1-unit"]')).to_have_value("cm")
    expected(pi, "409")


def test_saving_waits_for_the_automatic_save_under_way(visitor, call_path):
    pi = visitor().sign_in("person", "吕测航")
    page = pi.open(begin(pi, call_path)[Tab.RESEARCH])
    requests = []
    page.on("request", lambda request: requests.append(request.method) if request.method == "POST" else None)

    page.route("**/edit/research/", lambda route: (page.wait_for_timeout(1500), route.continue_()))
    page.locator('[name="risks"]').fill("先自动保存的风险")
    page.wait_for_timeout(3600)
    page.locator('[name="risks"]').fill("随后点保存的风险")
    page.get_by_role("button", name="保存", exact=True).last.click()
    expect(page.get_by_role("status").first).to_contain_text("研究内容已保存", timeout=SOON)
    expect(page.locator('[name="risks"]')).to_have_value("随后点保存的风险")
    assert requests == ["POST", "POST"]
