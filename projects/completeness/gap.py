"""What the completeness check finds."""

from dataclasses import dataclass

from django.urls import reverse

from projects.enums import Tab


@dataclass(frozen=True)
class Gap:
    """One thing to mend: where (`place`, `label`), what (`message`), and the page that leads there ("" for what the PI
    cannot mend). A `warning` does not keep the 申报书 from being submitted."""

    place: str
    label: str
    message: str
    url: str
    warning: bool = False


def in_tab(proposal, tab, target, label, message, *, warning=False):
    """A Gap at the control with the id `target` ("" for the tab as a whole)."""
    url = reverse("proposal-edit", args=[proposal.pk, tab])
    return Gap(Tab(tab).label, label, message, f"{url}#{target}" if target else url, warning)
