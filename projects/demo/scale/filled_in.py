"""What the many 申报书 say: short, but with everything that lists and pages show. A function of a serial number."""

from projects.demo.contents import NOTE
from projects.demo.scale.invented import Invented
from projects.demo.stories import THEMES
from projects.enums import Tab

FIRST_MEMBER, MEMBERS = 2_050_000, 900_000
"""Serials of the members of teams: nobody who has an account."""
_PLACES = ("山地城市", "三峡库区", "成渝地区", "产业园区", "西部山区", "城市轨道", "老旧社区", "长江上游", "江河航道")
_AIMS = ("关键技术研究", "系统研发与示范", "装备研制", "方法与标准研究", "机理与应用基础研究", "集成应用")
_THEMES = tuple(THEMES.items())


def tabs(serial, call, pi, unit_name):
    """`{tab: data}` of the 申报书 with this serial number, whose PI is a Person, in the order of the tabs."""
    theme, (tech_field, discipline, industry, research_type, keywords) = _THEMES[serial % len(_THEMES)]
    year = call.closes_at.year + 1
    basics = {
        "title": _title(serial, keywords),
        "direction": call.directions[serial % len(call.directions)],
        "category": call.categories[serial % len(call.categories)],
        "keywords": keywords,
        "tech_field": tech_field,
        "discipline": discipline,
        "industry": industry,
        "research_type": research_type,
        "starts_on": f"{year}-01",
        "ends_on": f"{year + 2}-12",
        "abstract": f"{NOTE}围绕{keywords[0]}、{keywords[1]}和{keywords[2]}开展研究，" * 3,
        "classified": "no",
        "ethics": ["ethics"] if theme == "life" else ["none"],
        "outcomes": ["paper", "patent"],
        "contact_name": pi.name,
        "contact_mobile": pi.mobile,
        "promise": True,
    }
    return {Tab.BASICS: basics, Tab.TEAM: _team(serial, unit_name, keywords), Tab.BUDGET: _budget(serial)}


def _title(serial, keywords):
    place, aim = _PLACES[serial // 7 % len(_PLACES)], _AIMS[serial // 63 % len(_AIMS)]
    return f"面向{place}的{keywords[serial % 3]}与{keywords[(serial + 1) % 3]}{aim}（样例 {serial}）"


def _team(serial, unit_name, keywords):
    member = Invented(FIRST_MEMBER + serial % MEMBERS)
    row = {
        "key": "1",
        "name": member.name,
        "id_type": "01",
        "id_number": member.id_number,
        "unit": unit_name,
        "education": "14",
        "degree": "",
        "title_level": "420",
        "major": "",
        "months": "6",
        "student": "no",
        "duty": f"负责{keywords[1]}部分的实现与试验",
    }
    return {"pi_months": "6", "achievements": NOTE, "avoid_experts": "无", "members": [row]}


def _budget(serial):
    fiscal = 10 + serial % 11
    return {
        "source_11": f"{fiscal}.00",
        "source_21": f"{fiscal}.00",
        "fiscal_1201": f"{fiscal - 4}.00",
        "fiscal_1301": "4.00",
        "own_1201": f"{fiscal}.00",
        "basis": f"{NOTE}按试验次数和单价测算。",
        "equipment": [],
    }
