"""What the lists here can be searched by: any part of a text, a choice, a period of days."""

from datetime import datetime, time, timedelta
from functools import cache, lru_cache, partial

import django_filters
from django.core.exceptions import ValidationError
from django.forms import Select
from django.utils import timezone
from django.utils.functional import cached_property
from django_filters.fields import RangeField
from django_filters.widgets import DateRangeWidget

from zhgg.kit.field_boxes import draw_field
from zhgg.kit.formfields.days import DateField
from zhgg.kit.formfields.texts import LineField
from zhgg.kit.forms import BaseForm, twin
from zhgg.kit.markup import markup

ANY = "全部"
NOT_CONDITIONS = ("page", "size", "sort")
"""What an address of a list says besides its conditions."""


class PeriodField(RangeField):
    """更新时间 from a day to a day, both included; either may be missing. Cleans to a slice of days."""

    def __init__(self, **options):
        options.setdefault("widget", DateRangeWidget(attrs={"type": "date"}))
        super().__init__(fields=(DateField(), DateField()), **options)

    def compress(self, data_list):
        first, last = data_list or (None, None)
        if first and last and first > last:
            raise ValidationError("起始日期在截止日期之后，请改正", code="reversed")
        return slice(first, last) if first or last else None


class TextFilter(django_filters.Filter):
    """By any part of a text."""

    field_class = LineField


class PeriodFilter(django_filters.Filter):
    """By a period of days, in local time."""

    field_class = PeriodField

    def filter(self, qs, value):
        if value and value.start:
            qs = qs.filter(**{f"{self.field_name}__gte": _beginning(value.start)})
        if value and value.stop:
            qs = qs.filter(**{f"{self.field_name}__lt": _beginning(value.stop + timedelta(days=1))})
        return qs


class _AsTheyAre(dict):
    """Fields that need not be copied for a form."""

    def __deepcopy__(self, memo):
        return self


class _Conditions(BaseForm):
    """The form of a ListFilter. Django-filter by itself makes a new class of form, and new fields, for each request."""

    def __init__(self, list_filter, fields, *args, **options):
        self.list_filter, self.base_fields = list_filter, _AsTheyAre(fields)
        super().__init__(*args, **options)

    @property
    def is_blank(self):
        """Whether nothing stands in its fields."""
        return not any(value for name, value in self.data.items() if name not in NOT_CONDITIONS)

    @property
    def menus(self):
        """`((name, choices), …)` of its menus."""
        menus = [(name, field) for name, field in self.fields.items() if isinstance(field.widget, Select)]
        return tuple([(name, tuple(field.choices)) for name, field in menus])


def draw_conditions(form):
    """The fields of a form of conditions, hidden ones first. As long as nothing stands in them, they are drawn once for
    the same choices."""
    if isinstance(form, _Conditions) and form.is_blank:
        return _drawn_blank(form.list_filter, form.menus)
    return _drawn(form)


@lru_cache(maxsize=512)
def _drawn_blank(list_filter, menus):
    fields = {**_fields_of(list_filter)}
    for name, choices in menus:
        fields[name] = _of_its_own(fields[name])
        fields[name].widget.choices = choices
    return _drawn(_Conditions(list_filter, fields, {}))


def _drawn(form):
    hidden, visible = map(str, form.hidden_fields()), map(draw_field, form.visible_fields())
    return markup(f"{''.join(hidden)}\n    {''.join(visible)}")


def _of_its_own(field):
    return twin(field, widget=twin(field.widget))


class _Filters(dict):
    """The filters of a class, of which each request gets its own, as far as a request changes them."""

    def __deepcopy__(self, memo):
        return {name: self._own(filter_) for name, filter_ in self.items()}

    @staticmethod
    def _own(filter_):
        own = twin(filter_)
        # Where a method filters, the library ties it to the filter.
        own.method = filter_.method
        return own


@cache
def _fields_of(list_filter):
    """The fields of a class of ListFilter, which its forms share: nothing of a request is kept in them."""
    return {name: filter_.field for name, filter_ in list_filter.base_filters.items()}


class ListFilter(django_filters.FilterSet):
    """The search conditions of a list with a condition `state`. Ask `is_valid()` before anything else.

    `rows()` gives everything that is in the list. The form is one of our `BaseForm`s, whatever Meta says. What only
    some lists know is said by `offer`, not by a filter of their own.
    """

    def __init__(self, data, *, rows):
        # The library asks what it is given for the model alone.
        super().__init__(data, queryset=self._meta.model._default_manager)
        self._fields = dict(_fields_of(type(self)))
        self._rows = rows
        del self.queryset

    @cached_property
    def queryset(self):
        """Everything in the list. Most pages do without: they are looked up by what is kept (`kit.kept`)."""
        return self._rows()

    @classmethod
    def get_filters(cls):
        """The library's, in a dict that is cheap to copy."""
        return _Filters(super().get_filters())

    def get_form_class(self):
        """What makes the form of this list."""
        return partial(_Conditions, type(self), self._fields)

    def offer(self, name, choices):
        """Let the condition `name` have these choices, `[(value, words)]` or a function that gives them, in this list
        alone."""
        self._fields[name] = _of_its_own(self._fields[name])
        self._fields[name].choices = choices

    def rows_of_any_state(self):
        """What meets all conditions but the one on 状态."""
        rows = self.queryset
        for name, value in self.form.cleaned_data.items():
            if name != "state":
                rows = self.filters[name].filter(rows, value)
        return rows

    @cached_property
    def query(self):
        """The conditions as parameters of an address; empty ones are left out."""
        found = {}
        for name, value in self.form.cleaned_data.items():
            if isinstance(value, slice):
                ends = {f"{name}_after": value.start, f"{name}_before": value.stop}
                found |= {end: day.isoformat() for end, day in ends.items() if day}
            elif value:
                found[name] = value
        return found

    @property
    def conditions(self):
        """The conditions in words."""
        return [self.in_words(name, value) for name, value in self.form.cleaned_data.items() if value]

    def in_words(self, name, value):
        """One condition in words: 姓名含“知”, 状态为“待审核”."""
        label = self.form[name].label
        if isinstance(value, slice):
            return f"{label}{value.start or '不限'}至{value.stop or '不限'}"
        field = self.form.fields[name]
        if hasattr(field, "choices"):
            return f"{label}为“{dict(field.choices)[value]}”"
        return f"{label}含“{value}”"


def _beginning(day):
    return timezone.make_aware(datetime.combine(day, time.min))
