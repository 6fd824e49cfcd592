"""The forms of staff (the login, 修改密码), and why a number is shown in full."""

import re

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django_otp import verify_token
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.enums import RevealReason
from accounts.models import User
from zhgg.kit.formfields.texts import LineField
from zhgg.kit.forms import BaseForm
from zhgg.kit.workflow import REASON_MIN


class StaffLoginForm(AuthenticationForm):
    """Password and second factor in one step. Whatever is wrong, the answer is the same: it helps nobody guess."""

    token = forms.CharField(
        label="动态口令",
        min_length=6,
        max_length=6,
        help_text="手机验证器上显示的 6 位数字，每 30 秒更换一次",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"min_length": "动态口令为 6 位数字", "max_length": "动态口令为 6 位数字"},
    )
    error_messages = {
        "invalid_login": "登录名、密码或动态口令不正确，请重新输入。连续 5 次不正确将锁定 15 分钟。",
        "inactive": "登录名、密码或动态口令不正确，请重新输入。连续 5 次不正确将锁定 15 分钟。",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "登录名"
        self.fields["password"].label = "密码"

    def clean_username(self):
        """A name that the database can look for: with a NUL in it, or too long for the column, it would be an error."""
        username = self.cleaned_data["username"]
        if not username.isprintable() or len(username) > User._meta.get_field("username").max_length:
            raise self.get_invalid_login_error()
        return username

    def clean(self):
        """Check the password, then the second factor; a wrong one counts as a failed login like a wrong password."""
        if self.errors:
            return self.cleaned_data
        super().clean()
        user = self.get_user()
        device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
        # verify_token locks the device: the same code is not accepted twice, not even at the same moment.
        user.otp_device = device and verify_token(user, device.persistent_id, self.cleaned_data["token"])
        if user.otp_device is None:
            self.user_cache = None
            user_login_failed.send(
                sender=__name__,
                credentials={User.USERNAME_FIELD: user.get_username()},
                request=self.request,
            )
            raise ValidationError(self.error_messages["invalid_login"], code="invalid_login")
        return self.cleaned_data


class StaffPasswordForm(AdminPasswordChangeForm):
    """The old password and the new one twice; the change is written down."""

    def save(self, commit=True):
        """Store the new password."""
        services.change_password(user=self.user, password=self.cleaned_data["new_password1"])
        return self.user


REASON_WORDS_MAX = 100
_NUMBER = re.compile(r"\d{7}")


class RevealForm(BaseForm):
    """Why a number is shown in full: one of the reasons, and words, which 其他 must have. `reason` is both in one."""

    choice = forms.ChoiceField(
        label="查看原因", choices=RevealReason.choices, widget=forms.RadioSelect(attrs={"class": "radios--list"})
    )
    words = LineField(
        label="说明",
        required=False,
        min_length=REASON_MIN,
        max_length=REASON_WORDS_MAX,
        span="full",
        help_text=f"选“其他”的须填写，{REASON_MIN} 至 {REASON_WORDS_MAX} 字；不要写号码",
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["choice"].span = "full"

    @classmethod
    def is_sent(cls, posted):
        """Whether this form was sent, or only the button beside a masked number, which brings no reason."""
        return any(name in posted for name in cls.base_fields)

    def clean_words(self):
        """What stands in the audit trail holds no number of a person."""
        words = self.cleaned_data["words"]
        if _NUMBER.search(words):
            raise ValidationError("请不要写号码：查看的是谁的哪个号码，系统会自动记下")
        return words

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("choice") == RevealReason.OTHER and not self.errors and not cleaned["words"]:
            self.add_error("words", "选了“其他”，请说明原因")
        return cleaned

    @property
    def reason(self):
        """The reason as the audit trail keeps it."""
        choice, words = RevealReason(self.cleaned_data["choice"]), self.cleaned_data["words"]
        if choice is RevealReason.OTHER:
            return words
        return f"{choice.label}：{words}" if words else choice.label
