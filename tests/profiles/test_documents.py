"""佐证材料: what goes with a request, who gets it, and what remains."""

import os

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent
from profiles import documents
from profiles.enums import ProofKind, ReviewState
from profiles.models import ProofDocument, ReviewRequest
from tests import factories as make
from tests.profiles.conftest import again, decide, filled, save, submit
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
from tests.uploads import pdf, uploaded
from zhgg.kit.uploads.orphans import remove_orphans
from zhgg.kit.uploads.storage import path_of

__all__ = ["person", "upload_root"]

pytestmark = pytest.mark.django_db


def get(client, document):
    """The answer to a download, read to its end as a browser does."""
    answer = client.get(document.get_absolute_url())
    answer.bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


# What goes with a request ---------------------------------------------------------------------------------------------


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


# Taking off -----------------------------------------------------------------------------------------------------------


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


# Who gets it ----------------------------------------------------------------------------------------------------------


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
    assert AuditEvent.objects.get(action="file_downloaded").user_id == person.user.pk


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
    readers = AuditEvent.objects.filter(action="file_downloaded").order_by("pk").values_list("user_id", flat=True)
    assert list(readers) == [world.manager.pk, world.plain_agent.pk]


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


# Remains --------------------------------------------------------------------------------------------------------------


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
