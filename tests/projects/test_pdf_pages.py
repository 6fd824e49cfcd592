"""What is printed of an 申报书: all of it, masked, escaped, and with what it is worth across every page."""

import json
import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from projects.enums import Paper, State, Tab
from projects.fingerprint import digest_of, shown_code
from projects.models import Proposal, Submission
from projects.pdf.pages import page_of
from projects.services.decisions import perform
from projects.snapshot import FRAME, frame
from projects.workflow import ACTIONS
from tests import factories as make
from tests.full_proposal import FULL, make_full_proposal
from tests.projects.pages import text_of
from zhgg.kit.pdf.making import pdf_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make.make_unit(departments=["机器人研究所"])


@pytest.fixture
def pi(unit):
    return make.make_person(unit=unit, department=unit.made_departments[0])


@pytest.fixture
def submitted(pi):
    proposal = make_full_proposal(pi)
    perform(action=ACTIONS["submit"], proposal_id=proposal.pk, actor=make.actor_of(pi.user), seen_step=0)
    return fresh(proposal)


def fresh(proposal):
    return Proposal.objects.for_page().get(pk=proposal.pk)


def words(page):
    """The words of the HTML, without style sheet and pictures."""

    class Answer:
        content = page.html.encode()

    return text_of(Answer)


def test_everything_that_was_submitted_is_printed(submitted):
    text = words(page_of(submitted, Paper.SUBMISSION, 1))

    missing = [value for value in texts_of(FULL) if value not in text]
    assert missing == []
    for heading in (
        "项目基本信息",
        "申报与合作单位",
        "负责人与成员",
        "研究内容",
        "考核指标",
        "进度安排",
        "经费预算",
        "承诺与签章",
    ):
        assert heading in text


CODES = re.compile(r"[A-Za-z0-9_.]+")


def texts_of(data):
    """Every stored text but codes and numbers, which print as words or masked."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, (list, tuple)):
        return [text for each in data for text in texts_of(each)]
    if not isinstance(data, str) or CODES.fullmatch(data) or data == make.BASICS["contact_mobile"]:
        return []
    return [" ".join(line.split()) for line in data.splitlines()]


def test_numbers_of_people_and_accounts_are_masked(submitted, pi):
    html = page_of(submitted, Paper.SUBMISSION, 1).html
    member = FULL[Tab.TEAM]["members"][0]["id_number"]

    for full in (pi.id_number, member, pi.mobile, "16900000011", submitted.unit.bank_account):
        assert full not in html
    assert f"{member[:6]}********{member[-4:]}" in html
    assert "169****0011" in html


def test_text_that_looks_like_html_stays_text(pi):
    nasty = '<img src="http://127.0.0.1:9/x"><script>alert(1)</script></style>{{ 7 }}'
    proposal = make_full_proposal(
        pi,
        title=nasty[:60],
        changes={Tab.BASICS: {"title": nasty[:60], "abstract": nasty}, Tab.RESEARCH: {"content": nasty}},
    )

    html = page_of(fresh(proposal), Paper.DRAFT).html

    assert "<img" not in html
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/style&gt;{{ 7 }}" in html


STAMPS = {
    State.DEPARTMENT: "审核中",
    State.UNIT: "审核中",
    State.BUREAU: "审核中",
    State.ACCEPTED: "正式版",
    State.DECLINED: "不予受理",
}


@pytest.mark.parametrize(("state", "stamp"), STAMPS.items())
def test_each_state_has_its_watermark(pi, state, stamp, settings):
    settings.ALLOW_SYNTHETIC_IDS = False
    proposal = make.make_proposal(pi, state=state)

    assert watermark(page_of(fresh(proposal), Paper.SUBMISSION, 1)) == stamp


@pytest.mark.parametrize(("returned_from", "stamp"), [(State.UNIT, "已退回·待修改"), ("", "已撤回")])
def test_what_came_back_says_so(pi, returned_from, stamp, settings):
    settings.ALLOW_SYNTHETIC_IDS = False
    proposal = make.make_proposal(pi, submissions=1, returned_from=returned_from)

    assert watermark(page_of(fresh(proposal), Paper.SUBMISSION, 1)) == stamp
    assert watermark(page_of(fresh(proposal), Paper.DRAFT)) == "草稿·不作申报依据"


def test_an_older_submission_says_that_there_is_a_newer_one(pi, settings):
    settings.ALLOW_SYNTHETIC_IDS = False
    proposal = make.make_proposal(pi, state=State.UNIT, submission_count=2)

    assert watermark(page_of(fresh(proposal), Paper.SUBMISSION, 1)) == "已有更新的提交"


def test_a_demonstration_says_so_on_every_paper(pi, settings):
    settings.ALLOW_SYNTHETIC_IDS = True
    proposal = fresh(make.make_proposal(pi, state=State.UNIT))

    assert watermark(page_of(proposal, Paper.SUBMISSION, 1)) == "演示·审核中"
    assert watermark(page_of(proposal, Paper.PROMISE)) == "演示"


def watermark(page):
    return "".join(
        re.search(r'<div class="watermark">(.*?)</div>', page.html, re.S)[1]
        .replace("<p>", "")
        .replace("</p>", "")
        .split()
    )


def test_the_same_facts_give_the_same_page(submitted):
    assert page_of(submitted, Paper.SUBMISSION, 1) == page_of(fresh(submitted), Paper.SUBMISSION, 1)


@pytest.mark.parametrize("paper", [Paper.PROMISE, Paper.OPINION])
def test_papers_to_sign_name_project_unit_and_number(submitted, paper):
    text = words(page_of(submitted, paper))

    for said in (submitted.title, submitted.number, submitted.unit.name, submitted.pi.name, "年 月 日"):
        assert said in text


def test_a_number_that_is_no_ascii_prints_without_a_bar_code(pi):
    proposal = make.make_proposal(pi, state=State.UNIT)
    Proposal.objects.filter(pk=proposal.pk).update(number="渝科/2026-1")

    page = page_of(fresh(proposal), Paper.SUBMISSION, 1)

    assert page.label == "渝科-2026-1_申报书_第1次提交.pdf"
    assert "渝科/2026-1" in words(page)
    assert "<svg" in page.html


def test_the_pdf_has_pages_with_numbers_heads_and_watermark(submitted):
    reader = PdfReader(BytesIO(pdf_of(page_of(submitted, Paper.SUBMISSION, 1).html)))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    code = shown_code(submitted.submissions.get().digest)

    assert len(pages) > 4
    for number, text in enumerate(pages, start=1):
        assert f"第 {number} 页，共 {len(pages)} 页" in text
        assert "审核中" in text.replace(" ", "")
    for text in pages[1:]:
        assert f"{submitted.number} · 第 1 次提交" in text
        assert f"校验码 {code}" in text
    assert submitted.title in pages[0]
    assert FULL[Tab.RESEARCH]["innovation"][:20] in "".join(pages).replace(" ", "")
    assert reader.metadata.title == submitted.title


def test_heads_of_a_long_table_are_repeated(pi):
    members = [{**FULL[Tab.TEAM]["members"][0], "key": str(key), "duty": "负责" * 50} for key in range(1, 31)]
    proposal = make_full_proposal(pi, changes={Tab.TEAM: {"members": members}})

    reader = PdfReader(BytesIO(pdf_of(page_of(fresh(proposal), Paper.DRAFT).html)))

    assert sum("工作单位" in page.extract_text().replace("\n", "") for page in reader.pages) >= 3


# The 校验码 ---------------------------------------------------------------------------------------------------


def contents():
    return {**FULL, FRAME: {"pi": {"name": "甲"}, "unit": {}}, Tab.ATTACHMENTS: [{"id": 1, "sha256": "ab"}]}


def test_the_code_does_not_depend_on_the_order_of_keys_or_the_way_through_the_database(submitted):
    data = json.loads(json.dumps(contents()))
    turned = dict(reversed(list(data.items())))

    assert digest_of(data) == digest_of(turned) == digest_of(contents())
    stored = Submission.objects.get(proposal=submitted)
    assert stored.digest == digest_of(stored.data)
    assert len(stored.digest) == 64


def changes_of(data, path=()):
    """Every leaf of the content, as the path to it."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from changes_of(value, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from changes_of(value, (*path, place))
    else:
        yield path


def test_the_code_changes_with_every_single_value():
    original = json.loads(json.dumps(contents()))
    paths = list(changes_of(original))
    digests = {digest_of(original)}

    for path in paths:
        changed = json.loads(json.dumps(original))
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = f"{place[path[-1]]} "
        digests.add(digest_of(changed))

    assert len(digests) == len(paths) + 1


def test_the_code_cannot_be_worked_out_without_the_key(settings):
    before = digest_of(contents())
    settings.DIGEST_KEY = "A" * 44

    assert digest_of(contents()) != before


def test_submitting_the_same_again_has_the_same_code(pi):
    proposal = make.make_proposal(pi, state=State.UNIT)
    first = proposal.submissions.get()
    again = Submission(proposal=proposal, number=2, unit=proposal.unit, submitted_at=first.submitted_at)
    again.data = first.data

    assert again.digest == first.digest


def test_a_frozen_digest_cannot_be_changed(submitted):
    assert frame(submitted)["pi"]["name"] == submitted.pi.name
    with pytest.raises(Exception, match="submission"):
        Submission.objects.filter(proposal=submitted).update(digest="0" * 64)
