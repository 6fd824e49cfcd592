"""SM4-GCM and HMAC-SM3 beside AES-GCM and HMAC-SHA256: official vectors, side by side, from one to the other."""

import base64
from io import StringIO

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.models import IdentityConflict, User
from orgs.models import Grant
from profiles.models import Person
from projects.enums import State
from projects.models import Participant, Submission
from projects.services import digests
from tests import factories as make
from zhgg.kit import crypto

KEY = b"O" * 32
RING = f"old:{base64.b64encode(KEY).decode()}"


@pytest.fixture(autouse=True)
def ring(settings):
    settings.FIELD_KEYS, settings.DIGEST_KEY, settings.ALLOW_SYNTHETIC_IDS = RING, "", True


def test_sm4_gcm_says_what_rfc_8998_says(monkeypatch):
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    monkeypatch.setattr(crypto, "_sm4_key", lambda _: key)
    plain = b"".join(bytes([byte]) * 8 for byte in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    nonce = bytes.fromhex("00001234567800000000abcd")
    authenticated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")

    sealed = crypto._SM4(b"").encrypt(nonce, plain, authenticated)

    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert crypto._SM4(b"").decrypt(nonce, sealed, authenticated) == plain


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_says_what_gb_t_32905_says(message, expected):
    hash = Hash(SM3())
    hash.update(message)
    assert hash.finalize().hex() == expected


def test_the_token_of_the_sm_suite_has_the_documented_form(settings):
    settings.FIELD_SUITE = "sm"
    token = crypto.seal("990000198501010019", "table|column|row")

    head, nonce, sealed, tag = token[:5], token[5:17], token[17:-16], token[-16:]
    assert head == b"\x02\x03old"
    derived = HKDF(algorithm=SM3(), length=16, salt=None, info=b"zhgg sm4").derive(KEY)
    decryptor = Cipher(SM4(derived), GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(head + b"table|column|row")
    assert decryptor.update(sealed) + decryptor.finalize() == b"990000198501010019"


def test_tokens_of_both_suites_open_side_by_side(settings):
    older = crypto.seal("1", "c")
    assert crypto.sealed_with_newest_key(older)
    settings.FIELD_SUITE = "sm"
    newer = crypto.seal("1", "c")

    assert [crypto.unseal(older, "c"), crypto.unseal(newer, "c")] == ["1", "1"]
    assert [crypto.sealed_with_newest_key(older), crypto.sealed_with_newest_key(newer)] == [False, True]
    settings.FIELD_SUITE = "aes"
    assert [crypto.sealed_with_newest_key(older), crypto.sealed_with_newest_key(newer)] == [True, False]


def test_a_changed_token_of_the_sm_suite_does_not_open(settings):
    settings.FIELD_SUITE = "sm"
    token = crypto.seal("1234", "c")
    with pytest.raises(crypto.Undecipherable):
        crypto.unseal(token, "d")
    for place in range(len(token) * 8):
        changed = bytearray(token)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(crypto.Undecipherable):
            crypto.unseal(bytes(changed), "c")
    # The same token taken for one of the other suite.
    with pytest.raises(crypto.Undecipherable):
        crypto.unseal(b"\x01" + token[1:], "c")


def test_the_digest_of_suite_sm3_is_hmac_sm3_of_the_other_one(settings):
    first = crypto.digest("id_number", "1")
    settings.DIGEST_SUITE = "sm3"
    outer_key = HKDF(algorithm=SM3(), length=32, salt=None, info=b"zhgg digest sm3").derive(
        base64.b64decode(crypto.derived_digest_key())
    )
    expected = HMAC(outer_key, SM3())
    expected.update(first.encode())

    assert crypto.digest("id_number", "1") == crypto.to_sm3(first) == expected.finalize().hex()
    assert crypto.digest("id_number", "") == crypto.to_sm3("") == ""


@pytest.mark.parametrize(("name", "value"), [("FIELD_SUITE", "des"), ("DIGEST_SUITE", "md5"), ("FIELD_SUITE", "")])
def test_an_unknown_suite_is_refused_at_the_start(settings, name, value):
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=f"{name} must be one of"):
        crypto.check_keys()


def test_rotation_moves_sealed_values_from_one_suite_to_the_other_and_back(db, settings):
    proposal = make.make_proposal(make.make_person(unit=make.make_unit()), state=State.UNIT)
    for suite, version in (("sm", 2), ("aes", 1)):
        settings.FIELD_SUITE = suite
        call_command("rotate_field_keys", stdout=StringIO())
        for model, field in ((User, "id_number"), (Person, "id_number"), (Submission, "content")):
            tokens = model._base_manager.exclude(**{f"{field}__isnull": True}).values_list(field, flat=True)
            assert {bytes(token)[0] for token in tokens} == {version}
        assert Person.objects.get().id_number == proposal.pi.user.id_number


# Digests in the database ----------------------------------------------------------------------------------------------


def rotate(**options):
    out = StringIO()
    call_command("rotate_digests", stdout=out, **options)
    return out.getvalue()


def test_every_column_of_digests_is_moved_or_known_not_to_be():
    found = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.name.endswith(("digest", "_tail")) or "摘要" in str(field.verbose_name)
    }
    moved = {(model, name) for model, names in digests.COLUMNS.items() for name in names}

    assert moved <= found
    assert {f"{model._meta.label_lower}.{name}" for model, name in found - moved} == {
        # Not keyed, or never looked up from a number.
        "accounts.loginattempt.state_digest",
        "accounts.loginattempt.browser_digest",
        "accounts.auditseal.previous",
        "accounts.auditseal.digest",
        "projects.submission.digest",
        "projects.printout.fingerprint",
    }


def test_all_digests_are_moved_at_once_and_everybody_is_found_again(db, settings):
    unit = make.make_unit()
    pi = make.make_person(unit=unit)
    make.make_request(pi, unit)
    agent = make.make_agent(unit)
    proposal = make.make_proposal(pi, state=State.UNIT)
    Participant.objects.create(proposal=proposal, digest=pi.user.identity_digest, leads=True)
    IdentityConflict.objects.create(reason="taken", account=pi.user, issuer="i", subject="s", digest="ab" * 32)
    code = Submission.objects.get().digest
    assert rotate(check=True) == "一致：sha256\n"
    with pytest.raises(CommandError, match="设置 DIGEST_SUITE=sm3"):
        rotate()

    settings.DIGEST_SUITE = "sm3"
    with pytest.raises(CommandError, match="数据库中的摘要是 sha256，DIGEST_SUITE 是 sm3"):
        rotate(check=True)
    told = rotate()

    assert "全部摘要已转换为 HMAC-SM3。" in told
    assert rotate(check=True) == "一致：sm3\n"
    number = pi.user.id_number
    assert User.objects.known_by(crypto.digest("id_number", number)).get() == pi.user
    assert User.objects.get(uscc=unit.uscc).known_as == crypto.digest("uscc", unit.uscc)
    assert Grant.objects.get().holder_digest == crypto.digest("id_number", agent.id_number)
    person = Person.objects.get(pk=pi.pk)
    assert person.id_digest == pi.requests.get().id_digest == crypto.digest("id_number", number)
    assert person.mobile_tail == crypto.digest("mobile_tail", make.MOBILE[-4:])
    assert Participant.objects.get().digest == crypto.digest("id_number", number)
    assert IdentityConflict.objects.get().digest == crypto.to_sm3("ab" * 32)
    assert Submission.objects.get().digest == code
    assert make.actor_of(agent).role == "agent"
    # One number is still one account, whichever suite it was made under.
    with pytest.raises(IntegrityError), transaction.atomic():
        make.make_user(id_number=number)
    assert rotate() == "摘要已经是 HMAC-SM3，没有改动。\n"
    assert User.objects.known_by(crypto.digest("id_number", number)).get() == pi.user


def test_digests_of_another_key_are_not_touched(db, settings):
    unit = make.make_unit()
    before = User.objects.get(pk=unit.account.pk).known_as
    settings.DIGEST_SUITE, settings.DIGEST_KEY = "sm3", base64.b64encode(b"N" * 32).decode()

    with pytest.raises(CommandError, match="数据库中的摘要与 DIGEST_KEY 不符"):
        rotate()
    assert User.objects.get(pk=unit.account.pk).known_as == before


def test_the_site_does_not_start_with_another_suite_or_key_than_what_is_stored(db, settings):
    digests.refuse_other_suite()
    make.make_unit()
    digests.refuse_other_suite()

    settings.DIGEST_SUITE = "sm3"
    with pytest.raises(ImproperlyConfigured, match="数据库中的摘要是 sha256，与 DIGEST_SUITE=sm3 和 DIGEST_KEY 不符"):
        digests.refuse_other_suite()
    rotate()
    digests.refuse_other_suite()
    settings.DIGEST_SUITE = "sha256"
    with pytest.raises(ImproperlyConfigured, match="数据库中的摘要是 sm3，与 DIGEST_SUITE=sha256"):
        digests.refuse_other_suite()

    settings.DIGEST_SUITE, settings.DIGEST_KEY = "sm3", base64.b64encode(b"N" * 32).decode()
    with pytest.raises(ImproperlyConfigured, match="数据库中的摘要是用另一个密钥算出的，与"):
        digests.refuse_other_suite()
