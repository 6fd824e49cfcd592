"""附件 of an 申报书: the tab on which the PI uploads, replaces and deletes, and the download."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.throttles import takes_files
from projects.attachments import MOST_BYTES, MOST_FILES, Slot, kinds, slots
from projects.contents import files_of, sections_of
from projects.enums import Tab
from projects.forms import AttachmentForm
from projects.models import Attachment
from projects.rules import may_edit
from projects.services.attachments import Full, attach, record_download, remove
from projects.views.editing import edit_frame, frame, tab_url
from projects.views.loading import leads_back, load
from zhgg.kit.errors import NotNow
from zhgg.kit.uploads.checks import NO_ROOM
from zhgg.kit.uploads.serving import serve
from zhgg.kit.uploads.storage import CannotStore


@dataclass(frozen=True)
class Place:
    """One kind on the page: what is there, and the form for another file (None when there are as many as may be)."""

    slot: Slot
    files: list
    form: AttachmentForm | None


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@leads_back
def attachments(request, pk):
    """The tab 附件. A POST brings one file; whatever becomes of it, the others are safe."""
    proposal, now = _load_for_editing(request, pk)
    if request.method != "POST":
        return _page(request, proposal, now)
    kind = kinds().get(request.POST.get("kind"))
    if kind is None:
        raise NotNow("这类附件已经停用，文件没有保存。请重新打开附件页后再上传。", links=[(request.path, "返回附件")])
    form = _received(request, proposal, kind)
    return _page(request, proposal, now, bound=form) if form.errors else redirect(_place_url(proposal, kind.code))


def _received(request, proposal, kind, replaces=None):
    """The bound form; when it has no errors, the file has been kept."""
    form = AttachmentForm(request.POST, request.FILES, kind=kind)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            attach(actor=request.actor, proposal_id=proposal.pk, kind=kind, upload=upload, replaces=replaces)
        except Full as refusal:
            form.add_error("file", refusal.message)
        except CannotStore as refusal:
            form.add_error("file", ValidationError(refusal.message, code=NO_ROOM))
        else:
            messages.success(request, f"已上传“{upload.label}”。")
    return form


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@leads_back
def replace(request, pk, file):
    """Another file in the place of this one."""
    proposal, _ = _load_for_editing(request, pk)
    attachment = _in_draft(proposal, file)
    kind = kinds().get(attachment.kind)
    if kind is None:
        raise Http404
    form = AttachmentForm(kind=kind)
    if request.method == "POST":
        form = _received(request, proposal, kind, replaces=attachment.pk)
        if not form.errors:
            return redirect(_place_url(proposal, kind.code))
    context = {**_question(request, proposal, attachment), "form": form}
    return render(request, "projects/attachment_replace.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@leads_back
def delete(request, pk, file):
    """Take a file out of the draft, after a question. Sent twice, the second time says that it is gone."""
    proposal, _ = _load_for_editing(request, pk)
    if request.method == "POST":
        gone = remove(actor=request.actor, proposal_id=pk, attachment_id=file)
        if gone is None:
            messages.info(request, "这个附件已经不在申报书中。")
            return redirect(tab_url(proposal, Tab.ATTACHMENTS))
        messages.success(request, f"已删除“{gone}”。")
        return redirect(_place_url(proposal, gone.kind))
    attachment = _in_draft(proposal, file)
    return render(request, "projects/attachment_delete.html", _question(request, proposal, attachment))


@require_safe
def download(request, pk, file):
    """The file itself, for the PI and whoever reads the 申报书."""
    visible = Attachment.objects.visible_to(request.actor).select_related("proposal")
    found = visible.filter(proposal_id=pk, pk=file).first()
    if found is None:
        raise Http404
    response = serve(found)
    record_download(actor=request.actor, attachment=found)
    return response


def _load_for_editing(request, pk):
    proposal = load(request.actor, pk)
    if Tab.ATTACHMENTS not in proposal.call.tabs:
        raise Http404
    now = proposal.read_at
    may_edit(request.actor, proposal, now).enforce()
    return proposal, now


def _in_draft(proposal, pk):
    found = proposal.attachments.in_draft().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _place_url(proposal, code):
    return f"{tab_url(proposal, Tab.ATTACHMENTS)}#kind-{code}"


def _status(form):
    """507 when the server had no room for the file, else 200."""
    return 507 if form is not None and form.has_error("file", NO_ROOM) else 200


def _question(request, proposal, attachment):
    return {
        **frame(request, proposal),
        "attachment": attachment,
        "kind_name": kinds()[attachment.kind].name if attachment.kind in kinds() else attachment.kind,
        "back_url": _place_url(proposal, attachment.kind),
    }


def _page(request, proposal, now, bound=None):
    sections, files = sections_of(proposal), files_of(proposal)
    around = edit_frame(request, proposal, Tab.ATTACHMENTS, now, sections)
    places = [
        _place(slot, [file for file in files if file.kind == slot.kind.code], bound)
        for slot in slots(proposal, around["data"], present={file.kind for file in files})
    ]
    required = [place for place in places if place.slot.why]
    context = {
        **around,
        "lines": bound.error_list if bound else [],
        "required": required,
        "optional": [place for place in places if not place.slot.why],
        "missing": sum(not place.files for place in required),
        "number": len(files),
        "size": sum(file.size for file in files),
        "most_files": MOST_FILES,
        "most_size": MOST_BYTES,
    }
    return render(request, "projects/attachments.html", context, status=_status(bound))


def _place(slot, files, bound):
    if bound is not None and bound.kind == slot.kind:
        return Place(slot, files, bound)
    return Place(slot, files, AttachmentForm(kind=slot.kind) if len(files) < slot.kind.most else None)
