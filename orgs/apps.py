from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """Units, their 二级单位, and who acts for them."""

    name = "orgs"
    verbose_name = "单位"

    def ready(self):
        from accounts import hooks, reveal
        from orgs import codes, services
        from orgs.reveals import REVEALS
        from zhgg.kit.formfields import use_code_tables

        use_code_tables(codes.table)
        hooks.on_login(services.receive_login)
        for kind, loader in REVEALS.items():
            reveal.register(kind, loader)
