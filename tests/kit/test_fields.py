"""Encrypted columns on a real PostgreSQL: what is stored, what comes back, and what never reaches SQL."""

import base64
import json

import pytest
from django.apps.registry import Apps
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.db.models import F, Value
from django.forms.models import fields_for_model
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from zhgg.kit import crypto
from zhgg.kit.fields import EncryptedTextField, SealedModel, SealedToken

SECRET = "120155556666777766635"
OLD = "old:" + base64.b64encode(b"O" * 32).decode()
NEW = "new:" + base64.b64encode(b"N" * 32).decode()

registry = Apps()


class Vault(SealedModel):
    """A model with two encrypted columns, known to this test only."""

    name = models.CharField(max_length=20, default="x")
    account = EncryptedTextField("银行账号", blank=True)
    number = EncryptedTextField("证件号码", blank=True, max_length=30)

    class Meta:
        app_label = "kit"
        apps = registry


class Drawer(models.Model):
    """The mistake of an encrypted column without a seal_id."""

    account = EncryptedTextField()

    class Meta:
        app_label = "kit"
        apps = registry

    def __str__(self):
        return "drawer"


pytestmark = pytest.mark.usefixtures("vault")


@pytest.fixture
def vault(db, settings):
    settings.FIELD_KEYS = OLD
    settings.DIGEST_KEY = ""
    with connection.schema_editor() as editor:
        editor.create_model(Vault)


def stored(pk, column="account"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM kit_vault WHERE id = %s", [pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


def fresh(vault):
    return Vault.objects.get(pk=vault.pk)


def test_the_database_holds_a_token_and_the_attribute_is_text():
    saved = Vault.objects.create(account=SECRET)
    assert saved.account == SECRET
    assert fresh(saved).account == SECRET
    token = stored(saved.pk)
    assert token.startswith(b"\x01\x03old")
    assert SECRET.encode() not in token
    assert crypto.unseal(token, f"kit_vault|account|{saved.seal_id}") == SECRET


def test_an_empty_text_is_null_and_comes_back_empty():
    for empty in ("", None):
        saved = Vault.objects.create(account=empty)
        assert stored(saved.pk) is None
        assert saved.account == ""
        assert fresh(saved).account == ""
    assert Vault().account == ""


def test_a_value_can_be_cleared():
    saved = Vault.objects.create(account=SECRET)
    saved.account = ""
    saved.save()
    assert stored(saved.pk) is None


def test_an_unchanged_row_keeps_its_token():
    saved = Vault.objects.create(account=SECRET)
    token = stored(saved.pk)
    saved.save()
    again = fresh(saved)
    again.name = "y"
    again.save()
    again.account = SECRET
    again.save()
    again.refresh_from_db()
    again.save()
    assert stored(saved.pk) == token


def test_a_changed_value_gets_a_new_token():
    saved = Vault.objects.create(account=SECRET)
    token = stored(saved.pk)
    saved.account = "62220001"
    assert saved.account == "62220001"
    saved.save(update_fields=["account"])
    assert stored(saved.pk) != token
    assert fresh(saved).account == "62220001"


def test_update_fields_without_the_column_leaves_it():
    saved = Vault.objects.create(account=SECRET)
    saved.account = "62220001"
    saved.name = "y"
    saved.save(update_fields=["name"])
    assert fresh(saved).account == SECRET


def test_bulk_create_seals_every_row_for_itself():
    Vault.objects.bulk_create([Vault(account=SECRET), Vault(account=SECRET), Vault()])
    first, second, third = Vault.objects.order_by("pk")
    assert (first.account, second.account, third.account) == (SECRET, SECRET, "")
    assert stored(first.pk) != stored(second.pk)


def test_only_and_defer_load_the_value_when_it_is_read():
    saved = Vault.objects.create(account=SECRET)
    assert Vault.objects.only("account", "seal_id").get(pk=saved.pk).account == SECRET
    assert Vault.objects.only("account").get(pk=saved.pk).account == SECRET
    deferred = Vault.objects.defer("account").get(pk=saved.pk)
    with CaptureQueriesContext(connection) as queries:
        assert deferred.account == SECRET
    assert len(queries) == 1
    name_only = Vault.objects.only("name").get(pk=saved.pk)
    with CaptureQueriesContext(connection) as queries:
        assert name_only.account == SECRET
    assert len(queries) == 1


def test_a_deferred_column_is_neither_loaded_nor_changed_by_a_save():
    saved = Vault.objects.create(account=SECRET)
    token = stored(saved.pk)
    deferred = Vault.objects.defer("account").get(pk=saved.pk)
    deferred.name = "y"
    deferred.save()
    assert "account" in deferred.get_deferred_fields()
    assert stored(saved.pk) == token


def test_assigning_to_a_deferred_column_saves_it():
    saved = Vault.objects.create(account=SECRET)
    deferred = Vault.objects.defer("account").get(pk=saved.pk)
    deferred.account = "62220001"
    deferred.save()
    assert fresh(saved).account == "62220001"


def test_reading_a_deferred_value_of_a_deleted_row_says_so():
    saved = Vault.objects.create(account=SECRET)
    deferred = Vault.objects.defer("account").get(pk=saved.pk)
    Vault.objects.all().delete()
    with pytest.raises(Vault.DoesNotExist):
        deferred.account  # noqa: B018


def test_refresh_from_db_shows_what_somebody_else_saved():
    mine = Vault.objects.create(account=SECRET)
    other = fresh(mine)
    other.account = "62220001"
    other.save()
    assert mine.account == SECRET
    mine.refresh_from_db()
    assert mine.account == "62220001"
    mine.refresh_from_db(fields=["account"])
    assert mine.account == "62220001"


def test_values_list_gives_the_token_which_does_not_show_itself():
    saved = Vault.objects.create(account=SECRET)
    (token,) = Vault.objects.values_list("account", flat=True)
    assert token == stored(saved.pk)
    assert (repr(token), str(token)) == ("<sealed>", "<sealed>")


@pytest.mark.parametrize(
    "move",
    [
        pytest.param("UPDATE kit_vault SET account = (SELECT account FROM kit_vault WHERE id = %(from)s)", id="row"),
        pytest.param("UPDATE kit_vault SET number = account", id="column"),
        pytest.param("UPDATE kit_vault SET seal_id = gen_random_uuid()", id="seal"),
    ],
)
def test_a_token_moved_to_another_row_or_column_cannot_be_read(move):
    source = Vault.objects.create(account=SECRET)
    target = Vault.objects.create(account="62220001")
    with connection.cursor() as cursor:
        cursor.execute(f"{move} WHERE id = %(to)s", {"from": source.pk, "to": target.pk})
    with pytest.raises(crypto.Undecipherable):
        _ = [fresh(target).account, fresh(target).number]
    assert fresh(source).account == SECRET


def test_a_token_is_not_copied_by_update():
    saved = Vault.objects.create(account=SECRET)
    with pytest.raises(TypeError, match="set the attribute and save"), transaction.atomic():
        Vault.objects.update(number=F("account"))
    assert stored(saved.pk, "number") is None


def test_an_unreadable_value_does_not_hinder_other_columns_and_can_be_replaced():
    saved = Vault.objects.create(account=SECRET)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kit_vault SET account = '\\x00'")
    broken = fresh(saved)
    broken.name = "y"
    broken.save(update_fields=["name"])
    broken.account = SECRET
    broken.save()
    assert fresh(saved).account == SECRET


@pytest.mark.parametrize(
    "write",
    [
        lambda saved: Vault.objects.update(account=SECRET),
        lambda saved: Vault.objects.update(account=Value(SECRET)),
        lambda saved: Vault.objects.update(account=Value(SECRET, output_field=EncryptedTextField())),
        lambda saved: Vault.objects.update(account=SECRET.encode()),
        lambda saved: Vault.objects.bulk_update([saved], ["account"]),
    ],
)
def test_plaintext_never_reaches_sql_through_update(write):
    saved = Vault.objects.create(account=SECRET)
    with CaptureQueriesContext(connection) as queries, pytest.raises(TypeError):
        write(saved)
    assert not any(SECRET in query["sql"] for query in queries)


def test_update_may_clear_a_column():
    saved = Vault.objects.create(account=SECRET)
    Vault.objects.update(account=None)
    assert fresh(saved).account == ""


@pytest.mark.parametrize(
    "condition",
    [
        {"account": SECRET},
        {"account": None},
        {"account__exact": SECRET},
        {"account__in": [SECRET]},
        {"account__contains": "1"},
        {"account__startswith": "1"},
        {"account__gt": "1"},
        {"account__regex": "1"},
        {"account__upper__contains": "1"},
    ],
)
def test_lookups_other_than_isnull_are_refused(condition):
    with CaptureQueriesContext(connection) as queries, pytest.raises(FieldError, match="__isnull"):
        list(Vault.objects.filter(**condition))
    assert len(queries) == 0


def test_isnull_finds_what_is_empty():
    Vault.objects.create(account=SECRET)
    empty = Vault.objects.create()
    assert list(Vault.objects.filter(account__isnull=True)) == [empty]
    assert Vault.objects.exclude(account__isnull=True).count() == 1


@pytest.mark.parametrize("wrong", [1, b"x", Value("x"), ["x"]])
def test_only_text_can_be_assigned(wrong):
    with pytest.raises(TypeError, match="takes a str"):
        Vault(account=wrong)


def test_no_sql_ever_holds_the_plaintext():
    with CaptureQueriesContext(connection) as queries:
        saved = Vault.objects.create(account=SECRET, number=SECRET)
        saved.account = SECRET + "1"
        saved.save()
        fresh(saved).delete()
    assert len(queries) >= 4
    assert not any(SECRET in query["sql"] for query in queries)


def test_neither_the_repr_nor_the_stored_state_of_a_row_shows_the_value():
    saved = fresh(Vault.objects.create(account=SECRET))
    assert saved.account == SECRET
    assert SECRET not in repr(saved)
    assert SECRET not in repr(saved.__dict__)


def test_forms_made_from_the_model_do_not_have_it():
    assert list(fields_for_model(Vault)) == ["name"]


def test_dumpdata_writes_the_token_in_base64():
    saved = Vault.objects.create(account=SECRET)
    (row,) = json.loads(serializers.serialize("json", [fresh(saved)]))
    assert base64.b64decode(row["fields"]["account"]) == stored(saved.pk)
    assert row["fields"]["number"] == ""
    assert Vault._meta.get_field("account").to_python(row["fields"]["account"]) == SealedToken(stored(saved.pk))
    assert Vault._meta.get_field("account").to_python("") is None


def test_text_that_is_no_token_is_not_taken_from_a_dump():
    with pytest.raises(ValidationError, match="no base64"):
        Vault._meta.get_field("account").to_python("账号")


def test_full_clean_leaves_text_as_it_is_and_counts_its_length():
    row = Vault(account=SECRET, number="1" * 30)
    row.full_clean(validate_unique=False)
    assert row.account == SECRET
    row.number = "1" * 31
    with pytest.raises(ValidationError) as caught:
        row.full_clean(validate_unique=False)
    assert list(caught.value.message_dict) == ["number"]


def test_a_copied_row_cannot_be_saved_under_the_same_seal():
    saved = Vault.objects.create(account=SECRET)
    copy = fresh(saved)
    copy.pk = None
    copy._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()


def test_a_new_key_seals_again_what_is_assigned_again():
    saved = Vault.objects.create(account=SECRET)
    with override_settings(FIELD_KEYS=f"{NEW},{OLD}"):
        row = fresh(saved)
        row.save()
        assert stored(saved.pk).startswith(b"\x01\x03old")
        row.account = row.account
        row.save()
        assert stored(saved.pk).startswith(b"\x01\x03new")
        assert fresh(saved).account == SECRET
    with override_settings(FIELD_KEYS=OLD), pytest.raises(crypto.Undecipherable):
        fresh(saved).account  # noqa: B018


def test_migrations_write_the_field_without_what_it_always_is():
    field = Vault._meta.get_field("number")
    _name, path, args, kwargs = field.deconstruct()
    assert (path, args) == ("zhgg.kit.fields.EncryptedTextField", [])
    assert kwargs == {"verbose_name": "证件号码", "blank": True, "max_length": 30}
    again = EncryptedTextField(**kwargs, null=False, editable=True)
    assert (again.null, again.editable, again.blank) == (True, False, True)
    assert MigrationWriter.serialize(field)[0].startswith("zhgg.kit.fields.EncryptedTextField(")


def test_the_column_is_bytea():
    assert Vault._meta.get_field("account").db_type(connection) == "bytea"


@pytest.mark.parametrize("option", [{"unique": True}, {"db_index": True}, {"default": "x"}, {"primary_key": True}])
def test_options_that_make_no_sense_are_refused(option):
    with pytest.raises(TypeError, match="an encrypted column cannot have"):
        EncryptedTextField(**option)


def test_a_model_without_seal_id_fails_the_system_check():
    assert [problem.id for problem in Drawer.check()] == ["kit.E001"]
    assert Vault.check() == []
