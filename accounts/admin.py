"""Accounts in the Django admin, and read-only histories."""

from django.contrib import admin

from accounts import audit
from accounts.enums import AuditAction, Kind
from accounts.models import AuditEvent, IdentityConflict, Notice, User
from zhgg.kit.masking import mask_id


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at, never to change."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Accounts. Who somebody is comes from 渝快办 or from `create_staff`; an administrator may only switch one off."""

    list_display = ["username", "name", "kind", "uscc", "phone", "is_active", "last_login"]
    list_filter = ["kind", "is_active", "is_superuser"]
    # No numbers of people: what is searched for stands in the address, and so in logs and in the browser's history.
    search_fields = ["=username", "name", "=uscc"]
    search_help_text = "按登录名、姓名、统一社会信用代码查找"
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
        return mask_id(user.id_number) or "未填写"

    def get_readonly_fields(self, request, obj=None):
        """Of a 渝快办 account only 启用 can be changed."""
        open_fields = self.staff_fields if obj is not None and obj.kind == Kind.STAFF else ["is_active"]
        return [name for name in self.fields if name not in open_fields]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        """Save, and write down what was changed: the names of the fields, and what the rights hang on."""
        super().save_model(request, obj, form, change)
        detail = {"changed": form.changed_data, "is_active": obj.is_active}
        if "groups" in form.changed_data:
            detail["groups"] = sorted(group.name for group in form.cleaned_data["groups"])
        audit.record(AuditAction.ACCOUNT_CHANGED, user=request.user, obj=obj, detail=detail)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The audit trail."""

    list_display = ["at", "action", "actor_label", "role", "object_label", "ok", "address", "request_id"]
    list_filter = ["action", "ok", ("at", admin.DateFieldListFilter)]
    search_fields = ["=request_id", "actor_label", "object_label", "=object_id", "=user__username"]
    search_help_text = "按编号、操作人、对象查找"
    list_select_related = ["user"]
    show_full_result_count = False
    date_hierarchy = "at"


@admin.register(IdentityConflict)
class IdentityConflictAdmin(ReadOnlyAdmin):
    """Logins that were refused because of whose number they brought."""

    list_display = ["at", "reason", "name", "account", "state"]
    list_filter = ["state", "reason"]
    search_fields = ["name", "=subject", "=account__username"]
    list_select_related = ["account"]
    exclude = ["digest"]


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Messages that users got."""

    list_display = ["created_at", "recipient", "subject", "read_at"]
    search_fields = ["subject", "recipient__name", "=recipient__username"]
    list_select_related = ["recipient"]
    show_full_result_count = False
