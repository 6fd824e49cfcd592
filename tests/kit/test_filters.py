"""The form of the conditions of a list: its fields serve all lists of a class, and nothing of one shows in another."""

import django_filters
import pytest
from django.http import QueryDict

from orgs.models import Unit
from zhgg.kit import filters
from zhgg.kit.filters import ANY, ListFilter, PeriodFilter, TextFilter, draw_conditions


class SampleFilter(ListFilter):
    q = TextFilter(label="名称", field_name="name", lookup_expr="icontains", max_length=10)
    call = django_filters.ChoiceFilter(label="批次", empty_label=ANY)
    state = django_filters.ChoiceFilter(label="状态", choices=[("a", "甲"), ("b", "乙")], empty_label=ANY)
    updated = PeriodFilter(label="更新时间")

    class Meta:
        model = Unit
        fields: list[str] = []


def asked(query="", offered=(("1", "重点"),)):
    """The list that an address asks for, with these 批次 to choose from."""
    found = SampleFilter(QueryDict(query), rows=Unit.objects.none)
    found.offer("call", lambda: list(offered))
    return found


def test_what_one_list_offers_no_other_list_takes():
    first, second = asked("call=1"), asked("call=1", offered=[("2", "面上")])
    assert first.is_valid()
    assert first.form.cleaned_data["call"] == "1"
    assert not second.is_valid()
    assert list(second.form.fields["call"].choices) == [("", ANY), ("2", "面上")]
    assert list(first.form.fields["call"].choices) == [("", ANY), ("1", "重点")]


def test_conditions_filter_by_their_own_list():
    first, second = asked("q=甲"), asked("q=乙")
    assert [found.is_valid() for found in (first, second)] == [True, True]
    assert first.filters["q"].parent is first
    assert second.filters["q"].parent is second
    assert first.query == {"q": "甲"}
    assert second.conditions == ["名称含“乙”"]


def test_what_was_typed_shows_in_its_own_form_only():
    plain = draw_conditions(asked().form)
    typed = draw_conditions(asked("q=%22%3E&state=b&updated_after=2026-11-22").form)
    assert 'name="q" value="&quot;&gt;"' in typed
    assert '<option value="b" selected>乙</option>' in typed
    assert 'name="updated_after" value="2026-11-22"' in typed
    assert draw_conditions(asked().form) == plain
    assert "value=" not in plain.replace("<option value=", "")
    assert plain.count('<option value="" selected>全部</option>') == 2


def test_a_mistake_stands_at_its_field():
    found = asked("updated_after=2026-11-22&updated_before=2026-11-01")
    assert not found.is_valid()
    assert "起始日期在截止日期之后，请改正" in draw_conditions(found.form)


@pytest.fixture
def drawn(monkeypatch):
    """The names of the fields that were drawn."""
    names = []
    draw = filters.draw_field
    monkeypatch.setattr(filters, "draw_field", lambda bound: names.append(bound.name) or draw(bound))
    filters._drawn_blank.cache_clear()
    return names


def test_conditions_that_nobody_has_filled_in_are_drawn_once_for_the_same_choices(drawn):
    first = draw_conditions(asked().form)
    # Another page in another order, and fields that were sent empty: nothing is asked either.
    assert draw_conditions(asked("page=3&sort=name&size=50").form) == first
    assert draw_conditions(asked("q=&state=").form) == first
    assert drawn == ["q", "call", "state", "updated"]
    other = draw_conditions(asked(offered=[("2", "<面上>")]).form)
    assert drawn == ["q", "call", "state", "updated"] * 2
    assert '<option value="2">&lt;面上&gt;</option>' in other
    assert "重点" not in other
    draw_conditions(asked("q=甲").form)
    draw_conditions(asked("q=甲").form)
    assert len(drawn) == 4 * 4
