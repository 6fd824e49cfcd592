"""How files are received, before any view (Django's FILE_UPLOAD_HANDLERS)."""

import logging
import tempfile
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

log = logging.getLogger("zhgg.uploads")


class RequestTooBig(RequestDataTooBig):
    """The whole request is larger than UPLOAD_MAX_REQUEST_BYTES."""


class ReceivedFile(UploadedFile):
    """A file on the disk that has no name there: it is gone with its process, whatever ends that.

    `size` is how large the file was, also when not all of it was kept; `failure` is the OSError that kept the server
    from receiving it, or None.
    """

    failure = None


class BoundedUploadHandler(FileUploadHandler):
    """Keeps at most UPLOAD_MAX_FILE_BYTES of each file and drops the rest while it passes.

    So a file that is too large, or finds the disk full, is refused at its field, and the rest of the form is kept.
    A request beyond UPLOAD_MAX_REQUEST_BYTES is not read at all.
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):  # noqa: N803 - Django's name
        if content_length > settings.UPLOAD_MAX_REQUEST_BYTES:
            raise RequestTooBig

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.failure = None
        try:
            Path(settings.UPLOAD_ROOT).mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file = tempfile.TemporaryFile(dir=settings.UPLOAD_ROOT, buffering=0)  # noqa: SIM115
        except OSError as error:
            self.file = BytesIO()
            self._fail(error)

    def receive_data_chunk(self, raw_data, start):
        room = settings.UPLOAD_MAX_FILE_BYTES - start
        if room <= 0 or self.failure:
            return
        rest = memoryview(raw_data)[:room]
        try:
            while rest:
                rest = rest[self.file.write(rest) :]
        except OSError as error:
            self._fail(error)

    def file_complete(self, file_size):
        self.file.seek(0)
        received = ReceivedFile(
            self.file, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )
        received.failure = self.failure
        return received

    def upload_interrupted(self):
        if hasattr(self, "file"):
            self.file.close()

    def _fail(self, error):
        log.error("an uploaded file could not be received: %s", error)
        self.failure = error
        self.file.close()
        self.file = BytesIO()
