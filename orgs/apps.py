from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """Units, their 二级单位, and who acts for them."""

    name = "orgs"
    verbose_name = "单位"

    def ready(self):
        from accounts import hooks, reveal
        from orgs import services
        from orgs.reveals import REVEALS

        hooks.on_login(services.receive_login)
        for kind, loader in REVEALS.items():
            reveal.register(kind, loader)
