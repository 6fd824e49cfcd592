"""`verify_uploads`: files that are missing or are not what was uploaded are found."""

import pytest
from django.core.management import CommandError, call_command

from tests import factories as make
from tests.attached import make_call_file
from zhgg.kit.uploads.storage import path_of

pytestmark = pytest.mark.django_db


def test_files_that_are_as_uploaded_pass(capsys):
    make_call_file(make.make_call())

    call_command("verify_uploads")

    assert "1 个文件全部相符" in capsys.readouterr().out


def test_missing_and_changed_files_are_named_by_their_row():
    call = make.make_call()
    whole, missing, longer, other = (make_call_file(call, f"指南{number}.pdf") for number in range(4))
    path_of(missing.storage_name).unlink()
    path = path_of(longer.storage_name)
    path.write_bytes(path.read_bytes() + b"\n")
    path = path_of(other.storage_name)
    path.write_bytes(path.read_bytes()[:-1] + b"?")

    with pytest.raises(CommandError) as wrong:
        call_command("verify_uploads")

    told = str(wrong.value)
    assert "4 个文件中 3 个不符" in told
    for row, what in ((missing, "缺少"), (longer, "内容不同"), (other, "内容不同")):
        assert f" {row.pk} {what}" in told
    assert f" {whole.pk} " not in told
    assert "指南" not in told
