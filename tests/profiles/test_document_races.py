"""Proof documents under real parallel connections."""

import os

import pytest

from profiles import documents, services
from profiles.documents import MOST
from profiles.enums import ProofKind
from profiles.models import Person, ProofDocument, ReviewRequest
from profiles.services import Saved
from tests import factories as make
from tests.races import together
from tests.uploads import pdf, uploaded
from zhgg.kit.uploads.checks import CheckedUpload
from zhgg.kit.uploads.kinds import PDF

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def upload_root(settings, tmp_path):
    settings.UPLOAD_ROOT = tmp_path / "area"
    return settings.UPLOAD_ROOT


def files_in(folder):
    return {name for _, _, names in os.walk(folder) for name in names}


def attaching(user, data):
    actor, upload = make.actor_of(user), CheckedUpload(uploaded("a.pdf", data), "a.pdf", PDF, len(data))
    return lambda: documents.attach(actor=actor, kind=ProofKind.DEGREE, upload=upload)


@pytest.mark.parametrize("_round", range(4))
def test_the_last_place_is_given_once(world, upload_root, _round):
    person = make.make_person(unit=world.unit, department=world.software)
    for number in range(MOST - 1):
        make.make_document(person, label=f"{number}.pdf")

    answers = together(*(attaching(person.user, pdf(pages=pages)) for pages in (2, 3, 4)))

    assert sorted(type(answer).__name__ for answer in answers) == ["NotNow", "NotNow", "ProofDocument"]
    names = set(ProofDocument.objects.values_list("storage_name", flat=True))
    assert len(names) == MOST
    assert files_in(upload_root) == names


def test_the_same_file_sent_at_once_is_kept_once(world, upload_root):
    person = make.make_person(unit=world.unit, department=world.software)
    attach = [attaching(person.user, pdf()) for _ in range(3)]

    answers = together(*attach)

    assert len({answer.pk for answer in answers}) == 1
    assert files_in(upload_root) == {ProofDocument.objects.get().storage_name}


@pytest.mark.parametrize("_round", range(6))
def test_a_document_is_sent_whole_or_not_at_all_while_it_is_deleted(world, upload_root, _round):
    person = make.make_person(unit=world.unit, department=world.software)
    document = make.make_document(person)
    actor, version = make.actor_of(person.user), Person.objects.get(pk=person.pk).version
    reviewed = make.reviewed(person.user, world.unit, world.software, title_level="412")

    saved, deleted = together(
        lambda: services.save_person(actor=actor, version=version, values={"major": "机械"}, reviewed=reviewed),
        lambda: documents.take_off(actor=actor, document_id=document.pk),
    )

    assert isinstance(saved, Saved)
    assert deleted is None
    sent = list(ReviewRequest.objects.get().documents.all())
    left = ProofDocument.objects.filter(pk=document.pk).first()
    # Sent first: frozen, no longer current, the file is there. Deleted first: row and file are gone, nothing was sent.
    if sent:
        assert left.taken_off_at is not None
        assert files_in(upload_root) == {document.storage_name}
    else:
        assert left is None
        assert files_in(upload_root) == set()


def test_two_deletions_of_one_document_delete_once(world, upload_root):
    person = make.make_person(unit=world.unit, department=world.software)
    document, actor = make.make_document(person), make.actor_of(person.user)

    answers = together(*[lambda: documents.take_off(actor=actor, document_id=document.pk)] * 2)

    assert sorted(type(answer).__name__ for answer in answers) == ["Http404", "NoneType"]
    assert files_in(upload_root) == set()
