"""系统维护: announced, begun, ended; people read and save, and what they would submit comes back afterwards."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, KeptForm
from accounts.tasks import clear_away
from projects import maintenance
from projects.enums import State
from projects.models import Maintenance, Proposal, Section, Step
from projects.services.maintenance import StaleMaintenance, change_maintenance, end_maintenance, set_maintenance
from projects.stands import LOGINS, POSTS, Stand, goes_on
from tests import factories as make
from tests import test_urls
from tests.projects.pages import queries_of, text_of
from tests.races import together
from tests.test_urls import ELSEWHERE, GET, address, own_names, world  # noqa: F401
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
PAGE, END = reverse("bureau-maintenance"), reverse("bureau-maintenance-end")


@pytest.fixture
def officer():
    return make.actor_of(make.make_officer("周例"))


@pytest.fixture
def passer_by():
    return Client(HTTP_HOST="127.0.0.1")


def switch_on(officer, *, begins=None, ends=8, message="系统升级维护"):
    now = database_now()
    made = set_maintenance(
        actor=officer,
        begins_at=None if begins is None else now + begins * HOUR,
        ends_at=now + ends * HOUR,
        message=message,
    )
    maintenance.read_anew()
    return made


def pass_time(hours):
    """Move everything that is set back, as if so much time had passed."""
    for row in Maintenance.objects.all():
        row.begins_at, row.ends_at = row.begins_at - hours * HOUR, row.ends_at - hours * HOUR
        row.save()
    maintenance.read_anew()


def moment(hours):
    return timezone.localtime(timezone.now() + hours * HOUR).strftime("%Y-%m-%dT%H:%M")


# The walk over all addresses ------------------------------------------------------------------------------------------


def test_every_address_that_takes_a_post_has_taken_a_stand(world):  # noqa: F811
    # Some pages are closed to a role before they refuse its POST.
    clients = [world["clients"][role] for role in ("legal", "pi", "bureau")]

    def refuses_every_post(name):
        return 405 in {test_urls.status(client.post(address(name, world))) for client in clients}

    # Logging out would end the walk.
    names = set(own_names()) - ELSEWHERE - {"logout"}
    assert {name for name in names if not refuses_every_post(name)} == set(POSTS) - {"logout"}
    assert {name for name in ELSEWHERE if name.startswith("login-")} == LOGINS


def test_while_it_is_on_what_waits_is_answered_503_and_everything_else_as_ever(world, officer):  # noqa: F811
    form = {"seen_step": "1", "reason": "维护期间想办理", "version": "1", "title": "改过的题目"}
    roles = ("legal", "pi", "manager", "bureau")
    switch_on(officer)

    waits, read = {}, {}
    for role in roles:
        client = world["clients"][role]
        read[role] = {name: test_urls.status(client.get(address(name, world))) for name in GET}
        answers = {name: client.post(address(name, world), form) for name in POSTS if name != "logout"}
        waits[role] = {name for name, answer in answers.items() if test_urls.status(answer) == 503}
        assert all(7 * 3600 < int(answers[name]["Retry-After"]) <= 8 * 3600 for name in waits[role])

    expected = {name for name, stand in POSTS.items() if stand is Stand.WAITS}
    assert waits == {role: set() if role == "bureau" else expected for role in roles}
    changed = {"bureau-maintenance": 200, "bureau-maintenance-end": 200}
    for role in roles:
        column = test_urls.ROLES.index(role)
        assert read[role] == {
            name: changed.get(name, row[column]) if role == "bureau" else row[column] for name, row in GET.items()
        }
    # Only the officer has decided, and all they could do about a proposal in 单位审核 is nothing.
    assert Step.objects.count() == 1


def test_an_address_without_a_stand_waits():
    assert not goes_on("of-tomorrow", {})


@pytest.mark.parametrize(("posted", "goes"), [({}, False), ({"find": "1"}, True), ({"take_off": "3"}, True)])
def test_buttons_that_submit_nothing_go_on(posted, goes):
    assert goes_on("person-edit", posted) is goes


# What people may do ---------------------------------------------------------------------------------------------------


def test_a_draft_is_saved_and_its_submission_waits(login, officer):
    pi = make.make_person(unit=make.make_unit())
    proposal = make.make_proposal(pi, make.make_call(), state=State.DRAFT)
    client = login(pi.user)
    switch_on(officer)

    page = reverse("proposal-edit", args=[proposal.pk, "basics"])
    version = Section.objects.get(proposal=proposal, tab="basics").version
    saved = client.post(page, {"version": str(version), "title": "维护期间改的题目"})
    submitted = client.post(reverse("proposal-act", args=[proposal.pk, "submit"]), {"seen_step": "0"})

    assert saved.status_code == 302
    assert Section.objects.get(proposal=proposal, tab="basics").data["title"] == "维护期间改的题目"
    assert submitted.status_code == 503
    assert Proposal.objects.get().state == State.DRAFT


def test_what_was_typed_waits_for_its_user_until_a_day_after_the_end(login, officer):
    unit = make.make_unit()
    proposal = make.make_proposal(make.make_person(unit=unit), make.make_call(), state=State.UNIT)
    client, page = login(unit.account), reverse("proposal-act", args=[proposal.pk, "send-back"])
    switch_on(officer)

    answer = client.post(page, {"seen_step": "1", "reason": "预算依据不足，请补充"})

    assert answer.status_code == 503
    assert "您填写的内容已保留到维护结束后 24 小时" in text_of(answer)
    assert f'href="{page}"' in answer.content.decode()
    kept = KeptForm.objects.get()
    assert kept.kept_until == Maintenance.objects.get().ends_at + 24 * HOUR
    # Nine hours later it is over: the hour of a lost session has long passed.
    KeptForm.objects.update(kept_at=kept.kept_at - 9 * HOUR, kept_until=kept.kept_until - 9 * HOUR)
    pass_time(9)
    clear_away(0)
    end_maintenance(actor=officer)
    maintenance.read_anew()
    assert KeptForm.objects.get().kept_until > timezone.now() + 23 * HOUR
    shown = client.get(page)
    assert "系统维护期间填写、没有办理的内容已恢复" in text_of(shown)
    assert "预算依据不足，请补充" in shown.content.decode()
    client.post(page, {"seen_step": "1", "reason": "预算依据不足，请补充"})
    assert Proposal.objects.get().state == State.DRAFT
    assert not KeptForm.objects.exists()


def test_a_form_without_its_session_is_kept_as_long(login, officer, settings):
    unit = make.make_unit()
    client = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    client.cookies.update(login(unit.account).cookies)
    page = client.get(reverse("unit-edit"))
    token = page.content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    switch_on(officer)
    del client.cookies[settings.SESSION_COOKIE_NAME]

    answer = client.post(
        reverse("unit-edit"), {"csrfmiddlewaretoken": token, "contact_name": "维护期间填写的联系人"}, follow=True
    )

    assert KeptForm.objects.get().kept_until == Maintenance.objects.get().ends_at + 24 * HOUR
    assert "系统正在维护，现在不能登录" in text_of(answer)
    assert "您填写的内容已保留到" in text_of(answer)


def test_nobody_logs_in_anew_but_staff(passer_by, officer):
    switch_on(officer)

    answers = {name: passer_by.get(reverse(name)) for name in LOGINS}
    login_page = passer_by.get(reverse("login"))

    assert {answer.status_code for answer in answers.values()} == {503}
    assert {"Retry-After" in answer for answer in answers.values()} == {True}
    assert "系统正在维护，现在不能登录" in text_of(login_page)
    assert reverse("login-legal") not in login_page.content.decode()
    assert passer_by.post(reverse("admin:login"), {"username": "x", "password": "y"}).status_code == 200


# Announced, on, overdue -----------------------------------------------------------------------------------------------


def test_it_is_announced_on_every_page_before_it_begins(login, passer_by, officer):
    unit = make.make_unit()
    switch_on(officer, begins=5, ends=13)
    client = login(unit.account)

    for path in ("/", "/unit/", "/messages/"):
        words = text_of(client.get(path))
        assert "系统升级维护：" in words
        assert "维护期间可以查看和保存，不能登录、提交和审核。" in words
    assert "系统升级维护：" in text_of(passer_by.get(reverse("login")))
    # Nothing waits yet.
    assert client.post(reverse("authorisation-new"), {}).status_code == 200


def test_it_begins_by_itself_at_its_hour(login, officer, monkeypatch):
    switch_on(officer, begins=1, ends=2)
    client = login(make.make_unit().account)
    assert client.post(reverse("authorisation-new"), {}).status_code == 200

    clock = maintenance.monotonic
    monkeypatch.setattr(maintenance, "monotonic", lambda: clock() + 3599)
    assert client.post(reverse("authorisation-new"), {}).status_code == 200
    monkeypatch.setattr("django.conf.settings.MAINTENANCE_READ_SECONDS", 9999)
    monkeypatch.setattr(maintenance, "monotonic", lambda: clock() + 3601)
    assert client.post(reverse("authorisation-new"), {}).status_code == 503


def test_one_query_serves_many_pages(login, officer, settings):
    client = login(make.make_unit().account)
    _, without = queries_of(client, "/unit/")
    switch_on(officer)

    counts = [queries_of(client, "/unit/")[1] for _ in range(3)]
    settings.MAINTENANCE_READ_SECONDS = 0
    each_time = queries_of(client, "/unit/")[1]

    assert [count - without for count in counts] == [1, 0, 0]
    assert each_time - without == 1


def test_when_it_is_overdue_people_read_so_and_officers_find_the_way_back(login, officer):
    unit = make.make_unit()
    switch_on(officer, ends=2)
    pass_time(3)

    answer = login(unit.account).post(reverse("authorisation-new"), {})
    seen = login(officer.user).get("/bureau/calls/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "600")
    assert "尚未完成，请稍后再试" in text_of(answer)
    assert "去结束或推迟" in text_of(seen)
    assert f'href="{PAGE}"' in seen.content.decode()
    assert "已超过预计结束的时间" in text_of(login(officer.user).get(PAGE))


# The switch -----------------------------------------------------------------------------------------------------------


def test_an_officer_sets_changes_and_ends_it(login, officer):
    client = login(officer.user)

    client.post(PAGE, {"version": "0", "begins_at": "", "ends_at": moment(2), "message": "数据库升级。"})
    made = Maintenance.objects.get()
    assert (made.message, made.set_by_name, made.ended_at) == ("数据库升级", "周例", None)
    changed = {"version": "1", "begins_at": moment(99), "ends_at": moment(5), "message": "数据库升级"}
    client.post(PAGE, changed)
    later = Maintenance.objects.get()
    # What has begun keeps its beginning.
    assert later.begins_at == made.begins_at
    assert later.ends_at > made.ends_at
    assert "现在结束维护？" in text_of(client.get(END))
    for _ in range(2):
        client.post(END)

    assert Maintenance.objects.get().ended_by_name == "周例"
    actions = AuditEvent.objects.filter(object_type="projects.maintenance").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "maintenance_set",
        "maintenance_changed",
        "maintenance_ended",
    ]
    assert "周例于" in text_of(client.get(PAGE))


def test_an_administrator_may_and_nobody_else(login):
    administrator = make.User.objects.create_staff("admin-test", "long-enough-pass-1", name="管理员", superuser=True)
    data = {"version": "0", "ends_at": moment(2), "message": "数据库升级"}

    assert login(make.make_agent(make.make_unit())).post(PAGE, data).status_code == 404
    assert login(administrator).post(PAGE, data).status_code == 302
    assert Maintenance.objects.get().set_by == administrator
    with pytest.raises(Http404):
        end_maintenance(actor=make.actor_of(make.make_agent(make.make_unit())))


@pytest.mark.parametrize(
    "changes",
    [
        {"ends_at": ""},
        {"ends_at": moment(-1)},
        {"begins_at": moment(5), "ends_at": moment(4)},
        {"ends_at": "1e309"},
        {"message": ""},
        {"message": "长" * 100_000},
        {"message": "空\x00"},
        {"version": "9" * 40},
    ],
)
def test_mistakes_are_told_and_nothing_is_set(login, officer, changes):
    data = {"version": "0", "begins_at": "", "ends_at": moment(2), "message": "数据库升级", **changes}

    answer = login(officer.user).post(PAGE, data)

    assert (answer.status_code, answer.context["form"].error_count >= 1) == (200, True)
    assert not Maintenance.objects.exists()


def test_what_somebody_else_changed_meanwhile_is_told(login, officer):
    client, made = login(officer.user), switch_on(officer)
    change_maintenance(actor=officer, version=1, begins_at=None, ends_at=made.ends_at, message="同事改的说明")

    answer = client.post(PAGE, {"version": "1", "ends_at": moment(3), "message": "我改的说明"})

    assert answer.status_code == 409
    assert "刚刚有人修改了系统维护" in text_of(answer)
    assert "我改的说明" in answer.content.decode()
    with pytest.raises(StaleMaintenance):
        change_maintenance(actor=officer, version=1, begins_at=None, ends_at=made.ends_at, message="又改")


def test_what_is_kept_is_kept_longer_when_it_takes_longer(login, officer):
    client, made = login(make.make_unit().account), switch_on(officer, ends=2)
    client.post(reverse("authorisation-new"), {"name": "维护期间填写的姓名"})

    change_maintenance(actor=officer, version=1, begins_at=None, ends_at=made.ends_at + 5 * HOUR, message="延长")

    assert KeptForm.objects.get().kept_until == made.ends_at + 29 * HOUR


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_set_one(officer):
    ends = database_now() + HOUR

    def set_it():
        return set_maintenance(actor=officer, begins_at=None, ends_at=ends, message="同时设置")

    answers = together(*[set_it] * 4)

    assert sorted(type(answer) is NotNow for answer in answers) == [False, True, True, True]
    assert Maintenance.objects.count() == 1
    # The process that set it knows at once.
    assert maintenance.present().is_on


def test_the_database_holds_the_order_of_times():
    now = timezone.now()
    with pytest.raises(DatabaseError), transaction.atomic():
        Maintenance.objects.create(begins_at=now, ends_at=now, message="x", set_at=now, set_by_name="x")


def test_the_command_sets_changes_and_ends_it(settings):
    def run(*arguments):
        output = StringIO()
        call_command("maintenance", *arguments, stdout=output)
        return output.getvalue().strip()

    assert run("status") == "没有设置系统维护。"
    words = run("on", "--from", moment(2), "--until", moment(4), "--message", "机房检修")
    assert words.endswith("机房检修。")
    run("on", "--from", moment(3), "--until", moment(6))
    [made] = Maintenance.objects.all()
    assert (made.message, made.version, made.set_by_name) == ("机房检修", 2, "服务器命令行")
    for arguments in (["on"], ["on", "--until", moment(-1)], ["on", "--until", "x"]):
        with pytest.raises(CommandError):
            run(*arguments)
    for _ in range(2):
        assert run("off") == "没有设置系统维护。"
    assert AuditEvent.objects.filter(action__startswith="maintenance", user=None, role="bureau").count() == 3


def test_a_page_asks_nothing_while_none_is_set(login):
    client = login(make.make_unit().account)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get("/unit/")

    assert not [query for query in captured if "projects_maintenance" in query["sql"]]
