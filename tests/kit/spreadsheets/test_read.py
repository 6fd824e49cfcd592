"""Sheets that somebody uploads: what is read, and every kind of file that is not."""

import io
import resource
import struct
import time
import zipfile
import zlib
from datetime import date

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError

from zhgg.kit.spreadsheets.guard import LAST_ROW
from zhgg.kit.spreadsheets.read import read_rows

HEADINGS = ["名称", "手机", "号码"]


def workbook(rows=(), headings=HEADINGS, name="名单", change=None):
    """A good file, unless `change(workbook, sheet)` spoils it."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(name)
        for at, row in enumerate([headings, *rows]):
            for place, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(at, place, value, book.add_format({"num_format": "yyyy-mm-dd"}))
                else:
                    sheet.write(at, place, value)
        if change:
            change(book, sheet)
    file.seek(0)
    return file


GOOD = [["一所", "16900000005", "123456789012345678"]]


def repacked(file, **changes):
    """The same archive with members replaced, added (by bytes) or left out (None); `/` is written as `__`."""
    changes = {name.replace("__", "/") + ".xml": value for name, value in changes.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in {*source.namelist(), *changes}:
            content = changes.get(name, source.read(name) if name in source.namelist() else None)
            if content is not None:
                target.writestr(name, content)
    packed.seek(0)
    return packed


def sheet_xml(cells, after=""):
    head = "".join(f'<c t="inlineStr"><is><t>{each}</t></is></c>' for each in HEADINGS)
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1">{head}</row>{cells}</sheetData>{after}</worksheet>'
    ).encode()


def read(file, most_rows=2000):
    return read_rows(file, headings=HEADINGS, sheet_name="名单", most_rows=most_rows)


def refusal(file, **options):
    with pytest.raises(ValidationError) as caught:
        read(file, **options)
    [message] = caught.value.messages
    return message


# What is read --------------------------------------------------------------------------------------------------------


def test_rows_come_with_their_numbers_and_blank_ones_are_left_out():
    rows = [["一所", "16900000005", "5001"], [], ["  ", "\u3000", " "], [" 二所 ", "１６９", None]]

    found = read(workbook(rows))

    assert [(line.number, list(line.values.values())) for line in found] == [
        (2, ["一所", "16900000005", "5001"]),
        (5, ["二所", "１６９", ""]),
    ]
    assert [line.problems for line in found] == [{}, {}]


def test_a_number_in_a_text_column_is_its_digits():
    [line] = read(workbook([["12", 16900000005, 123456789012345]]))

    assert line.values == {"名称": "12", "手机": "16900000005", "号码": "123456789012345"}
    assert line.problems == {}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (500112199001014217, "Excel 把这个号码当作数字，第 15 位以后已变成 0，无法还原"),
        (10.0**15, "Excel 把这个号码当作数字"),
        (date(2026, 12, 1), "Excel 把填写的内容变成了日期或时间（2026-12-01）"),
        (True, "这个单元格是逻辑值 TRUE，应为文字"),
    ],
)
def test_what_excel_made_of_a_text_is_a_problem_of_that_cell(value, sentence):
    [line] = read(workbook([["一所", "16900000005", value]]))

    assert line.values == {"名称": "一所", "手机": "16900000005", "号码": ""}
    assert list(line.problems) == ["号码"]
    assert line.problems["号码"].startswith(sentence)
    assert "设为“文本”格式，重新填写" in line.problems["号码"]


def test_a_text_of_many_pages_is_a_problem_of_that_cell():
    [fits, long] = read(workbook([["字" * 1000], ["字" * 1001]]))

    assert (len(fits.values["名称"]), fits.problems) == (1000, {})
    assert (long.values["名称"], long.problems) == ("", {"名称": "这个单元格有 1,001 字，请删减"})


def test_an_error_value_is_a_problem_of_that_cell():
    rows = '<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2" t="inlineStr"><is><t>1</t></is></c></row>'

    [line] = read(repacked(workbook(), xl__worksheets__sheet1=sheet_xml(rows)))

    assert line.problems == {"名称": "这个单元格是 Excel 的错误值（如 #N/A），请改为文字"}
    assert line.values["手机"] == "1"


@pytest.mark.parametrize("headings", [["名称 *", " 手机", "号 码"], ["名称", "手机", "号码", " "]])
def test_headings_are_compared_without_blanks_and_stars(headings):
    assert len(read(workbook(GOOD, headings=headings))) == 1


def test_the_sheet_of_the_name_is_read_wherever_it_stands_and_otherwise_the_first_visible_one():
    def second(name):
        def add(book, sheet):
            other = book.add_worksheet(name)
            for place, value in enumerate(HEADINGS):
                other.write(0, place, value)
                other.write(1, place, "另一张表")
            sheet.hide() if name == "可见" else None
            other.activate()

        return add

    by_name = read(workbook(GOOD, name="别的", change=second("名单")))
    first_visible = read(workbook(GOOD, name="别的", change=second("可见")))
    first = read(workbook(GOOD, name="别的", change=second("说明")))

    assert [lines[0].values["名称"] for lines in (by_name, first_visible, first)] == ["另一张表", "另一张表", "一所"]


def test_as_many_rows_as_allowed_are_read_and_one_more_is_refused():
    assert len(read(workbook(GOOD * 30), most_rows=30)) == 30
    assert refusal(workbook(GOOD * 31), most_rows=30) == ("最多导入 30 行，这个文件更多。请分成几个文件，分几次导入")


# What is refused -----------------------------------------------------------------------------------------------------


def test_a_file_of_no_or_too_many_bytes():
    assert refusal(io.BytesIO()) == "文件是空的（0 字节），请重新选择"
    assert refusal(io.BytesIO(b"PK\x03\x04" + b"x" * 5_600_000)).startswith("文件有 5.3 MB，最多 5 MB")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (OLE + b"\0" * 3000 + "Workbook".encode("utf-16-le"), "这是旧格式的文件（.xls）。请在 Excel 或 WPS 中另存为"),
        (OLE + b"\0" * 999 + "EncryptedPackage".encode("utf-16-le"), "文件设有打开密码，无法读取"),
        (b"%PDF-1.7 ...", "这不是 Excel 工作簿（.xlsx）"),
        ("名称,手机,号码\n一所,1,2".encode("gb18030"), "这不是 Excel 工作簿（.xlsx）"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "这不是 Excel 工作簿（.xlsx）"),
        (b"P", "这不是 Excel 工作簿（.xlsx）"),
        (b"PK\x03\x04", "文件已损坏"),
        (b"PK\x03\x04" + b"\xff" * 5000, "文件已损坏"),
    ],
)
def test_a_file_of_another_kind(content, sentence):
    assert refusal(io.BytesIO(content)).startswith(sentence)


def archive(*members, flags=0, compression=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as target:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            target.writestr(info, content)
            info.flag_bits |= flags
    packed.seek(0)
    return packed


def test_an_archive_that_is_no_workbook():
    document = archive(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>"))
    binary = archive(("[Content_Types].xml", "<Types/>"), ("xl/workbook.bin", "x"))

    assert refusal(document).startswith("这不是 Excel 工作簿（.xlsx）")
    assert refusal(binary).startswith("这是二进制格式的文件（.xlsb）")
    assert refusal(archive()).startswith("这不是 Excel 工作簿（.xlsx）")


def test_an_encrypted_archive():
    packed = archive(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>"), flags=0x1)

    assert refusal(packed).startswith("文件设有打开密码")


@pytest.mark.parametrize("end", [0.2, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_off(end):
    content = workbook(GOOD * 50).getvalue()

    assert refusal(io.BytesIO(content[: int(len(content) * end)])).startswith("文件已损坏")


def test_no_byte_that_flips_makes_an_answer_of_another_kind():
    content = workbook(GOOD * 5).getvalue()
    answers = set()

    for place in range(0, len(content), 37):
        spoilt = bytearray(content)
        spoilt[place] ^= 0xFF
        try:
            answers.add(type(read(io.BytesIO(bytes(spoilt)))))
        except ValidationError:
            answers.add(ValidationError)

    assert answers == {list, ValidationError}


@pytest.mark.parametrize(
    "changes",
    [
        {"xl__worksheets__sheet1": None},
        {"xl__worksheets__sheet1": b"<worksheet><sheetData><row"},
        {"xl__worksheets__sheet1": sheet_xml('<row r="many"/>')},
        {"xl__worksheets__sheet1": sheet_xml('<row r="2"><c r="2A"><v>1</v></c></row>')},
        {"xl__worksheets__sheet1": sheet_xml('<row r="2"><c r="A2" t="s"><v>99999999</v></c></row>')},
        {"xl__workbook": b"<workbook/>"},
        {"xl__workbook": b"\xff\xfe\x00"},
        {"xl__sharedStrings": b"<sst"},
        {"xl__worksheets__sheet1": b'<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'},
    ],
    ids=str,
)
def test_a_workbook_that_is_damaged_inside(changes):
    message = refusal(repacked(workbook(GOOD), **changes))

    assert message.startswith(("文件已损坏", "第 1 行的列名应依次为"))


def test_relations_may_be_missing():
    packed = io.BytesIO()
    with zipfile.ZipFile(workbook(GOOD)) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            if name != "xl/_rels/workbook.xml.rels":
                target.writestr(name, source.read(name))
    packed.seek(0)

    assert refusal(packed).startswith("文件已损坏")


def test_a_bomb_that_says_how_big_it_is():
    by_size = repacked(workbook(GOOD), xl__media__a=b"\0" * 61 * 1024 * 1024)
    by_ratio = repacked(workbook(GOOD), xl__media__a=b"\0" * 10 * 1024 * 1024)
    by_number = archive(*((f"{number}", "") for number in range(1001)))

    assert by_size.getbuffer().nbytes < 100_000
    for bomb in (by_size, by_ratio, by_number):
        assert refusal(bomb).startswith("文件解压后过大")


@pytest.mark.parametrize("with_sum", [False, True])
def test_a_bomb_that_lies_about_its_size_is_read_no_further_than_it_says(with_sum):
    strings = b"<sst>" + b"<si><t>" + b"a" * 10_000_000 + b"</t></si></sst>"
    content = repacked(workbook(GOOD), xl__sharedStrings=strings).getvalue()
    replaced = [(len(strings), 1000)]
    if with_sum:
        replaced.append((zlib.crc32(strings), zlib.crc32(strings[:1000])))
    for real, said in replaced:
        assert content.count(struct.pack("<I", real)) == 2
        content = content.replace(struct.pack("<I", real), struct.pack("<I", said))

    assert refusal(io.BytesIO(content)).startswith("文件已损坏")


def test_a_name_that_stands_twice_in_the_archive_is_refused():
    packed = workbook(GOOD)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(packed, "a") as target:
        target.writestr("xl/worksheets/sheet1.xml", sheet_xml(""))

    assert refusal(packed).startswith("文件已损坏")


def test_formulas_are_named():
    def one(book, sheet):
        sheet.write_formula("B3", '=HYPERLINK("http://example.com")')

    def many(book, sheet):
        for row in range(1, 50):
            sheet.write_formula(row, 0, "=1+1")

    assert refusal(workbook(GOOD, change=one)) == ("单元格 B3 是公式。请复制后以“选择性粘贴—值”粘贴，再上传")
    assert refusal(workbook(GOOD, change=many)).startswith("单元格 A2、A3、A4、A5、A6 等 是公式")


def test_merged_cells_are_named():
    assert refusal(workbook(GOOD, change=lambda book, sheet: sheet.merge_range("A5:B6", "合并"))) == (
        "A5:B6 是合并的单元格。请取消合并，每行填写完整后再上传"
    )


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (["手机", "名称", "号码"], "“手机”“名称”“号码”"),
        (["名称", "号码"], "“名称”“号码”"),
        ([*HEADINGS, "备注"], "“名称”“手机”“号码”“备注”"),
        (["二级单位信息表"], "“二级单位信息表”"),
        (["", "名称", "手机", "号码"], "“”“名称”“手机”“号码”"),
        ([2026, True], "“2026.0”“True”"),
    ],
)
def test_other_columns_are_named_beside_those_wanted(headings, found):
    message = refusal(workbook(GOOD, headings=headings))

    assert message.startswith(f"第 1 行的列名应依次为“名称”“手机”“号码”，现在是{found}。请下载模板")


def test_content_beside_the_columns_is_named():
    assert refusal(workbook([[*GOOD[0], "", "备注"]])) == "单元格 E2 在表格的列以外。请删除后再上传"


def test_content_far_off_is_named_before_anything_is_set_up_for_it():
    far_down = workbook(GOOD, change=lambda book, sheet: sheet.write(1_048_575, 2, "x"))
    far_right = workbook(GOOD, change=lambda book, sheet: sheet.write(1, 16_383, "x"))

    assert refusal(far_down).startswith("单元格 C1048576 有内容，离表格太远")
    assert refusal(far_right).startswith("单元格 XFD2 有内容，离表格太远")
    assert LAST_ROW == 20_000


@pytest.mark.parametrize("rows", [[], [[" ", "", None]]])
def test_a_sheet_without_rows(rows):
    assert refusal(workbook(rows)) == "从第 2 行起没有内容。请每行填写一项，保存后再上传"


def test_an_empty_sheet():
    assert "现在是空的" in refusal(workbook(headings=[]))


def test_a_hundred_thousand_rows_are_answered_at_once():
    cells = "".join(f'<c t="inlineStr"><is><t>{each}</t></is></c>' for each in GOOD[0])
    rows = "".join(f'<row r="{number}">{cells}</row>' for number in range(2, 100_002))
    file = repacked(workbook(), xl__worksheets__sheet1=sheet_xml(rows))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    started = time.perf_counter()
    assert refusal(file).startswith("最多导入 2,000 行，这个文件更多")

    assert time.perf_counter() - started < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
