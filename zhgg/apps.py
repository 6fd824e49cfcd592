from django.contrib import admin
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig

OURS = frozenset({"accounts", "orgs", "profiles", "projects"})


class AdminConfig(DjangoAdminConfig):
    """The Django admin behind password and second factor, with the models of our apps and no others.

    What libraries register would let an administrator rename the group on which 科技局's role rests, or give somebody
    else's account a second factor, with no line in the audit trail. Commands do those things.
    """

    default_site = "accounts.admin_site.StaffAdminSite"

    def ready(self):
        super().ready()
        for model in list(admin.site._registry):
            if model._meta.app_label not in OURS:
                admin.site.unregister(model)
