"""Encrypted values that were changed in the database: what is shown says so, and nothing is written over them."""

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from accounts.models import User
from orgs.models import Grant, Unit
from profiles.models import Person, ReviewRequest
from projects.models import Section, Submission
from tests import factories as make
from tests.kit.test_metrics import read
from tests.kit.test_metrics import token as token
from tests.orgs.pages import text
from tests.orgs.unit_form import typed
from tests.test_urls import GET, ROLES, YES, address, status, world  # noqa: F401 - the fixture
from zhgg.kit.fields import EncryptedTextField
from zhgg.kit.masking import UNREADABLE

pytestmark = pytest.mark.django_db

SEALED = [
    (model, field.column)
    for model in apps.get_models()
    for field in model._meta.local_fields
    if isinstance(field, EncryptedTextField)
]
# What cannot be shown without the value, because it would be written back or is the whole of the page.
REFUSED = {"unit-edit", "person-edit", "department-edit", "department-import-preview"}


def damage(model, column, **rows):
    """Change the last byte of the value in these rows (all of them), as somebody with the password of the database."""
    places = list(model.objects.filter(**rows, **{f"{column}__isnull": False}).values_list("pk", flat=True))
    with pgtrigger.ignore("projects.Submission:submission_is_frozen"), connection.cursor() as cursor:
        last = f"length({column}) - 1"
        cursor.execute(
            f"UPDATE {model._meta.db_table}"
            f" SET {column} = set_byte({column}, {last}, get_byte({column}, {last}) # 1) WHERE {model._meta.pk.column}"
            " = ANY(%s)",
            [places],
        )
    return len(places)


def stored(model, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table} ORDER BY 1")
        return [bytes(value) for (value,) in cursor.fetchall() if value is not None]


def test_with_every_value_changed_each_page_comes_and_says_so_or_refuses(world):  # noqa: F811
    world["unit"].legal_rep_id_number = make.id_number()
    world["unit"].save()
    damaged = {f"{model._meta.label}.{column}": damage(model, column) for model, column in SEALED}
    before = {(model, column): stored(model, column) for model, column in SEALED}

    answers, said = {}, set()
    for name, row in GET.items():
        may = [role for role, expected in zip(ROLES, row, strict=True) if expected == YES]
        for role in {*may[:1], *({"pi"} & set(may))}:
            answer = world["clients"][role].get(address(name, world))
            answers.setdefault(status(answer), set()).add(name)
            if not answer.streaming and UNREADABLE in answer.content.decode():
                said.add(name)

    assert {name for name, number in damaged.items() if not number} == {"accounts.KeptForm.content"}
    assert answers.keys() == {200, 409}
    assert answers[409] == REFUSED
    assert said >= {"unit", "bureau-unit", "department", "departments", "review", "bureau-people"}
    assert said >= {"bureau-person", "person", "proposal"}
    assert {(model, column): stored(model, column) for model, column in SEALED} == before


def test_what_is_sent_to_a_form_that_cannot_read_it_is_refused_and_changes_nothing(login):
    unit = make.make_unit()
    client = login(unit.account)
    form = typed(client.get("/unit/edit/"))
    damage(Unit, "bank_account")
    before = stored(Unit, "bank_account")

    page = client.post("/unit/edit/", {**form, "address": "照母山 1 号", "bank_account": "9999990000000014"})

    assert page.status_code == 409
    assert "有一项加密内容无法读取" in text(page)
    assert "没有保存任何修改" in text(page)
    assert stored(Unit, "bank_account") == before
    assert Unit.objects.get(pk=unit.pk).address != "照母山 1 号"


def test_one_changed_row_leaves_the_rest_of_a_list_and_of_its_files(login):
    unit = make.make_unit()
    people = [make.make_person(unit=unit) for _ in range(2)]
    for person in people:
        make.make_request(person, unit)
    damage(ReviewRequest, "id_number", person=people[0])
    client = login(unit.account)

    page = text(client.get("/reviews/"))
    # One that is asked for in full, too.
    export = client.post(reverse("reviews-export"))

    number = people[1].user.id_number
    assert page.count(UNREADABLE) == 1
    assert f"{number[:6]}********{number[-4:]}" in page
    assert status(export) == 200


def test_the_log_names_the_place_and_never_the_value_and_monitoring_counts_it(login, caplog):
    unit = make.make_unit()
    damage(Unit, "bank_account")
    counted = 'zhgg_unreadable_values_total{column="orgs.Unit.bank_account"}'
    before = read().get(counted, 0)

    page = login(unit.account).get("/unit/")

    assert f"银行账号 {UNREADABLE}" in text(page)
    assert 'value="unit-bank-account' not in page.content.decode(), "there is nothing to show in full"
    places = [record.getMessage() for record in caplog.records if record.name == "zhgg.fields"]
    assert set(places) == {
        f"orgs.Unit.bank_account of row {unit.pk} cannot be read: changed, or moved from another row or column"
    }
    assert read()[counted] == before + len(places)


def test_a_person_takes_along_what_can_be_read(login):
    person = make.make_person(unit=make.make_unit())
    for state in ("draft", "unit"):
        make.make_proposal(person, state=state)
    for model, column in ((Person, "id_number"), (Section, "content"), (Submission, "content")):
        damage(model, column)

    answer = login(person.user).post(reverse("own-data-json"))
    told = b"".join(answer.streaming_content) if answer.streaming else answer.content

    assert answer.status_code == 200
    assert told.decode().count(UNREADABLE) == 4


def test_of_a_draft_one_tab_is_lost_and_of_a_submission_all(login):
    pi = make.make_person(unit=make.make_unit())
    draft, sent = make.make_proposal(pi), make.make_proposal(pi, state="unit")
    damage(Section, "content", proposal=draft)
    damage(Submission, "content")
    client = login(pi.user)

    pages = [client.get(proposal.get_absolute_url()) for proposal in (draft, sent)]

    assert [page.status_code for page in pages] == [200, 200]
    assert all(f"本页内容 {UNREADABLE}" in text(page) for page in pages)
    assert client.get(reverse("proposal-edit", args=[draft.pk, "basics"])).status_code == 409


@pytest.mark.parametrize(
    ("model", "column"), [(User, "id_number"), (Unit, "bank_account"), (Grant, "holder_id_number")]
)
def test_the_admin_shows_the_rest(login, model, column):
    make.make_agent(make.make_unit())
    administrator = make.User.objects.create_staff("admin-test", "long-enough-pass-1", name="管理员", superuser=True)
    damage(model, column)
    row = model.objects.filter(**{f"{column}__isnull": False}).first()

    page = login(administrator).get(
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
    )

    assert page.status_code == 200
    assert UNREADABLE in page.content.decode()
