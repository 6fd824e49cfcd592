"""Who may do what to units, 二级单位 and grants; and what looks wrong in 单位信息 without being forbidden."""

from stdnum import luhn

from orgs import codes
from orgs.enums import GrantRole, Role
from zhgg.kit.fields import to_show
from zhgg.kit.verdict import ALLOWED, never, not_now


def may_act(actor):
    """Whether the unit that the actor acts for has not been suspended. Of other actors nothing is asked."""
    if actor.suspended_reason:
        return not_now(why_suspended(actor.unit_name, actor.suspended_reason))
    return ALLOWED


def why_suspended(name, reason):
    """The sentence for everybody of a suspended unit."""
    return (
        f"{name}已被科技局停用，原因：{reason.rstrip('。')}。停用期间可以登录和查看，不能提交、审核和授权；"
        "已提交至科技局的不受影响。如有疑问，请与科技局联系。"
    )


def may_suspend(actor):
    """Whether the actor may suspend units and let them resume."""
    return ALLOWED if actor.role == Role.BUREAU else never("只有科技局可以停用和恢复单位。")


def may_grant(actor, role, unit):
    """Whether the actor may give or end `role` in `unit`: 账号授权 is the legal account's alone (S10)."""
    if actor.role == Role.BUREAU:
        return ALLOWED
    own_unit = actor.unit_id == unit.pk
    if own_unit and (actor.role == Role.LEGAL or (actor.role == Role.AGENT and role == GrantRole.MANAGER)):
        return may_act(actor)
    return never("只有法人单位可以办理账号授权；二级单位管理人员由法人单位或其授权人设置。")


def may_manage_departments(actor, unit):
    """Whether the actor may add, rename and delete 二级单位 of `unit`."""
    if actor.role == Role.BUREAU:
        return ALLOWED
    if actor.acts_for_unit and actor.unit_id == unit.pk:
        return may_act(actor)
    return never("只有法人单位和法人单位授权人可以设置本单位的二级单位。")


# What looks wrong in 单位信息 ----------------------------------------------------------------------------------------

# Short names under which banks write themselves, beside the name in the 码表 and that name without 中国.
_BANK_ALIASES = {
    "102": ("工行",),
    "103": ("农行",),
    "105": ("建行",),
    "301": ("交行",),
    "306": ("广东发展银行",),
    "308": ("招行",),
    "310": ("浦发银行",),
    "403": ("邮储银行",),
}
# 行别 of one bank each; the other lines of the 码表 stand for a kind of bank under which many names go.
_KINDS_OF_BANKS = frozenset({"313", "314", "317", "320", "402"})


def unit_warnings(unit):
    """Sentences about what in 单位信息 does not fit together. None of them keeps the unit from saving."""
    checks = (_postcode, _capital, _nature, _new_area, _bank_category, _bank_city, _personal_card)
    return [sentence for check in checks for sentence in [check(unit)] if sentence]


def _in_chongqing(unit):
    return unit.scope == codes.IN_CHONGQING


def _postcode(unit):
    if unit.postcode and _in_chongqing(unit) and not unit.postcode.startswith("40"):
        return f"邮政编码 {unit.postcode} 不是重庆市的邮政编码（应以 40 开头），请核对。"
    return ""


def _capital(unit):
    if None not in (unit.paid_in_capital, unit.registered_capital) and unit.paid_in_capital > unit.registered_capital:
        return "实收资本大于注册资本，请核对。"
    return ""


def _nature(unit):
    row = codes.table("unit_nature").row(unit.nature)
    if row and row["uscc_prefix"] and unit.uscc[:2] not in row["uscc_prefix"].split("|"):
        return f"单位性质“{row['name']}”与统一社会信用代码的开头“{unit.uscc[:2]}”通常不一致，请核对。"
    return ""


def _new_area(unit):
    if unit.scope == codes.OUTSIDE_CHONGQING and unit.new_area not in ("", "CQ00", "CQ18", "CQ99"):
        area = codes.table("chongqing_new_area").name(unit.new_area)
        return f"单位不在重庆市内，单位所在新区却是“{area}”，请核对。"
    return ""


def _bank_category(unit):
    category = unit.bank_code[:3]
    row = codes.table("bank_category").row(category)
    if not row or not unit.bank_name:
        return ""
    if category in _KINDS_OF_BANKS:
        fits = not any(_names(other, unit.bank_name) for other in codes.table("bank_category").rows)
    else:
        fits = _names(category, unit.bank_name)
    if fits:
        return ""
    return f"银行行号的前 3 位 {category} 代表{row['name']}，与开户银行“{unit.bank_name}”不一致，请核对。"


def _names(category, bank_name):
    """Whether `bank_name` names the one bank of this 行别."""
    if category in _KINDS_OF_BANKS:
        return False
    name = codes.table("bank_category").name(category)
    # 中国银行 without 中国 would be any bank.
    short = name.removeprefix("中国") if name != "中国银行" else name
    return any(each in bank_name for each in (name, short, *_BANK_ALIASES.get(category, ())))


def _bank_city(unit):
    city = unit.bank_code[3:7]
    if city and _in_chongqing(unit) and codes.table("cnaps_city_chongqing").row(city) is None:
        return f"银行行号的第 4 至 7 位 {city} 不是重庆市的城市代码，请核对开户支行是否在重庆市。"
    return ""


def _personal_card(unit):
    account = to_show(unit, "bank_account")
    if len(account) == 19 and account.startswith("62") and luhn.is_valid(account):
        return "银行账号是 62 开头的 19 位号码，像是个人银行卡。经费只能拨付到单位账户，请核对。"
    return ""
