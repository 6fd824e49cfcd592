"""证件 of all types: what the number on each must look like. The codes are those of the 码表 id_document_type."""

import re
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError

from zhgg.kit.identifiers import resident_id
from zhgg.kit.identifiers.digits import compact

RESIDENT_ID = "01"
PASSPORT = "06"
OTHER = "99"
# Types whose number is built like a 公民身份号码, so that birth date and sex can be read from it.
WITH_BIRTH_DATE = ("01", "04", "05")


@dataclass(frozen=True)
class Document:
    """The rule of one type: the shape of the number, how that shape is described to users, and whether place 18 is
    a check digit as in a 公民身份号码."""

    pattern: re.Pattern
    wanted: str
    resident: bool = False


def _shape(pattern):
    return re.compile(pattern, re.ASCII)


DOCUMENTS = {
    "01": Document(_shape(r"[1-9]\d{16}[\dX]"), "18 位居民身份证号码", resident=True),
    "02": Document(_shape(r"[HM]\d{8}(\d{2})?"), "港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字，例如 H12345678"),
    "03": Document(_shape(r"\d{8}|\d{10}[A-Z0-9]?"), "台湾居民来往大陆通行证号码应为 8 位数字，例如 12345678"),
    "04": Document(
        _shape(r"8[12]0000\d{11}[\dX]"), "港澳居民居住证号码应为 18 位，以 810000 或 820000 开头", resident=True
    ),
    "05": Document(_shape(r"830000\d{11}[\dX]"), "台湾居民居住证号码应为 18 位，以 830000 开头", resident=True),
    "06": Document(_shape(r"[A-Z0-9]{5,20}"), "护照号码应为 5 至 20 位字母或数字，例如 E12345678"),
    "07": Document(
        _shape(r"[A-Z]{3}\d{12}|9\d{16}[\dX]"),
        "外国人永久居留身份证号码应为 3 个字母加 12 位数字，或以 9 开头的 18 位号码",
    ),
    "99": Document(_shape(r"[A-Z0-9-]{4,30}"), "证件号码应为 4 至 30 位字母、数字或连字符"),
}


def normalise(text: str) -> str:
    """Half-width, upper case, no blanks; the same for every type."""
    return compact(text)


def validate(id_type: str, text: str) -> None:
    """Raise ValidationError with what is wrong unless the normalised `text` is a valid number of the type."""
    document = DOCUMENTS.get(id_type)
    if document is None:
        raise ValidationError("请先选择证件类型", code="id_type")
    if id_type != RESIDENT_ID and not document.pattern.fullmatch(text):
        raise ValidationError(f"{document.wanted}，现在是 {len(text):,} 位，请核对", code="shape")
    if document.resident:
        resident_id.validate(text)


def birth_date(id_type: str, number: str) -> date | None:
    """The date of birth that a valid number tells, or None when its type tells none."""
    return resident_id.birth_date(number) if id_type in WITH_BIRTH_DATE else None


def sex(id_type: str, number: str) -> str:
    """The sex (GB/T 2261.1) that a valid number tells, or "" when its type tells none."""
    return resident_id.sex(number) if id_type in WITH_BIRTH_DATE else ""
