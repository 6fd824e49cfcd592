"""The completeness check (申报书校验): every gap that keeps an 申报书 from being submitted, with its link."""

from collections import Counter

from projects.completeness import across, files, limits, people, tabs
from projects.contents import sections_of
from projects.enums import Tab
from projects.sections.registry import forms_of


def stored_tabs(proposal, sections=None):
    """`{tab: stored data}` of the tabs that the call asks for, as they were last saved; {} for one never saved.

    `sections` are those of the 申报书, where they have been read already.
    """
    sections = sections_of(proposal).values() if sections is None else sections
    saved = {section.tab: section.data for section in sections}
    return {tab: saved.get(tab, {}) for tab in forms_of(proposal.call)}


def gaps(proposal, data=None):
    """All gaps of the draft as it was last saved, in the order of the tabs; an empty list means it may be submitted."""
    data = stored_tabs(proposal) if data is None else data
    each = [*tabs.errors(proposal, data), *across.errors(proposal, data), *files.errors(proposal, data)]
    return [*people.errors(proposal), *each, *limits.errors(proposal, data)]


def numbers_by_tab(proposal, data):
    """`{label of a tab: number of its gaps}`, without those that need a look at other 申报书."""
    counts = Counter({Tab(tab).label: number for tab, number in tabs.numbers(proposal, data).items()})
    counts.update(gap.place for gap in (*across.errors(proposal, data), *files.errors(proposal, data)))
    return counts


def warnings(proposal, data=None):
    """What the PI should look at again before 【提交】, in the same order."""
    data = stored_tabs(proposal) if data is None else data
    return [*people.warnings(proposal), *across.warnings(proposal, data), *limits.warnings(proposal, data)]
