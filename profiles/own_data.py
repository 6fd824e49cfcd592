"""What the tables of 个人信息 hold on one person, for themselves."""

from accounts.own_data import Part, text, told
from profiles.facts import TABLES, words
from profiles.models import Person, ProofDocument, ReviewedFields, ReviewRequest
from zhgg.kit.fields import to_show

TIMES = ("approved_at", "version", "created_at", "updated_at")


def _told(holder, *names):
    """As `told`, with codes spelt out."""
    label = holder._meta.get_field
    return {
        str(label(name).verbose_name): words(holder, name) if name in TABLES else text(to_show(holder, name))
        for name in names
    }


def _record(user):
    for person in Person.objects.filter(user=user).select_related("unit", "department"):
        yield _told(person, "name", *Person.UNREVIEWED, *TIMES, *ReviewedFields.REVIEWED)


def _requests(user):
    requests = ReviewRequest.objects.filter(person__user=user).select_related("unit", "department").order_by("pk")
    for request in requests.prefetch_related("documents"):
        yield (
            told(request, "state", "submitted_at", "decided_at", "reason", "withdrawn_at")
            | _told(request, *ReviewedFields.REVIEWED)
            | {"佐证材料": [document.label for document in request.documents.all()]}
        )


def _documents(user):
    for document in ProofDocument.objects.filter(person__user=user).order_by("pk"):
        yield told(document, "kind", "label", "size", "sha256", "uploaded_at", "taken_off_at")


PARTS = (
    Part("个人信息", ("profiles.person.user",), _record),
    Part("个人信息的历次提交", ("profiles.reviewrequest.person",), _requests),
    Part("佐证材料", ("profiles.proofdocument.person", "profiles.proofdocument.uploaded_by"), _documents),
)
