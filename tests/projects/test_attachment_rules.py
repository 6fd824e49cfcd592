"""Which 附件 an 申报书 must have: each case by itself, the call's own list, and files that were lost."""

import pytest
from django.urls import reverse

from projects.attachments import CASES, kinds, required, slots
from projects.completeness.check import gaps, stored_tabs
from projects.enums import Tab
from projects.models import Proposal
from tests import factories as make
from tests.attached import make_attachment
from tests.full_proposal import make_full_call, make_full_proposal
from zhgg.kit.uploads.kinds import JPEG, MB, PDF, PNG
from zhgg.kit.uploads.storage import path_of

pytestmark = pytest.mark.django_db

# No partner, no money of others, nothing ethical: nothing is asked for.
PLAIN = {
    Tab.PARTNERS: {"partners": []},
    Tab.BUDGET: {"source_12": "", "source_21": "", "source_22": "", "source_29": ""},
}
PARTNER = {"key": "1", "name": "四川样例大学（虚构）"}


@pytest.fixture
def call():
    return make_full_call(tabs=list(Tab.values))


@pytest.fixture
def pi():
    return make.make_person(unit=make.make_unit(nature="20"))


def proposal_with(pi, call, changes=None):
    """An 申报书 of the plain case, with `changes`."""
    together = {tab: {**PLAIN.get(tab, {}), **(changes or {}).get(tab, {})} for tab in {*PLAIN, *(changes or {})}}
    made = make_full_proposal(pi, call, changes=together)
    return Proposal.objects.for_page().get(pk=made.pk)


def needed(proposal):
    return required(proposal, stored_tabs(proposal))


def file_gaps(proposal):
    return [(gap.label, gap.message, gap.url) for gap in gaps(proposal) if gap.place == "附件"]


def test_a_plain_case_needs_nothing(pi, call):
    proposal = proposal_with(pi, call)

    assert needed(proposal) == {}
    assert file_gaps(proposal) == []


RULES = {
    "partners": ({Tab.PARTNERS: {"partners": [PARTNER]}}, "02", "有合作单位，须上传合作协议"),
    "other fiscal money": (
        {Tab.BUDGET: {"source_12": "0.01"}},
        "03",
        "有其他财政资金，须上传出资部门的承诺书",
    ),
    "own money": ({Tab.BUDGET: {"source_21": "0.01"}}, "04", "有自筹经费，须上传自筹资金承诺或证明"),
    "a bank's money": ({Tab.BUDGET: {"source_22": "5"}}, "04", "有自筹经费，须上传自筹资金承诺或证明"),
    "medical ethics": ({Tab.BASICS: {"ethics": ["ethics"]}}, "07", "涉及医学伦理，须上传审查或批准材料"),
    "animals and genes": (
        {Tab.BASICS: {"ethics": ["animals", "genetic"]}},
        "07",
        "涉及实验动物、人类遗传资源，须上传审查或批准材料",
    ),
}


@pytest.mark.parametrize("case", RULES)
def test_each_case_asks_for_its_own_file_until_it_is_there(pi, call, case):
    changes, code, why = RULES[case]
    proposal = proposal_with(pi, call, changes)

    link = f"{reverse('proposal-attachments', args=[proposal.pk])}#kind-{code}"
    assert needed(proposal) == {code: why}
    assert file_gaps(proposal) == [(kinds()[code].name, f"{why}，现在还没有上传", link)]
    make_attachment(proposal, code)
    assert file_gaps(proposal) == []


@pytest.mark.parametrize(
    ("nature", "enterprise"), [("10", True), ("14", True), ("20", False), ("31", False), ("", False)]
)
def test_only_an_enterprise_shows_what_it_lives_on(call, nature, enterprise):
    proposal = proposal_with(make.make_person(unit=make.make_unit(nature=nature)), call)

    wanted = {
        "10": "申报单位是企业，须上传财务审计报告或完税证明",
        "11": "申报单位是企业，须上传科技型企业入库证明",
    }
    assert needed(proposal) == (wanted if enterprise else {})


def test_the_call_has_a_list_of_its_own(pi, call):
    call.required_attachments = ["05", "01", "02", "zz"]
    call.save()
    proposal = proposal_with(pi, call, RULES["partners"][0])

    assert needed(proposal) == {"01": "本批次必备", "02": RULES["partners"][2], "05": "本批次必备"}


def test_a_call_without_the_tab_asks_for_nothing(pi, call):
    call.tabs, call.required_attachments = [tab for tab in Tab.values if tab != Tab.ATTACHMENTS], ["01"]
    call.save()
    proposal = proposal_with(pi, call, RULES["partners"][0])

    assert (needed(proposal), file_gaps(proposal)) == ({}, [])


def test_tabs_that_were_never_saved_ask_for_nothing(pi, call):
    proposal = Proposal.objects.for_page().get(pk=make.make_proposal(pi, call).pk)

    assert needed(proposal) == {}


def test_a_file_that_was_taken_out_of_the_draft_does_not_count(pi, call):
    proposal = proposal_with(pi, call, RULES["partners"][0])
    make_attachment(proposal, "02", in_draft=False, submissions=(1, 1))

    assert [label for label, _, _ in file_gaps(proposal)] == ["科研项目合作协议"]


@pytest.mark.parametrize("damage", ["lost", "cut"])
def test_a_file_that_the_server_cannot_read_any_more_is_a_gap(pi, call, damage):
    proposal = proposal_with(pi, call)
    path = path_of(make_attachment(proposal, "99", "说明.pdf").storage_name)
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1])

    [(label, message, _)] = file_gaps(proposal)

    assert (label, message) == ("其他", "服务器读不到“说明.pdf”，请删除后重新上传，或拨打技术支持电话")


def test_the_page_offers_required_kinds_first_and_no_kind_of_a_case_that_is_not_there(pi, call):
    call.required_attachments = ["05"]
    call.save()
    proposal = proposal_with(pi, call, RULES["own money"][0])

    offered = slots(proposal, stored_tabs(proposal), present={"03"})

    assert [(slot.kind.code, bool(slot.why)) for slot in offered] == [
        ("04", True),
        ("05", True),
        *[(code, False) for code in ("01", "03", "06", "08", "09", "20", "99")],
    ]


def test_kinds_are_those_of_the_code_table():
    assert set(CASES) < set(kinds())
    assert kinds()["01"].limits == {PDF: 10 * MB}
    assert kinds()["02"].limits == {PDF: 20 * MB}
    assert kinds()["99"].limits == {PDF: 20 * MB, JPEG: 10 * MB, PNG: 10 * MB}
    assert (kinds()["20"].most, kinds()["20"].limits) == (5, {PDF: 10 * MB, JPEG: 10 * MB, PNG: 10 * MB})
    assert kinds()["20"].accept == ".pdf,.jpg,.jpeg,.png"
