"""Staff: password and second factor at /admin/login/, and nowhere else."""

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from accounts import services
from accounts.models import AuditEvent, User
from accounts.staff import StaffBackend, is_verified_staff

pytestmark = pytest.mark.django_db

SENTENCE = "登录名、密码或动态口令不正确"
PASSWORD = "long-enough-for-a-test-1"
LOGIN = "/admin/login/"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def code_of(device):
    """The code that the phone shows now."""
    device.refresh_from_db()
    return f"{TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift).token():06d}"


@pytest.fixture
def officer():
    user, _, device = services.create_staff(username="li.qiang", name="李强", password=PASSWORD)
    user.device = device
    return user


@pytest.fixture
def administrator():
    user, _, device = services.create_staff(username="root", name="管理员", superuser=True, password=PASSWORD)
    user.device = device
    return user


@pytest.fixture
def client():
    return Client(headers={"host": "127.0.0.1"})


def log_in(client, user, *, password=PASSWORD, token=None, path="", **more):
    data = {"username": user.username, "password": password, "token": token or code_of(user.device), **more}
    return client.post(LOGIN + path, data)


def logged_in_user(client):
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


def test_an_officer_logs_in_with_both_factors_and_goes_to_the_portal(client, officer):
    response = log_in(client, officer)
    assert (response.status_code, response["Location"]) == (302, reverse("portal"))
    assert logged_in_user(client) == officer
    assert client.session["otp_device_id"] == officer.device.persistent_id
    event = AuditEvent.objects.get(action="login")
    assert (event.user, event.detail, event.address) == (officer, {"entrance": "科技局工作人员"}, "127.0.0.1")


def test_next_is_honoured_for_own_paths(client, officer):
    assert log_in(client, officer, next="/projects/")["Location"] == "/projects/"


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/admin/login/?next=/"])
def test_next_leads_nowhere_else(client, officer, path):
    assert log_in(client, officer, next=path)["Location"] == reverse("portal")


def test_an_officer_never_reaches_the_admin(client, officer):
    assert log_in(client, officer, next="/admin/")["Location"] == reverse("portal")
    for path in ("/admin/", "/admin/accounts/user/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, f"{LOGIN}?next={path}")
    assert client.get(f"{LOGIN}?next=/admin/")["Location"] == reverse("portal")


def test_an_administrator_reaches_the_admin(client, administrator):
    assert log_in(client, administrator, next="/admin/")["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_without_the_second_factor_the_admin_is_closed(client, administrator):
    client.force_login(administrator, backend="accounts.staff.StaffBackend")
    assert client.get("/admin/")["Location"] == f"{LOGIN}?next=/admin/"
    assert not is_verified_staff(administrator)


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"token": "000000"}, {"token": "12345"}, {"token": "六六六六六六"}]
)
def test_both_factors_are_needed_and_the_answer_helps_nobody(client, officer, wrong):
    response = log_in(client, officer, **wrong)
    assert response.status_code == 200
    assert logged_in_user(client) is None
    event = AuditEvent.objects.get(action="login_refused")
    assert (event.ok, event.object_id, event.user) == (False, str(officer.pk), None)


def test_a_wrong_password_a_wrong_code_and_an_unknown_name_get_the_same_answer(client, officer):
    for data in (
        {"username": officer.username, "password": "wrong", "token": code_of(officer.device)},
        {"username": officer.username, "password": PASSWORD, "token": "000000"},
        {"username": "nobody", "password": PASSWORD, "token": "000000"},
    ):
        page = client.post(LOGIN, data).content.decode()
        assert SENTENCE in page
        assert PASSWORD not in page


def test_a_code_is_accepted_once(officer):
    code = code_of(officer.device)
    assert log_in(Client(headers={"host": "127.0.0.1"}), officer, token=code).status_code == 302
    again = Client(headers={"host": "127.0.0.1"})
    response = log_in(again, officer, token=code)
    assert response.status_code == 200
    assert SENTENCE in response.content.decode()
    assert logged_in_user(again) is None
    assert [event.action for event in AuditEvent.objects.order_by("pk")][-2:] == ["login", "login_refused"]


@pytest.mark.parametrize("username", ["a\0b", "x" * 5000, "\u2028", "", "王" * 65])
def test_a_strange_name_is_no_fault(client, username):
    response = client.post(LOGIN, {"username": username, "password": "x", "token": "123456"})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert logged_in_user(client) is None
    assert not AuditEvent.objects.filter(action="login").exists()
    assert all(event.object_id == "" for event in AuditEvent.objects.filter(action="login_refused"))


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"token": "000000"}], ids=["password", "code"])
def test_five_failures_lock_the_name_for_fifteen_minutes(client, officer, wrong):
    for _ in range(4):
        assert log_in(client, officer, **wrong).status_code == 200
    response = log_in(client, officer, **wrong)
    assert response.status_code == 429
    page = response.content.decode()
    assert "15 分钟" in page
    assert LOGIN in page
    assert "023-67035473" in page
    officer.device.throttle_reset()
    assert log_in(client, officer).status_code == 429
    assert logged_in_user(client) is None
    refused = AuditEvent.objects.filter(action="login_refused", ok=False, object_id=str(officer.pk))
    assert refused.count() == 6
    assert not AuditEvent.objects.filter(action="login").exists()


def test_failures_of_one_do_not_lock_another_nor_the_other_entrances(client, officer, administrator, visitor):
    for _ in range(6):
        log_in(client, officer, password="wrong")
    assert log_in(Client(headers={"host": "127.0.0.1"}), administrator).status_code == 302
    assert visitor.log_in("p1", "person").status_code == 302
    assert visitor.client.get(reverse("login-legal")).status_code == 302


def test_many_logins_from_ykb_never_lock_anybody(visitor):
    visitor.provider.faults["id_token"] = "alg_none"
    for _ in range(7):
        assert visitor.log_in("p1", "person").status_code == 403
    assert visitor.user is None
    visitor.provider.faults = {}
    assert visitor.log_in("p1", "person").status_code == 302
    assert visitor.user == User.objects.get()
    assert AuditEvent.objects.filter(action="login_refused", ok=False).count() == 7


def test_ykb_accounts_cannot_enter_here(client, visitor, rf):
    visitor.log_in("p1", "person")
    user = visitor.user
    # Even with a password in the column, which the database refuses as well.
    user.set_password(PASSWORD)
    assert StaffBackend().user_can_authenticate(user) is False
    for username in (user.username, "p1", "王小明"):
        response = client.post(LOGIN, {"username": username, "password": PASSWORD, "token": "123456"})
        assert response.status_code == 200
        assert SENTENCE in response.content.decode()
        assert logged_in_user(client) is None
    assert visitor.client.get("/admin/")["Location"] == f"{LOGIN}?next=/admin/"


def test_a_forged_session_of_a_ykb_account_for_the_staff_backend_is_nobody(client, visitor):
    visitor.log_in("p1", "person")
    client.force_login(visitor.user, backend="accounts.staff.StaffBackend")
    assert client.get(reverse("messages"))["Location"] == f"{reverse('login')}?next=/messages/"


def test_staff_passwords_open_nothing_else(officer, rf):
    request = rf.post("/login/", {"username": officer.username, "password": PASSWORD})
    assert authenticate(request, username=officer.username, password=PASSWORD) == officer
    backend = authenticate(request, username=officer.username, password=PASSWORD).backend
    assert backend == "accounts.staff.StaffBackend"


def test_a_disabled_officer_is_out_at_once(client, officer):
    log_in(client, officer)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert client.get(reverse("messages"))["Location"] == f"{reverse('login')}?next=/messages/"
    elsewhere = Client(headers={"host": "127.0.0.1"})
    assert SENTENCE in log_in(elsewhere, officer).content.decode()
    assert logged_in_user(elsewhere) is None
    assert AuditEvent.objects.filter(action="login_refused", object_id=str(officer.pk)).count() == 1


def test_a_lost_device_takes_the_rights_away(client, administrator):
    log_in(client, administrator)
    administrator.device.delete()
    assert client.get("/admin/")["Location"] == f"{LOGIN}?next=/admin/"
    assert client.get(reverse("bureau-units")).status_code == 404


def test_the_login_makes_a_new_session(client, officer):
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies["zhgg_session"] = session.session_key
    log_in(client, officer)
    assert client.session.session_key != session.session_key
    assert "planted" not in client.session


def test_logout_of_staff_leads_back_to_their_login(client, administrator):
    log_in(client, administrator)
    assert client.post("/admin/logout/")["Location"] == LOGIN
    assert logged_in_user(client) is None
    assert AuditEvent.objects.filter(action="logout", user=administrator).exists()


def test_the_admin_changes_only_whether_an_account_is_enabled(client, administrator, visitor):
    visitor.log_in("p1", "person")
    user = visitor.user
    log_in(client, administrator)
    page = f"/admin/accounts/user/{user.pk}/change/"
    assert client.get(page).status_code == 200
    forged = {"kind": "staff", "is_superuser": "on", "is_staff": "on", "uscc": "X", "name": "别人", "groups": ["1"]}
    assert client.post(page, forged).status_code == 302
    after = User.objects.get(pk=user.pk)
    assert (after.kind, after.is_superuser, after.is_staff, after.name) == ("person", False, False, "王小明")
    assert after.is_active is False
    assert AuditEvent.objects.get(action="account_changed").detail == {"changed": ["is_active"], "is_active": False}


def test_a_new_password_is_written_down_and_ends_other_sessions(client, administrator):
    log_in(client, administrator)
    elsewhere = Client(headers={"host": "127.0.0.1"})
    elsewhere.force_login(administrator, backend="accounts.staff.StaffBackend")
    new = "another-long-password-2"
    wrong = {"old_password": "x", "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", wrong).status_code == 200
    assert not AuditEvent.objects.filter(action="password_changed").exists()

    answer = client.post("/admin/password_change/", {**wrong, "old_password": PASSWORD})

    assert answer["Location"] == "/admin/password_change/done/"
    event = AuditEvent.objects.get(action="password_changed")
    assert (event.user, event.object_id, event.detail) == (administrator, str(administrator.pk), {})
    assert User.objects.get().check_password(new)
    assert client.get("/admin/").status_code == 200
    assert elsewhere.get(reverse("messages"))["Location"] == f"{reverse('login')}?next=/messages/"


def test_a_change_of_groups_is_written_down_with_the_groups(client, administrator, officer):
    log_in(client, administrator)
    form = {"name": officer.name, "email": "", "is_active": "on"}
    assert client.post(f"/admin/accounts/user/{officer.pk}/change/", {**form, "groups": []}).status_code == 302
    group = Group.objects.get(name="科技局")
    assert client.post(f"/admin/accounts/user/{officer.pk}/change/", {**form, "groups": [group.pk]}).status_code == 302
    events = AuditEvent.objects.filter(action="account_changed").order_by("pk")
    assert [event.detail for event in events] == [
        {"changed": ["groups"], "is_active": True, "groups": []},
        {"changed": ["groups"], "is_active": True, "groups": ["科技局"]},
    ]


@pytest.mark.parametrize("model", ["user", "auditevent", "identityconflict", "notice"])
def test_lists_of_the_admin_open_and_nothing_can_be_added(client, administrator, model):
    log_in(client, administrator)
    assert client.get(f"/admin/accounts/{model}/?q=王").status_code == 200
    before = apps.get_model("accounts", model).objects.count()
    assert client.get(f"/admin/accounts/{model}/add/").status_code == 403
    assert client.post(f"/admin/accounts/{model}/add/", {"name": "王"}).status_code == 403
    assert apps.get_model("accounts", model).objects.count() == before


def test_the_audit_trail_cannot_be_changed_in_the_admin(client, administrator):
    log_in(client, administrator)
    event = AuditEvent.objects.first()
    before = AuditEvent.objects.values().get(pk=event.pk)
    assert client.get(f"/admin/accounts/auditevent/{event.pk}/change/").status_code == 200
    assert client.post(f"/admin/accounts/auditevent/{event.pk}/change/", {"action": "x"}).status_code == 403
    assert client.post(f"/admin/accounts/auditevent/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.values().get(pk=event.pk) == before


def test_create_staff_prints_password_and_second_factor_once(capsys):
    call_command("create_staff", "zhou.min", "周敏", "--officer")
    out = capsys.readouterr().out
    user = User.objects.get(username="zhou.min")
    password = next(line.split()[1] for line in out.splitlines() if line.startswith("密码"))
    assert user.check_password(password)
    assert user.totpdevice_set.get().config_url in out
    assert (user.kind, user.is_staff, list(user.groups.values_list("name", flat=True))) == ("staff", False, ["科技局"])
    with pytest.raises(CommandError, match="已有这个登录名的账号"):
        call_command("create_staff", "zhou.min", "周敏", "--officer")


def test_new_credentials_end_the_old_ones_and_open_sessions(client, officer, capsys):
    log_in(client, officer)
    call_command("renew_staff", officer.username)
    assert client.get(reverse("messages"))["Location"] == f"{reverse('login')}?next=/messages/"
    assert SENTENCE in log_in(client, officer, token="123456").content.decode()
    assert logged_in_user(client) is None
    out = capsys.readouterr().out
    officer.device = officer.totpdevice_set.get()
    password = next(line.split()[1] for line in out.splitlines() if line.startswith("密码"))
    assert log_in(client, officer, password=password).status_code == 302
    assert logged_in_user(client) == officer
    with pytest.raises(CommandError, match="没有登录名为 nobody 的工作人员"):
        call_command("renew_staff", "nobody")


def test_credentials_of_ykb_accounts_cannot_be_renewed(visitor):
    visitor.log_in("p1", "person")
    with pytest.raises(CommandError, match="没有登录名为"):
        call_command("renew_staff", visitor.user.username)
    user = User.objects.get()
    assert (user.has_usable_password(), user.totpdevice_set.count()) == (False, 0)
    assert visitor.client.get(reverse("messages")).status_code == 200


def test_a_staff_session_ends_after_ten_hours(client, officer, settings):
    log_in(client, officer)
    session = client.session
    session["began"] -= settings.SESSION_LIFETIME_SECONDS
    session.save()
    response = client.get(reverse("messages"))
    assert response["Location"] == f"{LOGIN}?expired=1&next=%2Fmessages%2F"
    page = client.get(response["Location"]).content.decode()
    assert "已登录满 10 小时" in page
    assert 'name="next" value="/messages/"' in page
