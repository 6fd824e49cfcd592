"""How a multipart body is received: bounded on the disk whatever it says, and with the rest of the form kept."""

import os
from io import BytesIO

import pytest
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.wsgi import WSGIRequest

from tests.uploads import MB
from zhgg.kit.uploads import checks, receiving
from zhgg.kit.uploads.receiving import RequestTooBig

LIMIT = 20 * MB


class Body:
    """A body that is made while it is read: `before`, then so many bytes, then `after`."""

    def __init__(self, before, size, after):
        self.parts, self.size = [before, after], len(before) + size + len(after)
        self.left, self.began = size, False

    def read(self, size):
        if not self.began:
            self.began = True
            return self.parts[0]
        if self.left:
            size = min(size, self.left)
            self.left -= size
            return b"x" * size
        return self.parts.pop() if len(self.parts) == 2 else b""

    def readline(self, size=-1):
        return self.read(size)


def part(name, filename=None):
    called = f'; filename="{filename}"' if filename else ""
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{called}\r\n\r\n'.encode()


MADE = []


@pytest.fixture(autouse=True)
def close_requests():
    """As the server does in the end."""
    yield
    while MADE:
        MADE.pop().close()


def request_of(body, size):
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "multipart/form-data; boundary=B",
            "CONTENT_LENGTH": str(size),
            "wsgi.input": body,
        }
    )
    MADE.append(request)
    return request


def with_file(size, filename="a.pdf"):
    before = part("major") + "计算机".encode() + b"\r\n" + part("file", filename)
    body = Body(before, size, b"\r\n" + part("email") + b"a@example.com\r\n--B--\r\n")
    return request_of(body, body.size)


def names_in(folder):
    return [name for _, _, names in os.walk(folder) for name in names]


def test_a_file_lies_on_the_disk_without_a_name(upload_root):
    request = with_file(3 * MB)

    file = request.FILES["file"]

    assert (file.size, len(file.read())) == (3 * MB, 3 * MB)
    assert os.fstat(file.fileno()).st_nlink == 0
    assert names_in(upload_root) == []
    assert upload_root.stat().st_mode & 0o777 == 0o700


def test_of_a_file_that_is_too_large_little_is_kept_and_the_rest_of_the_form_is():
    request = with_file(500_000_000)

    file = request.FILES["file"]

    assert file.size == 500_000_000
    assert os.fstat(file.fileno()).st_size == LIMIT
    # What stands before and behind the file.
    assert dict(request.POST.items()) == {"major": "计算机", "email": "a@example.com"}


def test_a_file_of_exactly_the_limit_is_kept_whole():
    file = with_file(LIMIT).FILES["file"]
    assert (file.size, os.fstat(file.fileno()).st_size) == (LIMIT, LIMIT)


def test_a_larger_request_is_not_read_at_all():
    request = with_file(600 * MB)
    with pytest.raises(RequestTooBig):
        request.POST  # noqa: B018
    assert not request.environ["wsgi.input"].began


def test_more_files_than_any_form_has_are_refused():
    body = b"".join(part(f"f{number}", "a.pdf") + b"x\r\n" for number in range(11)) + b"--B--\r\n"
    with pytest.raises(TooManyFilesSent):
        request_of(BytesIO(body), len(body)).POST  # noqa: B018


@pytest.mark.parametrize("broken", ["mkdir", "write"])
def test_a_full_disk_is_told_at_the_field_and_the_rest_of_the_form_is_kept(monkeypatch, upload_root, broken):
    if broken == "mkdir":
        upload_root.parent.joinpath("area").write_text("a file where the folder should be")
    else:
        monkeypatch.setattr(
            receiving.tempfile, "TemporaryFile", lambda **options: os.fdopen(os.open("/dev/full", os.O_RDWR), "wb+", 0)
        )
    request = with_file(3 * MB)

    file = request.FILES["file"]

    assert isinstance(file, UploadedFile)
    assert dict(request.POST.items()) == {"major": "计算机", "email": "a@example.com"}
    with pytest.raises(checks.ValidationError) as refusal:
        checks.checked(file, {checks.kind_of(b"%PDF-"): LIMIT})
    assert (refusal.value.code, refusal.value.messages) == ("no_room", [checks.NO_ROOM_SENTENCE])


def test_an_upload_that_breaks_off_leaves_nothing(upload_root):
    before = part("file", "a.pdf")
    body = Body(before, 3 * MB, b"")
    request = request_of(body, body.size + 1000)

    assert request.FILES.get("file") is None
    assert names_in(upload_root) == []
