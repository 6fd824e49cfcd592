"""公告管理 of 科技局: the list, the page of one as people will see it with its history, and every change to it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept_forms import restores_form
from accounts.throttles import searches
from orgs.views.bureau.gate import officers_only
from projects.bulletin import in_words, label_of
from projects.bulletin_forms import BODY_MAX, AnnouncementForm, SeenForm
from projects.enums import Showing
from projects.filters import AnnouncementFilter
from projects.models import Announcement
from projects.rules import may_publish_announcement, showing_of
from projects.services.announcements import (
    StaleAnnouncement,
    create_announcement,
    publish_announcement,
    save_announcement,
    take_back_announcement,
)
from projects.tables import SHOWING_BADGES, AnnouncementTable
from projects.views.bureau.history import changes_of
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow
from zhgg.kit.listing import PAGE_SIZES, InOrder, Listing, show_page
from zhgg.kit.ui import Fact, Link


class AnnouncementList(Listing):
    """The list as one address asks for it."""

    url_name = "bureau-announcements"

    def make_filter(self):
        return AnnouncementFilter(self.data, rows=lambda: Announcement.objects.for_bureau(self.actor).for_list())


@searches
@require_safe
@officers_only
def announcements(request):
    """Every announcement, in the order in which people see them."""
    found = AnnouncementList(request.actor, request.GET)
    context = {
        "home": reverse("portal"),
        "list_url": reverse("bureau-announcements"),
        "form": found.filter.form,
        "is_valid": found.is_valid,
        "anything": True,
    }
    if found.is_valid:
        context |= _rows(found)
    return render(request, "projects/bureau/announcements.html", context)


def _rows(found):
    counts = found.filter.rows_of_any_state().showing_counts()
    chosen = found.filter.form.cleaned_data["state"]
    total = counts[chosen] if chosen else sum(counts.values())
    page = found.page_of(found.filter.qs, total)
    table = AnnouncementTable(InOrder(list(page.object_list)), now=database_now())
    show_page(table, page)
    conditions = found.filter.conditions
    return {
        "table": table,
        "total": total,
        "conditions": conditions,
        "anything": bool(conditions) or total > 0,
        "sizes": PAGE_SIZES,
        "chips": [
            Link("全部", found.address(state=""), sum(counts.values()), current=not chosen),
            *(
                Link(
                    showing.label,
                    found.address(state=showing.value),
                    counts[showing],
                    current=showing == chosen,
                    icon=SHOWING_BADGES[showing].icon,
                )
                for showing in Showing
            ),
        ],
    }


@require_safe
@officers_only
def announcement(request, pk):
    """One announcement as people will see it, where it stands, and everything that was changed about it."""
    found = _load(request, pk)
    now = database_now()
    context = {
        "announcement": found,
        "list_url": reverse("bureau-announcements"),
        "badge": SHOWING_BADGES[showing_of(found, now)],
        "facts": [
            Fact(label_of(name), in_words(name, getattr(found, name)))
            for name in ("audience", "pinned", "shows_from", "shows_until")
        ],
        "publish": may_publish_announcement(found, now),
        "history": changes_of(found),
    }
    return render(request, "projects/bureau/announcement.html", context)


# Writing --------------------------------------------------------------------------------------------------------------


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def new(request):
    """【新建公告】: saved, it is not published yet. 【预览】 shows the text and saves nothing."""
    if shown := _only_shown(request):
        return _form_page(request, AnnouncementForm(typed=shown), preview=_preview_of(request))
    if request.method != "POST":
        return _form_page(request, AnnouncementForm())
    form = AnnouncementForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form)
    made = create_announcement(actor=request.actor, values=form.values(), form_key=form.cleaned_data["form_key"])
    messages.success(request, "已保存，还没有发布。请核对后再发布。")
    return redirect("bureau-announcement", pk=made.pk)


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def edit(request, pk):
    """【编辑】 and 【保存】. What somebody else has saved meanwhile is told, and what was typed stays."""
    found = _load(request, pk)
    if shown := _only_shown(request):
        form = AnnouncementForm(announcement=found, typed=shown)
        return _form_page(request, form, found, preview=_preview_of(request))
    if request.method != "POST":
        return _form_page(request, AnnouncementForm(announcement=found), found)
    form = AnnouncementForm(request.POST, announcement=found)
    if not form.is_valid():
        return _form_page(request, form, found)
    try:
        save_announcement(
            actor=request.actor, announcement_id=pk, version=form.cleaned_data["version"], values=form.values()
        )
    except StaleAnnouncement as stale:
        form = AnnouncementForm.after_conflict(request.POST, announcement=stale.announcement)
        form.is_valid()
        conflict = stale.announcement.changes.first()
        return _form_page(request, form, stale.announcement, status=409, conflict=conflict)
    messages.success(request, "已保存。" if found.published else "已保存，还没有发布。请核对后再发布。")
    return redirect("bureau-announcement", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def publish(request, pk):
    """【发布】: the question, and the deed."""
    found = _load(request, pk)
    now = database_now()
    if found.published:
        if request.method == "POST":
            messages.info(request, "公告已经发布。")
        return redirect("bureau-announcement", pk=pk)
    verdict = may_publish_announcement(found, now)
    try:
        verdict.enforce()
    except NotNow as refusal:
        refusal.links = [(reverse("bureau-announcement-edit", args=[pk]), "去编辑")]
        raise
    context = {"at_once": found.shows_from <= now, "audience": in_words("audience", found.audience)}
    return _step(
        request, found, publish_announcement, "projects/bureau/announcement_publish.html", "已发布。", **context
    )


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def take_back(request, pk):
    """【收回】: the question, and the deed."""
    found = _load(request, pk)
    if not found.published:
        if request.method == "POST":
            messages.info(request, "公告没有发布，不必收回。")
        return redirect("bureau-announcement", pk=pk)
    done = "已收回，现在没有人能看到。修改后可以再发布。"
    return _step(request, found, take_back_announcement, "projects/bureau/announcement_withdraw.html", done)


def _step(request, found, service, template, done, **context):
    form = SeenForm(request.POST if request.method == "POST" else None, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            service(actor=request.actor, announcement_id=found.pk, version=form.cleaned_data["version"])
        except StaleAnnouncement as stale:
            raise _overtaken(stale.announcement) from None
        messages.success(request, done)
        return redirect("bureau-announcement", pk=found.pk)
    return render(
        request,
        template,
        {"announcement": found, "form": form, "list_url": reverse("bureau-announcements"), **context},
    )


def _overtaken(found):
    """The refusal for somebody who looked at an older version."""
    last = found.changes.first()
    when = (
        f"{last.by_name}于 {timezone.localtime(last.at):%Y-%m-%d %H:%M} 办理了【{last.what}】"
        if last
        else "公告已有更新"
    )
    return NotNow(
        f"您打开页面之后，{when}，这次没有生效。请核对公告现在的内容后再办理。",
        title="公告已有新的办理",
        links=[(reverse("bureau-announcement", args=[found.pk]), "查看公告现在的内容")],
    )


def _only_shown(request):
    """What was typed, where it is only to be shown again: after 【预览】 and after the end of a session."""
    if request.method == "POST":
        return request.POST if "preview" in request.POST else None
    return request.restored


def _preview_of(request):
    return request.POST.get("body", "")[: 2 * BODY_MAX] if request.POST else None


def _form_page(request, form, found=None, *, status=200, **context):
    request.frame.menu_entry = "bureau-announcements"
    back = reverse("bureau-announcement", args=[found.pk]) if found else reverse("bureau-announcements")
    context |= {"form": form, "announcement": found, "list_url": reverse("bureau-announcements"), "back": back}
    return render(request, "projects/bureau/announcement_form.html", context, status=status)


def _load(request, pk):
    found = Announcement.objects.for_bureau(request.actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    request.frame.menu_entry = "bureau-announcements"
    return found
