"""What stands grey beside the fields of a tab: the PI's record, the unit's, and what follows from other tabs.

Numbers are masked for good here: to show one in full would reload the page and lose what was typed.
"""

from typing import NamedTuple

from projects.enums import Tab
from projects.money import ZERO, added_up, amount
from projects.snapshot import LABELS, frame
from zhgg.kit.fields import to_show
from zhgg.kit.masking import mask_bank, mask_id, mask_phone
from zhgg.kit.ui import Fact

MASKED = {"id_number": mask_id, "mobile": mask_phone, "contact_mobile": mask_phone, "bank_account": mask_bank}


class Beside(NamedTuple):
    """A titled group of facts, and the sentence that says where they come from."""

    title: str
    source: str
    facts: list


def facts_beside(proposal, tab, data):
    """`[Beside]` for a tab; `data` is what is stored in all of them."""
    if tab == Tab.TEAM:
        return [Beside("负责人", "取自您的个人信息，需要修改时请到个人信息中维护", _record(proposal, "pi"))]
    if tab == Tab.PARTNERS and proposal.pi.unit:
        source = "取自单位信息，需要修改时请联系单位维护"
        return [Beside("申报单位", source, _record(proposal, "unit")), *_shares(proposal, data)]
    return []


def _record(proposal, whose):
    if proposal.pi.unit is None:
        return []
    facts = frame(proposal, to_show)[whose]
    return [
        Fact(label, MASKED.get(name, str)(facts[name]) if facts[name] else "")
        for name, label in LABELS[whose].items()
        if name != "department" or facts[name]
    ]


def _shares(proposal, data):
    """What is left for the 申报单位 of the money, once the 合作单位 have theirs."""
    if Tab.BUDGET not in data:
        return []
    budget, partners = added_up(data[Tab.BUDGET]), data[Tab.PARTNERS].get("partners") or []
    facts = []
    for column, words, whole in (("fiscal", "财政经费", budget.fiscal.income), ("own", "自筹经费", budget.own.income)):
        shared = sum((amount(partner.get(column)) for partner in partners), ZERO)
        facts += [
            Fact(f"{words}合计", f"{whole:,} 万元"),
            Fact(f"其中合作单位{words}", f"{shared:,} 万元"),
            Fact(f"其中申报单位{words}", f"{whole - shared:,} 万元"),
        ]
    return [Beside("经费分配", "由已保存的经费预算和合作单位算出", facts)]
