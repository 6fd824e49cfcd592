from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    """The Django admin behind password and second factor."""

    default_site = "accounts.admin_site.StaffAdminSite"
