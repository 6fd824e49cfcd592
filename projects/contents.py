"""What hangs on one 申报书, read by its key in queries that are kept."""

from types import SimpleNamespace

from projects.enums import UNDER_WAY
from projects.models import Attachment, Extension, Section, Step, Submission
from zhgg.kit.kept import Given, Kept

_SECTIONS = Kept(lambda: Section.objects.filter(proposal=Given("proposal")), by_key=True)
_SECTION = Kept(lambda: Section.objects.filter(proposal=Given("proposal"), tab=Given("tab")), by_key=True)
_SUBMISSIONS = Kept(
    lambda: Submission.objects.filter(proposal=Given("proposal"), number__any_of=Given("numbers")), by_key=True
)
_FILES = Kept(lambda: Attachment.objects.filter(proposal=Given("proposal")).in_draft(), by_key=True)
_FILE = Kept(
    lambda: Attachment.objects.filter(proposal=Given("proposal"), in_draft=True).order_by().values_list("pk")[:1],
    by_key=True,
)
_STEPS = Kept(lambda: Step.objects.filter(proposal=Given("proposal")), by_key=True)
_ANY = SimpleNamespace(**{name: Given(name) for name in ("pk", "call_id", "unit_id", "created_at")})
_EXTENSION = Kept(lambda: Extension.objects.of_proposal(_ANY)[:1], by_key=True)


def sections_of(proposal):
    """`{tab: Section}` of the tabs that were ever saved."""
    return {section.tab: section for section in _SECTIONS.rows(proposal=proposal.pk)}


def section_of(proposal, tab):
    """The Section of a tab, None where it was never saved."""
    return _SECTION.first(proposal=proposal.pk, tab=tab)


def submissions_of(proposal, *numbers):
    """The Submissions with these numbers, as far as there are any."""
    return _SUBMISSIONS.rows(proposal=proposal.pk, numbers=list(numbers)) if proposal.submission_count else []


def files_of(proposal):
    """The Attachments that its next submission will name, in order."""
    return _FILES.rows(proposal=proposal.pk)


def has_files(proposal):
    """Whether its next submission names any."""
    return _FILE.first(proposal=proposal.pk) is not None


def steps_of(proposal):
    """Its history, newest first. Nothing is done about an 申报书 before its first 提交."""
    return _STEPS.rows(proposal=proposal.pk) if proposal.submission_count else []


def extension_of(proposal):
    """`[the newest 延期]` that concerns it while a deadline still means something to it, or []."""
    if proposal.state not in UNDER_WAY:
        return []
    return _EXTENSION.rows(**{name: getattr(proposal, name) for name in vars(_ANY)})
