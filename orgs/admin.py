"""Units, 二级单位 and grants in the Django admin. Every write goes through `orgs.services`."""

from django.contrib import admin
from django.contrib.admin import helpers
from django.contrib.admin.options import IS_POPUP_VAR
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.admin_lists import ListAdmin
from orgs.actors import administrator
from orgs.facts import AMOUNTS, in_words
from orgs.forms import AdminDepartmentForm, AdminGrantForm, AdminRenameForm, CodeLineForm, NewCodeForm
from orgs.models import CodeEntry, Department, Grant, Unit
from orgs.services.codes import add_code, change_code
from orgs.services.departments import add_department, end_department, rename_department
from orgs.services.grants import end_grant, grant_role
from zhgg.kit.errors import Refusal
from zhgg.kit.fields import to_show
from zhgg.kit.masking import mask_id, mask_phone


class ServiceAdmin(ListAdmin):
    """Rows that services alone write: the admin never saves or deletes one by itself."""

    view_on_site = False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def service_view(self, request, form, service, *, title, obj=None, **fixed):
        """The page of `form`, whose cleaned values go to `service`; a refusal stands above it like any mistake."""
        if request.method == "POST" and form.is_valid():
            try:
                saved = service(actor=administrator(request.user), **fixed, **form.values())
            except Refusal as refusal:
                form.add_error(None, refusal.message)
            else:
                self.message_user(request, f"已保存：{saved}。")
                return HttpResponseRedirect(self.list_url())
        adminform = helpers.AdminForm(form, [(None, {"fields": list(form.fields)})], {}, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "adminform": adminform,
            "errors": helpers.AdminErrorList(form, []),
            "media": self.media + adminform.media,
            "inline_admin_formsets": [],
            "object_id": obj.pk if obj else None,
            "original": obj,
            "is_popup": IS_POPUP_VAR in request.GET,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
        }
        return self.render_change_form(request, context, add=obj is None, change=obj is not None, obj=obj)

    def end_view(self, request, queryset, end, *, title, consequence):
        """The action that ends rows: first a page that asks, then `end(actor=…, row)` for each of them."""
        rows = queryset.current()
        if "confirmed" in request.POST:
            for row in rows:
                try:
                    end(administrator(request.user), row)
                except Refusal as refusal:
                    self.message_user(request, f"{row}：{refusal.message}", "error")
                else:
                    self.message_user(request, f"已办理：{row}。")
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "consequence": consequence,
            "rows": rows,
            "action": request.POST["action"],
            "opts": self.opts,
            "list_url": self.list_url(),
        }
        return TemplateResponse(request, "orgs/admin/end.html", context)

    def list_url(self):
        """Address of the list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


@admin.register(Unit)
class UnitAdmin(ServiceAdmin):
    """Units, to look at: they come to be at the first login, and only the unit itself fills in its 单位信息."""

    list_display = ["name", "uscc", "place", "contact_name", "updated_at", "updated_by"]
    search_fields = ["name__icontains", "uscc__iexact"]
    search_help_text = "按单位名称、统一社会信用代码查找"
    ordering = ["name", "pk"]
    fields = [
        "name",
        "uscc",
        "place",
        "address",
        "postcode",
        "registered_on",
        "capital",
        "legal_rep_name",
        "masked_legal_rep",
        "contact_name",
        "masked_mobile",
        "contact_phone",
        "email",
        "bank_name",
        "masked_account",
        "bank_code",
        "stated_fields",
        "created_at",
        "updated_at",
        "updated_by",
    ]
    readonly_fields = [
        "place",
        "capital",
        "masked_legal_rep",
        "masked_mobile",
        "masked_account",
        "stated_fields",
    ]

    def has_add_permission(self, request):
        return False

    @admin.display(description="所在省市、区县")
    def place(self, unit):
        """Province and 区县 in words."""
        return " ".join(filter(None, [in_words("province", unit.province), in_words("district", unit.district)]))

    @admin.display(description="注册资本、实收资本")
    def capital(self, unit):
        """Both amounts in words."""
        amounts = [in_words(name, getattr(unit, name)) for name in AMOUNTS]
        return "，".join(words or "未填写" for words in amounts)

    @admin.display(description="渝快办带出的字段")
    def stated_fields(self, unit):
        """Labels of the fields that are grey for the unit."""
        return "、".join(Unit.labels(unit.stated))

    @admin.display(description="法定代表人证件号码")
    def masked_legal_rep(self, unit):
        """The number as view mode shows it."""
        return in_words("legal_rep_id_number", to_show(unit, "legal_rep_id_number"))

    @admin.display(description="单位联系人手机")
    def masked_mobile(self, unit):
        """The number as view mode shows it."""
        return in_words("contact_mobile", unit.contact_mobile)

    @admin.display(description="银行账号")
    def masked_account(self, unit):
        """The number as view mode shows it."""
        return in_words("bank_account", to_show(unit, "bank_account"))


@admin.register(Department)
class DepartmentAdmin(ServiceAdmin):
    """二级单位: add one, give it another name, delete it."""

    list_display = ["name", "unit", "created_at", "ended_at"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["unit"]
    search_fields = ["name__contains", "unit__name__icontains", "unit__uscc__exact"]
    search_help_text = "按二级单位名称、单位名称、统一社会信用代码查找"
    fields = ["unit", "name", "created_at", "ended_at"]
    actions = ["end_selected"]

    def has_change_permission(self, request, obj=None):
        return obj is not None and obj.ended_at is None and self.has_view_permission(request, obj)

    def add_view(self, request, form_url="", extra_context=None):
        """新增二级单位"""
        form = AdminDepartmentForm(request.POST if request.method == "POST" else None)
        return self.service_view(request, form, add_department, title="新增二级单位")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Another name. One that was deleted is only shown."""
        department = self.get_object(request, object_id)
        if department is None or department.ended_at is not None:
            return super().change_view(request, object_id, form_url, extra_context)
        form = AdminRenameForm(request.POST if request.method == "POST" else None, initial={"name": department.name})
        title = f"编辑{department.unit}的二级单位"
        return self.service_view(request, form, rename_department, title=title, obj=department, department=department)

    @admin.action(description="删除所选二级单位")
    def end_selected(self, request, queryset):
        """删除, after a page that asks."""
        return self.end_view(
            request,
            queryset.select_related("unit"),
            lambda actor, row: end_department(actor=actor, department=row),
            title="删除所选二级单位？",
            consequence="将同时结束其管理人员的二级单位权限；个人登录不受影响，历史记录保留名称。",
        )


@admin.register(Grant)
class GrantAdmin(ServiceAdmin):
    """Who acts for a unit or a 二级单位, now and before: give a role, end it; nothing is ever overwritten."""

    list_display = ["holder_name", "role", "unit", "department", "masked_id_number", "started_at", "ended_at"]
    list_filter = ["role", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["unit", "department"]
    search_fields = ["holder_name__startswith", "unit__name__icontains", "unit__uscc__exact"]
    search_help_text = "按姓名（开头）、单位名称、统一社会信用代码、证件号码查找"
    digest_lookups = ("holder_digest",)
    ordering = ["-started_at", "-pk"]
    fields = [
        "role",
        "unit",
        "department",
        "holder_name",
        "masked_mobile",
        "masked_id_number",
        "started_at",
        "started_by",
        "ended_at",
        "ended_by",
    ]
    readonly_fields = ["masked_mobile", "masked_id_number"]
    actions = ["end_selected"]

    @admin.display(description="手机号码")
    def masked_mobile(self, grant):
        """The number as lists show it."""
        return mask_phone(grant.holder_mobile)

    @admin.display(description="证件号码")
    def masked_id_number(self, grant):
        """The number as lists show it."""
        return mask_id(to_show(grant, "holder_id_number"))

    def add_view(self, request, form_url="", extra_context=None):
        """新增授权; whoever held the role before loses it."""
        form = AdminGrantForm(request.POST if request.method == "POST" else None)
        return self.service_view(request, form, grant_role, title="新增授权")

    @admin.action(description="结束所选授权")
    def end_selected(self, request, queryset):
        """End grants, after a page that asks."""
        return self.end_view(
            request,
            queryset.select_related("unit", "department"),
            lambda actor, row: end_grant(actor=actor, grant=row),
            title="结束所选授权？",
            consequence="这些人员立即失去相应权限，已经登录的也立即失效；个人登录不受影响。",
        )


@admin.register(CodeEntry)
class CodeEntryAdmin(ServiceAdmin):
    """码表: add a line, give one other words or another time. None is removed; all come by `load_codes`."""

    list_display = ["table", "code", "name", "valid_from", "valid_until", "by_hand"]
    list_display_links = ["code"]
    list_filter = ["table", "by_hand"]
    search_fields = ["code__exact", "name__contains"]
    search_help_text = "按代码、名称查找"
    ordering = ["table", "position"]

    def has_change_permission(self, request, obj=None):
        return obj is not None and self.has_view_permission(request, obj)

    def add_view(self, request, form_url="", extra_context=None):
        """新增代码"""
        form = NewCodeForm(request.POST if request.method == "POST" else None)
        return self.service_view(request, form, add_code, title="新增代码")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Other words, another time."""
        entry = self.get_object(request, object_id)
        if entry is None:
            return super().change_view(request, object_id, form_url, extra_context)
        initial = {name: getattr(entry, name) for name in ("name", "valid_from", "valid_until")}
        form = CodeLineForm(request.POST if request.method == "POST" else None, initial=initial)
        return self.service_view(request, form, change_code, title=f"编辑{entry}", obj=entry, entry=entry)
