"""ClamAV over its socket, spoken to by a small server of ours."""

import socket
import threading

import pytest
from django.core.exceptions import ValidationError

from tests.uploads import MB, pdf, uploaded
from zhgg.kit.uploads import scanner
from zhgg.kit.uploads.checks import checked
from zhgg.kit.uploads.kinds import PDF

DOWN = "病毒扫描暂时不可用，文件没有保存，请过几分钟再上传；仍然不行，请拨打技术支持电话"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Takes one INSTREAM and answers as it is told; `received` is what came."""

    def __init__(self, path, answer):
        self.answer, self.received, self.command = answer, b"", b""
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with self.listener, self.listener.accept()[0] as client, client.makefile("rb") as stream:
            client.settimeout(10)
            self.command = stream.read(len(b"zINSTREAM\0"))
            while length := int.from_bytes(stream.read(4), "big"):
                self.received += stream.read(length)
            if self.answer is None:
                stream.read()
            else:
                found = b"stream: Eicar-Test-Signature FOUND\0"
                client.sendall(found if EICAR in self.received else self.answer)


@pytest.fixture
def clamd(settings, tmp_path):
    made = []

    def start(answer=b"stream: OK\0"):
        path = tmp_path / "clamd.sock"
        made.append(Clamd(path, answer))
        settings.CLAMD_SOCKET = str(path)
        return made[0]

    yield start
    for one in made:
        one.thread.join(10)


def check(data):
    return checked(uploaded("a.pdf", data), {PDF: 20 * MB})


def refusal(data):
    with pytest.raises(ValidationError) as caught:
        check(data)
    return caught.value.messages[0]


def test_the_whole_file_is_scanned_and_a_clean_one_passes(clamd):
    server, data = clamd(), pdf(size=MB)

    assert check(data).size == MB
    assert (server.command, server.received) == (b"zINSTREAM\0", data)


def test_an_infected_file_is_refused(clamd):
    clamd()
    data = pdf()
    assert refusal(data[:9] + b"%" + EICAR + b"\n" + data[9:]) == (
        "病毒扫描认为这个文件含有恶意程序，没有保存，请换一个文件"
    )


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK", b"nonsense\0"])
def test_whatever_is_no_verdict_refuses(clamd, answer):
    clamd(answer)
    if answer == b"stream: OK":  # said whole, then closed: a verdict all the same
        assert check(pdf())
    else:
        assert refusal(pdf()) == DOWN


def test_a_scanner_that_is_not_there_refuses(settings, tmp_path):
    settings.CLAMD_SOCKET = str(tmp_path / "nobody.sock")
    assert refusal(pdf()) == DOWN


def test_a_scanner_that_hangs_refuses(clamd, monkeypatch):
    monkeypatch.setattr(scanner, "STEP_SECONDS", 0.3)
    clamd(None)
    assert refusal(pdf()) == DOWN


def test_a_scanner_that_dribbles_is_given_up_at_the_deadline(clamd, monkeypatch):
    monkeypatch.setattr(scanner, "DEADLINE_SECONDS", -1)
    clamd(None)
    assert refusal(pdf()) == DOWN


def test_without_a_scanner_nothing_is_asked(settings):
    settings.CLAMD_SOCKET = ""
    assert check(pdf())
