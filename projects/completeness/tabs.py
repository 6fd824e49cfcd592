"""Each tab by itself: required fields, lengths, kinds, and what its own fields say together."""

import hashlib
import json

from django.core.cache import cache
from django.utils import timezone

from projects.completeness.gap import in_tab
from projects.enums import Tab
from projects.sections.base import bound
from projects.sections.registry import forms_of

REMEMBERED_SECONDS = 300


def errors(proposal, data):
    """The mistakes of the strict form of every tab that the call asks for."""
    for tab, form_class in forms_of(proposal.call).items():
        for target, label, message in _mistakes(form_class, proposal.call, data.get(tab, {})):
            yield in_tab(proposal, tab, target, label or Tab(tab).label, message)


def numbers(proposal, data):
    """`{tab: number of mistakes}`, as `errors` finds them, for the steps beside a form.

    To check seven forms is a quarter of the work of a page that shows one of them, so the number is remembered, by what
    the tab says, the version of the call and the day. A code table that changes is noticed some minutes later; the
    check before 【提交】 remembers nothing.
    """
    return {
        tab: cache.get_or_set(
            _key(tab, proposal.call, data.get(tab, {})),
            lambda form_class=form_class, tab=tab: len(_mistakes(form_class, proposal.call, data.get(tab, {}))),
            REMEMBERED_SECONDS,
        )
        for tab, form_class in forms_of(proposal.call).items()
    }


def _mistakes(form_class, call, data):
    form = bound(form_class, data, call=call)
    return [] if form.is_valid() else form.error_list


def _key(tab, call, data):
    what = json.dumps([tab, call.pk, call.version, str(timezone.localdate()), data])
    return f"mistakes:{hashlib.blake2b(what.encode(), digest_size=16).hexdigest()}"
