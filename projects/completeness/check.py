"""The completeness check (申报书校验): every gap that keeps an 申报书 from being submitted, with its link."""

from projects.completeness import across, files, limits, people, tabs
from projects.sections.registry import forms_of


def stored_tabs(proposal, sections=None):
    """`{tab: stored data}` of the tabs that the call asks for, as they were last saved; {} for one never saved.

    `sections` are those of the 申报书, where they have been read already.
    """
    sections = proposal.sections.all() if sections is None else sections
    saved = {section.tab: section.data for section in sections}
    return {tab: saved.get(tab, {}) for tab in forms_of(proposal.call)}


def gaps(proposal, data=None):
    """All gaps of the draft as it was last saved, in the order of the tabs; an empty list means it may be submitted."""
    data = stored_tabs(proposal) if data is None else data
    return [*people.errors(proposal), *tab_gaps(proposal, data), *limits.errors(proposal, data)]


def tab_gaps(proposal, data):
    """The gaps of the tabs, each by itself and with one another: those that need no look at other 申报书."""
    return [*tabs.errors(proposal, data), *across.errors(proposal, data), *files.errors(proposal, data)]


def warnings(proposal, data=None):
    """What the PI should look at again before 【提交】, in the same order."""
    data = stored_tabs(proposal) if data is None else data
    return [*people.warnings(proposal), *across.warnings(proposal, data), *limits.warnings(proposal, data)]
