"""附件: what must be there is there, and every file can still be read. What a file is was judged when it came in."""

from django.urls import reverse

from projects.attachments import kinds, required
from projects.completeness.gap import Gap
from projects.contents import files_of
from projects.enums import Tab
from zhgg.kit.uploads.storage import path_of


def errors(proposal, data):
    """A Gap for each kind that is missing, and for each file that the server has lost."""
    if Tab.ATTACHMENTS not in proposal.call.tabs:
        return
    files = files_of(proposal)
    present = {file.kind for file in files}
    for code, why in required(proposal, data).items():
        if code not in present:
            yield _gap(proposal, code, f"{why}，现在还没有上传")
    for file in files:
        if not _is_whole(file):
            yield _gap(proposal, file.kind, f"服务器读不到“{file}”，请删除后重新上传，或拨打技术支持电话")


def _gap(proposal, code, message):
    url = reverse("proposal-attachments", args=[proposal.pk])
    return Gap(Tab.ATTACHMENTS.label, kinds()[code].name, message, f"{url}#kind-{code}")


def _is_whole(file):
    try:
        return path_of(file.storage_name).stat().st_size == file.size
    except OSError:
        return False
