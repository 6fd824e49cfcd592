"""`python -m zhgg.dev.otp NAME`: the present one-time code of a demo officer, for who has no authenticator at hand."""

import sys
import time

import django
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django_otp.oath import TOTP


def main(name: str) -> int:
    """Print the code and how long it stays good."""
    if not settings.DEVELOPMENT:
        print("动态口令只在开发环境显示 / development only.", file=sys.stderr)
        return 1
    django.setup()
    device_model = apps.get_model("otp_totp", "TOTPDevice")
    by_name = {f"user__{get_user_model().USERNAME_FIELD}": name}
    device = device_model.objects.filter(**by_name, confirmed=True).first()
    if device is None:
        print(
            f"没有登录名为 {name} 的工作人员，或其未登记动态口令 / nobody of this name has a device.", file=sys.stderr
        )
        return 1
    code = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift).token()
    left = device.step - int(time.time() - device.t0) % device.step
    print(f"{code:0{device.digits}d}  （{left} 秒内有效）")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
