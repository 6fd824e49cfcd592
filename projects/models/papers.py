"""The files of an 申报书: 附件, and the PDFs made of it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from projects.enums import Paper
from projects.models.made import READY_HAS_FILE, MadePdf
from projects.models.proposals import Proposal
from projects.queries import AttachmentQuerySet
from zhgg.kit.uploads.models import StoredFile


class Attachment(StoredFile):
    """A file of an 申报书 (附件). `kind` is a code of attachment_type.

    It is in the draft, or named by the submissions `first_submission` to `last_submission`, or both: what is taken out
    of the draft stays as long as a submission names it, and one that none names is deleted with its file.
    """

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="attachments", verbose_name="申报书")
    kind = models.CharField("附件类型", max_length=2)
    position = models.PositiveSmallIntegerField("序号")
    in_draft = models.BooleanField("在草稿中", default=True)
    first_submission = models.PositiveIntegerField("从第几次提交", null=True, blank=True)
    last_submission = models.PositiveIntegerField("到第几次提交", null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申报书附件"
        constraints = [
            models.CheckConstraint(
                condition=Q(in_draft=True) | Q(last_submission__isnull=False), name="attachment_belongs_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(first_submission=None, last_submission=None)
                | Q(
                    first_submission__isnull=False,
                    last_submission__isnull=False,
                    first_submission__gte=1,
                    last_submission__gte=models.F("first_submission"),
                ),
                name="attachment_submissions_in_order",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="attachment_file_is_fixed",
                fields=["proposal", "kind", "storage_name", "label", "content_type", "size", "sha256"],
            ),
            pgtrigger.Protect(
                name="submitted_attachment_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__last_submission__isnull=False),
            ),
        ]

    def get_absolute_url(self):
        """Where the file is downloaded."""
        return reverse("attachment", args=[self.proposal_id, self.pk])


class Printout(MadePdf):
    """A PDF of an 申报书: asked for, being made, or made. There is one row for each `paper` (and, of submissions, each
    `number`); making it again replaces the file.

    `fingerprint` is the digest of what the file prints, so that a change in content, state or layout shows.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="printouts", verbose_name="申报书")
    paper = models.CharField("文件", max_length=12, choices=Paper.choices)
    number = models.PositiveIntegerField("第几次提交", default=0)
    fingerprint = models.CharField("所印内容的摘要", max_length=64, blank=True)
    asked_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name="要求的人", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "申报书 PDF"
        constraints = [
            models.UniqueConstraint(fields=["proposal", "paper", "number"], name="one_printout_a_paper"),
            models.CheckConstraint(condition=READY_HAS_FILE, name="ready_printout_has_file"),
        ]

    def __str__(self):
        return f"{self.proposal_id} {self.get_paper_display()} {self.number or ''}".strip()
