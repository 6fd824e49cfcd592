"""What an uploaded workbook must be before a library parses it: a .xlsx of sane size, with plain cells near the top.

Nothing in the file is believed. What was counted and checked here is packed anew, and only that is handed on: a library
that read the upload itself might find other things in it (sizes that lie, names that stand there twice).
"""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from xml.parsers import expat

from django.core.exceptions import ValidationError

MOST_BYTES = 5 * 1024 * 1024
MOST_MEMBERS = 1000
MOST_UNPACKED = 60 * 1024 * 1024
"""All members together, as the archive declares them; nothing is read beyond what is declared."""
MOST_PARSED = 20 * 1024 * 1024
"""What is handed to the library, after the rows were counted."""
HIGHEST_RATIO, RATIO_MATTERS_FROM = 200, 1024 * 1024
MOST_COLUMNS = 100
LAST_ROW = 20_000
"""A value further down is a slip of the hand, and would make the library set up every cell between."""
NAMED = 5
"""How many cells a sentence names."""
_CHUNK = 64 * 1024

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED_MEMBER = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_CONTENT_TYPES, _WORKBOOK, _RELATIONS = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_BESIDE = ("_rels/.rels", "xl/sharedStrings.xml", "xl/styles.xml")
_CELL = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")

SAVE_AS = "请在 Excel 或 WPS 中另存为“Excel 工作簿（*.xlsx）”后再上传"
DAMAGED = "文件已损坏，或不是 Excel 生成的工作簿。请打开原文件，另存为新的“Excel 工作簿（*.xlsx）”后再上传"
TOO_BIG_INSIDE = "文件解压后过大，没有读取。请把要导入的内容复制到新的工作簿中，另存后再上传"


def refuse(message, code):
    """Raise the sentence that tells why the file was not taken."""
    raise ValidationError(message, code=code)


@dataclass(frozen=True)
class Checked:
    """A workbook that may be parsed: the chosen sheet packed anew, its name, and its cells (`(row, column)`, from 1)
    that hold an error value of Excel."""

    file: io.BytesIO
    sheet_name: str
    errors: set


def checked(file, *, sheet_name, most_rows):
    """Take the uploaded file apart without trusting it. Raises ValidationError; other exceptions mean it is damaged.

    Taken is the visible worksheet called `sheet_name`, or the first one. Reading stops at the first row with content
    beyond `most_rows` and the headings.
    """
    _refuse_other_kinds(file)
    with zipfile.ZipFile(file) as archive:
        members = _members(archive)
        name, path = _choose(_worksheets(archive, members), sheet_name)
        if path not in members:
            refuse(DAMAGED, "damaged")
        scan = _Scan(most_rows)
        _parse(archive.open(members[path]), scan.begin)
        scan.refuse_what_has_no_plain_value()
        needed = [_CONTENT_TYPES, _WORKBOOK, _RELATIONS, path, *_BESIDE]
        return Checked(_packed_anew(archive, members, needed), name, scan.errors)


def cell_name(row, column):
    """C7 for row 7, column 3."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


# The file ------------------------------------------------------------------------------------------------------------


def _refuse_other_kinds(file):
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        refuse("文件是空的（0 字节），请重新选择", "empty")
    if size > MOST_BYTES:
        refuse(f"文件有 {size / 1024 / 1024:.1f} MB，最多 5 MB。请只保留要导入的内容，另存后再上传", "size")
    head = file.read(len(_OLE))
    if head == _OLE:
        rest = file.read()
        if _ENCRYPTED_PACKAGE in rest:
            refuse("文件设有打开密码，无法读取。请在 Excel 中取消密码，保存后再上传", "encrypted")
        refuse(f"这是旧格式的文件（.xls）。{SAVE_AS}", "old_format")
    if not head.startswith(_ZIP):
        refuse(f"这不是 Excel 工作簿（.xlsx）。{SAVE_AS}", "not_xlsx")
    file.seek(0)


def _members(archive):
    """The members by name, after their number, sizes and methods were looked at."""
    found = archive.infolist()
    if len(found) > MOST_MEMBERS or sum(each.file_size for each in found) > MOST_UNPACKED:
        refuse(TOO_BIG_INSIDE, "bomb")
    members = {each.filename: each for each in found}
    if "xl/workbook.bin" in members:
        refuse(f"这是二进制格式的文件（.xlsb）。{SAVE_AS}", "old_format")
    if _CONTENT_TYPES not in members or _WORKBOOK not in members:
        refuse(f"这不是 Excel 工作簿（.xlsx）。{SAVE_AS}", "not_xlsx")
    for each in found:
        if each.flag_bits & _ENCRYPTED_MEMBER:
            refuse("文件设有打开密码，无法读取。请取消密码，保存后再上传", "encrypted")
        if each.file_size > RATIO_MATTERS_FROM and each.file_size > each.compress_size * HIGHEST_RATIO:
            refuse(TOO_BIG_INSIDE, "bomb")
    if len(members) != len(found) or any(each.compress_type not in _METHODS for each in found):
        refuse(DAMAGED, "damaged")
    return members


def _packed_anew(archive, members, names):
    present = [name for name in names if name in members]
    if sum(members[name].file_size for name in present) > MOST_PARSED:
        refuse(TOO_BIG_INSIDE, "bomb")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for name in present:
            target.writestr(name, archive.read(members[name]))
    packed.seek(0)
    return packed


# The workbook --------------------------------------------------------------------------------------------------------


def _worksheets(archive, members):
    """`[(name, path)]` of the visible worksheets, in their order."""
    if _RELATIONS not in members:
        refuse(DAMAGED, "damaged")
    targets, sheets = {}, []

    def relation(tag, attributes):
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            path = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
            targets[attributes.get("Id")] = path.lstrip("/")

    def sheet(tag, attributes):
        if tag == "sheet" and attributes.get("state", "visible") == "visible":
            sheets.append((attributes.get("name", ""), attributes.get("id")))

    _parse(archive.open(members[_RELATIONS]), relation)
    _parse(archive.open(members[_WORKBOOK]), sheet)
    return [(name, targets[key]) for name, key in sheets if key in targets]


def _choose(worksheets, wanted):
    if not worksheets:
        refuse(DAMAGED, "damaged")
    return next((each for each in worksheets if each[0] == wanted), worksheets[0])


def _parse(stream, begin):
    """Read XML piece by piece; `begin(tag, attributes)` gets names without their namespaces."""

    def local(name):
        return name.rpartition(" ")[2]

    def no_doctype(*_):
        refuse(DAMAGED, "damaged")

    parser = expat.ParserCreate(namespace_separator=" ")
    # Entities could swell; no spreadsheet program writes a DOCTYPE.
    parser.StartDoctypeDeclHandler = no_doctype
    parser.StartElementHandler = lambda name, attributes: begin(
        local(name), {local(key): value for key, value in attributes.items()}
    )
    with stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk)
        parser.Parse(b"", True)


# The sheet -----------------------------------------------------------------------------------------------------------


class _Scan:
    """Reads a sheet's cells by the way, and stops at the first that tells enough."""

    def __init__(self, most_rows):
        self.most_rows = most_rows
        self.rows, self.last_row = 0, 0
        self.row, self.column, self.type = 0, 0, ""
        self.errors, self.formulas, self.merged = set(), [], []

    def begin(self, tag, attributes):
        """An element of the sheet begins."""
        if tag == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif tag == "c":
            self.row, self.column = self._position(attributes.get("r"))
            self.type = attributes.get("t", "")
        elif tag in ("v", "is"):
            self._value()
        elif tag == "f":
            self.formulas.append(cell_name(self.row, self.column))
        elif tag == "mergeCell":
            self.merged.append(attributes.get("ref", "")[:20])
        if len(self.formulas) > NAMED or len(self.merged) > NAMED:
            self.refuse_what_has_no_plain_value()

    def _position(self, reference):
        if reference is None:
            return self.row, self.column + 1
        found = _CELL.fullmatch(reference)
        if not found:
            refuse(DAMAGED, "damaged")
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - ord("A") + 1
        return int(found[2]), column

    def _value(self):
        if self.row != self.last_row:
            self.last_row = self.row
            self.rows += 1
        if self.rows > self.most_rows + 1:
            refuse(f"最多导入 {self.most_rows:,} 行，这个文件更多。请分成几个文件，分几次导入", "rows")
        if self.row > LAST_ROW or self.column > MOST_COLUMNS:
            cell = cell_name(self.row, self.column)
            refuse(f"单元格 {cell} 有内容，离表格太远。请删除表格以外的内容后再上传", "far_off")
        if self.type == "e":
            self.errors.add((self.row, self.column))

    def refuse_what_has_no_plain_value(self):
        """Formulas and merged cells: what they mean in a list is anybody's guess."""
        if self.formulas:
            refuse(f"单元格 {_named(self.formulas)} 是公式。请复制后以“选择性粘贴—值”粘贴，再上传", "formulas")
        if self.merged:
            refuse(f"{_named(self.merged)} 是合并的单元格。请取消合并，每行填写完整后再上传", "merged")


def _named(cells):
    return "、".join(cells[:NAMED]) + (" 等" if len(cells) > NAMED else "")
