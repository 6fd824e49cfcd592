"""Numbers of the demo data and the tests. They carry the reserved region 99 (bank category 999), which belongs to no
person and no unit, have true check digits, and are valid only where ALLOW_SYNTHETIC_IDS is on."""

from datetime import date

from stdnum.iso7064 import mod_11_2, mod_11_10

from zhgg.kit.identifiers import uscc


def synthetic_resident_id(birth: date, sequence: int) -> str:
    """A 公民身份号码 of somebody born that day; an odd `sequence` (1 to 999) is male, an even one female."""
    first = f"990000{birth:%Y%m%d}{_within(sequence, 999):03}"
    return first + mod_11_2.calc_check_digit(first)


def synthetic_uscc(n: int, prefix: str = "91") -> str:
    """A 统一社会信用代码, another one for each n (1 to 999,999). `prefix` is one of the 码表 uscc_prefix."""
    if prefix not in uscc.PREFIXES:
        raise ValueError(f"{prefix!r} is no prefix of a 统一社会信用代码")
    letters, digits = ("MATEXT", 2) if prefix == "91" else ("TEXT", 4)
    number = f"{_within(n, 999_999):0{digits}}"
    body = (letters + "0" * 8)[: 8 - len(number)] + number
    first = f"{prefix}990000{body}{uscc.organisation_check_digit(body)}"
    return first + uscc.check_digit(first)


def synthetic_cnaps(n: int) -> str:
    """A 银行行号 of a bank that does not exist, in Chongqing, branch n (1 to 9,999)."""
    first = f"9996530{_within(n, 9999):04}"
    return first + mod_11_10.calc_check_digit(first)


def synthetic_bank_account(n: int) -> str:
    """An 18-digit 银行账号, another one for each n (1 to 10^13 - 1)."""
    return f"99999{_within(n, 10**13 - 1):013}"


def synthetic_mobile(n: int) -> str:
    """A mobile number of a series that no operator uses, another one for each n (1 to 99,999,999)."""
    return f"169{_within(n, 99_999_999):08}"


def _within(n, most):
    if not 1 <= n <= most:
        raise ValueError(f"{n} is not between 1 and {most:,}")
    return n
