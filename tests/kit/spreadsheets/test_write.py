"""Workbooks that are written: read back by a reader of another make."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from python_calamine import load_workbook

from zhgg.kit.spreadsheets.cells import LONGEST_TEXT, plain
from zhgg.kit.spreadsheets.write import Column, Sheet, download, write


def written(*sheets):
    file = io.BytesIO()
    write(file, sheets)
    file.seek(0)
    return file


def rows_of(file, name):
    return load_workbook(file).get_sheet_by_name(name).to_python()


def member(file, name):
    return zipfile.ZipFile(file).read(name).decode()


def test_rows_follow_notes_and_headings_and_keep_their_kind():
    columns = [
        Column("姓名", 12, lambda row: row["name"]),
        Column("人数", 8, lambda row: row["number"]),
        Column("金额", 8, lambda row: row["amount"]),
        Column("更新时间", 18, lambda row: row["at"]),
        Column("日期", 12, lambda row: row["day"]),
    ]
    row = {
        "name": "张样",
        "number": 3,
        "amount": Decimal("1.25"),
        "at": datetime(2026, 11, 22, 2, 13, tzinfo=UTC),
        "day": date(2026, 11, 20),
    }
    empty = dict.fromkeys(row)

    file = written(Sheet("名单", columns, iter([row, empty, row]), notes=["由周岚导出"]))

    found = rows_of(file, "名单")
    filled = ["张样", 3.0, 1.25, datetime(2026, 11, 22, 10, 13), date(2026, 11, 20)]
    assert found == [
        ["由周岚导出", "", "", "", ""],
        ["姓名", "人数", "金额", "更新时间", "日期"],
        filled,
        [""] * 5,
        filled,
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_looks_like_a_formula_is_written_with_an_apostrophe(start):
    file = written(Sheet("名单", [Column("姓名", 12)], [f"{start}cmd|'/c calc'!A1"], notes=[f"{start}1+1"]))

    [[note], _, [cell]] = rows_of(file, "名单")
    assert note.startswith("'")
    assert cell.startswith("'")
    assert "<f>" not in member(file, "xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("text", ["机器人研究所", "a=b", "138****0625", "http://example.com", "0012", "1E5", "—", "'"])
def test_honest_texts_stay_as_they_are_and_stay_texts(text):
    file = written(Sheet("名单", [Column("姓名", 12)], [text]))

    assert rows_of(file, "名单")[1:] == [[text]]
    assert "hyperlink" not in member(file, "xl/worksheets/sheet1.xml")
    assert plain(text) == text


def test_a_text_longer_than_a_cell_is_cut_with_a_sign_and_not_left_out():
    file = written(Sheet("名单", [Column("姓名", 12)], ["字" * 40_000, "=" * 40_000]))

    [_, [long], [formula]] = rows_of(file, "名单")
    assert (len(long), long[-1]) == (LONGEST_TEXT, "…")
    assert (len(formula), formula[:2], formula[-1]) == (LONGEST_TEXT, "'=", "…")


def test_headings_stay_on_the_screen_and_the_list_can_be_filtered():
    file = written(Sheet("名单", [Column("姓名", 12), Column("手机", 14)], ["甲", "乙"], notes=["一", "二"]))

    xml = member(file, "xl/worksheets/sheet1.xml")
    assert 'ySplit="3"' in xml
    assert 'state="frozen"' in xml
    assert '<autoFilter ref="A3:B5"/>' in xml
    assert '<col min="1" max="1" width="12.7109375"' in xml


@pytest.mark.parametrize(
    "text",
    [
        "<b>&amp;</b>",
        "]]>",
        " 前后空格 ",
        "一\n二",
        "a\tb",
        "_x0041_",
        "\x07\x00",
        "\ufffe",
        "\ud800",
        "𠮷野",
        '"双"与单\'',
    ],
    ids=ascii,
)
def test_every_text_stays_one_text_and_the_file_stays_whole(text):
    file = written(Sheet("名单", [Column("姓名", 12), Column("次", 6, lambda row: 1)], [text]))

    [_, [cell, behind]] = rows_of(file, "名单")
    ElementTree.fromstring(member(file, "xl/worksheets/sheet1.xml"))
    # The reader leaves it to its user what these stand for.
    assert (cell.replace("_xD800_", "\ud800").replace("_xFFFE_", "\ufffe"), behind) == (text, 1)


def test_a_day_before_excel_counts_days_rightly_is_a_text():
    file = written(Sheet("名单", [Column("日期", 12, lambda row: row)], [date(1900, 2, 28), date(1900, 3, 1)]))

    assert rows_of(file, "名单")[1:] == [["1900-02-28"], [date(1900, 3, 1)]]


def test_rows_stand_in_order_behind_more_sheets_than_one():
    first = Sheet("甲", [Column("号", 6, lambda row: row)], range(3), notes=["注"])
    second = Sheet("乙", [Column("号", 6, lambda row: row)], range(2))

    file = written(first, second)

    assert rows_of(io.BytesIO(file.getvalue()), "甲") == [["注"], ["号"], [0], [1], [2]]
    assert rows_of(file, "乙") == [["号"], [0], [1]]


def test_a_list_without_rows_has_headings_and_no_filter():
    file = written(Sheet("名单", [Column("姓名", 12)]))

    assert rows_of(file, "名单") == [["姓名"]]
    assert "autoFilter" not in member(file, "xl/worksheets/sheet1.xml")


def test_a_column_for_filling_in_is_formatted_as_text():
    file = written(Sheet("模板", [Column("身份证号码", 24, text=True)]))

    assert 'numFmtId="49"' in member(file, "xl/styles.xml")
    assert '<col min="1" max="1" width="24.7109375" style="' in member(file, "xl/worksheets/sheet1.xml")


@pytest.mark.django_db  # An answer that is closed looks at the connection, if an earlier test has opened one.
def test_the_download_has_a_chinese_name_with_the_day_and_is_not_kept():
    answer = download("二级单位", [Sheet("二级单位", [Column("名称", 12)], ["一所"])])

    name = f"%E4%BA%8C%E7%BA%A7%E5%8D%95%E4%BD%8D%20{timezone.localdate()}.xlsx"
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert answer["Cache-Control"] == "no-store"
    assert rows_of(io.BytesIO(answer.getvalue()), "二级单位") == [["名称"], ["一所"]]
    answer.close()
