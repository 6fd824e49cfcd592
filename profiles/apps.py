from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    """People and the review of their 个人信息."""

    name = "profiles"
    verbose_name = "个人信息"

    def ready(self):
        from accounts import hooks as login_hooks
        from accounts import reveal
        from orgs import hooks as org_hooks
        from orgs import usage
        from profiles import services
        from profiles.reveals import REVEALS

        login_hooks.on_login(services.receive_login)
        org_hooks.on_manager_change(services.reroute_own_request)
        usage.register(services.uses_of_department)
        for kind, loader in REVEALS.items():
            reveal.register(kind, loader)
