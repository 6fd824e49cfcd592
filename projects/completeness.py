"""The completeness check (申报书校验): every gap that keeps an 申报书 from being submitted, with its link."""

from dataclasses import dataclass

from django.urls import reverse

from projects.enums import Tab
from projects.sections import FORMS, bound


@dataclass(frozen=True)
class Gap:
    """One thing to mend: where (`place`, `label`), what (`message`), and the page that leads there ("" for what the PI
    cannot mend)."""

    place: str
    label: str
    message: str
    url: str


def gaps(proposal):
    """All gaps of the draft as it was last saved, in the order of the tabs; an empty list means it may be submitted."""
    return [*_person(proposal), *_unit(proposal), *_tabs(proposal)]


def _person(proposal):
    if proposal.pi.is_approved:
        return []
    url = reverse("person")
    return [Gap("个人信息", "审核状态", "您的个人信息还没有审核通过，请先提交审核并等待通过", url)]


def _unit(proposal):
    unit = proposal.pi.unit
    if unit is None:
        return []
    return [
        Gap("单位信息", label, f"{unit.name}还没有填写{label}，请联系单位在“单位信息”中补全", "")
        for label in unit.missing()
    ]


def _tabs(proposal):
    saved = {section.tab: section.data for section in proposal.sections.all()}
    found = []
    for tab, form_class in FORMS.items():
        form = bound(form_class, saved.get(tab, {}), call=proposal.call)
        url = reverse("proposal-edit", args=[proposal.pk, tab])
        for name, messages in form.errors.items():
            label = form.fields[name].label if name in form.fields else "整页"
            anchor = f"#{form[name].auto_id}" if name in form.fields else ""
            found += [Gap(Tab(tab).label, label, message, f"{url}{anchor}") for message in messages]
    return found
