"""Code tables in the database: loaded from the files, changed by an administrator, seen by every process."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from orgs import codes, stored_codes
from orgs.models import CodeEntry, CodeVersion
from orgs.services.codes import add_code, change_code, load_codes
from tests import factories as make
from zhgg.kit.errors import NotNow
from zhgg.kit.formfields.codes import CodeField
from zhgg.kit.forms import BaseForm

pytestmark = pytest.mark.django_db
# Without the lines of the tables no test here needs.
FEW = ("fund_source", "title_level")


class DegreeForm(BaseForm):
    level = CodeField("title_level", label="职称")


@pytest.fixture(autouse=True)
def files_again():
    yield
    stored_codes.forget()


@pytest.fixture
def officer():
    return make.actor_of(make.make_officer())


def run(*args, **options):
    out = StringIO()
    call_command("load_codes", *args, stdout=out, **options)
    return out.getvalue().splitlines()


def entry(code, table="title_level"):
    return CodeEntry.objects.get(table=table, code=code)


def offered():
    stored_codes.refresh(at_once=True)
    return [code for code, _ in codes.table("title_level").choices()]


TODAY = timezone.localdate


# Loading -------------------------------------------------------------------------------------------------------------


def test_all_tables_are_loaded_and_read_like_their_files():
    run()
    assert CodeEntry.objects.count() == sum(len(codes.of_file(name).rows) for name in codes.names())
    before = {name: codes.of_file(name) for name in codes.names()}

    stored_codes.refresh(at_once=True)

    for name, table in before.items():
        assert codes.table(name) is not table
        assert codes.table(name).rows == table.rows
        assert codes.table(name).grouped_choices() == table.grouped_choices()
    assert set(codes.TITLES) == codes.names()


def test_loading_again_changes_nothing_and_a_dry_run_never_does():
    assert run(*FEW, dry_run=True)[-1] == "将新增 15 个代码，修改 0 个，停用 0 个，共 2 个码表。"
    assert (CodeEntry.objects.count(), CodeVersion.objects.filter(number__gt=0).exists()) == (0, False)

    first, again = run(*FEW), run(*FEW)

    assert first[0].startswith("资金来源（fund_source）：新增 7 个（1、11、12、2、")
    assert first[-1] == "已新增 15 个代码，修改 0 个，停用 0 个，共 2 个码表。"
    assert again == ["已新增 0 个代码，修改 0 个，停用 0 个，共 2 个码表。"]
    assert AuditEvent.objects.filter(action="codes_loaded").count() == 2
    assert CodeVersion.objects.get().number == 1


def test_what_differs_from_the_file_is_changed_and_what_it_lost_ends_yesterday():
    load_codes(tables=FEW)
    CodeEntry.objects.filter(code="411").update(name="旧名称")
    CodeEntry.objects.create(table="title_level", code="498", name="不再有", position=1)
    CodeEntry.objects.filter(code="412").delete()

    lines = run(*FEW)

    assert lines == [
        "职称级别（title_level）：新增 1 个（412）；修改 1 个（411）；停用 1 个（498）",
        "已新增 1 个代码，修改 1 个，停用 1 个，共 2 个码表。",
    ]
    assert (entry("411").name, entry("498").valid_until) == ("正高级", TODAY() - timedelta(days=1))
    assert run(*FEW) == ["已新增 0 个代码，修改 0 个，停用 0 个，共 2 个码表。"]


def test_what_an_administrator_did_stays(officer):
    load_codes(tables=FEW)
    change_code(actor=officer, entry=entry("411"), name="教授级", valid_until=TODAY())
    add_code(actor=officer, table="title_level", code="413", like="412", name="新职称")

    assert run(*FEW) == [
        "职称级别（title_level）：人工维护，未改动 2 个（411、413）",
        "已新增 0 个代码，修改 0 个，停用 0 个，共 2 个码表。",
    ]
    assert (entry("411").name, entry("411").valid_until) == ("教授级", TODAY())


def test_a_code_that_comes_back_into_the_file_is_in_force_again():
    load_codes(tables=FEW)
    CodeEntry.objects.filter(code="411").update(valid_until=TODAY() - timedelta(days=9))

    load_codes(tables=FEW)

    assert entry("411").valid_until is None


def test_an_unknown_table_is_named():
    with pytest.raises(CommandError, match="没有这样的码表：nothing"):
        run("nothing")


# By the day ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "chosen", "label"),
    [
        (None, None, True, "正高"),
        (None, 0, True, "正高"),
        (0, None, True, "正高"),
        (None, -1, False, "正高（已停用）"),
        (1, None, False, "正高"),
    ],
)
def test_a_code_may_be_chosen_from_its_first_day_to_its_last_and_is_always_readable(first, last, chosen, label):
    load_codes(tables=FEW)
    day = {None: None, -1: TODAY() - timedelta(days=1), 0: TODAY(), 1: TODAY() + timedelta(days=1)}
    CodeEntry.objects.filter(code="411").update(valid_from=day[first], valid_until=day[last])

    assert ("411" in offered()) is chosen
    assert codes.table("title_level").label("411") == label
    assert DegreeForm({"level": "411"}).is_valid() is chosen
    # Where it was stored it is shown, and may stay.
    stored = DegreeForm({"level": "411"}, initial={"level": "411"})
    assert f'<option value="411" selected>{label}</option>' in str(stored["level"])
    assert stored.is_valid()


# Changing ------------------------------------------------------------------------------------------------------------


def test_a_change_is_an_audit_line_and_stands_in_the_menu(officer):
    load_codes(tables=FEW)

    change_code(actor=officer, entry=entry("411"), name="教授级", valid_from=TODAY())
    change_code(actor=officer, entry=entry("411"), name="教授级", valid_from=TODAY())

    [event] = AuditEvent.objects.filter(action="code_saved")
    changed = {"name": ["正高级", "教授级"], "valid_from": ["", TODAY().isoformat()]}
    assert (event.user, event.detail) == (officer.user, {"changed": changed})
    assert "411" in offered()
    assert codes.table("title_level").name("411") == "教授级"


def test_a_new_code_stands_behind_the_one_it_is_like_and_no_code_is_used_twice(officer):
    added = {"actor": officer, "table": "title_level", "like": "411", "name": "新职称"}

    add_code(code="414", **added)
    add_code(code="415", **added)

    # With one line of its own the database has the whole table.
    assert CodeEntry.objects.count() == len(codes.of_file("title_level").rows) + 2
    assert offered()[:3] == ["411", "414", "415"]
    for code, like in (("414", "411"), ("416", "nothing")):
        with pytest.raises(NotNow):
            add_code(**{**added, "code": code, "like": like})
    assert AuditEvent.objects.filter(action="code_saved").count() == 2


def test_only_the_bureau_changes_codes():
    person = make.actor_of(make.make_person().user)
    with pytest.raises(Http404):
        add_code(actor=person, table="title_level", code="414", like="411", name="x")
    load_codes(tables=FEW)
    with pytest.raises(Http404):
        change_code(actor=person, entry=entry("411"), name="x")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "41a"}, "代码由数字、大写字母组成，请核对"),
        ({"code": "4\0"}, ""),
        ({"code": "411"}, "职称级别已有代码 411，代码不能重复使用"),
        ({"like": "zz"}, "职称级别没有代码 zz"),
        ({"table": "nothing"}, "所选的项不存在"),
        ({"name": ""}, "请填写"),
        ({"valid_until": "2020-01-01"}, "应不早于启用日期"),
        ({"valid_from": "9" * 40}, ""),
    ],
)
def test_mistakes_in_the_admin_are_named(login, changes, message):
    client = login(User.objects.create_staff("root", "long-enough-pass-1", superuser=True))
    form = {"table": "title_level", "code": "414", "like": "411", "name": "新", "valid_from": "2026-01-01", **changes}

    page = client.post(reverse("admin:orgs_codeentry_add"), form)

    assert page.status_code == 200
    assert message in page.content.decode()
    assert "errorlist" in page.content.decode()
    assert not CodeEntry.objects.filter(by_hand=True).exists()


def test_an_administrator_ends_a_code(login):
    client = login(User.objects.create_staff("root", "long-enough-pass-1", superuser=True))
    load_codes(tables=FEW)
    path = reverse("admin:orgs_codeentry_change", args=[entry("411").pk])
    yesterday = TODAY() - timedelta(days=1)

    assert "正高级" in client.get(path).content.decode()
    response = client.post(path, {"name": "正高级", "valid_from": "", "valid_until": yesterday.isoformat()})

    assert response.status_code == 302
    assert "411" not in offered()


# Processes -----------------------------------------------------------------------------------------------------------


def test_a_request_sees_what_another_process_changed_after_some_seconds(client, monkeypatch):
    load_codes(tables=FEW)
    stored_codes.refresh(at_once=True)
    monkeypatch.setattr(stored_codes, "LIFE_SECONDS", 5)
    # As another process writes it: nothing here is told.
    CodeEntry.objects.filter(code="411").update(name="教授级", columns={"ui_name": "", "rank": "5", "ui_show": "1"})
    CodeVersion.objects.update(number=7)

    client.get(reverse("login"))
    unseen = codes.table("title_level").name("411")
    now = stored_codes.time.monotonic()
    monkeypatch.setattr(stored_codes.time, "monotonic", lambda: now + 6)
    client.get(reverse("login"))

    assert (unseen, codes.table("title_level").name("411")) == ("正高", "教授级")


def test_nothing_is_read_again_while_nothing_changed(django_assert_num_queries):
    load_codes(tables=FEW)
    stored_codes.refresh(at_once=True)
    with django_assert_num_queries(1):
        stored_codes.refresh(at_once=True)


def test_a_day_later_the_tables_are_read_anew(monkeypatch):
    load_codes(tables=FEW)
    CodeEntry.objects.filter(code="411").update(valid_until=TODAY())
    assert "411" in offered()
    tomorrow = TODAY() + timedelta(days=1)
    monkeypatch.setattr(stored_codes.timezone, "localdate", lambda: tomorrow)

    assert "411" not in offered()
