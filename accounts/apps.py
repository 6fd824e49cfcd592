from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who logs in; the audit trail; messages to users."""

    name = "accounts"
    verbose_name = "账号"
