"""统一社会信用代码 (GB 32100-2015): registry (2) · region (6) · 组织机构代码 of GB 11714 (9) · check digit (1)."""

from django.core.exceptions import ValidationError

from zhgg.kit.identifiers.digits import compact, shown, synthetic_allowed

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Registry → kinds, as in the 码表 uscc_prefix.
_KINDS = {
    "1": "1239",
    "2": "19",
    "3": "123459",
    "4": "19",
    "5": "1239",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "123",
    "A": "19",
    "N": "1239",
    "Y": "1",
}
PREFIXES = frozenset(registry + kind for registry, kinds in _KINDS.items() for kind in kinds)
SYNTHETIC_REGION = "99"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def normalise(text: str) -> str:
    """Half-width, upper case, no blanks."""
    return compact(text)


def validate(text: str) -> None:
    """Raise ValidationError with what is wrong unless the normalised `text` is a valid 统一社会信用代码."""
    if len(text) != LENGTH:
        raise ValidationError(f"统一社会信用代码应为 18 位，现在是 {len(text):,} 位", code="length")
    for place, character in enumerate(text, start=1):
        if character in "IOZSV":
            raise ValidationError(
                f"第 {place} 位是“{character}”，统一社会信用代码不用字母 I、O、Z、S、V，请核对是否为数字",
                code="character",
            )
        if character not in ALPHABET:
            raise ValidationError(
                f"第 {place} 位应为数字或大写字母，现在是“{shown(character)}”，请核对", code="character"
            )
    if text[:2] not in PREFIXES:
        raise ValidationError(f"开头两位“{text[:2]}”不是登记管理部门代码，请核对", code="prefix")
    region = text[2:8]
    if not region.isdigit() or (region.startswith(SYNTHETIC_REGION) and not synthetic_allowed()):
        raise ValidationError(f"第 3 至 8 位“{region}”不是行政区划代码，请核对", code="region")
    if text[16] != organisation_check_digit(text[8:16]):
        raise ValidationError("第 9 至 17 位（组织机构代码）的校验码不符，请对照证照逐位核对", code="organisation")
    if text[17] != check_digit(text[:17]):
        raise ValidationError("最后一位校验码与前 17 位不符，请对照证照逐位核对", code="check_digit")


def check_digit(first_17: str) -> str:
    """Place 18: weights 3^i mod 31 over the values of the first 17 places."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first_17))
    return ALPHABET[-total % 31]


def organisation_check_digit(body: str) -> str:
    """The ninth place of a 组织机构代码 (GB 11714), from the eight before it; letters count A = 10 to Z = 35."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, _BODY_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]
