"""附件 under real parallel connections: limits hold, and a submission freezes what stands there."""

import pytest

from projects.attachments import kinds
from projects.enums import State, Tab
from projects.models import Attachment, Proposal, Submission
from projects.services import attachments as service
from projects.services.decisions import Outcome, perform
from projects.workflow import SUBMIT
from tests import factories as make
from tests.attached import make_attachment, upload_of
from tests.races import together
from tests.uploads import pdf
from zhgg.kit.errors import NotNow
from zhgg.kit.uploads.kinds import MB
from zhgg.kit.uploads.storage import path_of

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    settings.UPLOAD_ROOT = tmp_path / "area"
    return settings.UPLOAD_ROOT


@pytest.fixture
def draft():
    pi = make.make_person(unit=make.make_unit())
    return make.make_proposal(pi, make.make_call(tabs=[Tab.BASICS, Tab.ATTACHMENTS]))


def uploading(proposal, kind, size, replaces=None):
    actor, upload = make.actor_of(proposal.pi.user), upload_of(f"{size}.pdf", pdf(size=size))
    return lambda: service.attach(
        actor=actor, proposal_id=proposal.pk, kind=kinds()[kind], upload=upload, replaces=replaces
    )


def files_on_disk(area):
    return {path.name for path in area.glob("*/*") if path.is_file()}


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("limit", ["together", "number", "kind"])
def test_two_parallel_uploads_cannot_both_take_the_last_place(draft, area, monkeypatch, limit, _round):
    if limit == "together":
        make_attachment(draft, "06", size=200 * MB - 5000)
    elif limit == "number":
        monkeypatch.setattr(service, "MOST_FILES", 2)
        make_attachment(draft, "06")
    else:
        for number in range(4):
            make_attachment(draft, "20", data=pdf(size=2000 + number))

    answers = together(uploading(draft, "20", 3000), uploading(draft, "20", 4000))

    assert sorted(type(answer).__name__ for answer in answers) == ["Attachment", "Full"]
    assert files_on_disk(area) == set(Attachment.objects.values_list("storage_name", flat=True))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_same_file_sent_twice_at_once_is_kept_once(draft, area, _round):
    first, second = together(uploading(draft, "99", 3000), uploading(draft, "99", 3000))

    assert first == second
    assert files_on_disk(area) == {Attachment.objects.get().storage_name}


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_replacements_of_one_file_one_is_told(draft, area, _round):
    old = make_attachment(draft, "99")

    answers = together(uploading(draft, "99", 3000, old.pk), uploading(draft, "99", 4000, old.pk))

    assert sorted(type(answer).__name__ for answer in answers) == ["Attachment", "NotNow"]
    assert files_on_disk(area) == {Attachment.objects.get().storage_name}


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_upload_beside_the_submission_is_in_it_or_refused(draft, area, _round):
    actor = make.actor_of(draft.pi.user)

    submitted, uploaded = together(
        lambda: perform(action=SUBMIT, proposal_id=draft.pk, actor=actor, seen_step=0), uploading(draft, "99", 3000)
    )

    assert isinstance(submitted, Outcome)
    named = [file["id"] for file in Submission.objects.get().data["attachments"]]
    if isinstance(uploaded, Attachment):
        assert named == [uploaded.pk]
    else:
        assert isinstance(uploaded, NotNow)
        assert (named, files_on_disk(area)) == ([], set())
    assert Proposal.objects.get().state == State.UNIT


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_deletion_beside_the_submission_never_takes_a_submitted_file(draft, _round):
    file, actor = make_attachment(draft, "99"), make.actor_of(draft.pi.user)

    submitted, removed = together(
        lambda: perform(action=SUBMIT, proposal_id=draft.pk, actor=actor, seen_step=0),
        lambda: service.remove(actor=actor, proposal_id=draft.pk, attachment_id=file.pk),
    )

    assert isinstance(submitted, Outcome)
    named = [each["id"] for each in Submission.objects.get().data["attachments"]]
    if isinstance(removed, NotNow):
        assert named == [file.pk]
        assert path_of(file.storage_name).exists()
    else:
        assert (named, Attachment.objects.count()) == ([], 0)
        assert not path_of(file.storage_name).exists()
