"""Calls (申报通知), and beginning an 申报书 in one."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from profiles.models import Person
from projects.enums import Tab
from projects.facts import closing_note, extension_notes
from projects.forms import ApplyForm
from projects.models import Call, Extension, Proposal
from projects.rules import may_apply
from projects.services.calls import CLOSED
from projects.services.drafts import start_draft
from zhgg.kit.clock import database_now
from zhgg.kit.remaining import remaining
from zhgg.kit.uploads.serving import serve

TOLD = 3
"""How many of the latest 延期 the guide page tells."""


@require_safe
def calls(request):
    """Calls that take 申报书 now, those to come, and the closed ones."""
    now = database_now()
    open_now, to_come, closed = [], [], []
    for call in Call.objects.visible_to(request.actor):
        if call.closes_at <= now:
            closed.append(call)
        elif call.opens_at > now:
            to_come.append(call)
        else:
            open_now.append((call, remaining(call.closes_at, now)))
    closed.reverse()
    return render(
        request,
        "projects/calls.html",
        {"open_now": open_now, "to_come": to_come, "closed": closed, "home": reverse("portal")},
    )


@require_safe
def call(request, pk):
    """The guide of one call, with 【我要申报】 or the sentence why not."""
    found = load(request.actor, pk)
    now = database_now()
    person = Person.objects.own(request.actor).select_related("unit").first()
    extended = Extension.objects.for_unit(found, person.unit_id)["submit_until"] if person else None
    closed = found.changes.filter(what=CLOSED).first() if found.closes_at <= now else None
    told = Extension.objects.told_on_guide(found, person.unit_id if person else request.actor.unit_id)
    context = {
        "call": found,
        "extensions": extension_notes(told[:TOLD]),
        "closed": closing_note(closed) if closed else "",
        "files": list(found.files.all()),
        "list_url": reverse("calls"),
        "form": ApplyForm(initial={"form_key": uuid4()}),
        "person": person,
        "verdict": may_apply(person, found, now, extended),
        "left": remaining(max(found.closes_at, extended or found.closes_at), now),
        "extended": extended,
        "begun": found.opens_at <= now,
        "mine": list(Proposal.objects.own(request.actor).filter(call=found).order_by("-pk")[:5]),
    }
    return render(request, "projects/call.html", context)


@require_safe
def call_file(request, pk, file):
    """A file of the guide page, for whoever sees the call."""
    found = load(request.actor, pk).files.filter(pk=file).first()
    if found is None:
        raise Http404
    return serve(found)


def apply(request, pk):
    """【我要申报】: begin an 申报书. The same form sent twice leads to the same draft."""
    if request.method != "POST":
        return redirect("call", pk=pk)
    form = ApplyForm(request.POST)
    if not form.is_valid():
        messages.error(request, "页面已过期，没有新建申报书。请再点一次【我要申报】。")
        return redirect(load(request.actor, pk))
    proposal = start_draft(actor=request.actor, call_id=pk, form_key=form.cleaned_data["form_key"])
    messages.success(request, f"已新建申报书 {proposal.number}。可以分几次填写，每次填完点【保存】。")
    return redirect("proposal-edit", pk=proposal.pk, tab=Tab.BASICS)


def load(actor, pk):
    """The call, where the actor may see it; Http404 otherwise."""
    found = Call.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
