"""Files as a unit uploads them."""

import io
import json

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from orgs.imports import HEADINGS
from orgs.models import DepartmentImport
from tests import factories as make


def workbook(rows, *, headings=HEADINGS, name="二级单位.xlsx"):
    """An uploaded .xlsx with these rows, all cells texts."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("二级单位")
        for at, row in enumerate([headings, *rows]):
            for place, value in enumerate(row):
                sheet.write_string(at, place, value)
    return SimpleUploadedFile(name, content.getvalue())


def row(name, holder="周样", number=None, mobile="16900000005"):
    """One filled row."""
    return [name, holder, mobile, number or make.id_number()]


def make_department_import(unit):
    """A list of one 二级单位 that the unit's 法人用户 has uploaded and not yet confirmed."""
    rows = [[2, ["样例新所", "样例管理人员", "16900000003", make.id_number()], [""] * 4]]
    return DepartmentImport.objects.create(
        unit=unit, user=unit.account, file_name="二级单位.xlsx", rows=json.dumps(rows), row_count=1
    )
