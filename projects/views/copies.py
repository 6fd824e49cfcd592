"""Beginning anew: deleting a draft, and copying an 申报书 into another call."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.kept_forms import restores_form
from profiles.models import Person
from projects.enums import Tab
from projects.forms import CopyForm
from projects.models import Call, Proposal
from projects.rules import may_apply, may_delete
from projects.services.drafts import copy_draft, delete_draft
from projects.views.editing import frame
from projects.views.loading import leads_back, load
from zhgg.kit.clock import database_now


@require_http_methods(["GET", "HEAD", "POST"])
@leads_back
def delete(request, pk):
    """Delete a draft that was never submitted, after a question."""
    proposal = load(request.actor, pk)
    may_delete(request.actor, proposal).enforce()
    if request.method == "POST":
        delete_draft(actor=request.actor, proposal_id=pk)
        messages.success(request, f"已删除“{proposal}”。")
        return redirect("my-proposals")
    return render(request, "projects/delete.html", frame(request, proposal))


@restores_form
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request, pk):
    """Choose one of the open calls; the copy is a new draft there."""
    source = Proposal.objects.own(request.actor).filter(pk=pk).select_related("call").first()
    if source is None:
        raise Http404
    now = database_now()
    calls = list(Call.objects.visible_to(request.actor).open_at(now))
    person = Person.objects.own(request.actor).select_related("unit").first()
    verdict = may_apply(person, calls[0], now) if calls else None
    form = CopyForm(request.POST or request.restored, calls=calls, initial={"form_key": uuid4()})
    if request.method == "POST" and form.is_valid():
        made = copy_draft(
            actor=request.actor,
            proposal_id=pk,
            call_id=form.cleaned_data["call"],
            form_key=form.cleaned_data["form_key"],
        )
        messages.success(request, f"已复制为新的申报书 {made.number}。请逐页核对后再提交。")
        return redirect("proposal-edit", pk=made.pk, tab=Tab.BASICS)
    context = {
        "proposal": source,
        "form": form,
        "calls": calls,
        "verdict": verdict,
        "list_url": reverse("my-proposals"),
        "calls_url": reverse("calls"),
        "person_url": reverse("person"),
    }
    request.frame.menu_entry = "my-proposals"
    return render(request, "projects/copy.html", context)
