from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who logs in; the audit trail; messages to users."""

    name = "accounts"
    verbose_name = "账号"

    def ready(self):
        from accounts import measures  # noqa: F401 - importing it registers the figures
