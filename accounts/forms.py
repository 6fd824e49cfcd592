"""The forms of staff: the login, and 修改密码."""

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django_otp import verify_token
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.models import User


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
