"""Each tab by itself: required fields, lengths, kinds, and what its own fields say together."""

from projects.completeness.gap import in_tab
from projects.enums import Tab
from projects.sections.base import bound
from projects.sections.registry import forms_of


def errors(proposal, data):
    """The mistakes of the strict form of every tab that the call asks for."""
    for tab, form_class in forms_of(proposal.call).items():
        form = bound(form_class, data.get(tab, {}), call=proposal.call)
        if not form.is_valid():
            for target, label, message in form.error_list:
                yield in_tab(proposal, tab, target, label or Tab(tab).label, message)
