"""Asks ClamAV about a file, over the Unix socket of clamd (setting CLAMD_SOCKET)."""

import logging
import socket
import struct
import time

from django.conf import settings

log = logging.getLogger("zhgg.uploads")

CHUNK = 64 * 1024
STEP_SECONDS = 5
DEADLINE_SECONDS = 20
ANSWER_BYTES = 1024


class ScannerDown(Exception):
    """clamd did not answer, or not with a verdict."""


def finds_malware(file):
    """Whether clamd finds something in the file; False when no scanner is set. Raises ScannerDown.

    Reads the file from its beginning. Takes DEADLINE_SECONDS at most.
    """
    if not settings.CLAMD_SOCKET:
        return False
    try:
        verdict = _verdict(file)
    except OSError as error:
        log.error("clamd does not answer: %s", error)
        raise ScannerDown from error
    if verdict.endswith(b" FOUND"):
        log.warning("clamd found %r in an uploaded file", verdict)
        return True
    if verdict != b"stream: OK":
        log.error("clamd gave no verdict: %r", verdict)
        raise ScannerDown
    return False


def _verdict(file):
    """The answer of clamd to INSTREAM: chunks with their length in front, an empty one at the end."""
    ends = time.monotonic() + DEADLINE_SECONDS
    with socket.socket(socket.AF_UNIX) as clamd:
        clamd.settimeout(STEP_SECONDS)
        clamd.connect(settings.CLAMD_SOCKET)
        clamd.sendall(b"zINSTREAM\0")
        file.seek(0)
        while chunk := file.read(CHUNK):
            _check_time(ends)
            clamd.sendall(struct.pack("!L", len(chunk)) + chunk)
        clamd.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < ANSWER_BYTES:
            _check_time(ends)
            part = clamd.recv(ANSWER_BYTES)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0")


def _check_time(ends):
    if time.monotonic() > ends:
        raise TimeoutError(f"no verdict after {DEADLINE_SECONDS} seconds")
