"""Choices of the profiles app with their Chinese labels."""

from django.db.models import TextChoices


class ReviewState(TextChoices):
    """The states of a request to have reviewed fields of 个人信息 approved."""

    PENDING = "pending", "待审核"
    APPROVED = "approved", "审核已通过"
    REJECTED = "rejected", "审核不通过"
    # The person saved again while the request waited; the newer request stands in its place.
    REPLACED = "replaced", "已被新的提交取代"


class ProofKind(TextChoices):
    """What a document proves (佐证材料)."""

    EDUCATION = "education", "学历证书"
    DEGREE = "degree", "学位证书"
    TITLE = "title", "职称证书"
