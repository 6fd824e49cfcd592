"""附件: uploading a file, and what is refused."""

import pytest

from accounts.models import AuditEvent
from projects import attachments as kinds_module
from projects.enums import State
from projects.forms import AttachmentForm
from projects.models import Attachment, Proposal
from projects.services import attachments as service
from tests import factories as make
from tests.attached import make_attachment, upload_of
from tests.projects.attaching import area, draft, files_on_disk, fresh, house, send, tab_url
from tests.projects.pages import text_of
from tests.uploads import EXE, pdf, picture, png_bomb, uploaded
from zhgg.kit.errors import NotNow
from zhgg.kit.uploads.kinds import MB
from zhgg.kit.uploads.storage import CannotStore, path_of

__all__ = ["area", "draft", "house"]

pytestmark = pytest.mark.django_db


def error_of(response):
    """The one mistake that the page shows."""
    [(target, _, message)] = response.context["lines"]
    assert f'id="{target}"' in response.content.decode()
    return message


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
