"""The kinds of 附件: which an 申报书 needs and why (T8, E12, E23), which it may have, and what each may be."""

from dataclasses import dataclass
from functools import lru_cache

from orgs import codes
from projects.enums import Tab
from projects.money import OTHER_FISCAL, added_up
from projects.sections.basics import ETHICS, NO_ETHICS
from zhgg.kit.uploads.kinds import JPEG, MB, PDF, PNG

MOST_FILES = 30
MOST_BYTES = 200 * MB
"""How many files an 申报书 has at most, and how much they weigh together."""
PICTURE_BYTES = 10 * MB
"""The largest picture, whatever the kind allows for a PDF."""
_ENDINGS = {"pdf": PDF, "jpg": JPEG, "png": PNG}
ENTERPRISE = "企业"
"""The group of 单位性质 whose units show what they live on."""


@dataclass(frozen=True)
class Kind:
    """One line of the code table attachment_type: `limits` is {FileKind: bytes}, `most` how many files of it."""

    code: str
    name: str
    limits: dict
    most: int

    @property
    def accept(self):
        """The endings of its files, as <input type="file"> takes them."""
        return ",".join(extension for kind in self.limits for extension in kind.extensions)


@dataclass(frozen=True)
class Slot:
    """A place of the tab 附件. `why` says why something must be uploaded there; "" where nothing must."""

    kind: Kind
    why: str = ""


def kinds():
    """`{code: Kind}` in the order of the code table."""
    return _kinds(codes.table("attachment_type"))


@lru_cache(maxsize=2)
def _kinds(table):
    return {code: _kind(code, row) for code, row in table.rows.items()}


def _kind(code, row):
    limit = int(row["max_mb"]) * MB
    limits = {
        kind: limit if kind is PDF else min(limit, PICTURE_BYTES)
        for kind in (_ENDINGS[ending] for ending in row["ext"].split(","))
    }
    return Kind(code, row["name"], limits, int(row["most"]))


def required(proposal, data):
    """`{code: why}` of the kinds that this 申报书 must have: what the call always wants, and what its case asks for.

    `data` are its stored tabs. A call without the tab 附件 wants nothing.
    """
    if Tab.ATTACHMENTS not in proposal.call.tabs:
        return {}
    reasons = {code: case(proposal, data) for code, case in CASES.items()}
    reasons |= {code: reasons.get(code) or "本批次必备" for code in proposal.call.required_attachments}
    return {code: reasons[code] for code in kinds() if reasons.get(code)}


def slots(proposal, data, present=()):
    """The Slots of the tab, required ones first. Kinds that only a certain case needs are left out in every other case,
    unless a file of them is `present`."""
    needed = required(proposal, data)
    optional = [code for code in kinds() if code not in needed and (code not in CASES or code in present)]
    return [Slot(kinds()[code], needed.get(code, "")) for code in [*needed, *optional]]


@dataclass(frozen=True)
class Listed:
    """A file as readers of the 申报书 see it."""

    id: int
    label: str
    size: int


def by_kind(files):
    """`[(name of the kind, [Listed])]` of stored files, Attachments or what a submission says of them, kinds in the
    order of the code table."""
    order = {code: number for number, code in enumerate(kinds())}
    groups = {}
    for file in files:
        code, *facts = _facts(file)
        groups.setdefault(code, []).append(Listed(*facts))
    return [
        (kinds()[code].name if code in kinds() else code, groups[code])
        for code in sorted(groups, key=lambda code: order.get(code, len(order)))
    ]


def _facts(file):
    if isinstance(file, dict):
        return file["kind"], file["id"], file["label"], file["size"]
    return file.kind, file.pk, file.label, file.size


# Cases ----------------------------------------------------------------------------------------------------


def _partners(proposal, data):
    return "有合作单位，须上传合作协议" if data.get(Tab.PARTNERS, {}).get("partners") else ""


def _other_fiscal(proposal, data):
    sources = added_up(data.get(Tab.BUDGET, {})).sources
    return "有其他财政资金，须上传出资部门的承诺书" if sources[OTHER_FISCAL] > 0 else ""


def _own_money(proposal, data):
    return "有自筹经费，须上传自筹资金承诺或证明" if added_up(data.get(Tab.BUDGET, {})).own.income > 0 else ""


def _ethics(proposal, data):
    ticked = data.get(Tab.BASICS, {}).get("ethics") or []
    touched = [label for value, label in ETHICS if value != NO_ETHICS and value in ticked]
    return f"涉及{'、'.join(touched)}，须上传审查或批准材料" if touched else ""


def _audit(proposal, data):
    return "申报单位是企业，须上传财务审计报告或完税证明" if _is_enterprise(proposal) else ""


def _register(proposal, data):
    return "申报单位是企业，须上传科技型企业入库证明" if _is_enterprise(proposal) else ""


def _is_enterprise(proposal):
    unit = proposal.pi.unit
    row = codes.table("unit_nature").row(unit.nature) if unit else None
    return row is not None and row["group"] == ENTERPRISE


CASES = {
    "02": _partners,
    "03": _other_fiscal,
    "04": _own_money,
    "07": _ethics,
    "10": _audit,
    "11": _register,
}
"""Kinds that a certain case makes necessary, and the sentence that says so."""
