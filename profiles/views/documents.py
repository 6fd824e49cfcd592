"""佐证材料: taken in with the form of 维护个人信息, and handed out to the person and the reviewers."""

from django.http import Http404
from django.views.decorators.http import require_safe

from profiles import documents
from profiles.documents import LIMITS
from profiles.enums import ProofKind
from profiles.forms import ProofForm
from profiles.models import ProofDocument
from zhgg.kit.errors import NotNow
from zhgg.kit.uploads.checks import NO_ROOM, accepted
from zhgg.kit.uploads.kinds import shown_size
from zhgg.kit.uploads.serving import serve
from zhgg.kit.uploads.storage import CannotStore

UPLOAD, TAKE_OFF = "upload", "take_off"
"""Names of the buttons 【上传】 and 【删除】 in the form of 维护个人信息."""

HINT = f"{accepted(LIMITS)}，每个不超过 {shown_size(max(LIMITS.values()))}，最多 {documents.MOST} 份。"
RULE = (
    "材料随需审核的内容一并送审，只有您和审核人看得到；只上传材料、没有修改需审核的内容时，材料留到下次提交时送审。"
    "已送审的材料，删除后仍留在那次提交中。"
)
RULE_WHILE_WAITING = (
    "正在等待审核的那一份所附的材料不会变。增删材料后点【保存并提交审核】会重新提交，审核人按新的一份办理。"
)


def receive(request):
    """Keep the good files that came with the form, whatever else is wrong with it: a browser sends no file twice.

    The bound ProofForm says what is wrong with the others; `attached` lists what was kept.
    """
    form = ProofForm(request.POST, request.FILES, asked=UPLOAD in request.POST)
    form.is_valid()
    for kind in ProofKind:
        upload = form.cleaned_data.get(kind.value)
        if upload is None:
            continue
        try:
            form.attached.append(documents.attach(actor=request.actor, kind=kind, upload=upload))
        except NotNow as refusal:
            form.add_error(kind.value, refusal.message)
        except CannotStore as refusal:
            form.add_error(kind.value, refusal.as_error())
    return form


def take_off(request):
    """【删除】: whether there was such a document of the actor's own."""
    number = request.POST[TAKE_OFF]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return False
    try:
        documents.take_off(actor=request.actor, document_id=int(number))
    except Http404:
        return False
    return True


def status_of(form):
    """507 when the server had no room for a file, else 200."""
    errors = form.errors.as_data().values() if form.is_bound else ()
    return 507 if any(error.code == NO_ROOM for each in errors for error in each) else 200


@require_safe
def document(request, pk):
    """The download of one document."""
    found = ProofDocument.objects.visible_to(request.actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    response = serve(found)
    documents.record_download(actor=request.actor, document=found)
    return response
