"""A form sent after the end of its session comes back filled in after the new login, and to nobody else."""

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import kept_forms, services, tasks
from accounts.models import AuditEvent, KeptForm, Session, User
from orgs.models import Unit
from tests.accounts.conftest import ID_NUMBERS, USCCS, Visitor, legal, person

pytestmark = pytest.mark.django_db

FORM = "/unit/edit/"
RESTORED = "登录超时前填写的内容已恢复，尚未保存"
KEPT = "您填写的内容已保留 1 小时"


class Browser(Visitor):
    """A visitor whose forms carry the CSRF token, as those of a real browser do."""

    def __init__(self, provider):
        super().__init__(provider)
        self.client = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})

    def open(self, path=FORM):
        """The page's form as it is sent back: its token and its version."""
        context = self.client.get(path).context
        return {"csrfmiddlewaretoken": str(context["csrf_token"]), "version": context["form"]["version"].value()}

    def send(self, form, path=FORM, **typed):
        return self.client.post(path, {**form, **typed})

    def page(self, path=FORM):
        return self.client.get(path).content.decode()


def idle(owner):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def absolute(owner):
    session = owner.client.session
    session["began"] -= 10 * 60 * 60
    session.save()


def row_gone(owner):
    Session.objects.all().delete()


def cookie_gone(owner):
    del owner.client.cookies["zhgg_session"]


def logged_out_in_another_tab(owner):
    token = owner.client.get("/messages/").context["csrf_token"]
    owner.client.post(reverse("logout"), {"csrfmiddlewaretoken": str(token)})
    assert owner.user is None


ENDS = [idle, absolute, row_gone, cookie_gone, logged_out_in_another_tab]


@pytest.fixture
def owner(provider):
    """Logged in as a unit, with a second unit and a person at the provider."""
    provider.accounts = [legal("u1"), legal("u2", uscc=USCCS[1], org_name="重庆样例研究院（虚构）"), person("p1")]
    owner = Browser(provider)
    owner.log_in("u1", "legal")
    return owner


def query_of(response):
    assert response.status_code == 302
    return {name: value for name, [value] in parse_qs(urlsplit(response["Location"]).query).items()}


@pytest.mark.parametrize("end", ENDS)
def test_the_form_comes_back_filled_in_and_is_not_saved_by_itself(owner, end):
    form, saved = owner.open(), AuditEvent.objects.filter(action="unit_saved").count()
    end(owner)

    answer = owner.send(form, address="重庆市渝北区样例路 1 号", bank_account="typed-by-hand")

    assert query_of(answer) == {"kept": "1", "next": FORM}
    assert answer["Location"].startswith("/login/?")
    assert KEPT in owner.page(answer["Location"])
    assert owner.log_in("u1", "legal", FORM)["Location"] == FORM
    page = owner.page()
    assert RESTORED in page
    assert "重庆市渝北区样例路 1 号" in page
    assert "typed-by-hand" in page
    unit = Unit.objects.get(uscc=USCCS[0])
    assert (unit.address, unit.version) == ("", 1)
    assert AuditEvent.objects.filter(action="unit_saved").count() == saved


def test_it_is_shown_again_until_it_is_sent_again(owner):
    form = owner.open()
    idle(owner)
    owner.send(form, address="重庆市渝北区样例路 1 号")
    owner.log_in("u1", "legal")
    assert RESTORED in owner.page()
    assert RESTORED in owner.page()

    assert owner.send(owner.open(), address="重庆市渝北区样例路 2 号").status_code == 200

    assert KeptForm.objects.count() == 0
    assert RESTORED not in owner.page()


def test_it_waits_for_an_hour_and_no_longer(owner):
    form = owner.open()
    idle(owner)
    owner.send(form, address="重庆市渝北区样例路 1 号")
    owner.log_in("u1", "legal")
    KeptForm.objects.update(kept_until=F("kept_until") - timedelta(minutes=59))
    assert RESTORED in owner.page()
    tasks.clear_away(0)
    assert KeptForm.objects.count() == 1
    KeptForm.objects.update(kept_until=F("kept_until") - timedelta(minutes=1))
    assert RESTORED not in owner.page()
    tasks.clear_away(0)
    assert KeptForm.objects.count() == 0


def test_it_can_be_given_up(owner):
    form = owner.open()
    idle(owner)
    owner.send(form, address="重庆市渝北区样例路 1 号")
    owner.log_in("u1", "legal")
    token = owner.open()["csrfmiddlewaretoken"]

    answer = owner.client.post("/session/discard/", {"csrfmiddlewaretoken": token, "next": f"{FORM}?a=1"})

    assert answer["Location"] == f"{FORM}?a=1"
    assert KeptForm.objects.count() == 0
    assert "样例路" not in owner.page()


def test_another_account_never_sees_it_and_the_right_one_still_does(owner):
    form = owner.open()
    idle(owner)
    owner.send(form, address="重庆市渝北区样例路 1 号")
    owner.log_in("u2", "legal", FORM)
    page = owner.page()
    assert RESTORED not in page
    assert "样例路" not in page

    owner.log_in("u1", "legal", FORM)
    assert "重庆市渝北区样例路 1 号" in owner.page()


def test_a_form_of_the_account_before_is_not_kept_for_the_one_that_is_logged_in_now(owner):
    form = owner.open()
    owner.log_in("u2", "legal")

    answer = owner.send(form, address="重庆市渝北区样例路 1 号")

    assert answer.status_code == 403
    assert KeptForm.objects.count() == 0
    assert "样例路" not in owner.page()


def test_a_form_from_before_another_login_of_the_same_account_comes_back_at_once(owner):
    """Two tabs, without script: the login in the other one has changed the token that this form carries."""
    form = owner.open()
    owner.log_in("u1", "legal")

    answer = owner.send(form, address="重庆市渝北区样例路 1 号")

    assert (answer.status_code, answer["Location"]) == (302, FORM)
    page = owner.page()
    assert RESTORED in page
    assert "重庆市渝北区样例路 1 号" in page
    assert Unit.objects.get(uscc=USCCS[0]).address == ""


def test_a_form_of_two_logins_ago_comes_back_too(owner):
    form = owner.open()
    owner.log_in("u1", "legal")
    owner.open()
    idle(owner)

    assert query_of(owner.send(form, address="重庆市渝北区样例路 1 号")) == {"kept": "1", "next": FORM}

    owner.log_in("u1", "legal")
    assert "重庆市渝北区样例路 1 号" in owner.page()


def test_nothing_is_kept_for_a_disabled_account(owner):
    form = owner.open()
    User.objects.update(is_active=False)

    assert query_of(owner.send(form, address="重庆市渝北区样例路 1 号")) == {"next": FORM}
    assert KeptForm.objects.count() == 0


def test_strangers_can_have_nothing_kept(owner, provider):
    form = owner.open()
    stranger = Browser(provider)
    stranger.client.get("/admin/login/")
    own = {"csrfmiddlewaretoken": stranger.client.cookies["zhgg_csrf"].value}

    assert query_of(stranger.send(own, address="写给别人的")) == {"next": FORM}
    assert stranger.send(form, address="写给别人的").status_code == 403
    stranger.client.cookies["zhgg_forms"] = "forged:1wXyZ:signature"
    assert query_of(stranger.send(own, address="写给别人的")) == {"next": FORM}

    assert KeptForm.objects.count() == 0


def test_another_site_cannot_put_anything_into_the_form(owner):
    """A forged POST has no token of this browser, whether somebody is logged in or not."""
    owner.open()
    forged = {"csrfmiddlewaretoken": "a" * 64, "address": "攻击者填写的"}
    assert owner.client.post(FORM, forged).status_code == 403
    assert owner.client.post(FORM, {"address": "攻击者填写的"}).status_code == 403
    idle(owner)
    assert owner.client.post(FORM, forged).status_code == 403
    assert KeptForm.objects.count() == 0


def test_a_token_of_the_attackers_own_browser_is_worth_nothing_here(owner, provider):
    attacker = Browser(provider)
    attacker.log_in("u2", "legal")
    token = attacker.open()["csrfmiddlewaretoken"]
    owner.open()
    idle(owner)

    assert owner.send({"csrfmiddlewaretoken": token}, address="攻击者填写的").status_code == 403
    assert KeptForm.objects.count() == 0


def test_what_is_kept_is_sealed(owner):
    form = owner.open()
    idle(owner)
    owner.send(form, legal_rep_id_number=ID_NUMBERS[2])
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(content, 'escape'), path FROM accounts_keptform")
        [(content, path)] = cursor.fetchall()
    assert path == FORM
    assert ID_NUMBERS[2] not in content
    assert ID_NUMBERS[2] in KeptForm.objects.get().content
    assert form["csrfmiddlewaretoken"] not in KeptForm.objects.get().content


def test_a_conflict_shows_itself_when_the_restored_form_is_sent(owner):
    form = owner.open()
    idle(owner)
    owner.send(form, address="重庆市渝北区样例路 1 号", version="1")
    Unit.objects.update(version=2)
    owner.log_in("u1", "legal")
    restored = owner.open()
    assert restored["version"] == "1"

    assert owner.send(restored, address="重庆市渝北区样例路 1 号").status_code == 409


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("字" * 100_000, "1"), ("字" * 333_400, "0"), ("a\0b", "1"), ("<b>&\"'", "1"), ("\U00020bb7", "1")],
    ids=["100,000 characters", "over 1 MB", "NUL", "markup", "rare"],
)
def test_anything_typed_is_kept_up_to_a_megabyte(owner, typed, kept):
    form = owner.open()
    idle(owner)

    answer = owner.send(form, address=typed)

    assert query_of(answer)["kept"] == kept
    assert KeptForm.objects.count() == int(kept)
    assert ("未能保留" in owner.page(answer["Location"])) == (kept == "0")
    owner.log_in("u1", "legal")
    response = owner.client.get(FORM)
    assert response.status_code == 200
    if kept == "1":
        assert response.context["form"]["address"].value() == typed


def test_every_value_of_a_field_is_kept_and_files_are_named_as_lost(owner, rf):
    form = owner.open()
    upload = SimpleUploadedFile("a.pdf", b"%PDF")
    idle(owner)
    owner.client.post(FORM, {**form, "row": ["1", "2"], "empty": "", "file": upload})
    owner.log_in("u1", "legal")

    response = owner.client.get(FORM)

    restored = response.wsgi_request.restored
    assert (restored.getlist("row"), restored.getlist("empty")) == (["1", "2"], [""])
    assert "csrfmiddlewaretoken" not in restored
    assert "文件不能保留，请重新选择" in response.content.decode()


def test_one_is_kept_a_page_and_twenty_a_user(owner):
    user = owner.user
    for number in range(25):
        services.keep_form(user=user, path=f"/{number}/", content="[]", had_files=False)
    services.keep_form(user=user, path="/24/", content='[["a", ["b"]]]', had_files=True)

    kept = KeptForm.objects.order_by("kept_at", "pk")

    assert {each.path for each in kept} == {f"/{number}/" for number in range(5, 25)}
    assert KeptForm.objects.get(path="/24/").content == '[["a", ["b"]]]'


def test_a_page_that_fails_keeps_what_was_kept(owner, rf):
    services.keep_form(user=owner.user, path="/x/", content="[]", had_files=False)
    request = rf.post("/x/")
    request.user, request.session = owner.user, owner.client.session

    kept_forms.restores_form(lambda request: HttpResponse(status=503))(request)
    assert KeptForm.objects.count() == 1
    kept_forms.restores_form(lambda request: HttpResponse())(request)
    assert KeptForm.objects.count() == 0


# Buttons that have no form of their own -------------------------------------------------------------------------------


def test_a_button_leads_back_to_the_page_it_stood_on(owner):
    token = {"csrfmiddlewaretoken": owner.open()["csrfmiddlewaretoken"]}
    idle(owner)
    came_from = {"referer": "http://127.0.0.1/calls/3/?a=1"}

    reveal = owner.client.post(reverse("reveal"), {**token, "what": "x:1", "next": "/unit/?b=2"}, headers=came_from)
    read = owner.client.post(reverse("messages-read"), token, headers=came_from)
    foreign = owner.client.post(reverse("messages-read"), token, headers={"referer": "https://evil.example/x"})

    assert query_of(reveal) == {"next": "/unit/?b=2"}
    assert query_of(read) == {"next": "/calls/3/?a=1"}
    assert foreign["Location"] == reverse("login")
    assert KeptForm.objects.count() == 0


def test_logging_out_without_a_session_leads_to_the_login_page(owner):
    token = owner.open()["csrfmiddlewaretoken"]
    idle(owner)
    assert owner.client.post(reverse("logout"), {"csrfmiddlewaretoken": token})["Location"] == reverse("login")


def test_the_form_page_says_without_script_until_when_it_can_be_sent(owner):
    session = owner.client.session
    session["began"] = int(time.time()) - 10 * 60 * 60 + 600
    session.save()
    page = owner.page()
    ends = {f"{timezone.localtime(timezone.now() + timedelta(seconds=seconds)):%H:%M}" for seconds in (598, 600)}
    assert any(f'without-js">登录保持到 {end}。' in page for end in ends)
    assert "登录保持到" not in owner.page("/unit/")


def test_the_cookie_that_remembers_logins_is_out_of_reach(owner):
    owner.open()
    cookie = owner.client.cookies["zhgg_forms"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
    assert owner.client.cookies["zhgg_csrf"].value not in cookie.value
    before = cookie.value
    owner.open()
    assert owner.client.cookies["zhgg_forms"].value == before
