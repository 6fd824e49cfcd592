"""What one version of an 申报书 says, tab by tab, and what changed from one to the next (B3).

A version is a frozen submission, or the draft as last saved. What was true of PI and unit stands with the tabs that it
belongs to.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from projects import contents
from projects.attachments import by_kind
from projects.enums import State, Tab
from projects.models import data_to_show
from projects.sections.grids import Grid, budget_grids, rows_grid
from projects.sections.passages import passages
from projects.sections.reading import Change, Part, differences, readable
from projects.sections.registry import forms_of
from projects.snapshot import FRAME, KINDS, LABELS, frame
from zhgg.kit.crypto import Undecipherable
from zhgg.kit.fields import to_show
from zhgg.kit.masking import UNREADABLE
from zhgg.kit.ui import MASKS, Fact, Masked

DRAFT = 0
"""Stands for the number of the draft."""
FRAMED = (("unit", "申报单位", Tab.PARTNERS), ("pi", "项目负责人", Tab.TEAM))
"""(part of the frame, its heading, the tab with which it stands; without that tab, with the first one)."""


def version_label(number):
    """第 2 次提交, or what the draft is called."""
    return f"第 {number} 次提交" if number else "最近一次保存的内容"


@dataclass(frozen=True)
class Version:
    """The content of one version: `data` maps tabs (and FRAME) to what is stored. `number` is DRAFT for the draft.

    `files` are the 附件, Attachments or what a submission says of them. `unreadable` are the tabs whose content cannot
    be decrypted: they say so, and nothing is compared with them.
    """

    proposal: Any
    number: int
    data: dict
    files: list
    submitted_at: datetime | None = None
    unreadable: frozenset = frozenset()

    @property
    def label(self):
        """第 2 次提交, or what the draft is called."""
        return version_label(self.number)

    @property
    def forms(self):
        """`{tab: form class}` of its tabs."""
        return forms_of(self.proposal.call)

    @property
    def tabs(self):
        """All its tabs in order."""
        return [*self.forms, *([Tab.ATTACHMENTS] if Tab.ATTACHMENTS in self.proposal.call.tabs else [])]

    def parts(self, tab):
        """Parts and Grids of a tab, in order; [] for 附件, which are `files`."""
        if tab in self.unreadable:
            return [Part("填报内容", [Fact("本页内容", UNREADABLE, full=True)])]
        if tab not in self.forms:
            return []
        call, stored = self.proposal.call, self.data.get(tab, {})
        form_class = self.forms[tab]
        read = readable(form_class, stored, call=call, owner=self.proposal)
        specs = {spec.title: spec for spec in form_class.tables}
        parts = [part if part.rows is None else rows_grid(specs[part.title], part) for part in read]
        if tab == Tab.BUDGET:
            parts = [*budget_grids(stored, call=call), *_without_amounts(parts)]
        # On a tab of the project the project comes first.
        return [*parts, *self._framed(tab)] if tab == Tab.BASICS else [*self._framed(tab), *parts]

    def _framed(self, tab):
        return [
            Part(
                title, [self._fact(name, label, facts[name]) for name, label in LABELS[whose].items() if name in facts]
            )
            for whose, title, facts in self._frames(tab)
        ]

    def _frames(self, tab):
        forms, first = self.forms, next(iter(self.forms))
        framed = self.data.get(FRAME) or {}
        for whose, title, at in FRAMED:
            if whose in framed and tab == (at if at in forms else first):
                yield whose, title, framed[whose]

    def _fact(self, name, label, value):
        if value and name in KINDS:
            kind, style = KINDS[name]
            return Fact(label, Masked(kind, self.proposal.pk, value, style=style))
        return Fact(label, value)


def _without_amounts(parts):
    """What of the 经费预算 is no amount: those stand in its tables."""
    rest = []
    for part in parts:
        if isinstance(part, Grid):
            rest.append(part)
        elif words := [fact for fact in part.facts if fact.full]:
            rest.append(Part("支出说明", words))
    return rest


def draft_of(proposal):
    """The draft as last saved, with PI and unit as they are now.

    After a change of 工作单位 the record of the PI is the new unit's: who still sees the draft here
    is not shown it.
    """
    sections = {tab: data_to_show(section) for tab, section in contents.sections_of(proposal).items()}
    data = {tab: found for tab, found in sections.items() if found is not None}
    here = proposal.pi.unit_id == proposal.unit_id
    files = contents.files_of(proposal) if Tab.ATTACHMENTS in proposal.call.tabs else []
    data[FRAME] = frame(proposal, to_show) if here else {}
    return Version(proposal, DRAFT, data, files, unreadable=frozenset(sections.keys() - data.keys()))


def submissions_of(proposal, *numbers):
    """`{number: Version}` of these submissions, those that do not exist left out. One query at most."""
    found = {}
    for row in contents.submissions_of(proposal, *numbers):
        data = data_to_show(row)
        unreadable = frozenset(proposal.call.tabs) if data is None else frozenset()
        data = data or {}
        found[row.number] = Version(
            proposal, row.number, data, data.get(Tab.ATTACHMENTS, []), row.submitted_at, unreadable
        )
    return found


def present_and_last(proposal):
    """`(what is to be read now, what it is compared with or None)`: the last submission and the one before it; for a
    未提交 the draft and the last submission."""
    count = proposal.submission_count
    if proposal.state == State.DRAFT:
        return draft_of(proposal), submissions_of(proposal, count).get(count)
    found = submissions_of(proposal, count, count - 1)
    return found[count], found.get(count - 1)


def changes(before, after):
    """`{tab: [Change]}` from one Version to another, for the tabs that differ, in their order. Raises Undecipherable
    where one of them cannot be read."""
    if before.unreadable or after.unreadable:
        raise Undecipherable("one of two versions to be compared")
    found = {}
    for tab, form_class in after.forms.items():
        old, new = before.data.get(tab, {}), after.data.get(tab, {})
        rows = _changed_frame(before, after, tab)
        if old != new:
            rows += differences(form_class, old, new, call=after.proposal.call)
        if rows:
            found[tab] = rows
    if Tab.ATTACHMENTS in after.tabs and (rows := _changed_files(before, after)):
        found[Tab.ATTACHMENTS] = rows
    return found


def _changed_files(before, after):
    """A file is known by its number: another one of the same name is another file."""
    old, new = (
        {file.id: (kind, file.label) for kind, files in by_kind(each.files) for file in files}
        for each in (before, after)
    )
    gone = [Change(*old[pk], "") for pk in old if pk not in new]
    return [*gone, *(Change(new[pk][0], "", new[pk][1]) for pk in new if pk not in old)]


def _changed_frame(before, after, tab):
    rows = []
    earlier = {whose: facts for whose, _, facts in before._frames(tab)}
    for whose, title, facts in after._frames(tab):
        old = earlier.get(whose)
        for name, label in LABELS[whose].items() if old else ():
            was, now = old.get(name) or "", facts.get(name) or ""
            if was != now:
                rows.append(_change(f"{title} {label}", name, was, now))
    return rows


def _change(label, name, was, now):
    if name in KINDS:
        mask = MASKS[KINDS[name][1]][1]
        was, now = (mask(value) if value else "" for value in (was, now))
        now = f"{now}（已更换）" if was == now else now
    return Change(label, was, now)


@dataclass(frozen=True)
class Pair:
    """A Change as it is drawn: Passages before and after, [] where there was or is nothing."""

    label: str
    old: list
    new: list


def pairs(rows):
    """The Pairs of Changes."""
    return [Pair(row.label, *map(_told, passages(row.before, row.after))) for row in rows]


def _told(found):
    return [passage for passage in found if passage.text]


def moment_of(version):
    """第 2 次提交（2026-11-22 10:13）"""
    if version.submitted_at is None:
        return version.label
    return f"{version.label}（{timezone.localtime(version.submitted_at):%Y-%m-%d %H:%M}）"
