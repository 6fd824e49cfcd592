"""二级单位 from Excel: template, upload, preview, and what is wrong."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from python_calamine import load_workbook

from accounts.models import AuditEvent, Notice
from orgs.enums import GrantRole, Role
from orgs.imports import HEADINGS, as_text
from orgs.models import Department, DepartmentImport, Grant
from orgs.services.departments import save_department
from orgs.services.grants import grant_role
from orgs.services.imports import keep_import
from orgs.tasks import clear_imports
from tests import factories as make
from tests.orgs.importing import UPLOAD, client, errors_of, form_values, owner, unit, uploaded
from tests.orgs.pages import text
from tests.orgs.workbooks import row, workbook
from zhgg.kit.spreadsheets.read import Line

__all__ = ["client", "owner", "unit"]

pytestmark = pytest.mark.django_db


AI, OTHER = "“ＡＩ 研究所”", "请换一人，或先"


# The way through ------------------------------------------------------------------------------------------------------


def test_the_template_is_empty_and_keeps_numbers_as_texts(client):
    answer = client.get("/departments/import/template/")
    content = io.BytesIO(b"".join(answer.streaming_content))

    book = load_workbook(content)
    assert "%E4%BA%8C%E7%BA%A7%E5%8D%95%E4%BD%8D%E5%AF%BC%E5%85%A5%E6%A8%A1%E6%9D%BF" in answer["Content-Disposition"]
    assert book.sheet_names == ["二级单位", "填写说明"]
    assert book.get_sheet_by_name("二级单位").to_python() == [HEADINGS]
    assert HEADINGS == ["二级单位（部门）名称", "管理人员姓名", "管理人员手机", "管理人员身份证号码"]
    refused = client.post(UPLOAD, {"file": SimpleUploadedFile("模板.xlsx", content.getvalue())})
    assert "从第 2 行起没有内容" in text(refused)


def test_a_file_becomes_a_preview_and_then_departments_with_managers(client, unit):
    user = make.make_user("吴样")
    numbers = [user.id_number, make.id_number()]
    rows = [row("机器人研究所", "吴样", numbers[0]), row(" 先进材料 研究所 ", "何样", numbers[1], "１６９-0000-0006")]

    preview = uploaded(client, rows, name="../../本 院.xlsx")
    page = client.get(preview)

    assert "本 院.xlsx · 共 2 行" in text(page)
    assert "第 2 行 机器人研究所 吴样 169****0005" in text(page)
    assert "第 3 行 先进材料 研究所 何样 169****0006" in text(page)
    assert "确认导入（2 个）" in text(page)
    assert not any(number in page.content.decode() for number in numbers)
    assert Department.objects.count() == 0

    answer = client.post(preview)
    done = client.get(answer["Location"])

    assert answer["Location"] == preview
    assert "已新增 2 个二级单位" in text(done)
    assert "1 名管理人员现在就可以办理" in text(done)
    assert "1 名管理人员待首次登录" in text(done)
    made = (
        Grant.objects.current().order_by("pk").values_list("department__name", "holder_name", "holder_mobile", "role")
    )
    assert sorted(made) == [
        ("先进材料 研究所", "何样", "16900000006", GrantRole.MANAGER),
        ("机器人研究所", "吴样", "16900000005", GrantRole.MANAGER),
    ]
    assert sorted(grant.holder_id_number for grant in Grant.objects.all()) == sorted(numbers)
    assert make.actor_of(user).role == Role.MANAGER
    assert Notice.objects.get().subject == "您已成为机器人研究所的管理人员"


def test_the_agent_may_import_as_well_and_reads_only_what_they_uploaded(client, login, unit):
    agent = login(make.make_agent(unit))
    preview = uploaded(agent, [row("一所")])

    assert client.get(preview).status_code == 404
    assert client.post(preview).status_code == 404
    assert agent.post(preview).status_code == 302
    assert Department.objects.get().name == "一所"


@pytest.mark.parametrize("who", ["manager", "person", "bureau", "stranger"])
def test_nobody_else_reaches_any_of_its_pages(login, client, unit, who):
    preview = uploaded(client, [row("一所")])
    users = {
        "manager": lambda: make.make_manager(make.make_department(unit)),
        "person": lambda: make.make_person(unit=unit).user,
        "bureau": make.make_officer,
        "stranger": lambda: make.make_unit().account,
    }
    visitor = login(users[who]())

    answers = [visitor.get(preview), visitor.post(preview)]
    if who != "stranger":
        answers += [visitor.get(UPLOAD), visitor.post(UPLOAD, {"file": workbook([row("二所")])})]
        answers += [visitor.get(f"{UPLOAD}template/"), visitor.post("/departments/export/")]

    assert {answer.status_code for answer in answers} == {404}
    assert DepartmentImport.objects.count() == 1


def test_confirmed_twice_it_acts_once_and_shows_the_same_page(client):
    preview = uploaded(client, [row("一所"), row("二所")])

    pages = [client.post(preview, follow=True) for _ in range(2)]

    assert text(pages[0]) == text(pages[1])
    assert (Department.objects.count(), Grant.objects.count()) == (2, 2)
    assert AuditEvent.objects.filter(action="department_created").count() == 2


def test_what_was_uploaded_is_encrypted_and_gone_once_it_is_confirmed(client):
    number = make.id_number()
    preview = uploaded(client, [row("一所", number=number)])

    with connection.cursor() as cursor:
        cursor.execute("SELECT rows FROM orgs_departmentimport")
        [(sealed,)] = cursor.fetchall()
    assert number.encode() not in bytes(sealed)
    client.post(preview)

    assert DepartmentImport.objects.filter(rows__isnull=True).count() == 1


def test_after_an_hour_it_is_no_longer_found_and_cleared_away(client):
    old, fresh = (uploaded(client, [row(name)]) for name in ("一所", "二所"))
    pk = int(old.rstrip("/").rsplit("/", 1)[1])
    DepartmentImport.objects.filter(pk=pk).update(uploaded_at=timezone.now() - timedelta(minutes=61))

    assert client.get(old).status_code == 404
    assert client.post(old).status_code == 404
    clear_imports(0)

    assert client.get(fresh).status_code == 200
    assert DepartmentImport.objects.count() == 1
    assert Department.objects.count() == 0


# Errors ---------------------------------------------------------------------------------------------------------------


def test_every_wrong_cell_is_named_and_nothing_can_be_confirmed(client, unit, owner):
    number = make.id_number()
    grant_role(
        actor=owner,
        role=GrantRole.AGENT,
        unit=unit,
        holder_name="周样",
        holder_mobile="16900000005",
        holder_id_number=number,
    )
    elsewhere = make.make_manager(make.make_department(make.make_unit()))
    taken = save_department(actor=owner, unit=unit, **form_values(row("ＡＩ 研究所")))
    held = Grant.objects.get(department=taken).holder_id_number
    same = make.id_number()
    good = row("好所")
    rows = [
        good,
        ["所", "周", "1690000000", same[:17]],
        row("ai研究所"),
        row("甲所", number=number),
        row("乙所", number=elsewhere.id_number),
        row("丙所", number=held),
        row("丁所", number=same),
        row("丁 所", number=same),
        ["", "", "", same],
    ]

    preview = uploaded(client, rows)
    page = client.get(preview)

    assert errors_of(page) == {
        3: {
            "name": "至少 2 字，现在只有 1 字，请补充",
            "holder_name": "至少 2 个字，现在是 1 个字，请填写完整姓名",
            "holder_mobile": "应为 11 位数字，现在是 10 位",
            "holder_id_number": "居民身份证号码应为 18 位，现在是 17 位",
        },
        4: {"name": "本单位已有名为“ai研究所”的二级单位，请换一个名称，或删除这一行"},
        5: {"holder_id_number": f"此人已是法人单位授权人，不能同时担任二级单位管理人员，{OTHER}由法人单位更改授权人"},
        6: {
            "holder_id_number": (
                "此人已是某个单位的法人单位授权人或二级单位管理人员，一人只能担任一项，请换一人，或先结束其现有的授权"
            )
        },
        7: {"holder_id_number": f"此人已是{AI}的管理人员，一人只能管理一个二级单位，{OTHER}为{AI}更换管理人员"},
        9: {
            "name": "与第 8 行的名称相同，请改名，或删除其中一行",
            "holder_id_number": "与第 8 行是同一个人，一人只能管理一个二级单位，请换一人",
        },
        10: {
            "name": "请填写",
            "holder_name": "请填写",
            "holder_mobile": "请填写",
            "holder_id_number": "与第 8 行是同一个人，一人只能管理一个二级单位，请换一人",
        },
    }
    said = text(page)
    assert "有 7 行需要修改" in said
    assert said.index("ai研究所") < said.index("好所")
    assert "确认导入" not in said
    assert "重新上传" in said
    forced = client.post(preview)
    assert forced.status_code == 409
    assert "没有导入：有 7 行需要修改" in text(forced)
    assert [department.name for department in Department.objects.filter(unit=unit)] == ["ＡＩ 研究所"]


def test_what_excel_made_of_a_number_stands_at_its_cell(client, unit, owner):
    number = make.id_number()
    line = Line(
        2,
        dict(zip(HEADINGS, ["一所", "周样", "16900000005", ""], strict=True)),
        {HEADINGS[3]: "Excel 把这个号码当作数字"},
    )
    kept = keep_import(actor=owner, unit=unit, file_name="a.xlsx", text=as_text([line]), row_count=1)

    page = client.get(kept.get_absolute_url())

    assert errors_of(page) == {2: {"holder_id_number": "Excel 把这个号码当作数字"}}
    assert number not in page.content.decode()


@pytest.mark.parametrize("typed", ["\x01所", "所\n部", "字" * 61, "<b>所</b>" * 9])
def test_odd_texts_are_errors_of_their_cell_and_never_markup(client, typed):
    page = client.get(uploaded(client, [row(typed)]))

    assert page.status_code == 200
    assert list(errors_of(page)) == [2]
    assert "<b>所" not in page.content.decode()


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (None, "请选择文件"),
        ("", "请选择文件"),
        (SimpleUploadedFile("空.xlsx", b""), "文件是空的（0 字节）"),
        (SimpleUploadedFile("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99), "这是旧格式的文件（.xls）"),
        (SimpleUploadedFile("a.xlsx", b"%PDF-1.7"), "这不是 Excel 工作簿（.xlsx）"),
        (SimpleUploadedFile("a.xlsx", b"PK\x03\x04" + b"0" * 6_000_000), "最多 5 MB"),
        (workbook([], headings=["名称"]), "第 1 行的列名应依次为“二级单位（部门）名称”“管理人员姓名”"),
        (workbook([["所"]] * 2001), "最多导入 2,000 行"),
    ],
    ids=["nothing", "text", "empty", "xls", "pdf", "big", "columns", "rows"],
)
def test_a_file_that_cannot_be_taken_is_answered_with_a_sentence(client, file, sentence):
    answer = client.post(UPLOAD, {} if file is None else {"file": file})

    assert answer.status_code == 200
    assert sentence in text(answer)
    assert 'href="#id_file"' in answer.content.decode()
    assert DepartmentImport.objects.count() == 0
