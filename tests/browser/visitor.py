"""One person at one browser: logs in by clicking, and notes everything the browser complains about."""

import re
from concurrent.futures import ThreadPoolExecutor

from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from projects.demo.cast import STAFF

DESKTOP, PHONE = 1440, 390
HEIGHTS = {DESKTOP: 900, PHONE: 844}
ENTRANCES = {"legal": "法人用户", "person": "个人用户"}
AXE_SCRIPT = Axe().axe_script
PASSWORDS = {username: password for username, _, _, _, password in STAFF}
# What a page is allowed to be narrower than, with the scroll bar of an inner box aside.
_RUN_AXE = """contrast => axe.run(document, {
    resultTypes: ['violations'], rules: {'color-contrast': {enabled: contrast}},
})"""
# After the next frame, so that what the last script changed has been drawn.
_MOVED = """() => new Promise(done => requestAnimationFrame(() => setTimeout(() => {
    const noted = new PerformanceObserver(() => {});
    noted.observe({type: 'layout-shift', buffered: true});
    done(noted.takeRecords().filter(each => !each.hadRecentInput).flatMap(each => each.sources.map(
        ({node}) => (node?.outerHTML ?? '?').slice(0, 100))));
})))"""
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Visitor:
    """A browser context with one page. `page` is Playwright's; the methods do what people do."""

    def __init__(self, browser, site, *, width=DESKTOP, script=True):
        self.site, self.script = site, script
        self.context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": 900 if width >= 600 else 844},
            java_script_enabled=script,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=width < 600,
            # axe reads colours at one moment, which must not lie in the middle of a change of colour.
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(15_000)
        self.complaints = []
        self.page = self.context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _listen(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text[:200]}")

    def close(self):
        """Close the browser context with everything in it."""
        self.context.close()

    # Logging in and out -----------------------------------------------------------------------------------------------

    def sign_in(self, entrance, label):
        """Through the site's login page and the stand-in, by clicking what people click."""
        page = self.page
        page.goto("/login/")
        page.get_by_role("link", name=ENTRANCES[entrance]).click()
        page.get_by_role("button", name=re.compile(rf"^{re.escape(label)}")).click()
        page.wait_for_url(f"{self.site}/**")
        return self

    def sign_in_as_staff(self, username):
        """Password and the present one-time code."""
        page = self.page
        page.goto("/admin/login/")
        page.get_by_label("登录名").fill(username)
        page.get_by_label("密码").fill(PASSWORDS[username])
        page.get_by_label("动态口令").fill(one_time_code(username))
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda url: "/admin/login/" not in url)
        return self

    def sign_out(self):
        """By the account menu."""
        self.page.locator("details.menu > summary").click()
        self.page.get_by_role("button", name="退出登录").click()
        self.page.wait_for_url(f"{self.site}/login/**")

    # Looking ----------------------------------------------------------------------------------------------------------

    def open(self, path):
        """Go to a path of the site; the answer must be a page."""
        response = self.page.goto(path)
        assert response.status == 200, f"{path} answered {response.status}"
        return self.page

    def moved(self):
        """What has changed its place since the present page was first drawn, as HTML."""
        return [f"{self.page.url}: {markup}" for markup in self.page.evaluate(_MOVED)]

    def flaws(self, *, contrast=True):
        """What axe and the ruler find on the present page, as sentences. The colours take axe nine tenths of its
        time; without `contrast` it leaves them out."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = [
            f"{violation['id']}: {node['target']} {node['html'][:120]}"
            for violation in self.page.evaluate(_RUN_AXE, contrast)["violations"]
            for node in violation["nodes"]
        ]
        overflow = self.page.evaluate(_OVERFLOW)
        return found + ([f"the page is {overflow} px too wide"] if overflow > 0 else [])

    def look(self):
        """The present page has no flaw, neither at a desk nor on a phone; its colours are looked at in the visitor's
        own width, for they are the same in the other."""
        before = self.page.viewport_size
        found = []
        for width in (before["width"], DESKTOP + PHONE - before["width"]):
            self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            flaws = self.flaws(contrast=width == before["width"])
            found += [f"{self.page.url} at {width}: {flaw}" for flaw in flaws]
        self.page.set_viewport_size(before)
        assert found == []


def one_time_code(username):
    """The code that the officer's authenticator would show now. A code works once; a spent one is made usable again."""
    device = TOTPDevice.objects.get(user__username=username)
    # In a thread of its own, and so committed: the test's transaction is not seen by the site.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_forget_last_use, device.pk).result()
    return f"{TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift).token():06d}"


def _forget_last_use(pk):
    TOTPDevice.objects.filter(pk=pk).update(last_t=-1)
    connections.close_all()
