"""What an uploaded file really is. Every refusal is a ValidationError with a sentence that says what to do."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from zhgg.kit.uploads import inspector, scanner
from zhgg.kit.uploads.kinds import FileKind, kind_of, shown_size
from zhgg.kit.uploads.labels import clean_label, extension_of
from zhgg.kit.uploads.receiving import ReceivedFile

HEAD_BYTES = 16
INSPECTION_SECONDS = 15
NO_ROOM = "no_room"
"""Code of the refusal when the server could not keep the file: the page that says so answers 507."""
NO_ROOM_SENTENCE = "存放文件的空间已满或暂时不可用，文件没有保存，请稍后再上传；仍然不行，请拨打技术支持电话"

_WORDS = {
    "damaged": "这个文件已损坏，打不开，请重新生成或重新扫描后再上传",
    "encrypted": "这个 PDF 设有密码或使用限制，请取消加密后再上传",
    "macros": "这个文件含有宏，不能上传，请另存为不含宏的文件后再上传",
    "no-pages": "这个 PDF 一页也没有，请重新生成后再上传",
    "too-many-pixels": f"图片的像素过多，请缩小到 {inspector.MAX_PIXELS // 10_000:,} 万像素以内再上传",
    "": "这个文件过于复杂，无法检查，请另存为普通的 PDF 或图片后再上传",
}


@dataclass(frozen=True)
class CheckedUpload:
    """A file that passed. `label` is its name as people may see it."""

    file: UploadedFile
    label: str
    kind: FileKind
    size: int


def checked(file, limits):
    """The uploaded file as a CheckedUpload. `limits` says which kinds are taken and how large: {FileKind: bytes}.

    Name and content agree, the size is within the limit, a PDF opens without a password and has a page, a picture can
    be decoded, and the virus scanner, where there is one, finds nothing. Raises ValidationError; with the code NO_ROOM
    when the server had no room to receive the file. Takes seconds at worst: call it outside of transactions.
    """
    if isinstance(file, ReceivedFile) and file.failure:
        raise ValidationError(NO_ROOM_SENTENCE, code=NO_ROOM)
    label = clean_label(file.name)
    if not file.size:
        raise ValidationError("这个文件是空的（0 字节），请重新选择", code="empty")
    named = _named_kind(label, limits)
    limit = limits[named]
    if file.size > limit:
        raise ValidationError(
            f"{named.label}不能超过 {shown_size(limit)}，现在是 {shown_size(file.size)}，请压缩或拆分后再上传",
            code="too_large",
        )
    _check_content(file, label, named)
    word = _inspect(file, named)
    if word != "ok":
        raise ValidationError(_WORDS.get(word, _WORDS[""]), code=word or "too_complex")
    _scan(file)
    return CheckedUpload(file=file, label=label, kind=named, size=file.size)


def accepted(limits):
    """The kinds in words, for hints: PDF 文件、JPG 图片、PNG 图片."""
    return "、".join(kind.label for kind in limits)


def _named_kind(label, limits):
    extension = extension_of(label)
    for kind in limits:
        if extension in kind.extensions:
            return kind
    found = f"这个文件以“{extension}”结尾" if extension else "这个文件的名称没有扩展名"
    raise ValidationError(f"只能上传 {accepted(limits)}，{found}，请换一个文件", code="wrong_extension")


def _check_content(file, label, named):
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if head.startswith(named.begins):
        return
    found = kind_of(head)
    extension = extension_of(label)
    if found:
        advice = f"内容却是 {found.label}，请把文件名改为以“{found.extensions[0]}”结尾再上传"
    else:
        advice = f"内容却不是 {named.label}，请用原来的软件另存为 {named.extensions[0][1:].upper()} 后再上传"
    raise ValidationError(f"文件名以“{extension}”结尾，{advice}", code="wrong_content")


def _inspect(file, kind):
    """What `inspector.py` says of the file; "" when it hit one of its limits."""
    file.seek(0)
    command = [sys.executable, "-I", str(Path(inspector.__file__).resolve()), kind.key]
    source = {"stdin": file.file} if isinstance(file, ReceivedFile) else {"input": file.read()}
    try:
        done = subprocess.run(command, capture_output=True, timeout=INSPECTION_SECONDS, env={}, **source)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def _scan(file):
    try:
        infected = scanner.finds_malware(file)
    except scanner.ScannerDown:
        raise ValidationError(
            "病毒扫描暂时不可用，文件没有保存，请过几分钟再上传；仍然不行，请拨打技术支持电话", code="scanner_down"
        ) from None
    if infected:
        raise ValidationError("病毒扫描认为这个文件含有恶意程序，没有保存，请换一个文件", code="infected")
