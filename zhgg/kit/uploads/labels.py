"""The name of an uploaded file: kept as a label for people, never used as a path."""

import re
import unicodedata

LABEL_BYTES = 200
"""The longest label in UTF-8: file systems take names of 255 bytes."""

_DRIVE = re.compile(r"^[A-Za-z]:")
NAMELESS = "文件"


def clean_label(name):
    """The last part of `name` without control characters and marks that turn text around, at most LABEL_BYTES long.

    The extension survives the shortening. A name of which nothing remains becomes 文件.
    """
    last = re.split(r"[/\\]", name)[-1]
    text = unicodedata.normalize("NFC", "".join(char for char in last if char.isprintable()))
    text = _DRIVE.sub("", text).strip(" .")
    stem, extension = _split(text)
    room = LABEL_BYTES - len(extension.encode())
    if room <= 0:
        stem, extension, room = text, "", LABEL_BYTES
    stem = stem.encode()[:room].decode(errors="ignore").strip(" .")
    return f"{stem or NAMELESS}{extension}"


def extension_of(label):
    """The extension in lower case with its dot; "" where there is none."""
    return _split(label)[1].lower()


def _split(text):
    dot = text.rfind(".")
    return (text, "") if dot < 0 else (text[:dot], text[dot:])
