"""How 证件号码, phone numbers, bank accounts, names and e-mail addresses look to those who need not see them in full.

Every function takes any text (or None) and never raises. An empty value stays empty, and no mask ever shows a whole
value: a value too short for its pattern shows less of itself, not more.
"""

STAR = "*"
UNREADABLE = "无法读取，请致电技术支持"
"""What stands in the place of a number that cannot be decrypted (`kit.fields.to_show`). It is shown as it is."""


def _ends(value: str, front: int, back: int) -> str:
    """The first `front` and the last `back` characters with one star for each character between them."""
    return value[:front] + STAR * (len(value) - front - back) + value[len(value) - back :]


def _short(value: str) -> str:
    """The mask of a value too short for its own pattern: one character at each end, or none of two or fewer."""
    return _ends(value, 1, 1) if len(value) > 2 else STAR * len(value)


def mask_id(value: str | None) -> str:
    """A 证件号码: 500112********4217 (six in front, four at the back); shorter than 12 characters: H*******6."""
    if value == UNREADABLE:
        return value
    value = (value or "").strip()
    return _ends(value, 6, 4) if len(value) >= 12 else _short(value)


def mask_phone(value: str | None) -> str:
    """A phone number: 138****0625 (three in front, four at the back); shorter than 11 characters: 6******5."""
    value = (value or "").strip()
    return _ends(value, 3, 4) if len(value) >= 11 else _short(value)


def mask_bank(value: str | None) -> str:
    """A 银行账号: 1201 **** **** 6635 whatever its length; shorter than 12 digits only the end: **** 6635."""
    if value == UNREADABLE:
        return value
    value = "".join((value or "").split())
    if len(value) >= 12:
        return f"{value[:4]} **** **** {value[-4:]}"
    if len(value) >= 8:
        return f"**** {value[-4:]}"
    return _short(value)


def mask_name(value: str | None) -> str:
    """A name: 张* whatever its length, so that the mask does not tell how long the name is."""
    value = (value or "").strip()
    return value[:1] + STAR if value else ""


def mask_email(value: str | None) -> str:
    """An e-mail address: z***@example.com; a text without @ is masked like a short value."""
    value = (value or "").strip()
    local, at, domain = value.rpartition("@")
    if not at or not local:
        return _short(value)
    return f"{local[0]}***@{domain}" if len(local) > 1 else f"***@{domain}"
