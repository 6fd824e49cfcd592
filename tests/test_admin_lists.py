"""Every list of the Django admin: as quick with many rows as with one, searched without a number in an address, and no
way around the services."""

import inspect
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib import admin
from django.contrib.admin.filters import RelatedFieldListFilter
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.admin_lists import ListAdmin, digests_of, is_personal_number
from accounts.models import AuditEvent, IdentityConflict, Notice, User
from orgs.models import CodeEntry, Department, Grant, Unit
from profiles.models import Person, ReviewRequest
from projects.enums import Scope, State
from projects.models import Call, CallChange, CallFile, Extension, Limit, Proposal, Step, Submission
from tests import factories as make
from tests.attached import make_call_file
from tests.test_hostile import VALUES

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
# What can be done beside looking, each through a service.
WRITTEN = {
    User: {"change"},
    CodeEntry: {"add", "change"},
    Department: {"add", "change"},
    Grant: {"add"},
    CallFile: {"add", "delete"},
    Limit: {"add", "change", "delete"},
}


@pytest.fixture
def administrator():
    return User.objects.create_staff("root", "long-enough-pass-1", name="样例管理员", superuser=True)


@pytest.fixture
def client(login, administrator):
    return login(administrator)


def page_of(model, page="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def one_of_everything(administrator, number):
    """A row of every model that has a page in the admin."""
    now = timezone.now() + timedelta(seconds=number)
    unit = make.make_unit(departments=["一所"])
    make.make_manager(unit.made_departments[0])
    person = make.make_person(f"样例研究员{number}", unit=unit, department=unit.made_departments[0])
    make.make_request(person, unit, unit.made_departments[0])
    call = make.make_call(f"样例批次{number}")
    make.make_proposal(person, call, state=State.BUREAU)
    make_call_file(call)
    by = {"at": now, "by": administrator, "by_name": administrator.name}
    CallChange.objects.create(call=call, what="修改", values=[], **by)
    Extension.objects.create(call=call, scope=Scope.ALL, submit_until=now, reason="故障", **by)
    Limit.objects.create(name="限项", role="led", number=1).calls.add(call)
    CodeEntry.objects.create(table="degree", code=f"X{number}", name="样例学位", position=number)
    audit.record("login", user=person.user, obj=person.user)
    Notice.objects.create(recipient=person.user, subject="消息")
    IdentityConflict.objects.create(
        reason="taken", account=person.user, issuer="https://x", subject=f"s{number}", digest=f"{number:064x}"
    )
    return person


def queries_of(client, model):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page_of(model)).status_code == 200
    return len(queries)


def test_lists_take_at_most_ten_queries_with_one_row_and_with_twenty_five(client, administrator, monkeypatch):
    # Twenty-five of everything are more accounts than a page holds; counting what is beyond it is one query more.
    monkeypatch.setattr(ListAdmin, "list_per_page", 100)
    one_of_everything(administrator, 1)
    for model in MODELS:
        client.get(page_of(model))
    one = {model._meta.label: queries_of(client, model) for model in MODELS}
    for number in range(2, 26):
        one_of_everything(administrator, number)

    many = {model._meta.label: queries_of(client, model) for model in MODELS}

    assert many == one
    assert max(one.values()) < 10


def test_no_page_draws_the_rows_of_another_table_as_a_menu(client, administrator):
    people = [one_of_everything(administrator, number) for number in range(1, 4)]
    names = {str(row) for model in (Unit, Call, User, Person) for row in model.objects.all()}
    seen = set()
    for model in MODELS:
        pages = [client.get(page_of(model, "add"))]
        pages += [client.get(page_of(model, "change", row.pk)) for row in model._default_manager.order_by("-pk")[:1]]
        seen |= {page.status_code for page in pages}
        for page in pages:
            options = re.findall(r"<option([^>]*)>([^<]*)</option>", page.content.decode())
            unchosen = {text for attributes, text in options if "selected" not in attributes}
            assert unchosen & names == set(), model
        specs = client.get(page_of(model)).context["cl"].filter_specs
        assert not any(isinstance(spec, RelatedFieldListFilter) for spec in specs), model

    assert seen == {200, 403}
    assert len(people) == 3


def test_nothing_is_written_past_the_services(client, administrator):
    one_of_everything(administrator, 1)
    for model in MODELS:
        row = model._default_manager.order_by("-pk").first()
        pages = {"add": page_of(model, "add"), "change": page_of(model, "change", row.pk)}
        pages["delete"] = page_of(model, "delete", row.pk)

        allowed = {name for name, path in pages.items() if client.post(path, {"q": "x"}).status_code != 403}

        assert allowed == WRITTEN.get(model, set()), model


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_model_admin_is_a_monster(model):
    assert len(inspect.getsource(type(admin.site._registry[model])).splitlines()) < 80


# Search --------------------------------------------------------------------------------------------------------------


def test_lists_are_searched_by_what_people_know(client, administrator):
    person = one_of_everything(administrator, 1)
    one_of_everything(administrator, 2)
    proposal = Proposal.objects.get(pi=person)
    for model, text, found in (
        (User, person.unit.uscc, 1),
        (User, "样例研究员", 2),
        (Unit, person.unit.name, 1),
        (Unit, person.unit.uscc.lower(), 1),
        (Grant, person.unit.uscc, 1),
        (Department, person.unit.name, 1),
        (Person, "样例研究员2", 1),
        (ReviewRequest, "样例研究员1", 1),
        (Proposal, proposal.number, 1),
        (Proposal, f"{proposal.title[:4]} {person.name}", 1),
        (Proposal, person.unit.name, 1),
        (Proposal, "没有", 0),
        (Submission, proposal.number, 1),
        (Step, proposal.number, 1),
        (Call, "样例批次2", 1),
        (CodeEntry, "X2", 1),
        (CodeEntry, "学位", 2),
        (Notice, "样例研究员1", 1),
        (AuditEvent, "样例研究员1", 1),
    ):
        page = client.post(page_of(model), {"q": text}, follow=True)
        assert (model, page.context["cl"].result_count) == (model, found)


@pytest.mark.parametrize("model", [User, Person, ReviewRequest, Grant])
def test_a_number_is_found_by_its_digest_and_stands_in_no_address(client, administrator, model):
    person = one_of_everything(administrator, 1)
    one_of_everything(administrator, 2)
    if model is Grant:
        person = Person.objects.get(user__identity_digest=Grant.objects.first().holder_digest)
    number = person.user.id_number

    answer = client.post(page_of(model) + "?o=1&p=2", {"q": f" {number[:6]} {number[6:]} "})
    page = client.get(answer["Location"])

    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer["Location"]).query) == {"o": ["1"], "q": [person.user.identity_digest]}
    assert page.context["cl"].result_count == 1
    text = page.content.decode()
    assert 'value="（已填号码）"' in text
    assert number not in text
    # The same again, as the box shows it; and a number that somebody typed into the address leaves it.
    assert client.post(answer["Location"], {"q": "（已填号码）"})["Location"] == answer["Location"]
    assert client.get(page_of(model), {"q": number})["Location"] == f"{page_of(model)}?q={person.user.identity_digest}"


def test_a_person_is_found_by_the_mobile_number(client, administrator):
    person = one_of_everything(administrator, 1)

    page = client.post(page_of(Person), {"q": "+86 169-0000-0002"}, follow=True)

    assert make.MOBILE not in page.request["QUERY_STRING"]
    assert person in page.context["cl"].result_list


def test_a_list_that_knows_no_digests_says_so(client, administrator):
    one_of_everything(administrator, 1)

    page = client.post(page_of(Step), {"q": make.id_number()}, follow=True)

    assert [str(message) for message in page.context["messages"]] == [
        "这个列表不能按证件号码、手机号码或银行账号查找。"
    ]
    assert page.request["QUERY_STRING"] == ""


def asked(client, model):
    """Parameters of the address that the list of a model knows."""
    filters = client.get(page_of(model)).context["cl"].filter_specs
    return ["q", "p", "o", "e", "_facets", "_popup", *(name for spec in filters for name in spec.expected_parameters())]


def statuses(client, model, turns):
    """What the list answers when its parameters are asked for one after the other, each with another value."""
    client.raise_request_exception = False
    for place, name in enumerate(asked(client, model)):
        for turn in turns:
            address = f"{page_of(model)}?{urlencode({name: VALUES[(place + turn) % len(VALUES)]})}"
            with transaction.atomic():
                yield address, client.get(address, follow=True).status_code
                transaction.set_rollback(True)


def test_whatever_a_list_is_asked_the_answer_is_a_list(client, administrator):
    one_of_everything(administrator, 1)

    # One for each kind of filter; with --faults all of them.
    lists = (AuditEvent, Grant, Limit)
    assert [answer for model in lists for answer in statuses(client, model, range(2)) if answer[1] != 200] == []


@pytest.mark.faults
def test_every_value_may_be_asked_of_every_list(client, administrator):
    one_of_everything(administrator, 1)

    turns = range(len(VALUES))
    assert [answer for model in MODELS for answer in statuses(client, model, turns) if answer[1] != 200] == []


def test_a_condition_that_nobody_can_ask_is_told_and_left_out(client, administrator):
    one_of_everything(administrator, 1)

    for query in ("action__exact=a%00b", "ok__exact=x", "at__gte=x", "e=1"):
        page = client.get(f"{page_of(AuditEvent)}?{query}", follow=True)
        assert [str(message) for message in page.context["messages"]] == ["查询条件有误，已列出全部。"], query
        assert page.request["QUERY_STRING"] == "", query
        assert page.context["cl"].result_count > 0


def test_an_address_asks_no_column_but_those_of_the_filters(client, administrator):
    one_of_everything(administrator, 1)

    for model, query in (
        (User, "password__startswith=a"),
        (User, "kind__regex=a"),
        (User, "groups__name=a"),
        (Person, "id_digest__startswith=a"),
        (Grant, "unit__bank_name=a"),
        (Unit, "keywords=a"),
        (AuditEvent, "address=x"),
        (AuditEvent, "detail__reason=a"),
    ):
        assert client.get(f"{page_of(model)}?{query}").status_code == 400, (model, query)


@pytest.mark.parametrize("text", ["\0", "a\0b", "x" * 100_000, "'" * 9, "1e309", "a " * 200])
def test_nonsense_is_no_fault(client, text):
    for model in (User, Proposal, AuditEvent):
        assert client.post(page_of(model), {"q": text}, follow=True).status_code == 200


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("110101199003077578", True),
        ("11010119900307757x", True),
        ("１６９ 0000 0002", True),
        ("E12345678", True),
        ("H1234567801", True),
        ("6222-0200-0000-0000-000", True),
        ("91500000MA5U8QJ12X", False),
        ("CSTB2026NSCQ-MSX081187", False),
        ("CQ2026100001", False),
        ("张伟", False),
        ("1234567", False),
    ],
)
def test_what_looks_like_a_number_of_a_person(text, personal):
    assert is_personal_number(text) is personal


def test_a_valid_credit_code_of_digits_alone_is_no_number_of_a_person(settings):
    settings.ALLOW_SYNTHETIC_IDS = True
    assert not is_personal_number(make.make_unit().uscc)


def test_a_passport_is_looked_for_as_every_type_of_document():
    assert len(digests_of("E12345678")) > 3
    assert len(set(digests_of("E12345678"))) == len(digests_of("E12345678"))


# Accounts ------------------------------------------------------------------------------------------------------------


def test_what_an_administrator_changes_about_an_account_is_written_down(client, administrator):
    officer = make.make_officer()
    path = page_of(User, "change", officer.pk)
    form = {"name": "改名科员", "email": "", "groups": []}

    response = client.post(path, form)

    officer = User.objects.get(pk=officer.pk)
    event = AuditEvent.objects.get(action="account_changed")
    assert (response.status_code, officer.name, officer.is_active, officer.groups.count()) == (
        302,
        "改名科员",
        False,
        0,
    )
    assert sorted(event.detail.pop("changed")) == ["groups", "is_active", "name"]
    assert (event.user, event.detail) == (administrator, {"is_active": False, "groups": []})
    client.post(path, form)
    assert AuditEvent.objects.filter(action="account_changed").count() == 1


def test_nobody_shuts_themselves_out(client, administrator):
    client.post(page_of(User, "change", administrator.pk), {"name": "样例管理员", "email": ""})

    assert User.objects.get(pk=administrator.pk).is_active


def test_a_locked_officer_is_let_in_again_with_one_click(client, administrator, django_user_model):
    officer = make.make_officer()
    login_page = reverse("admin:login")
    stranger = client.__class__(HTTP_HOST="127.0.0.1")
    wrong = {"username": officer.username, "password": "wrong", "token": "000000"}
    for _ in range(5):
        locked = stranger.post(login_page, wrong)
    path = page_of(User, "change", officer.pk)
    unlock = reverse("admin:accounts_user_unlock", args=[officer.pk])

    page = client.get(path).content.decode()
    response = client.post(unlock)

    assert locked.status_code == 429
    assert "解除登录锁定（已输错 5 次）" in page
    assert (response.status_code, response["Location"]) == (302, path)
    assert stranger.post(login_page, wrong).status_code == 200
    event = AuditEvent.objects.get(action="account_unlocked")
    assert (event.user, event.object_id) == (administrator, str(officer.pk))
    assert unlock not in client.get(page_of(User, "change", administrator.pk)).content.decode()


def test_only_administrators_unlock_and_only_staff_and_only_by_post(client, login):
    officer, person = make.make_officer(), make.make_person()
    unlock = reverse("admin:accounts_user_unlock", args=[officer.pk])

    assert login(officer).post(unlock).status_code == 302
    assert client.get(unlock).status_code == 405
    assert client.post(reverse("admin:accounts_user_unlock", args=[person.pk])).status_code == 404
    assert not AuditEvent.objects.filter(action="account_unlocked").exists()


def test_the_end_of_the_session_is_announced_here_too(client):
    page = client.get(reverse("admin:index")).content.decode()

    assert 'id="session-end"' in page
    assert "zhgg/session.js" in page


# 限项 ----------------------------------------------------------------------------------------------------------------


def test_a_limit_is_set_changed_and_removed_with_a_line_in_the_history_of_its_calls(client, administrator):
    first, second = make.make_call("甲批次"), make.make_call("乙批次")
    form = {"name": "年度限项", "role": "led", "number": "1", "calls": [first.pk]}

    added = client.post(page_of(Limit, "add"), form)
    limit = Limit.objects.get()
    page = page_of(Limit, "change", limit.pk)
    assert "甲批次" in client.get(page).content.decode()
    client.post(page, {**form, "number": "2", "calls": [second.pk]})
    client.post(page, {**form, "number": "2", "calls": [second.pk]})
    client.post(page_of(Limit, "delete", limit.pk), {"post": "yes"})

    one, two = "年度限项（每人牵头申报最多 1 项）", "年度限项（每人牵头申报最多 2 项）"
    assert added.status_code == 302
    assert [change.values for change in first.changes.order_by("pk")] == [[["限项", "", one]], [["限项", one, ""]]]
    assert [change.values for change in second.changes.order_by("pk")] == [[["限项", "", two]], [["限项", two, ""]]]
    assert [event.user for event in AuditEvent.objects.filter(action="limit_saved")] == [administrator] * 3
    assert not Limit.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "0"},
        {"number": "1e309"},
        {"number": "9" * 40},
        {"name": ""},
        {"name": "a\0b"},
        {"role": "x"},
        {"calls": []},
        {"calls": ["x"]},
        {"calls": ["9" * 18]},
        {"calls": ["9" * 400]},
    ],
)
def test_a_wrong_limit_is_named_and_nothing_is_saved(client, changes):
    form = {"name": "年度限项", "role": "led", "number": "1", "calls": [make.make_call().pk], **changes}

    page = client.post(page_of(Limit, "add"), form)

    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not Limit.objects.exists()
