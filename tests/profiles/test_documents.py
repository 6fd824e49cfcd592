"""佐证材料: what a person attaches, what goes with a request, who gets it."""

import os
import socket

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent
from profiles import documents
from profiles.enums import ProofKind, ReviewState
from profiles.models import Person, ProofDocument, ReviewRequest
from tests import factories as make
from tests.profiles.conftest import again, decide, filled, save, submit
from tests.uploads import EXE, MB, pdf, picture, png_bomb, uploaded
from zhgg.kit.uploads.orphans import remove_orphans
from zhgg.kit.uploads.storage import path_of

pytestmark = pytest.mark.django_db

PAGE, FORM = "/person/", "/person/edit/"


@pytest.fixture(autouse=True)
def upload_root(settings, tmp_path):
    """Empty, and not made yet."""
    settings.UPLOAD_ROOT = tmp_path / "area"
    return settings.UPLOAD_ROOT


@pytest.fixture
def person(world):
    return make.make_person("夏知雪", unit=world.unit, department=world.software)


def files_in(folder):
    return [name for _, _, names in os.walk(folder) for name in names]


def typed(person, world, **changes):
    """Everything filled in, with values that are not on record."""
    return filled(person, world.unit, world.software, **{"major": "只在表单里的专业", "title_level": "412", **changes})


def text_of(answer):
    return " ".join(answer.content.decode().split())


def get(client, document):
    """The answer to a download, read to its end as a browser does."""
    answer = client.get(document.get_absolute_url())
    answer.bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


def proof_errors(answer):
    return {name: list(messages) for name, messages in answer.context["proof"].errors.items()}


def assert_everything_typed_is_there(answer, world):
    page = text_of(answer)
    assert 'value="只在表单里的专业"' in page
    assert 'value="person@example.com"' in page
    assert 'value="16900000005"' in page
    assert '<option value="412" selected' in page
    assert f'value="{world.unit.pk}"' in page
    assert f'<option value="{world.software.pk}" selected' in page


def assert_nothing_was_kept(upload_root):
    assert ProofDocument.objects.count() == 0
    assert files_in(upload_root) == []
    assert ReviewRequest.objects.count() == 0
    assert not Person.objects.filter(major="只在表单里的专业").exists()


# Uploading -----------------------------------------------------------------------------------------------------------


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


# What goes with a request --------------------------------------------------------------------------------------------


def attached(request):
    return list(request.documents.order_by("pk").values_list("label", flat=True))


def test_a_request_takes_what_is_current_and_a_new_one_takes_it_over(person, world):
    make.make_document(person, label="学位.pdf")
    first = submit(person.user, world.unit, world.software, title_level="412")
    make.make_document(person, label="职称.pdf")

    second = submit(person.user, world.unit, world.software, title_level="413")

    assert attached(first) == ["学位.pdf"]
    assert attached(second) == ["学位.pdf", "职称.pdf"]
    assert again(first).state == ReviewState.REPLACED


def test_other_documents_replace_a_request_that_waits_and_the_same_ones_do_not(person, world):
    first = submit(person.user, world.unit, world.software, title_level="412")
    assert save(person.user, world.unit, world.software, title_level="412").request is None
    make.make_document(person, label="职称.pdf")

    second = submit(person.user, world.unit, world.software, title_level="412")

    assert (again(first).state, attached(first)) == (ReviewState.REPLACED, [])
    assert attached(second) == ["职称.pdf"]
    assert save(person.user, world.unit, world.software, title_level="412").request is None


def test_documents_alone_ask_for_no_review_and_wait_for_the_next_request(person, world, login):
    client = login(person.user)
    form = filled(person, world.unit, world.software, title_level="411")

    answer = client.post(FORM, form | {"proof-degree": uploaded("学位.pdf", pdf())}, follow=True)

    assert ReviewRequest.objects.count() == 0
    assert "佐证材料尚未送审，会随下次提交的需审核内容一并送审。" in text_of(answer)
    assert "尚未送审" in text_of(client.get(PAGE))
    assert attached(submit(person.user, world.unit, world.software, title_level="412")) == ["学位.pdf"]


def test_a_refused_request_is_sent_again_with_the_missing_document(person, world):
    refused = submit(person.user, world.unit, world.software, title_level="412")
    decide(world.manager, "reject", refused)
    make.make_document(person, label="职称.pdf")

    assert attached(submit(person.user, world.unit, world.software, title_level="412")) == ["职称.pdf"]
    assert attached(refused) == []


def test_the_pages_say_what_was_sent(person, world, login):
    make.make_document(person, label="学位.pdf")
    request = submit(person.user, world.unit, world.software, title_level="412")
    make.make_document(person, label="职称.pdf")
    client = login(person.user)

    day = timezone.localtime(request.submitted_at).strftime("%Y-%m-%d")
    notes = {paper.document.label: paper.note for paper in client.get(PAGE).context["papers"]}
    assert notes == {"学位.pdf": f"已随 {day} 的提交送审", "职称.pdf": "尚未送审"}
    assert "增删材料后点【保存并提交审核】会重新提交" in text_of(client.get(FORM))


# Taking off ----------------------------------------------------------------------------------------------------------


def test_a_document_of_no_request_is_removed_with_its_file(
    person, world, login, upload_root, django_capture_on_commit_callbacks
):
    document = make.make_document(person)
    with django_capture_on_commit_callbacks(execute=True):
        answer = login(person.user).post(FORM, typed(person, world, take_off=document.pk))

    assert answer.status_code == 200
    assert "已删除这份材料。其他内容还没有保存。" in text_of(answer)
    assert_everything_typed_is_there(answer, world)
    assert_nothing_was_kept(upload_root)
    assert AuditEvent.objects.filter(action="document_taken_off", user=person.user).count() == 1


@pytest.mark.parametrize("key", [None, "approve", "reject"])
def test_a_document_of_a_request_stays_with_it(
    person, world, login, upload_root, key, django_capture_on_commit_callbacks
):
    document = make.make_document(person)
    request = submit(person.user, world.unit, world.software, title_level="412")
    if key:
        decide(world.manager, key, request)
    with django_capture_on_commit_callbacks(execute=True):
        login(person.user).post(FORM, typed(again(person), world, take_off=document.pk))

    assert attached(request) == ["硕士学位证书.pdf"]
    assert files_in(upload_root) == [document.storage_name]
    assert again(document).taken_off_at is not None
    assert get(login(world.manager), document).status_code == 200
    # It is not current any more: another request goes without it.
    assert attached(submit(person.user, world.unit, world.software, title_level="413")) == []


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 40, "", "\x00", "１"])
def test_a_number_that_is_none_takes_nothing_off(person, world, login, number):
    make.make_document(person)
    answer = login(person.user).post(FORM, typed(person, world, take_off=number))

    assert answer.status_code == 404
    assert "这份材料不存在，或已经删除。" in text_of(answer)
    assert_everything_typed_is_there(answer, world)
    assert ProofDocument.objects.current().count() == 1


def test_anothers_document_is_not_taken_off(person, world, login, upload_root):
    theirs = make.make_document(make.make_person())
    answer = login(person.user).post(FORM, typed(person, world, take_off=theirs.pk))

    assert answer.status_code == 404
    assert again(theirs).taken_off_at is None
    assert files_in(upload_root) == [theirs.storage_name]


# Who gets it ---------------------------------------------------------------------------------------------------------


def test_the_reviewer_of_the_request_sees_and_downloads_it(person, world, login):
    document = make.make_document(person)
    request = submit(person.user, world.unit, world.software, title_level="412")
    client = login(world.manager)

    page = text_of(client.get(request.get_absolute_url()))
    assert "佐证材料" in page
    assert document.get_absolute_url() in page
    answer = get(client, document)

    assert (answer.status_code, answer.bytes) == (200, pdf())
    event = AuditEvent.objects.get(action="file_downloaded")
    assert (event.user_id, event.object_id, event.detail) == (
        world.manager.pk,
        str(document.pk),
        {"person": person.pk},
    )


def test_a_download_is_an_attachment_that_no_browser_opens(person, login):
    answer = get(login(person.user), make.make_document(person))

    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E7%A1%95%E5%A3%AB%E5%AD%A6%E4%BD%8D%E8%AF%81%E4%B9%A6.pdf"
    )
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"


def test_a_label_cannot_break_out_of_the_header(person, login):
    document = make.make_document(person, label='a"; x=1.pdf')
    assert get(login(person.user), document).headers["Content-Disposition"] == ('attachment; filename="a\\"; x=1.pdf"')


def test_a_type_that_is_none_of_ours_is_handed_out_as_bytes(person, login):
    document = make.make_document(person)
    ProofDocument.objects.update(content_type="text/html")
    answer = get(login(person.user), document)
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_everybody_else_finds_nothing(person, world, login):
    document = make.make_document(person)
    submit(person.user, world.unit, world.software, title_level="412")
    others = [world.unit.account, world.agent, world.other_manager, world.plain_agent, make.make_person().user]

    assert [get(login(who), document).status_code for who in [*others, make.make_officer()]] == [404] * 6
    assert Client(HTTP_HOST="127.0.0.1").get(document.get_absolute_url()).status_code == 302
    assert AuditEvent.objects.filter(action="file_downloaded").count() == 0


def test_a_document_that_was_never_sent_is_the_persons_alone(person, world, login):
    document = make.make_document(person)
    assert get(login(person.user), document).status_code == 200
    assert get(login(world.manager), document).status_code == 404


def test_those_whom_the_person_has_left_see_it_no_longer(person, world, login):
    document = make.make_document(person)
    old = submit(person.user, world.unit, world.software, title_level="412")
    decide(world.manager, "reject", old)
    moved = submit(person.user, world.plain)
    # Until the new unit approves, the old one still sees what it decided.
    assert get(login(world.manager), document).status_code == 200
    decide(world.plain_agent, "approve", moved)

    assert get(login(world.manager), document).status_code == 404
    assert get(login(world.plain_agent), document).status_code == 200


@pytest.mark.parametrize("pk", ["999999999", "9" * 30, "0", "abc"])
def test_unknown_documents_are_not_found(person, login, pk):
    assert login(person.user).get(f"/person/documents/{pk}/").status_code == 404


def test_files_have_no_address_of_their_own(person, login):
    name = make.make_document(person).storage_name
    client = login(person.user)
    for path in (f"/media/{name}", f"/static/{name[:2]}/{name}", f"/uploads/{name[:2]}/{name}"):
        assert client.get(path).status_code == 404


def test_a_file_that_is_missing_says_so(person, login):
    document = make.make_document(person)
    path_of(document.storage_name).unlink()

    answer = get(login(person.user), document)

    assert answer.status_code == 503
    assert "这个文件现在读不出来，请稍后再试" in text_of(answer)


def test_the_form_takes_the_same_number_of_queries_with_one_document_and_six(
    person, world, login, django_assert_num_queries
):
    client = login(person.user)
    submit(person.user, world.unit, world.software, title_level="412")
    make.make_document(person)
    client.get(FORM)
    with django_assert_num_queries(9):
        client.get(FORM)
    for number in range(5):
        make.make_document(person, label=f"{number}.pdf")
    with django_assert_num_queries(9):
        client.get(FORM)


# Remains -------------------------------------------------------------------------------------------------------------


def test_old_files_without_a_row_are_removed_and_nothing_else(person, upload_root):
    kept, young, orphan = (make.make_document(person, label=f"{number}.pdf") for number in range(3))
    ProofDocument.objects.filter(pk__in=[young.pk, orphan.pk]).delete()
    for document in (kept, orphan):
        os.utime(path_of(document.storage_name), (0, 0))
    (upload_root / "README").write_text("not ours")

    assert remove_orphans() == 1
    assert sorted(files_in(upload_root)) == sorted([kept.storage_name, young.storage_name, "README"])
    assert remove_orphans() == 0


def test_a_row_that_cannot_be_made_leaves_no_file(person, upload_root, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("after the row")

    monkeypatch.setattr(documents, "record", broken)
    checked_upload = make.CheckedUpload(uploaded("a.pdf", pdf()), "a.pdf", make.PDF, len(pdf()))
    with pytest.raises(RuntimeError):
        documents.attach(actor=make.actor_of(person.user), kind=ProofKind.DEGREE, upload=checked_upload)

    assert_nothing_was_kept(upload_root)
