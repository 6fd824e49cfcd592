"""The Django admin for administrators, and the login of all staff."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts import audit, sessions
from accounts import views as account_views
from accounts.enums import AuditAction, Kind
from accounts.forms import StaffLoginForm, StaffPasswordForm
from accounts.models import User
from accounts.paths import path_after_login
from accounts.staff import is_verified_staff
from accounts.throttles import STAFF_FAILURES

BACKEND = "accounts.staff.StaffBackend"


class StaffLoginView(LoginView):
    """Password and TOTP. Officers go on to the portal, administrators to where they wanted."""

    template_name = "accounts/staff_login.html"
    authentication_form = StaffLoginForm

    def dispatch(self, request, *args, **kwargs):
        """Staff with a full login go on at once."""
        if is_verified_staff(request.user):
            return HttpResponseRedirect(self.destination(request.user))
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        """An address from which too many logins have failed is not asked for its password."""
        STAFF_FAILURES.look()
        return super().post(request, *args, **kwargs)

    def destination(self, user):
        """`next`, but never the admin for somebody who may not enter it: that would lead in a circle."""
        wanted = path_after_login(self.request.POST.get("next") or self.request.GET.get("next"))
        if wanted.startswith(reverse("admin:index")) and not user.is_superuser:
            wanted = ""
        return wanted or resolve_url(settings.LOGIN_REDIRECT_URL)

    def get_context_data(self, **kwargs):
        """What the page needs beside the form."""
        next_path = path_after_login(self.request.POST.get("next") or self.request.GET.get("next"))
        context = super().get_context_data(
            **kwargs,
            next_path=next_path,
            expired="expired" in self.request.GET,
            kept=self.request.GET.get("kept"),
            support_phones=settings.SUPPORT_PHONES,
        )
        # Django's idea of a site would hide ours (projects.context.site) from the layout.
        del context["site"]
        return context

    def form_valid(self, form):
        """Begin the session and write it down."""
        user = form.get_user()
        sessions.begin(self.request, user, BACKEND)
        audit.record(AuditAction.LOGIN, user=user, detail={"entrance": Kind.STAFF.label})
        return HttpResponseRedirect(self.destination(user))

    def form_invalid(self, form):
        """Write the refusal down. The name as typed is not kept: people type passwords into the wrong field."""
        username = form.data.get("username", "")
        user = User.objects.filter(username=username).first() if username.isprintable() else None
        audit.record(
            AuditAction.LOGIN_REFUSED,
            obj=user,
            label=str(user) if user else "",
            detail={"entrance": Kind.STAFF.label},
            ok=False,
        )
        STAFF_FAILURES.fail()
        # The one that fills it up is told so already, as the one that locks a name.
        STAFF_FAILURES.look()
        return super().form_invalid(form)


class StaffAdminSite(AdminSite):
    """For superusers with a verified second factor; nobody else, whatever `is_staff` says."""

    site_header = site_title = "智汇攻关 管理后台"
    index_title = "管理"
    site_url = "/"
    enable_nav_sidebar = True

    def has_permission(self, request):
        """Whether the visitor may enter any page of the admin."""
        return is_verified_staff(request.user) and request.user.is_superuser

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request, extra_context=None):
        """The login page of all staff."""
        return StaffLoginView.as_view()(request)

    def password_change(self, request, extra_context=None):
        """修改密码 of an administrator, written down."""
        return PasswordChangeView.as_view(
            form_class=StaffPasswordForm,
            template_name="registration/password_change_form.html",
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )(request)

    def logout(self, request, extra_context=None):
        """The same logout as everywhere."""
        return account_views.logout(request)
