"""我的数据: what the system holds on the person who is logged in, to be read and taken along."""

from django.http import Http404, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from accounts.own_data import has_own_data
from accounts.sessions import background
from profiles.facts import papers
from profiles.models import ProofDocument
from projects.enums import PaperState
from projects.models import DataCopy
from projects.own_data import ALL, PRINTED, as_json
from projects.services import own_copies
from projects.services.made_pdfs import is_stuck
from zhgg.kit.uploads.serving import serve


@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request):
    """What there is, and how far the PDF is; POST has it made."""
    copy = _copy(request)
    if request.method == "POST":
        own_copies.order_copy(actor=request.actor)
        return redirect("own-data")
    context = {
        "parts": [part.label for part in ALL],
        "printed": PRINTED,
        "copy": copy,
        "status": _status(copy),
        "papers": papers(ProofDocument.objects.filter(person=request.user.pk).order_by("pk")),
    }
    return render(request, "projects/own_data.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def own_data_json(request):
    """【导出 JSON】. Whoever comes back from a login by GET is led to the page."""
    _people_alone(request)
    if request.method != "POST":
        return redirect("own-data")
    own_copies.note_json(actor=request.actor)
    response = StreamingHttpResponse(as_json(request.user), content_type="application/json; charset=utf-8")
    name = f"我的数据_{timezone.localdate():%Y%m%d}.json"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def own_data_file(request):
    """The PDF. What is not made leads back to the page."""
    copy = _copy(request)
    if _status(copy) != PaperState.READY:
        return redirect(reverse("own-data"))
    response = serve(copy)
    own_copies.record_download(actor=request.actor, copy=copy)
    return response


@background
@require_safe
def own_data_state(request):
    """Whether the PDF is still being made; the waiting page asks."""
    return JsonResponse({"waiting": _status(_copy(request)) == PaperState.WAITING})


def _people_alone(request):
    if not has_own_data(request.user):
        raise Http404


def _copy(request):
    _people_alone(request)
    return DataCopy.objects.filter(user=request.user).first()


def _status(copy):
    """A PaperState; "" when nobody has asked."""
    if copy is None:
        return ""
    return PaperState.FAILED if is_stuck(copy) else PaperState(copy.state)
