"""附件: when and by whom they may be changed, deleting and replacing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from projects import attachments as kinds_module
from projects.enums import State
from projects.models import Attachment, Proposal
from projects.services import attachments as service
from projects.services.drafts import delete_draft
from tests import factories as make
from tests.attached import make_attachment, upload_of
from tests.projects.attaching import area, draft, files_on_disk, house, send, tab_url
from tests.projects.pages import text_of
from tests.uploads import EXE, pdf, picture, uploaded
from zhgg.kit.errors import NotNow

__all__ = ["area", "draft", "house"]

pytestmark = pytest.mark.django_db


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
