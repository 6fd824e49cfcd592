"""How new credentials of staff are handed over: printed once."""


def print_credentials(stdout, user, password, device):
    """Print what somebody of the bureau needs to log in."""
    stdout.write(f"登录名  {user.username}")
    stdout.write(f"密码    {password}")
    stdout.write(f"动态口令登记地址（用手机验证器扫码或导入）  {device.config_url}")
    stdout.write("以上内容只显示这一次，请当面交给本人。登录地址：/admin/login/")
