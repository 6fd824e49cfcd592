"""Files of the guide page: 科技局 adds and deletes them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.throttles import takes_files
from orgs.views.bureau.gate import officers_only
from projects.call_forms import GuideFileForm
from projects.services.call_files import MOST, add_call_file, remove_call_file
from projects.views.bureau.calls import load_call
from zhgg.kit.errors import NotNow
from zhgg.kit.uploads.checks import NO_ROOM
from zhgg.kit.uploads.storage import CannotStore


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def files(request, pk):
    """The files there are, and the form for another one."""
    found = load_call(request, pk)
    form = GuideFileForm()
    if request.method == "POST":
        form = _received(request, pk)
        if not form.errors:
            return redirect("bureau-call-files", pk=pk)
    context = {
        "call": found,
        "list_url": reverse("bureau-calls"),
        "files": list(found.files.all()),
        "form": form,
        "most": MOST,
    }
    no_room = form.is_bound and form.has_error("file", NO_ROOM)
    return render(request, "projects/bureau/files.html", context, status=507 if no_room else 200)


def _received(request, pk):
    form = GuideFileForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            add_call_file(actor=request.actor, call_id=pk, upload=upload)
        except NotNow as refusal:
            form.add_error("file", refusal.message)
        except CannotStore as refusal:
            form.add_error("file", ValidationError(refusal.message, code=NO_ROOM))
        else:
            messages.success(request, f"已上传“{upload.label}”。")
    return form


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def delete(request, pk, file):
    """The question, and the deed."""
    found = load_call(request, pk)
    stored = found.files.filter(pk=file).first()
    if stored is None:
        raise Http404
    if request.method == "POST":
        remove_call_file(actor=request.actor, file=stored)
        messages.success(request, f"已删除“{stored.label}”。")
        return redirect("bureau-call-files", pk=pk)
    context = {"call": found, "file": stored, "list_url": reverse("bureau-calls")}
    return render(request, "projects/bureau/file_delete.html", context)
