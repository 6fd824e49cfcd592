"""帮助与操作图解: which guides there are, and one of them."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.privacy import answers_before
from projects.guide.guides import guides_for


@answers_before
@login_not_required
@require_safe
def guides(request):
    """The guides by role; the reader's own comes first and says so."""
    return render(request, "projects/guides.html", {"guides": guides_for(request.actor)})


@answers_before
@login_not_required
@require_safe
def guide(request, role):
    """One guide. Its places are links for who is in that role; anybody else would find nothing there."""
    found = {guide.slug: guide for guide in guides_for(request.actor)}.get(role)
    if found is None:
        raise Http404
    context = {"guide": found, "is_own": found.role == request.actor.role}
    return render(request, "projects/guide.html", context)
