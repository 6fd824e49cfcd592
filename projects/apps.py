from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Calls, 申报书 and the chain of their review; portal and to-do pages."""

    name = "projects"
    verbose_name = "项目管理"

    def ready(self):
        from accounts import reveal
        from orgs import hooks as org_hooks
        from orgs import particulars as org_particulars
        from orgs import usage
        from profiles import hooks as profile_hooks

        # daily: what the worker does every day is known to the queue once it is imported; measures likewise.
        from projects import daily, measures, particulars, references  # noqa: F401
        from projects.reveals import REVEALS
        from projects.services import decisions, drafts

        profile_hooks.on_person_page(references.figures_of_person)
        profile_hooks.on_approval(drafts.follow_people)
        org_hooks.on_manager_change(decisions.reroute_own_proposals)
        org_particulars.register(particulars.WORDS)
        usage.register(references.uses)
        usage.register_unit(references.figures_of_unit)
        usage.register_waiting("申报书", count=references.count_waiting, oldest=references.oldest_waiting)
        for kind, (label, loader) in REVEALS.items():
            reveal.register(kind, label, loader)
