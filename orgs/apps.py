from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """Units, their 二级单位, and who acts for them."""

    name = "orgs"
    verbose_name = "单位"

    def ready(self):
        from accounts import hooks, reveal
        from orgs import codes
        from orgs.reveals import REVEALS
        from orgs.services import units
        from zhgg.kit.formfields.codes import use_code_tables

        use_code_tables(codes.table)
        hooks.on_login(units.receive_login)
        for kind, (label, loader) in REVEALS.items():
            reveal.register(kind, label, loader)
