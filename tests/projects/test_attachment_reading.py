"""附件: what a submission keeps, and who gets a file."""

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from accounts.models import AuditEvent
from projects import attachments as kinds_module
from projects.enums import State
from projects.models import Attachment, Submission
from projects.services import attachments as service
from projects.services.decisions import perform
from projects.workflow import ACTIONS, SUBMIT, WITHDRAW
from tests import factories as make
from tests.attached import make_attachment, upload_of
from tests.projects.attaching import area, draft, fresh, house, tab_url
from tests.projects.pages import queries_of, text_of
from tests.uploads import pdf
from zhgg.kit.uploads.storage import path_of

__all__ = ["area", "draft", "house"]

pytestmark = pytest.mark.django_db


# What a submission keeps ----------------------------------------------------------------------------------------------


def act(action, proposal, user, reason=""):
    proposal = fresh(proposal)
    return perform(
        action=action, proposal_id=proposal.pk, actor=make.actor_of(user), seen_step=proposal.step_count, reason=reason
    )


def test_each_submission_names_the_files_of_its_moment(house, draft):
    manager = make.make_manager(house.department)
    actor = make.actor_of(house.pi.user)
    stays, goes = make_attachment(draft, "01"), make_attachment(draft, "02", "旧协议.pdf", data=pdf(size=3000))

    act(SUBMIT, draft, house.pi.user)
    act(ACTIONS["send-back"], draft, manager, "协议没有盖章")
    service.remove(actor=actor, proposal_id=draft.pk, attachment_id=goes.pk)
    comes = service.attach(
        actor=actor,
        proposal_id=draft.pk,
        kind=kinds_module.kinds()["02"],
        upload=upload_of("新协议.pdf", pdf(size=4000)),
    )
    act(SUBMIT, draft, house.pi.user)

    first, second = (
        [file["id"] for file in Submission.objects.get(proposal=draft, number=number).data["attachments"]]
        for number in (1, 2)
    )
    assert (first, second) == ([stays.pk, goes.pk], [stays.pk, comes.pk])
    assert Submission.objects.get(number=1).data["attachments"][1] == {
        "id": goes.pk,
        "kind": "02",
        "label": "旧协议.pdf",
        "size": 3000,
        "sha256": goes.sha256,
    }
    spans = {file.pk: (file.first_submission, file.last_submission) for file in Attachment.objects.all()}
    assert spans == {stays.pk: (1, 2), goes.pk: (1, 1), comes.pk: (2, 2)}


def test_a_submission_without_files_names_none(draft):
    act(SUBMIT, draft, draft.pi.user)

    assert Submission.objects.get().data["attachments"] == []


def test_a_missing_required_file_stops_the_submission(login, house, draft):
    house.call.required_attachments = ["01"]
    house.call.save()
    client = login(house.pi.user)

    response = client.post(reverse("proposal-act", args=[draft.pk, "submit"]), {"seen_step": "0"}, follow=True)

    assert response.redirect_chain == [(reverse("proposal-check", args=[draft.pk]), 302)]
    page = text_of(response)
    assert "科研诚信承诺书（负责人+单位签章）：本批次必备，现在还没有上传" in page
    assert f'href="{tab_url(draft)}#kind-01"' in response.content.decode()
    assert fresh(draft).state == State.DRAFT


def test_a_submitted_file_cannot_be_deleted_or_changed_in_the_database(house):
    file = make_attachment(make.make_proposal(house.pi, house.call, submissions=1), submissions=(1, 1))

    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        file.delete()
    for name, value in (("label", "别的.pdf"), ("sha256", "0" * 64), ("kind", "02"), ("size", 1)):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Attachment.objects.filter(pk=file.pk).update(**{name: value})


def test_no_file_belongs_nowhere(draft):
    file = make_attachment(draft)

    with pytest.raises(IntegrityError, match="attachment_belongs_somewhere"), transaction.atomic():
        Attachment.objects.filter(pk=file.pk).update(in_draft=False)
    for first, last in ((None, 1), (1, None), (2, 1), (0, 1)):
        with pytest.raises(IntegrityError, match="attachment_submissions_in_order"), transaction.atomic():
            Attachment.objects.filter(pk=file.pk).update(first_submission=first, last_submission=last)


# Reading and downloading ----------------------------------------------------------------------------------------------


def download(client, file):
    response = client.get(reverse("attachment", args=[file.proposal_id, file.pk]))
    if response.streaming:
        response.body = b"".join(response.streaming_content)
    return response


def readers(house):
    return {
        "pi": house.pi.user,
        "legal": house.account,
        "agent": make.make_agent(house),
        "manager": make.make_manager(house.department),
        "bureau": make.make_officer(),
        "colleague": make.make_person(unit=house, department=house.department).user,
        "stranger": make.make_unit().account,
        "their manager": make.make_manager(make.make_department(house, "别的所")),
    }


# In the draft only; in the draft and submitted; submitted and taken out since.
SEEN = {
    (State.DRAFT, "draft only"): {"pi", "legal", "agent", "manager"},
    (State.DRAFT, "both"): {"pi", "legal", "agent", "manager"},
    (State.DRAFT, "taken out"): {"pi", "legal", "agent", "manager"},
    (State.UNIT, "both"): {"pi", "legal", "agent", "manager", "bureau"},
    (State.UNIT, "taken out"): {"pi", "legal", "agent", "manager", "bureau"},
    (State.UNIT, "draft only"): {"pi"},
}


WHERE = {
    "draft only": {},
    "both": {"submissions": (1, 1)},
    "taken out": {"submissions": (1, 1), "in_draft": False},
}


@pytest.mark.parametrize(("state", "where"), SEEN)
def test_who_gets_which_file(login, house, state, where):
    proposal = make.make_proposal(house.pi, house.call, state=state, submissions=1)
    file = make_attachment(proposal, **WHERE[where])

    answers = {who: download(login(user), file).status_code for who, user in readers(house).items()}

    assert answers == {who: 200 if who in SEEN[state, where] else 404 for who in answers}


def test_a_download_is_an_attachment_with_its_own_name_and_is_written_down(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    data = pdf()
    file = make_attachment(proposal, "02", "合作协议（2026）.pdf", data=data, submissions=(1, 1))

    response = download(login(house.account), file)

    assert response.body == data
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E5%90%88%E4%BD%9C%E5%8D%8F%E8%AE%AE%EF%BC%882026%EF%BC%89.pdf"
    )
    [event] = AuditEvent.objects.filter(action="file_downloaded")
    assert (event.user_id, event.unit_id, event.object_label, event.detail) == (
        house.account.pk,
        house.pk,
        "合作协议（2026）.pdf",
        {"proposal": proposal.pk},
    )


def test_the_pis_own_download_is_not_written_down(login, draft):
    download(login(draft.pi.user), make_attachment(draft))

    assert not AuditEvent.objects.filter(action="file_downloaded").exists()


def test_a_lost_file_is_a_page_that_says_so(login, draft):
    file = make_attachment(draft)
    path_of(file.storage_name).unlink()

    response = download(login(draft.pi.user), file)

    assert response.status_code == 503
    assert "文件暂时打不开" in text_of(response)


def listed(client, proposal, tab="attachments"):
    return text_of(client.get(f"{reverse('proposal', args=[proposal.pk])}?tab={tab}"))


def labels_in(client, proposal, tab="attachments"):
    """Names of the files that the list of a tab shows, once each."""
    response = client.get(f"{reverse('proposal', args=[proposal.pk])}?tab={tab}")
    labels = [file.label for _, files in response.context["attachments"] for file in files]
    body = response.content.decode()
    hrefs = {
        reverse("attachment", args=[proposal.pk, file.id])
        for _, files in response.context["attachments"]
        for file in files
    }
    assert all(body.count(f'href="{href}"') == 1 for href in hrefs)
    return labels


def test_reviewers_read_what_was_submitted(login, house, draft):
    make_attachment(draft, "20", "路线.pdf", data=pdf(size=3000))
    make_attachment(draft, "01", "承诺书.pdf")
    act(SUBMIT, draft, house.pi.user)

    page = listed(login(house.account), draft)

    assert "科研诚信承诺书（负责人+单位签章） 承诺书.pdf 431 字节 下载" in page
    assert page.index("承诺书.pdf") < page.index("路线.pdf")
    assert "第 1 次提交的内容" in page


def test_the_unit_reads_a_draft_as_it_is_and_what_was_submitted_before(login, house, draft):
    file = make_attachment(draft, "01", "旧承诺书.pdf")
    act(SUBMIT, draft, house.pi.user)
    act(WITHDRAW, draft, house.pi.user)
    service.remove(actor=make.actor_of(house.pi.user), proposal_id=draft.pk, attachment_id=file.pk)
    make_attachment(draft, "01", "新承诺书.pdf", data=pdf(size=3000))
    client = login(house.account)

    assert labels_in(client, draft) == ["新承诺书.pdf"]
    assert labels_in(client, draft, "previous") == ["旧承诺书.pdf"]


def test_without_files_the_reading_page_says_so(login, draft):
    assert "没有附件。" in listed(login(draft.pi.user), draft)


def test_a_submission_made_before_there_were_files_reads_as_none(login, house):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)

    assert "没有附件。" in listed(login(house.account), proposal)


@pytest.mark.parametrize("many", [1, 25])
def test_the_pages_take_the_same_queries_for_one_file_and_for_25(login, house, draft, many):
    for number in range(many):
        make_attachment(draft, f"{(6, 8, 9)[number % 3]:02}", data=pdf(size=2000 + number))
    pi, reader = login(house.pi.user), login(house.account)

    editing, tab = queries_of(pi, tab_url(draft))
    reading = queries_of(reader, f"{reverse('proposal', args=[draft.pk])}?tab=attachments")[1]

    assert editing.context["number"] == many
    assert (tab, reading) == (7, 7)
