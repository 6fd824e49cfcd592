"""The names of uploaded files are labels, whatever was tried with them."""

import pytest

from zhgg.kit.uploads.labels import LABEL_BYTES, clean_label, extension_of


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("硕士学位证书.pdf", "硕士学位证书.pdf"),
        ("../../x.pdf", "x.pdf"),
        ("/etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\y.pdf", "y.pdf"),
        ("C:y.pdf", "y.pdf"),
        ("..\\..\\y.pdf", "y.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie: x=1.pdf"),
        ("证书\u202efdp.exe", "证书fdp.exe"),
        ("a\u2066b\u200e.pdf", "ab.pdf"),
        ("a\ud800b.pdf", "ab.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        (" . a.pdf . ", "a.pdf"),
        ("..", "文件"),
        ("", "文件"),
        ("\x00\x01", "文件"),
        (".pdf", "pdf"),
    ],
)
def test_a_label_is_the_last_part_without_what_turns_or_breaks_it(name, label):
    assert clean_label(name) == label


def test_a_long_name_is_shortened_between_characters_and_keeps_its_extension():
    label = clean_label("证" * 300 + ".pdf")

    assert label == "证" * 65 + ".pdf"
    assert len(label.encode()) <= LABEL_BYTES


def test_an_endless_extension_is_shortened_too():
    assert len(clean_label("a." + "文" * 100_000).encode()) <= LABEL_BYTES


@pytest.mark.parametrize(("label", "extension"), [("a.PDF", ".pdf"), ("a.tar.gz", ".gz"), ("a", ""), ("a.", ".")])
def test_extensions_are_lower_case(label, extension):
    assert extension_of(label) == extension
