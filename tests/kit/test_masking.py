"""Masks show exactly what design says and never a whole value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhgg.kit.masking import mask_bank, mask_email, mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_id, "500112199001014217", "500112********4217"),
        (mask_id, "50011219900101421X", "500112********421X"),
        (mask_id, "123456789012", "123456**9012"),
        (mask_id, "12345678901", "1*********1"),
        (mask_id, "H12345678", "H*******8"),
        (mask_id, "AB", "**"),
        (mask_id, "A", "*"),
        (mask_phone, "13800000625", "138****0625"),
        (mask_phone, "023-67035473", "023*****5473"),
        (mask_phone, "6703547312", "6********2"),
        (mask_phone, "67035473", "6******3"),
        (mask_bank, "120155556666777766635", "1201 **** **** 6635"),
        (mask_bank, "1201 5555 6666 6635", "1201 **** **** 6635"),
        (mask_bank, "12345678901", "**** 8901"),
        (mask_bank, "12345678", "**** 5678"),
        (mask_bank, "1234567", "1*****7"),
        (mask_name, "张广源", "张*"),
        (mask_name, "𠮷田", "𠮷*"),
        (mask_name, "张", "张*"),
        (mask_email, "zhang@example.com", "z***@example.com"),
        (mask_email, "z@example.com", "***@example.com"),
        (mask_email, "nobody", "n****y"),
        (mask_email, "@example.com", "@**********m"),
    ],
)
def test_each_mask_shows_exactly_this(mask, value, shown):
    assert mask(value) == shown


@pytest.mark.parametrize("mask", [mask_id, mask_phone, mask_bank, mask_name, mask_email])
@pytest.mark.parametrize("nothing", ["", None, "   "])
def test_nothing_stays_nothing(mask, nothing):
    assert mask(nothing) == ""


@pytest.mark.parametrize("mask", [mask_id, mask_phone, mask_bank])
@given(value=st.text(alphabet="0123456789X", min_size=1, max_size=40))
def test_a_mask_never_shows_a_whole_number(mask, value):
    assert "*" in mask(value)
    assert value not in mask(value)
