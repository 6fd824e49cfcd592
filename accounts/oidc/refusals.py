"""Every way in which a login ends without a login, with the status and the words of its page.

The reason given to the constructor is for the log and the audit trail: English, and never a name or number of a person.
"""

import re

from django.conf import settings

# Names of errors, algorithms and content types; nobody's name or number.
TELLABLE = re.compile(r"(?!.*\d{4})[A-Za-z][A-Za-z0-9_.+/-]{1,59}", re.ASCII)


def told(value):
    """What a stranger said, for a reason: the short technical word that it should be, or that it was none."""
    return repr(value) if isinstance(value, str) and TELLABLE.fullmatch(value) else "(not a technical word)"


class LoginRefused(Exception):
    """A login that ends on an error page. Subclasses say which.

    `account` is the account that 渝快办 vouched for, where it is known; `conflict` holds the facts of an
    `accounts.models.IdentityConflict` where the refusal is one.
    """

    account = None
    conflict = None
    status = 403
    title = "没有登录成功"
    message = "请重新登录一次；仍不成功，请致电技术支持并报出下面的编号。"

    def __init__(self, reason, *, message=None):
        super().__init__(reason)
        self.reason = reason
        self.message = message or self.message


class AttemptUnknown(LoginRefused):
    """The callback fits no login that this browser began here within ten minutes."""

    status = 400
    title = "这次登录已失效"
    message = "登录须在 10 分钟内、在同一个浏览器中完成，且只能用一次。请重新登录。"


class RefusedByProvider(LoginRefused):
    """渝快办 answered with an error, for instance because the visitor cancelled."""

    title = "渝快办没有完成登录"
    message = "您可能在渝快办页面上取消了登录。需要登录时，请重新选择入口。"


class NotVerified(LoginRefused):
    """A token or an answer broke a rule that a relying party must check."""

    title = "登录没有通过安全核验"
    message = "渝快办返回的登录信息没有通过核验，没有登录。请重新登录一次；仍不成功，请致电技术支持并报出下面的编号。"


class ProviderDown(LoginRefused):
    """渝快办 cannot be reached, or not in time."""

    status = 503
    title = "渝快办暂时没有应答"
    message = "现在连接不上渝快办统一身份认证，请过几分钟再登录。您已经保存的内容不受影响。"


class Crowded(LoginRefused):
    """As many logins as the process has places for are waiting for 渝快办; the page goes on by itself in a moment."""

    status = 503
    title = "登录的人较多，正在排队"
    message = "请不要关闭本页，几秒后自动继续登录，不需要重新操作。"


class ProviderBroken(LoginRefused):
    """渝快办 answered something that is no answer."""

    status = 502
    title = "渝快办的应答无法识别"
    message = "渝快办统一身份认证返回的内容无法识别，请过几分钟再登录；仍不成功，请致电技术支持并报出下面的编号。"


class WrongEntrance(LoginRefused):
    """The account is of the other kind. `right` is the entrance to offer, or "" when the kind is unknown."""

    title = "入口与账号类别不一致"

    def __init__(self, reason, *, right=""):
        messages = {
            "legal": "您登录的是渝快办法人账号，请从【法人用户】进入。",
            "person": "您登录的是渝快办个人账号，请从【个人用户】进入。",
        }
        unknown = "渝快办没有说明这个账号是法人还是个人，不能登录。请致电技术支持并报出下面的编号。"
        super().__init__(reason, message=messages.get(right, unknown))
        self.right = right


class ClaimsRefused(LoginRefused):
    """What 渝快办 says about the account is incomplete or invalid."""

    title = "渝快办提供的信息不完整或有误"


class IdentityTaken(LoginRefused):
    """The verified number already belongs to another account."""

    status = 409
    title = "这个号码已属于另一个账号"

    def __init__(self, reason, *, what):
        super().__init__(
            reason,
            message=f"渝快办提供的{what}已对应本系统中的另一个账号，为保护该账号，没有登录。"
            "请改用原来的渝快办账号登录；如原账号已不用，请致电技术支持，由管理员核实后办理。",
        )


class IdentityChanged(LoginRefused):
    """A known account came back with another verified number."""

    status = 409
    title = "证件信息与上次登录时不同"

    def __init__(self, reason, *, what):
        super().__init__(
            reason,
            message=f"渝快办这次提供的{what}与这个账号首次登录时不同，没有登录，原有信息没有改动。"
            "请致电技术支持，由管理员核实后办理。",
        )


class LoginBarred(LoginRefused):
    """科技局 has looked into this login with this number and refused it for good."""

    title = "这个账号不能以此号码登录"

    def __init__(self, reason, *, what):
        phones = "、".join(settings.SUPPORT_PHONES)
        super().__init__(
            reason,
            message=f"科技局核实后认定，渝快办提供的{what}不能与这个渝快办账号绑定，因此不能登录。"
            f"如有异议，请致电 {phones}，并报出下面的编号。",
        )


class TooManyLogins(LoginRefused):
    """The account logs in again and again (accounts.throttles); `often` says so and when it goes again."""

    status = 429

    def __init__(self, reason, *, often):
        super().__init__(reason, message=often.message)
        self.title = often.title
        self.retry_after = often.retry_after


class AccountDisabled(LoginRefused):
    """An administrator has disabled the account."""

    title = "账号已停用"
    message = "您的账号已被管理员停用，不能登录。如有疑问，请致电技术支持。"
