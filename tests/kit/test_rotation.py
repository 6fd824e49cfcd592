"""Sealing anew under the newest key: every column, no lost write, no stop halfway that matters."""

import base64
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.utils import ProgrammingError

from accounts.models import KeptForm, User
from orgs.models import Unit
from profiles.models import Person
from projects.enums import State
from projects.models import Section, Submission
from tests import factories as make
from tests.races import together
from zhgg.kit import crypto, rotation
from zhgg.kit.fields import SealedToken

OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"O", b"N"))
ONE_KEY, TWO_KEYS = f"old:{OLD}", f"new:{NEW},old:{OLD}"


@pytest.fixture(autouse=True)
def one_key(settings):
    settings.FIELD_KEYS, settings.DIGEST_KEY, settings.ALLOW_SYNTHETIC_IDS = ONE_KEY, "", True


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(rotation, "PAUSE_SECONDS", 0)


def run(**options):
    out = StringIO()
    call_command("rotate_field_keys", stdout=out, **options)
    return out.getvalue().splitlines()


def token_of(row, field):
    return type(row)._base_manager.values_list(field, flat=True).get(pk=row.pk)


@pytest.mark.django_db
def test_every_encrypted_column_is_sealed_anew_and_says_the_same(settings):
    proposal = make.make_proposal(make.make_person(unit=make.make_unit()), state=State.UNIT)
    section, submission = proposal.sections.get(), proposal.submissions.get()
    rows = [(proposal.pi, "id_number"), (proposal.unit, "bank_account"), (section, "content"), (submission, "content")]
    before = {row: getattr(row, field) for row, field in rows}
    digest = submission.digest
    settings.FIELD_KEYS = TWO_KEYS

    counted = run(dry_run=True)
    untouched = [crypto.sealed_with_newest_key(token_of(row, field)) for row, field in rows]
    lines = run()

    total = sum(rotation.count_old(model) for model in rotation.sealed_models())
    assert (total, untouched) == (0, [False] * 4)
    assert counted[-1].removesuffix("待重新加密。") == lines[-2].replace("共重新加密", "共").removesuffix("。")
    assert "最旧的密钥移出 FIELD_KEYS 之前，须先设置 DIGEST_KEY" in lines[-1]
    settings.DIGEST_KEY, settings.FIELD_KEYS = crypto.derived_digest_key(), f"new:{NEW}"
    for row, field in rows:
        assert getattr(type(row)._base_manager.get(pk=row.pk), field) == before[row]
    assert Submission.objects.get().digest == digest
    assert User.objects.known_by(proposal.pi.user.identity_digest).exists()
    assert run()[-2:] == ["共重新加密 0 行。", "全部加密字段都用最新的密钥。旧密钥可以移出 FIELD_KEYS。"]


@pytest.mark.django_db
def test_what_is_frozen_stays_frozen_for_everybody_else(settings):
    make.make_proposal(make.make_person(unit=make.make_unit()), state=State.UNIT)
    settings.FIELD_KEYS = TWO_KEYS
    rotation.rotate(Submission)

    assert crypto.sealed_with_newest_key(Submission.objects.values_list("content", flat=True).get())
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Submission.objects.update(number=9)


@pytest.mark.django_db
def test_a_run_that_broke_off_goes_on_with_what_is_left(settings, monkeypatch):
    for _ in range(5):
        make.make_unit()
    settings.FIELD_KEYS = TWO_KEYS
    monkeypatch.setattr(rotation, "BATCH", 2)

    def stop(done):
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(Unit, stop)

    assert (rotation.count_old(Unit), rotation.rotate(Unit).done, rotation.count_old(Unit)) == (3, 3, 0)


@pytest.mark.django_db
def test_a_row_that_no_key_opens_is_named_and_the_others_go_on(settings):
    lost, unit = make.make_unit(), make.make_unit()
    settings.FIELD_KEYS = f"gone:{base64.b64encode(b'G' * 32).decode()}"
    lost.bank_account = "9999990000000014"
    lost.save()
    settings.FIELD_KEYS = TWO_KEYS

    with pytest.raises(CommandError, match=rf"法人单位有 1 行无法解密（编号 {lost.pk}）。旧密钥还不能移出"):
        run()

    assert crypto.sealed_with_newest_key(token_of(unit, "bank_account"))


@pytest.mark.django_db
def test_an_empty_value_stays_empty(settings):
    unit = make.make_unit(complete=False)
    settings.FIELD_KEYS = TWO_KEYS
    assert rotation.rotate(Unit).found == 0
    assert token_of(unit, "bank_account") is None


@pytest.mark.django_db
def test_all_models_with_an_encrypted_column_are_gone_through():
    assert {User, KeptForm, Unit, Person, Section, Submission} < set(rotation.sealed_models())


@pytest.mark.django_db(transaction=True)
def test_what_somebody_writes_at_the_same_moment_is_not_lost(settings):
    unit = make.make_unit()
    # As a process writes it that knows the old key alone.
    context = Unit._meta.get_field("bank_account").context(unit)
    token = SealedToken(crypto.seal("9999990000000014", context))
    settings.FIELD_KEYS = TWO_KEYS
    held, rotated = threading.Event(), threading.Event()

    def somebody():
        with transaction.atomic():
            Unit.objects.filter(pk=unit.pk).update(bank_account=token)
            held.set()
            rotated.wait(1.5)

    def rotation_of_units():
        held.wait(5)
        try:
            return rotation.rotate(Unit)
        finally:
            rotated.set()

    _, result = together(somebody, rotation_of_units)

    assert (result.done, result.left) == (0, 1)
    assert Unit.objects.get().bank_account == "9999990000000014"
    assert rotation.rotate(Unit).done == 1
    assert Unit.objects.get().bank_account == "9999990000000014"
