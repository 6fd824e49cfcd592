"""A PDF from HTML in a process of its own: nothing fetched, nothing endless, no character lost."""

import socket
import threading
from io import BytesIO

import pytest
from pypdf import PdfReader

from zhgg.kit.pdf import making
from zhgg.kit.pdf.making import CannotMake, pdf_of


def text_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def page(body):
    return f'<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><body>{body}</body></html>'


def test_chinese_text_can_be_read_out_of_the_pdf():
    assert "科技计划项目申报书·阿依古丽" in text_of(pdf_of(page("<p>科技计划项目申报书·阿依古丽</p>")))


def test_a_character_that_no_font_has_is_printed_as_its_code_point():
    text = text_of(pdf_of(page("<p>甲\U000e0fff乙\U0010fffd丙</p>")))

    assert "〔U+10FFFD〕" in text
    assert "丙" in text


def test_nothing_is_fetched(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>SECRET</text></svg>')
    connections = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def listen():
            while not done.is_set():
                try:
                    server.accept()[0].close()
                    connections.append(1)
                except TimeoutError:
                    continue

        done = threading.Event()
        listener = threading.Thread(target=listen)
        listener.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        pdf = pdf_of(
            page(
                f'<link rel="stylesheet" href="{address}"><style>@import url({address});'
                f"p {{ background: url({address}) }} @font-face {{ font-family: x; src: url({address}) }}</style>"
                f'<img src="{address}"><p>还在</p>'
                f'<img src="file://{secret}"><object data="file://{secret}"></object><a rel="attachment" href="file://{secret}">x</a>'
            )
        )
        done.set()
        listener.join()

    assert connections == []
    assert "还在" in text_of(pdf)
    assert "SECRET" not in text_of(pdf)
    assert b"SECRET" not in b"".join(
        stream for _, streams in PdfReader(BytesIO(pdf)).attachments.items() for stream in streams
    )


def test_one_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(making, "SECONDS", 0.05)

    with pytest.raises(CannotMake, match=r"not done after 0\.05 seconds"):
        pdf_of(page("<p>慢</p>"))


def test_a_limit_of_the_process_ends_in_a_word_without_content(monkeypatch, tmp_path):
    broken = tmp_path / "engine.py"
    broken.write_text(
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))\nx = '秘密' * (1 << 30)"
    )
    monkeypatch.setattr(making, "ENGINE", broken)

    with pytest.raises(CannotMake) as caught:
        pdf_of(page("<p>秘密</p>"))

    assert str(caught.value) == "exit 1: MemoryError"
