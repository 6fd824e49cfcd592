"""Calls in the Django admin; 申报书 and their history to look at, and decided about through `perform` alone."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path, reverse
from django.utils.html import format_html_join

from accounts.admin_lists import ReadOnlyAdmin
from orgs.actors import administrator
from orgs.admin import ServiceAdmin
from projects.enums import Capacity, State
from projects.forms import CallFileForm, DecisionForm, LimitForm
from projects.models import Call, CallChange, CallFile, Extension, Limit, Proposal, Step, Submission
from projects.rules import may
from projects.services.call_files import add_call_file, remove_call_file
from projects.services.decisions import perform
from projects.services.limits import remove_limit, save_limit
from projects.workflow import ACTIONS
from zhgg.kit.clock import database_now
from zhgg.kit.uploads.kinds import shown_size


@admin.register(Call)
class CallAdmin(ServiceAdmin):
    """Calls, to look at: officers of 科技局 write, publish, extend and close them on the site's own pages."""

    list_display = ["name", "kind", "opens_at", "closes_at", "review_closes_at", "published"]
    list_filter = ["published", "kind"]
    search_fields = ["name__icontains", "number_prefix__istartswith"]
    search_help_text = "按批次名称、申报编号前缀查找"
    ordering = ["-closes_at", "-pk"]

    def has_add_permission(self, request):
        return False


@admin.register(CallChange)
class CallChangeAdmin(ReadOnlyAdmin):
    """What was changed about calls."""

    list_display = ["at", "call", "what", "by_name"]
    list_filter = ["what"]
    list_select_related = ["call"]
    search_fields = ["call__name__icontains", "by_name__startswith"]
    search_help_text = "按批次名称、办理人查找"
    ordering = ["-at", "-pk"]


@admin.register(Extension)
class ExtensionAdmin(ReadOnlyAdmin):
    """What was extended, for whom and why."""

    list_display = ["at", "call", "scope", "submit_until", "review_until", "count", "by_name"]
    list_filter = ["scope"]
    list_select_related = ["call"]
    search_fields = ["call__name__icontains", "by_name__startswith", "reason__icontains"]
    search_help_text = "按批次名称、办理人、原因查找"
    ordering = ["-at", "-pk"]


@admin.register(CallFile)
class CallFileAdmin(ServiceAdmin):
    """Files of the guide pages: added and deleted, never changed."""

    list_display = ["label", "call", "shown_size", "uploaded_at"]
    list_select_related = ["call"]
    search_fields = ["label__icontains", "call__name__icontains"]
    search_help_text = "按文件名、批次名称查找"
    ordering = ["-pk"]
    fields = ["call", "label", "shown_size", "sha256", "uploaded_by", "uploaded_at"]
    readonly_fields = ["shown_size"]

    def has_delete_permission(self, request, obj=None):
        return self.has_view_permission(request, obj)

    def add_view(self, request, form_url="", extra_context=None):
        """The page on which a file is added."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        data = (request.POST, request.FILES) if request.method == "POST" else ()
        form = CallFileForm(*data, initial={"call": request.GET.get("call")})
        return self.service_view(request, form, add_call_file, title="增加申报通知的附件")

    def delete_model(self, request, obj):
        """Delete the row with its file, and write it down."""
        remove_call_file(actor=administrator(request.user), file=obj)

    def delete_queryset(self, request, queryset):
        """One by one, so that each goes with its file."""
        for file in queryset:
            self.delete_model(request, file)

    @admin.display(description="大小")
    def shown_size(self, file):
        """1.2 MB"""
        return shown_size(file.size)


class AdminDecisionForm(DecisionForm):
    """The same form as on the site, for `ServiceAdmin.service_view`."""

    def values(self):
        """What `perform` takes."""
        return self.cleaned_data


@admin.register(Proposal)
class ProposalAdmin(ServiceAdmin):
    """申报书, to look at. What 科技局 decides can be decided here too, by the same `perform`."""

    list_display = ["number", "title", "pi", "unit", "call", "state", "updated_at"]
    list_filter = ["state"]
    list_select_related = ["pi", "unit", "call"]
    search_fields = ["number__startswith", "title__contains", "pi__name__startswith", "unit__name__icontains"]
    search_help_text = "按申报编号（开头）、项目名称、负责人、单位查找"
    ordering = ["-pk"]
    readonly_fields = ["decide"]
    exclude = ["form_key", "step_count", "last_action"]

    def get_queryset(self, request):
        """What is 未提交 is the business of the PI and of their place alone."""
        return super().get_queryset(request).exclude(state=State.DRAFT)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        """Only on the page of a decision, which needs its button; the 申报书 itself is never saved here."""
        return getattr(request, "is_decision", False)

    def get_urls(self):
        """The pages of the decisions, before the catch-all of the object pages."""
        view = self.admin_site.admin_view(self.decision_view)
        return [path("<int:pk>/decide/<slug:action>/", view, name="projects_proposal_decide"), *super().get_urls()]

    def decision_view(self, request, pk, action):
        """One decision of 科技局: its page, then `perform`."""
        actor, now = administrator(request.user), database_now()
        found = Proposal.objects.visible_to(actor).for_page().filter(pk=pk).first()
        if found is None or action not in ACTIONS:
            raise Http404
        action = ACTIONS[action]
        may(action, actor, found, now).enforce()
        request.is_decision = True
        data = request.POST if request.method == "POST" else None
        initial = {"seen_step": found.step_count}
        form = AdminDecisionForm(data, action=action, actor=actor, now=now, initial=initial)
        return self.service_view(
            request, form, decided, title=f"{action.label}：{found}", obj=found, action=action, proposal_id=pk
        )

    @admin.display(description="办理")
    def decide(self, found):
        """Links to what 科技局 may decide now."""
        if found.state != State.BUREAU:
            return "–"
        links = [
            (reverse("admin:projects_proposal_decide", args=[found.pk, action.key]), action.label)
            for action in ACTIONS.values()
            if Capacity.BUREAU in action.who
        ]
        return format_html_join("　", '<a href="{}">{}</a>', links)


@admin.register(Limit)
class LimitAdmin(ServiceAdmin):
    """限项: how many 申报书 a person or a unit may have over some calls."""

    list_display = ["name", "role", "number"]
    list_filter = ["role"]
    search_fields = ["name__icontains"]
    search_help_text = "按名称查找"
    ordering = ["-pk"]

    def has_change_permission(self, request, obj=None):
        return obj is not None and self.has_view_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.has_view_permission(request, obj)

    def add_view(self, request, form_url="", extra_context=None):
        """新增限项"""
        form = LimitForm(request.POST if request.method == "POST" else None)
        return self.service_view(request, form, save_limit, title="新增限项")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Change a 限项."""
        limit = self.get_object(request, object_id)
        if limit is None:
            return super().change_view(request, object_id, form_url, extra_context)
        initial = {name: getattr(limit, name) for name in ("name", "role", "number")}
        initial["calls"] = list(limit.calls.values_list("pk", flat=True))
        form = LimitForm(request.POST if request.method == "POST" else None, initial=initial)
        return self.service_view(request, form, save_limit, title=f"编辑{limit}", obj=limit, limit_id=limit.pk)

    def delete_model(self, request, obj):
        """Delete, and write down which one."""
        remove_limit(actor=administrator(request.user), limit_id=obj.pk)

    def delete_queryset(self, request, queryset):
        """One by one, so that each is written down."""
        for limit in queryset:
            self.delete_model(request, limit)


def decided(**what):
    """`perform`, answering with the 申报书 for the message."""
    return perform(**what).proposal


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """What was submitted, frozen."""

    list_display = ["proposal", "number", "unit", "department", "submitted_at"]
    list_select_related = ["proposal", "unit", "department"]
    search_fields = ["proposal__number__exact"]
    search_help_text = "按申报编号查找"
    ordering = ["-pk"]


@admin.register(Step)
class StepAdmin(ReadOnlyAdmin):
    """The history of all 申报书."""

    list_display = ["at", "proposal", "number", "user_name", "capacity", "action", "source", "target"]
    list_filter = [("at", admin.DateFieldListFilter)]
    list_select_related = ["proposal"]
    search_fields = ["proposal__number__exact", "user_name__startswith"]
    search_help_text = "按申报编号、办理人姓名（开头）查找"
    ordering = ["-pk"]
