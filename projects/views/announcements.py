"""通知公告 for those whom they are for; what is for everybody is read without a login as well."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from projects.models import Announcement
from zhgg.kit.listing import PAGE_SIZES, page_of


@login_not_required
@never_cache
@require_safe
def announcements(request):
    """What is shown now, pinned ones first, then the latest."""
    page = page_of(Announcement.objects.visible_to(request.actor).for_list(), request.GET)
    return render(request, "projects/announcements.html", {"page": page, "sizes": PAGE_SIZES, **_frame(request)})


@login_not_required
@never_cache
@require_safe
def announcement(request, pk):
    """One of them. One for others, one outside its window and one that does not exist are alike."""
    found = Announcement.objects.visible_to(request.actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    context = {"announcement": found, "list_url": reverse("announcements"), **_frame(request)}
    return render(request, "projects/announcement.html", context)


def _frame(request):
    """The layout, and the way back: whoever is not logged in comes from the login page and has no menu."""
    if request.user.is_authenticated:
        return {"layout": "layouts/projects.html", "home": reverse("portal"), "home_label": "门户首页"}
    return {"layout": "layouts/plain.html", "home": reverse("login"), "home_label": "登录"}
