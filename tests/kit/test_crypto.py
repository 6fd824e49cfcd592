"""Sealing, opening and digests: what opens, what does not, and what a wrong key ring is told."""

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from zhgg.kit import crypto

OLD = base64.b64encode(b"O" * 32).decode()
NEW = base64.b64encode(b"N" * 32).decode()
ONE_KEY = override_settings(FIELD_KEYS=f"old:{OLD}", DIGEST_KEY="")
TWO_KEYS = override_settings(FIELD_KEYS=f"new:{NEW},old:{OLD}", DIGEST_KEY="")


@ONE_KEY
@given(text=st.text(), context=st.text(alphabet="abc|-0123456789"))
def test_what_was_sealed_opens_with_the_same_context(text, context):
    assert crypto.unseal(crypto.seal(text, context), context) == text


@ONE_KEY
def test_the_token_has_the_documented_form():
    token = crypto.seal("990000198501010019", "table|column|row")
    head = b"\x01\x03old"
    assert token.startswith(head)
    nonce, sealed = token[5:17], token[17:]
    assert AESGCM(b"O" * 32).decrypt(nonce, sealed, head + b"table|column|row") == b"990000198501010019"
    assert len(token) == len(head) + 12 + 18 + 16


@ONE_KEY
def test_the_same_text_never_gives_the_same_token():
    assert len({crypto.seal("1", "c") for _ in range(100)}) == 100


@ONE_KEY
def test_a_token_moved_to_another_place_does_not_open():
    token = crypto.seal("1", "a|b|1")
    for elsewhere in ("a|b|2", "a|c|1", "", "a|b|1 "):
        with pytest.raises(crypto.Undecipherable):
            crypto.unseal(token, elsewhere)


@ONE_KEY
def test_a_change_of_any_bit_is_noticed():
    token = crypto.seal("1234", "c")
    for place in range(len(token) * 8):
        changed = bytearray(token)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(crypto.Undecipherable):
            crypto.unseal(bytes(changed), "c")


@ONE_KEY
@given(token=st.binary(max_size=60))
def test_anything_that_is_no_token_is_undecipherable(token):
    with pytest.raises(crypto.Undecipherable):
        crypto.unseal(token, "c")


@ONE_KEY
def test_every_cut_off_token_is_undecipherable():
    token = crypto.seal("1234", "c")
    for length in range(len(token)):
        with pytest.raises(crypto.Undecipherable):
            crypto.unseal(token[:length], "c")


def test_many_are_sealed_for_other_places_and_what_cannot_be_read_says_why():
    with ONE_KEY:
        moves = [(crypto.seal(text, f"a|{text}"), f"a|{text}", f"b|{text}") for text in ("1", "2", "2")]
        cut_off = (moves[0][0][:-1], "a|1", "b|1")
        elsewhere = (moves[0][0], "a|2", "b|2")

    with TWO_KEYS:
        one, broken, two, moved, again = crypto.reseal_each([moves[0], cut_off, moves[1], elsewhere, moves[2]])

        assert [crypto.unseal(*each) for each in ((one, "b|1"), (two, "b|2"), (again, "b|2"))] == ["1", "2", "2"]
        assert {each[:5] for each in (one, two, again)} == {b"\x01\x03new"}
    assert len({each[5:17] for each in (one, two, again)}) == 3, "no nonce is used twice"
    assert [type(each) for each in (broken, moved)] == [crypto.Undecipherable] * 2
    assert crypto.reseal_each([]) == []


@ONE_KEY
def test_a_lone_surrogate_cannot_be_sealed_and_is_not_quoted():
    with pytest.raises(ValueError, match="a lone surrogate cannot be encrypted") as caught:
        crypto.seal("secret\ud800", "c")
    assert "secret" not in repr(caught.value.__dict__)
    assert caught.value.__suppress_context__


def test_the_first_key_seals_and_every_key_opens():
    with ONE_KEY:
        before = crypto.seal("1", "c")
        assert crypto.sealed_with_newest_key(before)
    with TWO_KEYS:
        assert crypto.unseal(before, "c") == "1"
        assert not crypto.sealed_with_newest_key(before)
        after = crypto.seal("1", "c")
        assert after.startswith(b"\x01\x03new")
        assert crypto.sealed_with_newest_key(after)
    with ONE_KEY, pytest.raises(crypto.Undecipherable, match="key 'new', which is not in FIELD_KEYS"):
        crypto.unseal(after, "c")


@pytest.mark.parametrize(
    ("ring", "told"),
    [
        ("", "entry 1 must look like id:key"),
        ("nokey", "entry 1 must look like id:key"),
        (f":{OLD}", "entry 1 must look like id:key"),
        (f"钥:{OLD}", "entry 1 must look like id:key"),
        (f"{'k' * 33}:{OLD}", "entry 1 must look like id:key"),
        (f"a:{OLD},", "entry 2 must look like id:key"),
        ("a:!!!!", "key 'a' must be 32 bytes in base64, and is no base64"),
        ("a:密钥", "key 'a' must be 32 bytes in base64, and is no base64"),
        ("a:" + base64.b64encode(b"x" * 31).decode(), "key 'a' must be 32 bytes in base64, and is 31 bytes"),
        ("a:" + base64.b64encode(b"x" * 33).decode(), "key 'a' must be 32 bytes in base64, and is 33 bytes"),
        (f"a:{OLD},a:{NEW}", "the id 'a' is there twice"),
        (f"a:{OLD},b:{OLD}", "key 'b' is the same as another one"),
    ],
)
def test_a_wrong_key_ring_is_told_what_is_wrong_without_its_keys(ring, told):
    with override_settings(FIELD_KEYS=ring, DIGEST_KEY=""), pytest.raises(ImproperlyConfigured) as caught:
        crypto.check_keys()
    assert told in str(caught.value)
    assert OLD not in str(caught.value)
    assert NEW not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "told"), [("!!", "is no base64"), (base64.b64encode(b"x" * 31).decode(), "is 31 bytes")]
)
def test_a_wrong_digest_key_is_told_what_is_wrong(key, told):
    with override_settings(FIELD_KEYS=f"a:{OLD}", DIGEST_KEY=key), pytest.raises(ImproperlyConfigured) as caught:
        crypto.check_keys()
    assert f"DIGEST_KEY must be at least 32 bytes in base64, and {told}." == str(caught.value)


def test_the_url_safe_alphabet_and_spaces_are_fine():
    key = base64.urlsafe_b64encode(b"\xfb\xff" * 16).decode()
    assert "-" in key
    assert "_" in key
    with override_settings(FIELD_KEYS=f" a:{key} , b:{OLD}", DIGEST_KEY=key):
        crypto.check_keys()
        assert crypto.unseal(crypto.seal("1", "c"), "c") == "1"


def test_no_key_shows_in_a_repr():
    assert "O" * 5 not in repr(crypto._parsed(f"old:{OLD}"))
    assert OLD not in repr(crypto._parsed(f"old:{OLD}"))


@override_settings(FIELD_KEYS=f"old:{OLD}", DIGEST_KEY=NEW)
def test_the_digest_is_hmac_sha256_of_purpose_and_value():
    expected = hmac.new(b"N" * 32, b"id_number\x00990000198501010019", hashlib.sha256).hexdigest()
    assert crypto.digest("id_number", "990000198501010019") == expected


@ONE_KEY
def test_digests_keep_purposes_values_and_keys_apart():
    one = crypto.digest("id_number", "1")
    assert one == crypto.digest("id_number", "1")
    assert len(one) == 64
    assert one != crypto.digest("bank_account", "1")
    assert one != crypto.digest("id_number", "2")
    with override_settings(DIGEST_KEY=NEW):
        assert one != crypto.digest("id_number", "1")


@ONE_KEY
def test_nothing_has_an_empty_digest():
    assert crypto.digest("id_number", "") == ""


@ONE_KEY
@pytest.mark.parametrize("purpose", ["", "a\0b"])
def test_a_digest_needs_a_purpose(purpose):
    with pytest.raises(ValueError, match="purpose"):
        crypto.digest(purpose, "1")


@ONE_KEY
@given(value=st.text(alphabet=st.characters(), min_size=1))
def test_any_text_has_a_digest(value):
    assert len(crypto.digest("p", value)) == 64


@ONE_KEY
def test_the_digest_key_is_hkdf_sha256_of_the_oldest_key():
    extracted = hmac.new(b"\0" * 32, b"O" * 32, hashlib.sha256).digest()
    expanded = hmac.new(extracted, b"zhgg digest\x01", hashlib.sha256).digest()
    assert base64.b64decode(crypto.derived_digest_key()) == expanded
    assert crypto.digest("p", "1") == hmac.new(expanded, b"p\x001", hashlib.sha256).hexdigest()


def test_digests_stay_the_same_when_a_key_is_put_in_front():
    with ONE_KEY:
        before = crypto.digest("id_number", "1")
        derived = crypto.derived_digest_key()
    with TWO_KEYS:
        assert crypto.digest("id_number", "1") == before
    with override_settings(FIELD_KEYS=f"new:{NEW}", DIGEST_KEY=""):
        assert crypto.digest("id_number", "1") != before
    with override_settings(FIELD_KEYS=f"new:{NEW}", DIGEST_KEY=derived):
        assert crypto.digest("id_number", "1") == before
