"""Files of the guide page of a call: added and deleted in the Django admin, downloaded by whoever sees the call."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, User
from projects.models import CallFile
from projects.services import call_files
from tests import factories as make
from tests.attached import make_call_file
from tests.projects.pages import queries_of, text_of
from tests.uploads import pdf, uploaded

pytestmark = pytest.mark.django_db
ADD = reverse("admin:projects_callfile_add")


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    settings.UPLOAD_ROOT = tmp_path / "area"
    return settings.UPLOAD_ROOT


@pytest.fixture
def call():
    return make.make_call()


@pytest.fixture
def admin_client(login):
    return login(User.objects.create_staff("admin-test", "long-enough-pass-1", name="管理员", superuser=True))


def office(main_part="word/document.xml", types="<Types/>", **parts):
    """A small archive like those of Word and Excel."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(main_part, "<document/>")
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def files_on_disk(area):
    return [path for path in Path(area).glob("*/*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("指南.pdf", pdf(), "application/pdf"),
        (
            "申报书样表.docx",
            office(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "经费表.xlsx",
            office("xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_a_file_of_the_guide_is_added_and_downloaded(login, admin_client, call, name, data, content_type):
    response = admin_client.post(ADD, {"call": call.pk, "file": uploaded(name, data)})

    [file] = CallFile.objects.all()
    assert response.status_code == 302
    assert (file.call, file.label) == (call, name)
    [event] = AuditEvent.objects.filter(action="call_saved")
    assert event.detail == {"file_added": name}
    client = login(make.make_person().user)
    assert f"{name} " in text_of(client.get(call.get_absolute_url()))
    download = client.get(reverse("call-file", args=[call.pk, file.pk]))
    assert b"".join(download.streaming_content) == data
    assert (download["Content-Type"], download["X-Content-Type-Options"]) == (content_type, "nosniff")
    assert download["Content-Disposition"].startswith("attachment;")


BOMB = office(bomb=bytes(300 * 1024 * 1024))
BAD = {
    "old Word": (
        uploaded("a.doc", b"\xd0\xcf\x11\xe0"),
        "只能上传 PDF 文件、Word 文档、Excel 工作簿，这个文件以“.doc”结尾",
    ),
    "macros by name": (
        uploaded("a.docm", office()),
        "只能上传 PDF 文件、Word 文档、Excel 工作簿，这个文件以“.docm”结尾",
    ),
    "macro type": (
        uploaded("a.xlsx", office("xl/workbook.xml", types="application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
        "这个文件含有宏，不能上传",
    ),
    "an archive": (uploaded("a.docx", office("readme.txt")), "这个文件已损坏，打不开"),
    "Excel called Word": (uploaded("a.docx", office("xl/workbook.xml")), "这个文件已损坏，打不开"),
    "cut off": (uploaded("a.docx", office()[:-30]), "这个文件已损坏，打不开"),
    "a PDF called Word": (uploaded("a.docx", pdf()), "文件名以“.docx”结尾，内容却是 PDF 文件"),
    "Word called PDF": (uploaded("a.pdf", office()), "文件名以“.pdf”结尾，内容却不是 PDF 文件"),
    "a bomb": (uploaded("a.docx", BOMB), "这个文件过于复杂，无法检查"),
    "nothing": ("", "请选择文件"),
}
BAD["macros inside"] = (
    uploaded("a.docx", office(**{"word__vbaProject.bin": b"x"})),
    "这个文件含有宏，不能上传",
)


@pytest.mark.parametrize("flaw", BAD)
def test_a_bad_file_gets_a_sentence_and_leaves_nothing(admin_client, call, area, flaw):
    file, sentence = BAD[flaw]

    response = admin_client.post(ADD, {"call": call.pk, "file": file})

    assert response.status_code == 200
    assert sentence in text_of(response)
    assert (CallFile.objects.count(), files_on_disk(area)) == (0, [])


def test_no_more_files_than_may_be(admin_client, call, area, monkeypatch):
    monkeypatch.setattr(call_files, "MOST", 1)
    make_call_file(call)

    response = admin_client.post(ADD, {"call": call.pk, "file": uploaded("b.pdf", pdf(size=3000))})

    assert "一个批次最多 1 个文件，这个文件没有保存。" in text_of(response)
    assert len(files_on_disk(area)) == 1


def test_the_same_file_is_kept_once(admin_client, call):
    for _ in range(2):
        admin_client.post(ADD, {"call": call.pk, "file": uploaded("a.pdf", pdf())})

    assert CallFile.objects.count() == 1


@pytest.mark.parametrize("way", ["one", "many"])
def test_a_deleted_file_is_gone_for_good(admin_client, call, area, django_capture_on_commit_callbacks, way):
    file = make_call_file(call)

    with django_capture_on_commit_callbacks(execute=True):
        if way == "one":
            admin_client.post(reverse("admin:projects_callfile_delete", args=[file.pk]), {"post": "yes"})
        else:
            data = {"action": "delete_selected", "_selected_action": [file.pk], "post": "yes"}
            admin_client.post(reverse("admin:projects_callfile_changelist"), data)

    assert (CallFile.objects.count(), files_on_disk(area)) == (0, [])
    assert AuditEvent.objects.filter(action="call_saved", detail={"file_removed": "申报指南.pdf"}).count() == 1


def test_a_file_of_an_unpublished_call_is_the_bureaus_alone(login, call):
    file = make_call_file(call)
    call.published = False
    call.save()
    url = reverse("call-file", args=[call.pk, file.pk])

    assert login(make.make_person().user).get(url).status_code == 404
    response = login(make.make_officer()).get(url)
    assert response.status_code == 200
    b"".join(response.streaming_content)


def test_a_file_is_found_at_its_own_call_only(login, call):
    file = make_call_file(call)

    other = make.make_call("另一批次")
    assert login(make.make_officer()).get(reverse("call-file", args=[other.pk, file.pk])).status_code == 404


def test_only_administrators_get_to_the_page(login, call):
    assert login(make.make_person().user).get(ADD).status_code in (302, 403, 404)
    assert login(make.make_officer()).get(ADD).status_code in (302, 403, 404)


def test_the_guide_page_takes_the_same_queries_for_one_file_and_for_20(login, call):
    client = login(make.make_officer())
    make_call_file(call)
    one = queries_of(client, call.get_absolute_url())[1]
    for number in range(19):
        make_call_file(call, data=pdf(size=2000 + number))

    assert queries_of(client, call.get_absolute_url())[1] == one
