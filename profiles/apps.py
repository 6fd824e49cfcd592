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
        from profiles import measures, references, services  # noqa: F401 - measures register themselves
        from profiles.reveals import REVEALS

        login_hooks.on_login(services.receive_login)
        org_hooks.on_manager_change(services.reroute_own_request)
        usage.register(references.uses)
        usage.register_unit(references.figures_of_unit)
        usage.register_people(count=references.count_people, listing=references.people)
        usage.register_waiting("个人信息", count=references.count_waiting, oldest=references.oldest_waiting)
        for kind, (label, loader) in REVEALS.items():
            reveal.register(kind, label, loader)
