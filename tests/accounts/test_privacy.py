"""The 个人信息保护告知: asked for once a version, from wherever somebody was going, and nothing is lost over it."""

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse

from accounts import privacy
from accounts.models import AuditEvent, PrivacyConfirmation, User
from tests import factories as make

pytestmark = pytest.mark.django_db
CONFIRM = "/privacy/confirm/"


def newcomer():
    person = make.make_person(user=make.make_user(privacy_version=0))
    return person.user


def confirm(client, version=privacy.VERSION, **fields):
    return client.post(CONFIRM, {"version": str(version), **fields})


def test_the_first_login_leads_to_the_notice_and_on_to_the_page_that_was_asked_for(visitor):
    assert visitor.log_in("p1", "person", "/person/?a=1", reads_privacy=False)["Location"] == "/person/?a=1"

    answer = visitor.client.get("/person/?a=1")
    assert (answer.status_code, answer["Location"]) == (302, "/privacy/confirm/?next=%2Fperson%2F%3Fa%3D1")
    page = visitor.client.get(answer["Location"])
    assert "首次登录，请先阅读" in page.content.decode()
    assert page.context["next_path"] == "/person/?a=1"
    assert visitor.client.get("/")["Location"] == "/privacy/confirm/?next=%2F"

    assert confirm(visitor.client, next="/person/?a=1")["Location"] == "/person/?a=1"
    assert visitor.client.get("/person/?a=1").status_code == 200
    [kept] = PrivacyConfirmation.objects.all()
    assert (kept.user, kept.version) == (visitor.user, privacy.VERSION)
    [line] = AuditEvent.objects.filter(action="privacy_confirmed")
    assert (line.user_id, line.detail, line.address) == (visitor.user.pk, {"version": privacy.VERSION}, "127.0.0.1")
    # The next login asks nothing.
    visitor.log_in("p1", "person", reads_privacy=False)
    assert visitor.client.get("/").status_code == 200


def test_a_unit_is_asked_as_well_and_staff_are_not(login):
    unit = make.make_unit()
    User.objects.filter(pk=unit.account.pk).update(privacy_version=0)
    officer = make.make_officer()
    assert officer.privacy_version == 0

    assert login(unit.account).get("/unit/")["Location"] == "/privacy/confirm/?next=%2Funit%2F"
    assert login(officer).get("/").status_code == 200
    assert login(officer).get(CONFIRM)["Location"] == "/"


def test_until_then_only_the_notice_the_way_out_and_public_pages_answer(login):
    client = login(newcomer())

    answers = {path: client.get(path).status_code for path in ("/privacy/", CONFIRM, "/announcements/", "/session/")}
    assert set(answers.values()) == {200}
    for path in ("/", "/messages/", "/person/edit/", "/projects/"):
        assert client.get(path)["Location"].startswith(CONFIRM), path
    assert client.post("/messages/read/")["Location"] == CONFIRM
    client.post("/logout/")
    assert "_auth_user_id" not in client.session
    assert PrivacyConfirmation.objects.count() == 0


def test_anybody_reads_it_at_any_time(client, login):
    for someone in (client, login(make.make_officer()), login(make.make_user())):
        page = someone.get("/privacy/", headers={"host": "127.0.0.1"})
        assert page.status_code == 200
        assert "谁能看到" in page.content.decode()
    assert 'href="/privacy/"' in login(make.make_user()).get("/messages/").content.decode()
    assert 'href="/privacy/"' in client.get("/login/", headers={"host": "127.0.0.1"}).content.decode()


def test_a_new_version_asks_again_and_what_was_being_typed_comes_back(login, monkeypatch):
    person = make.make_person()
    client = login(person.user)
    client.get("/person/edit/")
    monkeypatch.setattr(privacy, "VERSION", privacy.VERSION + 1)

    answer = client.post("/person/edit/", {"major": "刚刚填写的专业"})
    assert answer["Location"] == "/privacy/confirm/?next=%2Fperson%2Fedit%2F"
    assert f"您此前确认的是第 {privacy.VERSION - 1} 版" in client.get(answer["Location"]).content.decode()
    person.refresh_from_db()
    assert person.major == ""

    assert confirm(client, privacy.VERSION, next="/person/edit/")["Location"] == "/person/edit/"
    page = client.get("/person/edit/").content.decode()
    assert "刚刚填写的专业" in page
    # It waits for a check, and the page says why it is there.
    assert "已恢复，尚未保存" in page


@pytest.mark.parametrize("version", [str(privacy.VERSION - 1), "", "1" * 100, "\0", "一"])
def test_only_the_present_version_can_be_confirmed(login, version):
    user = newcomer()
    answer = confirm(login(user), version)

    assert answer.status_code == 200
    assert "告知内容刚刚有了更新" in answer.content.decode()
    assert PrivacyConfirmation.objects.count() == 0
    assert User.objects.get(pk=user.pk).privacy_version == 0


def test_confirmed_twice_is_confirmed_once(login):
    user = newcomer()
    first, second = login(user), login(user)
    confirm(first)
    PrivacyConfirmation.objects.get()
    # The other window still shows the question.
    User.objects.filter(pk=user.pk).update(privacy_version=0)
    confirm(second)

    assert PrivacyConfirmation.objects.filter(user=user).count() == 1
    assert User.objects.get(pk=user.pk).privacy_version == privacy.VERSION
    assert AuditEvent.objects.filter(action="privacy_confirmed").count() == 1


def test_it_leads_nowhere_but_to_pages_of_this_site(login):
    answer = confirm(login(newcomer()), next="https://evil.example/")

    assert answer["Location"] == reverse("portal")


def test_it_takes_no_query_of_its_own(login, django_assert_num_queries):
    asked, confirmed = newcomer(), make.make_user()
    with django_assert_num_queries(0):
        assert privacy.must_ask(asked)
        assert not privacy.must_ask(confirmed)


def test_a_confirmation_is_never_changed():
    confirmation = PrivacyConfirmation.objects.create(user=make.make_user(), version=1)

    with pytest.raises(ProgrammingError, match="Cannot update or delete"), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_privacyconfirmation SET version = 2 WHERE id = %s", [confirmation.pk])


def test_a_form_sent_after_the_end_of_the_session_survives_the_notice_too(visitor):
    visitor.log_in("p1", "person")
    visitor.client.get("/person/edit/")
    token = visitor.client.cookies["zhgg_csrf"].value
    cookies = visitor.client.cookies
    visitor.client.session.flush()
    User.objects.update(privacy_version=0)

    gone = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    gone.cookies = cookies
    answer = gone.post("/person/edit/", {"major": "会话结束后提交", "csrfmiddlewaretoken": token})
    assert answer["Location"] == "/login/?kept=1&next=%2Fperson%2Fedit%2F"
    visitor.log_in("p1", "person", "/person/edit/", reads_privacy=False)
    assert visitor.client.get("/person/edit/")["Location"].startswith(CONFIRM)
    confirm(visitor.client, next="/person/edit/")

    assert "会话结束后提交" in visitor.client.get("/person/edit/").content.decode()
