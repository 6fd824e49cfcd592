"""The whole HTML page of each paper, ready for `zhgg.kit.pdf.making`.

A page depends on nothing but what the 申报书, its submission and its state say: the same facts give the same text, so
that its digest tells whether a file that was made before still stands.
"""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from projects.attachments import by_kind
from projects.completeness.check import stored_tabs
from projects.enums import Paper, State, Tab
from projects.fingerprint import code_of, shown_code
from projects.pdf.blocks import blocks_of, record_block
from projects.pdf.figures import bar_code, qr_code
from projects.pdf.stamps import stamp_of
from projects.sections.registry import forms_of
from projects.snapshot import FRAME, frame
from zhgg.kit.uploads.labels import clean_label

NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Page:
    """A paper as HTML, and the name of its file."""

    html: str
    label: str

    @property
    def fingerprint(self):
        """Changes with anything that is printed, and with nothing else."""
        return hashlib.sha256(self.html.encode()).hexdigest()


@dataclass(frozen=True)
class Chapter:
    """A tab on paper: its number (一), its title, the id that the contents point to, and its Blocks."""

    numeral: str
    title: str
    anchor: str
    blocks: list
    files: list | None = None


def page_of(proposal, paper, number=0):
    """The Page of one paper of the 申报书, as things stand. `number` says which submission, for Paper.SUBMISSION.

    Raises Submission.DoesNotExist where there is no such submission.
    """
    if paper == Paper.SUBMISSION:
        return _submitted(proposal, proposal.submissions.select_related("unit", "department").get(number=number))
    if paper == Paper.DRAFT:
        return _draft(proposal)
    return _sheet(proposal, Paper(paper))


def address_of(submission):
    """Where a printed submission is verified, as a whole address."""
    path = reverse("verify", args=[submission.proposal.number, code_of(submission.digest)])
    return f"{settings.SITE_URL}{path}"


def _submitted(proposal, submission):
    data = submission.data
    words = {
        "unit": submission.unit.name,
        "department": submission.department.name if submission.department else "",
        "submission": submission,
        "version": f"第 {submission.number} 次提交",
        "code": shown_code(submission.digest),
        "address": address_of(submission),
    }
    html = _render("proposal", proposal, data, stamp_of(proposal, submission.number), words)
    return Page(html, _file_name(proposal, f"申报书_第{submission.number}次提交"))


def _draft(proposal):
    data = stored_tabs(proposal) | {FRAME: _frame_now(proposal)}
    if Tab.ATTACHMENTS in proposal.call.tabs:
        data[Tab.ATTACHMENTS] = proposal.attachments.in_draft()
    words = {**_place_now(proposal), "version": "草稿"}
    return Page(_render("proposal", proposal, data, stamp_of(proposal, 0), words), _file_name(proposal, "申报书_草稿"))


def _sheet(proposal, paper):
    words = {
        **_place_now(proposal),
        "version": paper.label,
        "address": f"{settings.SITE_URL}{proposal.get_absolute_url()}",
    }
    data = {FRAME: _frame_now(proposal)}
    return Page(_render(paper.value, proposal, data, "", words), _file_name(proposal, paper.label))


def _file_name(proposal, words):
    return clean_label(f"{proposal.number}_{words}.pdf".replace("/", "-"))


def _place_now(proposal):
    return {"unit": proposal.unit.name, "department": proposal.department.name if proposal.department else ""}


def _frame_now(proposal):
    """What a submission would freeze now; nothing where the PI has no unit."""
    return frame(proposal) if proposal.pi.unit else {}


def _render(template, proposal, data, stamp, words):
    pi = data.get(FRAME, {}).get("pi", {})
    address = words.get("address")
    context = {
        "proposal": proposal,
        "call": proposal.call,
        "title": data.get(Tab.BASICS, {}).get("title") or proposal.title,
        "basics": data.get(Tab.BASICS, {}),
        "pi": pi.get("name") or proposal.pi.name,
        "accepted_number": proposal.accepted_number if proposal.state == State.ACCEPTED else "",
        "stamp": stamp,
        "demo": settings.ALLOW_SYNTHETIC_IDS,
        "chapters": _chapters(proposal, data) if template == "proposal" else [],
        "bar_code": bar_code(proposal.number),
        "qr_code": qr_code(address) if address else "",
        **words,
    }
    context["last_numeral"] = NUMERALS[len(context["chapters"])]
    return render_to_string(f"projects/pdf/{template}.html", context)


def _chapters(proposal, data):
    chapters = []
    for tab, form_class in forms_of(proposal.call).items():
        blocks = blocks_of(form_class, data.get(tab, {}), call=proposal.call)
        before = [record_block(*which, data[FRAME][which[1]]) for which in _records(tab) if data.get(FRAME)]
        chapters.append(_chapter(len(chapters), tab, [*before, *blocks]))
    if Tab.ATTACHMENTS in proposal.call.tabs:
        chapters.append(_chapter(len(chapters), Tab.ATTACHMENTS, [], by_kind(data.get(Tab.ATTACHMENTS, []))))
    return chapters


def _records(tab):
    """(title, key of the frame): whose frozen facts open the chapter of a tab."""
    return {Tab.PARTNERS: [("申报单位", "unit")], Tab.TEAM: [("负责人基本情况", "pi")]}.get(tab, [])


def _chapter(place, tab, blocks, files=None):
    return Chapter(NUMERALS[place], Tab(tab).label, f"tab-{Tab(tab).value}", blocks, files)
