"""What stands in an 申报书: the tabs as last saved, the frozen submissions, and who is named by them."""

import json

import pgtrigger
from django.db import models

from orgs.models import Department, Unit
from projects.enums import Tab
from projects.fingerprint import digest_of
from projects.models.proposals import Proposal
from zhgg.kit.crypto import Undecipherable
from zhgg.kit.fields import EncryptedTextField, SealedModel


class Section(SealedModel):
    """What the PI has filled into one tab, as last saved. `version` tells two open editors of the same tab apart.

    The content is encrypted as a whole: it names people with their 证件号码 and phone numbers.
    """

    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="sections", db_index=False, verbose_name="申报书"
    )
    tab = models.CharField("页签", max_length=12, choices=Tab.choices)
    content = EncryptedTextField("内容")
    version = models.PositiveIntegerField("版本", default=1)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = verbose_name_plural = "申报书页签"
        constraints = [models.UniqueConstraint(fields=["proposal", "tab"], name="one_section_a_tab")]

    def __str__(self):
        return f"{self.proposal_id} {self.get_tab_display()}"

    @property
    def data(self):
        """What the tab's form stored: a new dict with every call; assign it whole to change it."""
        return json.loads(self.content or "{}")

    @data.setter
    def data(self, value):
        self.content = json.dumps(value, ensure_ascii=False)


class Submission(SealedModel):
    """What was submitted, frozen: reviewers read this, the PI goes on editing the sections.

    `data` maps each tab to what its form stored, 附件 to what `projects.services.attachments.freeze` says of the files,
    and `projects.snapshot.FRAME` to what was true of the PI and the unit.
    Encrypted as a whole, as in `Section`. `digest` follows `data`; the 校验码 on paper is its beginning.
    """

    proposal = models.ForeignKey(
        Proposal, models.PROTECT, related_name="submissions", db_index=False, verbose_name="申报书"
    )
    number = models.PositiveIntegerField("第几次提交")
    content = EncryptedTextField("内容")
    digest = models.CharField("内容摘要", max_length=64)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="申报单位")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="二级单位", null=True)
    submitted_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = verbose_name_plural = "申报书提交"
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="one_submission_a_number")]
        triggers = [
            pgtrigger.Protect(name="submission_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self):
        return f"{self.proposal_id} 第 {self.number} 次提交"

    @property
    def data(self):
        """The frozen content, a new dict with every call."""
        return json.loads(self.content or "{}")

    @data.setter
    def data(self, value):
        self.content = json.dumps(value, ensure_ascii=False)
        self.digest = digest_of(value)


def data_to_show(stored):
    """The `data` of a Section or a Submission, for showing alone; None where it cannot be read."""
    try:
        return stored.data
    except Undecipherable:
        return None


class Participant(models.Model):
    """Somebody named by the last submission of an 申报书, for the 限项: the PI or a member, by the keyed digest of the
    证件号码. Written with each submission, in its transaction."""

    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="participants", db_index=False, verbose_name="申报书"
    )
    digest = models.CharField("证件号码摘要", max_length=64)
    leads = models.BooleanField("负责人")

    class Meta:
        verbose_name = verbose_name_plural = "申报书参与人"
        constraints = [models.UniqueConstraint(fields=["proposal", "digest"], name="one_part_a_person")]
        indexes = [models.Index(fields=["digest"], name="participant_by_person")]

    def __str__(self):
        return f"{self.proposal_id} {'负责人' if self.leads else '成员'}"
