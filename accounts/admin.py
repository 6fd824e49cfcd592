"""Accounts in the Django admin, and read-only histories."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from accounts import services
from accounts.admin_lists import ListAdmin, ReadOnlyAdmin
from accounts.enums import Kind
from accounts.models import AuditEvent, IdentityConflict, Notice, User
from accounts.staff import failed_logins
from zhgg.kit.fields import to_show
from zhgg.kit.masking import mask_id


@admin.register(User)
class UserAdmin(ListAdmin):
    """Accounts. Who somebody is comes from 渝快办 or from `create_staff`; an administrator may only switch one off, and
    let one in again that too many wrong passwords have locked."""

    list_display = ["username", "name", "kind", "uscc", "phone", "is_active", "last_login"]
    list_filter = ["kind", "is_active", "is_superuser"]
    search_fields = ["username__exact", "name__startswith", "uscc__exact"]
    search_help_text = "按登录名、姓名（开头）、统一社会信用代码、证件号码查找"
    digest_lookups = ("identity_digest", "known_as")
    ordering = ["-pk"]
    staff_fields = ["name", "email", "is_active", "groups"]
    fields = [
        "username",
        "kind",
        "name",
        "phone",
        "email",
        "id_type",
        "masked_id_number",
        "uscc",
        "is_active",
        "is_superuser",
        "groups",
        "date_joined",
        "last_login",
    ]
    filter_horizontal = ["groups"]

    @admin.display(description="证件号码")
    def masked_id_number(self, user):
        """The number as lists show it."""
        return mask_id(to_show(user, "id_number")) or "未填写"

    def get_readonly_fields(self, request, obj=None):
        """Of a 渝快办 account only 启用 can be changed; nobody shuts themselves out."""
        open_fields = self.staff_fields if obj is not None and obj.kind == Kind.STAFF else ["is_active"]
        return [
            name for name in self.fields if name not in open_fields or (name == "is_active" and obj == request.user)
        ]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        """Save what was changed through the service; the groups with it."""
        services.change_account(
            user=request.user, account=obj, changed=form.changed_data, groups=form.cleaned_data.get("groups")
        )

    def save_related(self, request, form, formsets, change):
        """Nothing: the groups are saved with the account."""

    def get_urls(self):
        """【解除锁定】, before the catch-all of the object pages."""
        view = self.admin_site.admin_view(self.unlock_view)
        return [path("<int:pk>/unlock/", view, name="accounts_user_unlock"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page of an account, which says whether it is locked."""
        account = self.get_object(request, object_id)
        failures = failed_logins(account) if account is not None else 0
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "failures": failures})

    @method_decorator(require_POST)
    def unlock_view(self, request, pk):
        """Forget the failed logins of an account, so that its owner may try again at once."""
        account = services.unlock_account(user=request.user, account_id=pk)
        self.message_user(request, f"已解除锁定：{account}。")
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[pk]))


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The audit trail."""

    list_display = ["at", "action", "actor_label", "role", "object_label", "ok", "address", "request_id"]
    list_filter = ["action", "ok", ("at", admin.DateFieldListFilter)]
    search_fields = ["request_id__exact", "object_id__exact", "actor_label__startswith", "object_label__startswith"]
    search_help_text = "按编号、对象编号、操作人或对象的开头查找"
    ordering = ["-at", "-pk"]


@admin.register(IdentityConflict)
class IdentityConflictAdmin(ReadOnlyAdmin):
    """Logins that were refused because of whose number they brought."""

    list_display = ["at", "reason", "name", "account", "state"]
    list_filter = ["state", "reason"]
    search_fields = ["name__startswith", "subject__exact"]
    search_help_text = "按姓名（开头）、认证方账号、证件号码查找"
    digest_lookups = ("digest",)
    list_select_related = ["account"]
    ordering = ["-pk"]
    exclude = ["digest"]


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Messages that users got."""

    list_display = ["created_at", "recipient", "subject", "read_at"]
    search_fields = ["recipient__name__startswith", "recipient__username__exact"]
    search_help_text = "按收件人姓名（开头）、登录名查找"
    list_select_related = ["recipient"]
    ordering = ["-pk"]
