"""Files and their rows: both or neither. The row is one of `profiles`, which stores files by this way."""

import hashlib
import os
import subprocess
import sys
import textwrap

import pytest
from django.db import IntegrityError, OperationalError

from tests.uploads import MB, pdf, uploaded
from zhgg.kit.uploads import storage
from zhgg.kit.uploads.checks import checked
from zhgg.kit.uploads.kinds import PDF
from zhgg.kit.uploads.storage import CannotStore, path_of, stored


def upload(data=None):
    return checked(uploaded("学位证书.pdf", data or pdf()), {PDF: 20 * MB})


def names_in(folder):
    return [name for _, _, names in os.walk(folder) for name in names]


def test_a_file_is_written_whole_under_a_random_name_that_only_we_can_read(upload_root):
    data = pdf(size=MB + 7)

    with stored(upload(data)) as columns:
        pass

    path = path_of(columns["storage_name"])
    assert path.read_bytes() == data
    assert path.is_relative_to(upload_root)
    assert "学位" not in str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert columns == {
        "storage_name": path.name,
        "label": "学位证书.pdf",
        "content_type": "application/pdf",
        "size": MB + 7,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


@pytest.mark.parametrize("error", [IntegrityError, ValueError, KeyboardInterrupt])
def test_the_file_goes_when_the_row_cannot_be_made(upload_root, error):
    with pytest.raises(error), stored(upload()):
        raise error

    assert names_in(upload_root) == []


def test_the_file_stays_when_nobody_knows_whether_the_commit_arrived(upload_root):
    with pytest.raises(OperationalError), stored(upload()):
        raise OperationalError("server closed the connection")

    assert len(names_in(upload_root)) == 1


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 31, "A" * 32, "a" * 33, "a" * 32 + "\n"])
def test_only_storage_names_lead_to_a_path(name):
    with pytest.raises(ValueError, match="^" + name.replace("\n", "")):
        path_of(name)


def test_removing_twice_is_fine(upload_root):
    with stored(upload()) as columns:
        pass
    storage.remove(columns["storage_name"])
    storage.remove(columns["storage_name"])
    assert names_in(upload_root) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_upload_area_refuses_and_keeps_nothing_half(upload_root):
    upload_root.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(upload_root)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine mounts nothing")
    try:
        with stored(upload(pdf(size=MB))):
            pass
        with pytest.raises(CannotStore) as refusal, stored(upload(pdf(size=3 * MB // 2))):
            pytest.fail("there was no room")
        assert refusal.value.status == 507
        assert "空间已满" in refusal.value.message
        assert len(names_in(upload_root)) == 1
        with stored(upload(pdf(size=MB // 2))):
            pass
    finally:
        subprocess.run(["umount", str(upload_root)], check=True)


def test_a_write_that_breaks_off_in_the_middle_leaves_nothing(upload_root):
    """Needs no rights: a process may limit how large its own files get."""
    script = """
        import os, resource, signal, sys
        import django
        django.setup()
        from django.conf import settings
        from pathlib import Path
        from tests.kit.uploads.test_storage import pdf, upload
        from zhgg.kit.uploads.storage import CannotStore, stored
        settings.UPLOAD_ROOT = Path(sys.argv[1])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        ready = upload(pdf(size=2_000_000))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        try:
            with stored(ready):
                print("stored")
        except CannotStore as refusal:
            print(refusal.status)
    """
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zhgg.settings"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(upload_root)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.strip() == "507", done.stderr
    assert names_in(upload_root) == []
