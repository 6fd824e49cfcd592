"""附件: uploading, replacing, deleting, what a submission keeps, and who gets a file."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from projects import attachments as kinds_module
from projects.enums import State, Tab
from projects.forms import AttachmentForm
from projects.models import Attachment, Proposal, Submission
from projects.services import attachments as service
from projects.services.decisions import perform
from projects.services.drafts import delete_draft
from projects.workflow import ACTIONS, SUBMIT, WITHDRAW
from tests import factories as make
from tests.attached import make_attachment, upload_of
from tests.projects.pages import queries_of, text_of
from tests.uploads import EXE, pdf, picture, png_bomb, uploaded
from zhgg.kit.errors import NotNow
from zhgg.kit.uploads.kinds import MB
from zhgg.kit.uploads.storage import CannotStore, path_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    """An upload area of its own, so that what remains in it can be counted."""
    settings.UPLOAD_ROOT = tmp_path / "area"
    return settings.UPLOAD_ROOT


@pytest.fixture
def house():
    unit = make.make_unit(nature="20", departments=["机器人研究所"])
    unit.department = unit.made_departments[0]
    unit.call = make.make_call(tabs=[Tab.BASICS, Tab.ATTACHMENTS])
    unit.pi = make.make_person("样例负责人", unit=unit, department=unit.department)
    return unit


@pytest.fixture
def draft(house):
    return make.make_proposal(house.pi, house.call)


def tab_url(proposal):
    return reverse("proposal-attachments", args=[proposal.pk])


def send(client, proposal, file, kind="99"):
    return client.post(tab_url(proposal), {"kind": kind, "file": file})


def error_of(response):
    """The one mistake that the page shows."""
    [(target, _, message)] = response.context["lines"]
    assert f'id="{target}"' in response.content.decode()
    return message


def files_on_disk(area):
    return [path for path in Path(area).glob("*/*") if path.is_file()]


def fresh(proposal):
    return Proposal.objects.for_page().get(pk=proposal.pk)


# Uploading ------------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_as_it_was_sent_and_shown_at_its_kind(login, draft, area):
    client, data = login(draft.pi.user), pdf()

    response = send(client, draft, uploaded("承诺书（盖章）.pdf", data), "01")

    [file] = Attachment.objects.all()
    assert (response.status_code, response["Location"]) == (302, f"{tab_url(draft)}#kind-01")
    assert (file.proposal, file.kind, file.label, file.size, file.in_draft) == (
        draft,
        "01",
        "承诺书（盖章）.pdf",
        len(data),
        True,
    )
    assert (file.first_submission, file.last_submission, file.uploaded_by) == (None, None, draft.pi.user)
    assert path_of(file.storage_name).read_bytes() == data
    page = text_of(client.get(tab_url(draft)))
    assert "已上传“承诺书（盖章）.pdf”。" in page
    assert "已上传 1 个文件" in page
    [event] = AuditEvent.objects.filter(action="attachment_added")
    assert (event.object_label, event.detail) == (
        "承诺书（盖章）.pdf",
        {"proposal": draft.pk, "kind": "01", "size": len(data)},
    )


def test_an_upload_counts_as_a_change_of_the_proposal(login, draft):
    before = draft.updated_at

    send(login(draft.pi.user), draft, uploaded("a.pdf", pdf()))

    assert fresh(draft).updated_at > before


BAD = {
    "another ending": (
        uploaded("合同.docx", b"PK\x03\x04"),
        "只能上传 PDF 文件、JPG 图片、PNG 图片，这个文件以“.docx”结尾",
    ),
    "a program called pdf": (uploaded("合同.pdf", EXE), "文件名以“.pdf”结尾，内容却不是 PDF 文件"),
    "a picture called pdf": (uploaded("合同.pdf", picture("PNG")), "文件名以“.pdf”结尾，内容却是 PNG 图片"),
    "empty": (uploaded("合同.pdf", b""), "这个文件是空的（0 字节）"),
    "encrypted": (uploaded("合同.pdf", pdf(password="x")), "这个 PDF 设有密码或使用限制"),
    "no page": (uploaded("合同.pdf", pdf(pages=0)), "这个 PDF 一页也没有"),
    "cut off": (uploaded("合同.pdf", pdf()[:80]), "这个文件已损坏，打不开"),
    "damaged picture": (uploaded("图.png", picture("PNG")[:60]), "这个文件已损坏，打不开"),
    "picture too large": (uploaded("图.png", picture("PNG") + bytes(10 * MB)), "PNG 图片不能超过 10 MB"),
    "a bomb": (uploaded("图.png", png_bomb(20_000, 20_000)), "图片的像素过多"),
    "pdf too large": (uploaded("合同.pdf", pdf() + bytes(20 * MB)), "PDF 文件不能超过 20 MB"),
    "nothing": ("", "请选择文件"),
    "a text": ("合同.pdf", "请选择文件"),
}


@pytest.mark.parametrize("flaw", BAD)
def test_a_bad_file_gets_a_sentence_and_leaves_nothing(login, draft, area, flaw):
    file, sentence = BAD[flaw]
    if hasattr(file, "seek"):
        file.seek(0)
    kept = make_attachment(draft, "99", "原有.pdf")

    response = send(login(draft.pi.user), draft, file)

    assert response.status_code == 200
    assert error_of(response).startswith(sentence)
    assert "原有.pdf" in text_of(response)
    assert list(Attachment.objects.all()) == [kept]
    assert len(files_on_disk(area)) == 1
    assert "有 1 处需要修改" in text_of(response)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/合同.pdf", "合同.pdf"),
        ("C:\\盖章\\合同.pdf", "合同.pdf"),
        ("合\x00同\u202e.pdf", "合同.pdf"),
        ("合\n同.pdf", "合同.pdf"),
        ("長" * 300 + ".pdf", "長" * 65 + ".pdf"),
    ],
)
def test_a_name_is_only_a_label(draft, name, label):
    file = uploaded("x.pdf", pdf())
    # Past the cleaning of UploadedFile: whatever receives a file hands its name on.
    file._name = name
    form = AttachmentForm({}, {"file": file}, kind=kinds_module.kinds()["99"])

    assert form.is_valid()
    assert form.cleaned_data["file"].label == label


def test_a_kind_has_its_own_endings_and_size(login, draft):
    client = login(draft.pi.user)

    answer = send(client, draft, uploaded("图.png", picture("PNG")), "01")
    too_large = send(client, draft, uploaded("a.pdf", pdf(size=10 * MB + 1)), "01")
    just_right = send(client, draft, uploaded("a.pdf", pdf(size=10 * MB)), "01")

    assert error_of(answer).startswith("只能上传 PDF 文件，这个文件以“.png”结尾")
    assert error_of(too_large).startswith("PDF 文件不能超过 10 MB，现在是 10.1 MB")
    assert just_right.status_code == 302


@pytest.mark.parametrize("kind", ["", "00", "1", "01\x00", "９９", "x" * 1000])
def test_an_unknown_kind_is_answered_with_a_sentence(login, draft, area, kind):
    response = send(login(draft.pi.user), draft, uploaded("a.pdf", pdf()), kind)

    assert response.status_code == 409
    assert "这类附件已经停用，文件没有保存" in text_of(response)
    assert files_on_disk(area) == []


def test_the_same_file_sent_twice_is_kept_once(login, draft, area):
    client, data = login(draft.pi.user), pdf()

    answers = [send(client, draft, uploaded("a.pdf", data)).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert Attachment.objects.count() == 1


def test_no_more_of_a_kind_than_may_be(login, draft, area):
    for number in range(5):
        make_attachment(draft, "20", f"{number}.pdf", data=pdf(size=2000 + number))

    response = send(login(draft.pi.user), draft, uploaded("6.pdf", pdf()), "20")

    assert error_of(response) == "技术路线图最多 5 个，这个文件没有保存。请先删除不需要的，再上传。"
    assert len(files_on_disk(area)) == 5
    page = text_of(login(draft.pi.user).get(tab_url(draft)))
    assert "已满 5 个。要换别的，请点【替换】，或先删除不需要的。" in page


def test_no_more_files_than_may_be(login, draft, monkeypatch):
    monkeypatch.setattr(service, "MOST_FILES", 2)
    for number in range(2):
        make_attachment(draft, "06", data=pdf(size=2000 + number))

    response = send(login(draft.pi.user), draft, uploaded("3.pdf", pdf()))

    sentence = error_of(response)
    assert sentence == "附件一共最多 2 个，这个文件没有保存。请合并文件，或删除不需要的。"


def test_no_more_together_than_200_mb(login, draft):
    make_attachment(draft, "06", size=200 * MB - 5000)
    client = login(draft.pi.user)

    too_much = send(client, draft, uploaded("a.pdf", pdf(size=5001)))
    just_right = send(client, draft, uploaded("a.pdf", pdf(size=5000)))

    sentence = error_of(too_much)
    assert sentence.startswith("附件一共最多 200 MB，已有 200 MB，这个文件 ")
    assert just_right.status_code == 302


def test_what_was_taken_out_does_not_count(login, draft):
    make_attachment(draft, "06", size=200 * MB, in_draft=False, submissions=(1, 1))

    assert send(login(draft.pi.user), draft, uploaded("a.pdf", pdf())).status_code == 302


def test_a_full_disk_is_answered_with_507_and_leaves_nothing(login, draft, monkeypatch):
    def full(*args, **kwargs):
        raise CannotStore

    monkeypatch.setattr(service, "stored", full)

    response = send(login(draft.pi.user), draft, uploaded("a.pdf", pdf()))

    assert response.status_code == 507
    assert "存放文件的空间已满" in text_of(response)
    assert Attachment.objects.count() == 0


def test_a_refusal_under_the_lock_leaves_no_file(draft, area):
    Proposal.objects.filter(pk=draft.pk).update(state=State.UNIT, submission_count=1)

    with pytest.raises(NotNow):
        service.attach(
            actor=make.actor_of(draft.pi.user),
            proposal_id=draft.pk,
            kind=kinds_module.kinds()["99"],
            upload=upload_of(),
        )

    assert (Attachment.objects.count(), files_on_disk(area)) == (0, [])


# When and who ---------------------------------------------------------------------------------------------------------


def pages_of(proposal, file):
    return [
        tab_url(proposal),
        reverse("attachment-replace", args=[proposal.pk, file.pk]),
        reverse("attachment-delete", args=[proposal.pk, file.pk]),
    ]


def test_after_the_submission_nothing_changes(login, house, area):
    proposal = make.make_proposal(house.pi, house.call, state=State.UNIT)
    file = make_attachment(proposal, submissions=(1, 1))
    client = login(house.pi.user)

    for url in pages_of(proposal, file):
        assert client.get(url).status_code == 409
        response = client.post(url, {"kind": "99", "file": uploaded("a.pdf", pdf())})
        assert response.status_code == 409
        assert "申报书已在单位审核，不能修改" in text_of(response)
    assert list(Attachment.objects.all()) == [file]
    assert len(files_on_disk(area)) == 1


def test_after_the_deadline_nothing_changes(login, house, draft, area):
    file = make_attachment(draft)
    house.call.closes_at = timezone.now() - timedelta(seconds=1)
    house.call.save()
    client = login(house.pi.user)

    for url in pages_of(draft, file):
        response = client.post(url, {"kind": "99", "file": uploaded("a.pdf", pdf())})
        assert response.status_code == 409
        assert "截止" in text_of(response)
    assert list(Attachment.objects.all()) == [file]
    assert len(files_on_disk(area)) == 1


def test_reviewers_look_and_never_change(login, house, draft):
    file = make_attachment(draft)
    agent = make.make_agent(house)

    for user in (house.account, agent, make.make_manager(house.department)):
        client = login(user)
        for url in pages_of(draft, file):
            response = client.post(url, {"kind": "99", "file": uploaded("a.pdf", pdf())})
            assert response.status_code == 403
    assert list(Attachment.objects.all()) == [file]


def test_a_call_without_the_tab_has_no_page_for_it(login, house):
    proposal = make.make_proposal(house.pi, make.make_call("另一批次"))
    client = login(house.pi.user)

    assert client.get(tab_url(proposal)).status_code == 404
    assert send(client, proposal, uploaded("a.pdf", pdf())).status_code == 404
    assert Attachment.objects.count() == 0


def test_a_file_of_another_proposal_is_not_found(login, house, draft):
    other = make_attachment(make.make_proposal(house.pi, house.call))
    client = login(house.pi.user)

    assert client.get(reverse("attachment", args=[draft.pk, other.pk])).status_code == 404
    assert client.get(reverse("attachment-delete", args=[draft.pk, other.pk])).status_code == 404
    assert client.get(reverse("attachment-replace", args=[draft.pk, other.pk])).status_code == 404
    client.post(reverse("attachment-delete", args=[draft.pk, other.pk]))
    assert Attachment.objects.filter(pk=other.pk, in_draft=True).exists()


# Deleting and replacing -----------------------------------------------------------------------------------------------


def test_a_file_that_was_never_submitted_goes_for_good(login, draft, area, django_capture_on_commit_callbacks):
    file = make_attachment(draft, "99", "多余.pdf")
    client, url = login(draft.pi.user), reverse("attachment-delete", args=[draft.pk, file.pk])

    assert "文件将从服务器删除，不能恢复" in text_of(client.get(url))
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(url)

    assert response["Location"] == f"{tab_url(draft)}#kind-99"
    assert "已删除“多余.pdf”。" in text_of(client.get(tab_url(draft)))
    assert (Attachment.objects.count(), files_on_disk(area)) == (0, [])
    assert AuditEvent.objects.filter(action="attachment_removed", object_label="多余.pdf").count() == 1


def test_deleting_twice_says_that_it_is_gone(login, draft):
    url = reverse("attachment-delete", args=[draft.pk, make_attachment(draft).pk])
    client = login(draft.pi.user)
    client.post(url)

    response = client.post(url, follow=True)

    assert response.status_code == 200
    assert "这个附件已经不在申报书中。" in text_of(response)


def test_a_submitted_file_is_only_taken_out_of_the_draft(login, house, area, django_capture_on_commit_callbacks):
    proposal = make.make_proposal(house.pi, house.call, submissions=1)
    file = make_attachment(proposal, submissions=(1, 1))
    client, url = login(house.pi.user), reverse("attachment-delete", args=[proposal.pk, file.pk])

    assert "已提交的那一次仍保留它，审核人看得到" in text_of(client.get(url))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url)

    file = Attachment.objects.get()
    assert (file.in_draft, file.last_submission) == (False, 1)
    assert len(files_on_disk(area)) == 1


def test_a_replacement_takes_the_place_and_the_old_file_goes(login, draft, area, django_capture_on_commit_callbacks):
    first, _ = (make_attachment(draft, "20", f"{n}.pdf", data=pdf(size=2000 + n)) for n in (1, 2))
    client = login(draft.pi.user)
    data = picture("PNG")

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            reverse("attachment-replace", args=[draft.pk, first.pk]), {"file": uploaded("新.png", data)}
        )

    assert response["Location"] == f"{tab_url(draft)}#kind-20"
    labels = list(draft.attachments.in_draft().values_list("label", flat=True))
    assert labels == ["新.png", "2.pdf"]
    assert not Attachment.objects.filter(pk=first.pk).exists()
    assert len(files_on_disk(area)) == 2


def test_a_full_kind_can_still_be_replaced(login, draft):
    files = [make_attachment(draft, "20", f"{n}.pdf", data=pdf(size=2000 + n)) for n in range(5)]

    response = login(draft.pi.user).post(
        reverse("attachment-replace", args=[draft.pk, files[2].pk]), {"file": uploaded("新.pdf", pdf())}
    )

    assert response.status_code == 302
    assert draft.attachments.in_draft().count() == 5


def test_a_bad_replacement_leaves_the_old_file(login, draft, area):
    file = make_attachment(draft)

    response = login(draft.pi.user).post(
        reverse("attachment-replace", args=[draft.pk, file.pk]), {"file": uploaded("新.pdf", EXE)}
    )

    assert response.status_code == 200
    assert "内容却不是 PDF 文件" in text_of(response)
    assert list(Attachment.objects.all()) == [file]
    assert len(files_on_disk(area)) == 1


def test_replacing_what_is_gone_keeps_nothing(draft, area, django_capture_on_commit_callbacks):
    with pytest.raises(NotNow, match="要替换的附件已不在申报书中"):
        service.attach(
            actor=make.actor_of(draft.pi.user),
            proposal_id=draft.pk,
            kind=kinds_module.kinds()["99"],
            upload=upload_of(),
            replaces=987654,
        )

    assert (Attachment.objects.count(), files_on_disk(area)) == (0, [])


def test_deleting_the_draft_deletes_its_files(draft, area, django_capture_on_commit_callbacks):
    make_attachment(draft)
    make_attachment(draft, "02", data=pdf(size=3000))

    with django_capture_on_commit_callbacks(execute=True):
        delete_draft(actor=make.actor_of(draft.pi.user), proposal_id=draft.pk)

    assert (Proposal.objects.count(), Attachment.objects.count(), files_on_disk(area)) == (0, 0, [])


def test_the_files_stay_until_the_deletion_is_committed(draft, area):
    make_attachment(draft)

    delete_draft(actor=make.actor_of(draft.pi.user), proposal_id=draft.pk)

    assert len(files_on_disk(area)) == 1


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
