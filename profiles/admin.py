"""个人信息 and its review in the Django admin: to look at, never to change."""

from django.contrib import admin

from accounts.admin_lists import ReadOnlyAdmin
from profiles.models import Person, ReviewRequest
from zhgg.kit.fields import to_show
from zhgg.kit.masking import mask_id, mask_phone


class MaskedAdmin(ReadOnlyAdmin):
    """Shows 证件号码 and 手机 masked. Digests and seals are no reading matter."""

    exclude = ["id_digest", "id_tail", "mobile_digest", "mobile_tail", "mobile"]

    @admin.display(description="证件号码")
    def masked_id_number(self, held):
        """The number as lists show it."""
        return mask_id(to_show(held, "id_number")) or "未填写"

    def get_readonly_fields(self, request, obj=None):
        """Every field, and the masked numbers beside them."""
        fields = [field.name for field in self.opts.fields if field.editable and field.name not in self.exclude]
        return [*fields, *self.masked]

    masked = ("masked_id_number",)


@admin.register(Person)
class PersonAdmin(MaskedAdmin):
    """个人信息."""

    list_display = ["name", "unit", "department", "masked_id_number", "approved_at", "updated_at"]
    list_select_related = ["unit", "department"]
    search_fields = ["name__startswith"]
    search_help_text = "按姓名（开头）、证件号码、手机号码查找"
    digest_lookups = ("id_digest", "mobile_digest")
    ordering = ["-pk"]
    masked = ("masked_id_number", "masked_mobile")

    @admin.display(description="手机")
    def masked_mobile(self, person):
        """The mobile as lists show it."""
        return mask_phone(person.mobile) or "未填写"


@admin.register(ReviewRequest)
class ReviewRequestAdmin(MaskedAdmin):
    """Requests and the decisions about them."""

    list_display = ["person", "state", "unit", "reviewing_department", "masked_id_number", "submitted_at", "decided_at"]
    list_filter = ["state"]
    list_select_related = ["person", "unit", "reviewing_department"]
    search_fields = ["person__name__startswith"]
    search_help_text = "按姓名（开头）、证件号码查找"
    digest_lookups = ("id_digest",)
    ordering = ["-pk"]
