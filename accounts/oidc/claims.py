"""What 渝快办 says about an account. Everything about its real names and ways of writing stays in this module.

Our names are the defaults; `settings.OIDC_CLAIMS` (our name → the provider's) replaces those that differ. What the
provider does not send is empty, and so is what is no use (too long, of another type, not a code): the user fills it in.
Four things are strict, because rights and identity hang on them: the kind of account, the name, the 证件号码 and the
统一社会信用代码.
"""

import logging
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.enums import Kind
from accounts.oidc.refusals import ClaimsRefused, WrongEntrance
from zhgg.kit.identifiers import clean_id_number, clean_uscc
from zhgg.kit.names import clean_name
from zhgg.kit.phones import clean_mobile
from zhgg.kit.text import clean_line

log = logging.getLogger("zhgg.login")

RESIDENT_ID = "01"
# How genders may be written → GB/T 2261.1.
GENDERS = {
    **dict.fromkeys(("1", "male", "m", "男", "男性"), "1"),
    **dict.fromkeys(("2", "female", "f", "女", "女性"), "2"),
}
# The codes of GA/T 517 that identity providers use → our 码表 id_document_type.
ID_TYPES = {"111": "01", "516": "02", "511": "03", "414": "06", "553": "07"}
# numeric(18, 6) of 万元
LARGEST_AMOUNT = Decimal(10) ** 12


@dataclass(frozen=True)
class Claims:
    """The verified account of one login by our names. Texts are "" and dates and amounts None when not stated.

    `id_number` and `uscc` are normalised and valid; `legal_rep_id_number` likewise.
    """

    issuer: str
    subject: str
    account_type: str
    name: str
    phone_number: str = ""
    email: str = ""
    id_type: str = ""
    id_number: str = ""
    gender: str = ""
    birthdate: date | None = None
    org_name: str = ""
    uscc: str = ""
    legal_rep_name: str = ""
    legal_rep_id_type: str = ""
    legal_rep_id_number: str = ""
    registered_on: date | None = None
    registered_capital: Decimal | None = None
    paid_in_capital: Decimal | None = None
    registration_type: str = ""
    district: str = ""
    address: str = ""


def read(id_token, userinfo, *, entrance):
    """The Claims of a login through `entrance`, from the verified ID token and the userinfo of the same subject.

    Raises WrongEntrance or ClaimsRefused.
    """
    stated = _Stated(id_token, userinfo)
    account_type = _account_type(stated, entrance)
    person = account_type == Kind.PERSON
    id_type, id_number = _id_document(stated, "id_type", "id_number") if person else ("", "")
    rep_type, rep_number = ("", "") if person else _legal_rep_document(stated)
    uscc = "" if person else _uscc(stated)
    return Claims(
        issuer=id_token["iss"],
        subject=id_token["sub"],
        account_type=account_type,
        name=_name(stated),
        phone_number=_phone(stated),
        email=_email(stated),
        id_type=id_type,
        id_number=id_number,
        gender=GENDERS.get(stated.text("gender", 10).lower(), "") if person else "",
        birthdate=stated.day("birthdate") if person else None,
        uscc=uscc,
        legal_rep_id_type=rep_type,
        legal_rep_id_number=rep_number,
        **({} if person else _unit(stated)),
    )


class _Stated:
    """The two sources as one, by our names. Where both speak, userinfo counts: it is the fuller one.

    What identity hangs on must not differ between the two (`agreed`).
    """

    def __init__(self, id_token, userinfo):
        self._sources = (userinfo, id_token)

    def all(self, name):
        """Every value that was stated under our `name`, whatever its type."""
        theirs = settings.OIDC_CLAIMS.get(name, name)
        return [source[theirs] for source in self._sources if source.get(theirs) is not None]

    def raw(self, name):
        """The first of them as a text without blanks around it, or ""."""
        value = next(iter(self.all(name)), "")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return value.strip() if isinstance(value, str) else ""

    def agreed(self, name):
        """The one text that all sources state, or ""; refused when they differ or it is no text."""
        values = self.all(name)
        if any(not isinstance(value, str) for value in values) or len(set(values)) > 1:
            raise ClaimsRefused(f"{name} is no text, or ID token and userinfo differ")
        return values[0].strip() if values else ""

    def text(self, name, limit):
        """A text of one line and at most `limit` code points, or "": a cut one would be a wrong one."""
        try:
            return clean_line(self.raw(name), max_length=limit)
        except ValidationError:
            log.info("claim %s left out: too long, or with control characters", name)
            return ""

    def code(self, name, pattern):
        """A code that fits `pattern`, or ""."""
        value = self.raw(name)
        return value if re.fullmatch(pattern, value, re.ASCII) else ""

    def day(self, name):
        """A date written as 2001-02-03, 20010203 or 2001/2/3, or None."""
        found = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", self.raw(name), re.ASCII)
        try:
            return date(*map(int, found.groups())) if found else None
        except ValueError:
            return None

    def amount(self, name):
        """An amount in 万元, or None."""
        value = next(iter(self.all(name)), None)
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            return None
        try:
            amount = Decimal(str(value).strip().replace(",", "")).quantize(Decimal("0.000001"))
        except InvalidOperation:
            return None
        return amount if amount.is_finite() and 0 <= amount < LARGEST_AMOUNT else None


def _account_type(stated, entrance):
    values = stated.all("account_type")
    kinds = {value if value in (Kind.LEGAL, Kind.PERSON) else None for value in values if isinstance(value, str)}
    if any(not isinstance(value, str) for value in values) or len(kinds) != 1 or None in kinds:
        raise WrongEntrance("account_type is missing, unknown or contradictory")
    [kind] = kinds
    if kind != entrance:
        raise WrongEntrance(f"a {kind} account at the entrance {entrance}", right=str(kind))
    return str(kind)


def _name(stated):
    try:
        return clean_name(stated.agreed("name"))
    except ValidationError as error:
        raise ClaimsRefused(
            "the name is missing, too long or has control characters",
            message="渝快办提供的姓名为空、超过 100 个字或含有无法识别的字符，不能登录。"
            "请先到渝快办更正，或致电技术支持。",
        ) from error


def _id_document(stated, type_name, number_name):
    """Type and number of a person's document. A number that is stated must be valid; without one both are empty."""
    number = stated.agreed(number_name)
    if not number:
        return "", ""
    id_type = stated.agreed(type_name) or RESIDENT_ID
    id_type = ID_TYPES.get(id_type, id_type)
    try:
        return id_type, clean_id_number(id_type, number)
    except ValidationError as error:
        raise ClaimsRefused(
            f"{number_name} is not valid",
            message="渝快办提供的证件号码不符合规则（含校验码），不能登录。请先到渝快办更正，或致电技术支持。",
        ) from error


def _legal_rep_document(stated):
    """Like a person's, but a bad one does not keep the unit out: it is left empty for the unit to fill in."""
    try:
        return _id_document(stated, "legal_rep_id_type", "legal_rep_id_number")
    except ClaimsRefused:
        log.info("claim legal_rep_id_number left out: not valid")
        return "", ""


def _uscc(stated):
    code = stated.agreed("uscc")
    if not code:
        return ""
    try:
        return clean_uscc(code)
    except ValidationError as error:
        raise ClaimsRefused(
            "uscc is not valid",
            message="渝快办提供的统一社会信用代码不符合规则（含校验码），不能登录。请先到渝快办更正，或致电技术支持。",
        ) from error


def _phone(stated):
    try:
        return clean_mobile(stated.raw("phone_number"))
    except ValidationError:
        return ""


def _email(stated):
    address = stated.text("email", 254)
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


def _unit(stated):
    return {
        "org_name": stated.text("org_name", 100),
        "legal_rep_name": stated.text("legal_rep_name", 100),
        "registered_on": stated.day("registered_on"),
        "registered_capital": stated.amount("registered_capital"),
        "paid_in_capital": stated.amount("paid_in_capital"),
        "registration_type": stated.code("registration_type", r"\d{3}"),
        "district": stated.code("district", r"\d{6}"),
        "address": stated.text("address", 200),
    }
