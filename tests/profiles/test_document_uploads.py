"""佐证材料: uploading, and what is refused at its field."""

import socket

import pytest

from accounts.models import AuditEvent
from profiles.enums import ProofKind
from profiles.models import ProofDocument, ReviewRequest
from tests import factories as make
from tests.profiles.conftest import again
from tests.profiles.documents import (
    FORM,
    PAGE,
    assert_everything_typed_is_there,
    assert_nothing_was_kept,
    files_in,
    person,
    text_of,
    typed,
    upload_root,
)
from tests.uploads import EXE, MB, pdf, picture, png_bomb, uploaded
from zhgg.kit.uploads.storage import path_of

__all__ = ["person", "upload_root"]

pytestmark = pytest.mark.django_db


def proof_errors(answer):
    return {name: list(messages) for name, messages in answer.context["proof"].errors.items()}


def test_upload_keeps_the_file_and_shows_the_form_again_with_everything_typed(person, world, login, upload_root):
    answer = login(person.user).post(
        FORM, typed(person, world, upload="1") | {"proof-degree": uploaded("硕士学位证书.pdf", pdf())}
    )

    assert answer.status_code == 200
    document = ProofDocument.objects.get()
    assert (document.person_id, document.kind, document.label) == (person.pk, ProofKind.DEGREE, "硕士学位证书.pdf")
    assert (document.content_type, document.size, document.uploaded_by) == ("application/pdf", len(pdf()), person.user)
    assert files_in(upload_root) == [document.storage_name]
    assert path_of(document.storage_name).read_bytes() == pdf()
    assert_everything_typed_is_there(answer, world)
    page = text_of(answer)
    assert "已上传“硕士学位证书.pdf”。其他内容还没有保存。" in page
    assert "学位证书：硕士学位证书.pdf" in page
    assert "尚未送审" in page
    # Nothing else was saved.
    assert ReviewRequest.objects.count() == 0
    assert again(person).major == ""
    assert [event.detail["kind"] for event in AuditEvent.objects.filter(action="document_attached")] == ["degree"]


def test_two_files_at_once_are_both_kept(person, world, login):
    chosen = {
        "proof-degree": uploaded("学位.pdf", pdf()),
        "proof-title": uploaded("职称.jpg", picture("JPEG")),
    }
    answer = login(person.user).post(FORM, typed(person, world, upload="1") | chosen)

    assert "已上传“学位.pdf”、“职称.jpg”。" in text_of(answer)
    assert sorted(ProofDocument.objects.values_list("kind", "label")) == [("degree", "学位.pdf"), ("title", "职称.jpg")]


def test_a_good_file_stays_when_another_one_or_the_form_is_wrong(person, world, login):
    chosen = {
        "proof-degree": uploaded("学位.pdf", pdf()),
        "proof-title": uploaded("职称.jpg", EXE),
    }
    answer = login(person.user).post(FORM, typed(person, world, email="wrong") | chosen)

    assert answer.status_code == 200
    assert "email" in answer.context["form"].errors
    assert list(proof_errors(answer)) == ["title"]
    assert "有 2 处需要修改，尚未保存" in text_of(answer)
    assert [document.label for document in ProofDocument.objects.all()] == ["学位.pdf"]
    assert "学位证书：学位.pdf" in text_of(answer)


def test_a_file_that_came_with_the_search_for_a_unit_stays_too(person, world, login):
    chosen = {"proof-degree": uploaded("学位.pdf", pdf())}
    login(person.user).post(FORM, typed(person, world, find="1") | chosen)
    assert ProofDocument.objects.count() == 1


def test_saving_with_a_file_sends_it_along(person, world, login):
    answer = login(person.user).post(FORM, typed(person, world) | {"proof-degree": uploaded("学位.pdf", pdf())})

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    request = ReviewRequest.objects.get()
    assert list(request.documents.values_list("label", flat=True)) == ["学位.pdf"]
    assert again(person).major == "只在表单里的专业"


REFUSED = [
    ("exe.pdf", EXE, "内容却不是 PDF 文件"),
    ("page.png", b"<!DOCTYPE html><script>alert(1)</script>", "内容却不是 PNG 图片"),
    ("polyglot.pdf", b"<script>alert(1)</script>" + pdf(), "内容却不是 PDF 文件"),
    ("a.docx", b"PK\x03\x04" + bytes(100), "以“.docx”结尾，请换一个文件"),
    ("empty.pdf", b"", "这个文件是空的（0 字节），请重新选择"),
    ("11.pdf", pdf(size=11 * MB), "PDF 文件不能超过 10 MB，现在是 11 MB，请压缩或拆分后再上传"),
    ("25.pdf", pdf(size=25 * MB), "PDF 文件不能超过 10 MB，现在是 25 MB，请压缩或拆分后再上传"),
    ("locked.pdf", pdf(password="secret"), "这个 PDF 设有密码或使用限制，请取消加密后再上传"),
    ("broken.pdf", pdf()[:300], "这个文件已损坏，打不开"),
    ("bomb.png", png_bomb(), "图片的像素过多"),
]


def assert_refused_at_the_field(answer, world, upload_root, words):
    assert answer.status_code == 200
    [(field, [sentence])] = proof_errors(answer).items()
    assert field == "education"
    assert words in sentence
    page = text_of(answer)
    assert 'href="#id_proof-education"' in page
    assert "有 1 处需要修改，尚未保存" in page
    assert_everything_typed_is_there(answer, world)
    assert_nothing_was_kept(upload_root)


@pytest.mark.parametrize(("name", "data", "words"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_a_wrong_file_is_refused_at_its_field_and_the_rest_of_the_form_is_kept(
    person, world, login, upload_root, name, data, words
):
    chosen = {"proof-education": uploaded(name, data)}
    answer = login(person.user).post(FORM, typed(person, world, upload="1") | chosen)
    assert_refused_at_the_field(answer, world, upload_root, words)


def test_a_wrong_file_keeps_the_form_from_being_saved(person, world, login, upload_root):
    answer = login(person.user).post(FORM, typed(person, world) | {"proof-education": uploaded("exe.pdf", EXE)})
    assert_refused_at_the_field(answer, world, upload_root, "内容却不是 PDF 文件")


def test_upload_without_a_file_says_what_to_do(person, world, login, upload_root):
    answer = login(person.user).post(FORM, typed(person, world, upload="1"))
    assert_refused_at_the_field(answer, world, upload_root, "请先选择要上传的文件（三种证书中至少一种），再点【上传】")


def test_exactly_ten_megabytes_are_taken(person, world, login):
    chosen = {"proof-education": uploaded("a.pdf", pdf(size=10 * MB))}
    login(person.user).post(FORM, typed(person, world, upload="1") | chosen)
    assert ProofDocument.objects.get().size == 10 * MB


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../x.pdf", "x.pdf"),
        ("C:\\x\\y.pdf", "y.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("证书\u202efdp.pdf", "证书fdp.pdf"),
        ("证" * 300 + ".pdf", "证" * 65 + ".pdf"),
        ("<img src=x>.pdf", "<img src=x>.pdf"),
    ],
)
def test_a_name_is_a_label_and_never_a_path(person, world, login, upload_root, name, label):
    body = b"".join(
        f'--B\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in typed(person, world, upload="1").items()
    )
    body += f'--B\r\nContent-Disposition: form-data; name="proof-degree"; filename="{name}"\r\n\r\n'.encode()
    body += pdf() + b"\r\n--B--\r\n"

    client = login(person.user)
    answer = client.post(FORM, body, content_type="multipart/form-data; boundary=B")

    document = ProofDocument.objects.get()
    # Django itself leaves no more than 255 characters, an extension of which survives.
    assert document.label in (label, "证" * 65 + ".pdf")
    assert files_in(upload_root) == [document.storage_name]
    assert "<img src=x>" not in answer.content.decode()


def test_a_form_without_the_files_part_is_saved_as_before(person, world, login):
    """As an old page would send it, not as multipart."""
    answer = login(person.user).post(FORM, typed(person, world))
    assert (answer.status_code, answer["Location"]) == (302, "/person/")
    assert person.requests.filter(state="pending").count() == 1
    assert ProofDocument.objects.count() == 0


@pytest.mark.parametrize("value", ["x", ["a", "b"], "\x00", "9" * 40])
def test_text_in_place_of_a_file_is_no_file(person, world, login, upload_root, value):
    answer = login(person.user).post(FORM, typed(person, world, upload="1") | {"proof-degree": value})
    assert answer.status_code == 200
    assert_nothing_was_kept(upload_root)


def test_no_room_answers_507_with_everything_typed(person, world, login, upload_root):
    upload_root.write_text("a file where the folder should be")

    answer = login(person.user).post(
        FORM, typed(person, world, upload="1") | {"proof-degree": uploaded("学位.pdf", pdf())}
    )

    assert answer.status_code == 507
    assert proof_errors(answer)["degree"][0].startswith("存放文件的空间已满或暂时不可用，文件没有保存")
    assert_everything_typed_is_there(answer, world)
    assert ProofDocument.objects.count() == 0


def test_no_room_for_the_file_itself_answers_507_too(person, world, login, upload_root, monkeypatch):
    """It was received, and then the disk was full."""
    monkeypatch.setattr("zhgg.kit.uploads.storage.os.fsync", _no_space)

    answer = login(person.user).post(FORM, typed(person, world) | {"proof-degree": uploaded("学位.pdf", pdf())})

    assert answer.status_code == 507
    assert_everything_typed_is_there(answer, world)
    assert_nothing_was_kept(upload_root)


def _no_space(handle):
    raise OSError(28, "No space left on device")


def test_a_scanner_that_is_down_refuses_and_nothing_is_kept(person, world, login, upload_root, settings, tmp_path):
    settings.CLAMD_SOCKET = str(tmp_path / "nobody.sock")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(settings.CLAMD_SOCKET)  # there, but nobody listens
        answer = login(person.user).post(
            FORM, typed(person, world, upload="1") | {"proof-degree": uploaded("学位.pdf", pdf())}
        )

    assert proof_errors(answer)["degree"][0].startswith("病毒扫描暂时不可用，文件没有保存")
    assert_everything_typed_is_there(answer, world)
    assert_nothing_was_kept(upload_root)


def test_the_seventh_document_is_refused(person, world, login, upload_root):
    for number in range(5):
        make.make_document(person, label=f"{number}.pdf")
    client = login(person.user)
    chosen = {
        "proof-education": uploaded("六.pdf", pdf(pages=2)),
        "proof-degree": uploaded("七.pdf", pdf(pages=3)),
    }

    answer = client.post(FORM, typed(person, world, upload="1") | chosen)

    assert proof_errors(answer) == {
        "degree": ["佐证材料最多 6 份，这一份没有保存。请先删除不需要的，再上传。"],
    }
    assert ProofDocument.objects.count() == 6
    assert len(files_in(upload_root)) == 6
    assert "已满。要换别的，请先删除不需要的。" in text_of(client.get(FORM))


def test_the_same_file_sent_twice_is_kept_once(person, upload_root, django_capture_on_commit_callbacks, world, login):
    client = login(person.user)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            client.post(FORM, typed(person, world, upload="1") | {"proof-degree": uploaded("学位.pdf", pdf())})

    assert ProofDocument.objects.count() == 1
    assert len(files_in(upload_root)) == 1


def test_only_people_attach_documents(world, login, upload_root):
    answer = login(world.unit.account).post(FORM, {"upload": "1", "proof-degree": uploaded("学位.pdf", pdf())})
    assert answer.status_code == 404
    assert files_in(upload_root) == []
