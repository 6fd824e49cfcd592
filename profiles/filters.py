"""What 个人信息审核 can be searched by (S15).

A 证件号码 or 手机号码 is posted; from then on only its keyed digest goes about, in the address and in shared links.
"""

import re

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import User
from orgs.models import Department, Unit
from profiles.enums import ReviewState
from profiles.models import TAIL_LENGTH, Person, ReviewRequest, id_digests, mobile_digests
from zhgg.kit import names
from zhgg.kit.filters import ANY, ListFilter, PeriodFilter, TextFilter
from zhgg.kit.formfields.plain import PlainField
from zhgg.kit.identifiers.digits import compact
from zhgg.kit.phones import clean_mobile

LISTED_STATES = (ReviewState.PENDING, ReviewState.APPROVED, ReviewState.REJECTED)
GIVEN = "（已填号码）"
"""What stands in the field in place of a number that was given before; sent back unchanged it means the same number."""
_DIGEST = re.compile("[0-9a-f]{64}", re.ASCII)
_ID_NUMBER = re.compile(r"[A-Z0-9-]{4,30}", re.ASCII)


class NumberField(PlainField):
    """A number that is searched for, as a whole or by its last four places. Cleans to its digest; takes one as well."""

    attributes = {"autocomplete": "off", "spellcheck": "false"}

    def prepare_value(self, value):
        return GIVEN if isinstance(value, str) and _DIGEST.fullmatch(value) else value

    def clean_typed(self, text):
        return text if _DIGEST.fullmatch(text) else self.digest(compact(text))

    def digest(self, number):
        """The digest of what was typed, or ValidationError."""
        raise NotImplementedError


class IdNumberField(NumberField):
    """证件号码 of any type."""

    def digest(self, number):
        if not _ID_NUMBER.fullmatch(number):
            raise ValidationError(f"请填写完整的证件号码，或最后 {TAIL_LENGTH} 位", code="id_number")
        return id_digests(number)["id_tail" if len(number) == TAIL_LENGTH else "id_digest"]


class MobileField(NumberField):
    """手机号码."""

    attributes = {**NumberField.attributes, "inputmode": "numeric"}

    def digest(self, number):
        if len(number) == TAIL_LENGTH and number.isascii() and number.isdigit():
            return mobile_digests(number)["mobile_tail"]
        try:
            return mobile_digests(clean_mobile(number))["mobile_digest"]
        except ValidationError:
            raise ValidationError(f"请填写 11 位手机号码，或最后 {TAIL_LENGTH} 位", code="mobile") from None


class IdNumberFilter(django_filters.Filter):
    """By 证件号码."""

    field_class = IdNumberField


class MobileFilter(django_filters.Filter):
    """By 手机号码."""

    field_class = MobileField


class WholeIdNumberField(IdNumberField):
    """证件号码 of any type, all of it."""

    def digest(self, number):
        if len(number) == TAIL_LENGTH:
            raise ValidationError("请填写完整的证件号码", code="id_number")
        return super().digest(number)


class WholeMobileField(MobileField):
    """手机号码, all of it."""

    def digest(self, number):
        if len(number) == TAIL_LENGTH:
            raise ValidationError("请填写完整的 11 位手机号码", code="mobile")
        return super().digest(number)


class WholeIdNumberFilter(django_filters.Filter):
    """By 证件号码."""

    field_class = WholeIdNumberField


class WholeMobileFilter(django_filters.Filter):
    """By 手机号码."""

    field_class = WholeMobileField


class NumbersFilter(ListFilter):
    """Search conditions of which NUMBERS are posted, and stand in the address as digests."""

    NUMBERS: tuple[str, ...] = ()

    @property
    def names_a_number(self):
        """Whether a number itself was given, and not its digest."""
        return any(self.data.get(name, "") != self.form.cleaned_data[name] for name in self.NUMBERS)

    def in_words(self, name, value):
        return f"{self.form[name].label}为所填号码" if name in self.NUMBERS else super().in_words(name, value)


class ReviewFilter(NumbersFilter):
    """The search conditions of the guide."""

    name = TextFilter(label="姓名", method="by_name", max_length=100)
    id = IdNumberFilter(label="证件号码", method="by_id_number")
    mobile = MobileFilter(label="手机号码", method="by_mobile")
    unit = TextFilter(label="工作单位", method="by_unit", max_length=100)
    updated = PeriodFilter(label="更新时间", field_name="updated_at")
    state = django_filters.ChoiceFilter(
        label="状态", choices=[(state.value, state.label) for state in LISTED_STATES], empty_label=ANY
    )

    NUMBERS = ("id", "mobile")

    class Meta:
        model = ReviewRequest
        fields: list[str] = []

    def __init__(self, data, *, rows, unit_id):
        """`unit_id`: whose list it is. Names are looked for in this unit and its 二级单位 alone, not in all."""
        self.unit_id = unit_id
        super().__init__(data, rows=rows)

    def by_name(self, rows, _, text):
        return rows.filter(person_name__icontains=names.normalise(text))

    def by_id_number(self, rows, _, digest):
        return rows.filter(Q(id_digest=digest) | Q(id_tail=digest))

    def by_mobile(self, rows, _, digest):
        return rows.filter(person__in=Person.objects.filter(Q(mobile_digest=digest) | Q(mobile_tail=digest)))

    def by_unit(self, rows, _, text):
        unit = Unit.objects.filter(pk=self.unit_id, name__icontains=text)
        departments = Department.objects.filter(unit=self.unit_id, name__icontains=text)
        return rows.filter(Q(unit__in=unit) | Q(department__in=departments))


class PersonFilter(NumbersFilter):
    """What 人员查询 can be searched by: the beginning of the name, a whole number, 工作单位."""

    name = TextFilter(label="姓名", method="by_name", max_length=100)
    id = WholeIdNumberFilter(label="证件号码", method="by_id_number")
    mobile = WholeMobileFilter(label="手机号码", method="by_mobile")
    unit = TextFilter(label="工作单位", method="by_unit", max_length=100)

    NUMBERS = ("id", "mobile")

    class Meta:
        model = Person
        fields: list[str] = []

    def by_name(self, rows, _, text):
        return rows.filter(name__startswith=names.normalise(text))

    def by_id_number(self, rows, _, digest):
        """As 渝快办 stated it, as it was approved, or as it was ever submitted."""
        stated = User.objects.known_by(digest).values("pk")
        approved = Person.objects.filter(id_digest=digest).values("pk")
        submitted = ReviewRequest.objects.filter(id_digest=digest).values("person")
        return rows.filter(pk__in=stated.union(approved, submitted))

    def by_mobile(self, rows, _, digest):
        return rows.filter(mobile_digest=digest)

    def by_unit(self, rows, _, text):
        """By any part of the name, or by the whole 统一社会信用代码."""
        return rows.filter(unit__in=Unit.objects.named_like(text).order_by().values("pk"))

    def in_words(self, name, value):
        if name == "name":
            return f"姓名以“{value}”开头"
        return super().in_words(name, value)


def typed(request, numbers):
    """What was asked for; in place of a number of `numbers` that was given before, its digest from the address."""
    if request.method != "POST":
        return request.GET
    data = request.POST.copy()
    for name in numbers:
        if data.get(name) == GIVEN:
            data[name] = request.GET.get(name, "")
    return data
