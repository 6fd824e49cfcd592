"""Querysets whose SQL is put together once: they answer what the queryset itself answers, for whatever is given."""

import pytest
from django.db import OperationalError, connection, transaction
from django.template import Context, Template

from orgs.models import Unit
from tests import factories as make
from tests.races import together
from zhgg.kit.kept import ANY_SLICE, Given, Kept, count_rows
from zhgg.kit.templatetags.ui import once


@pytest.mark.django_db
class TestKept:
    def test_the_values_are_filled_in_each_time_and_the_queryset_is_made_once(self):
        one, other = make.make_unit("样例一"), make.make_unit("样例二")
        made = []

        def of_code():
            made.append(1)
            return Unit.objects.filter(uscc=Given("uscc"))

        kept = Kept(of_code)

        assert [kept.first(uscc=unit.uscc) for unit in (one, other, one)] == [one, other, one]
        assert kept.first(uscc="") is None
        assert kept.rows(uscc=one.uscc) == [one]
        assert len(made) == 1

    def test_a_value_is_bound_and_never_part_of_the_sql(self):
        unit = make.make_unit("样例' OR '1'='1")
        kept = Kept(lambda: Unit.objects.filter(name=Given("name")).values_list("pk", "name"))

        assert kept.rows(name=unit.name) == [(unit.pk, unit.name)]
        assert kept.rows(name="' OR '1'='1") == []
        assert kept.rows(name="%s") == []

    def test_each_shape_has_a_statement_of_its_own(self):
        units = [make.make_unit(name) for name in ("样例甲", "样例乙")]
        kept = Kept(lambda order: Unit.objects.filter(pk__any_of=Given("pks")).order_by(order))
        pks = [unit.pk for unit in units]

        assert kept.rows("pk", pks=pks) == units
        assert kept.rows("-pk", pks=pks) == units[::-1]
        assert kept.rows("pk", pks=pks[1:]) == units[1:]
        assert kept.rows("pk", pks=[]) == []

    def test_slices_are_those_of_the_queryset(self):
        units = [make.make_unit(f"样例{number}") for number in range(7)]
        kept = Kept(lambda: Unit.objects.filter(pk__any_of=Given("pks")).order_by("pk")[ANY_SLICE])
        rows = kept.slices(pks=[unit.pk for unit in units])

        assert [rows[0:3], rows[3:6], rows[6:9], rows[9:12]] == [units[0:3], units[3:6], units[6:], []]

    def test_what_is_joined_comes_along(self, django_assert_num_queries):
        unit = make.make_unit(departments=["软件学院"])
        department = unit.made_departments[0]
        kept = Kept(lambda: type(department).objects.select_related("unit").filter(pk=Given("pk")))
        kept.first(pk=0)

        with django_assert_num_queries(1):
            assert kept.first(pk=department.pk).unit.name == unit.name

    def test_a_number_is_counted_by_the_database(self):
        kept = Kept(lambda: Unit.objects.filter(name=Given("name")).order_by().values_list(count_rows()))
        make.make_unit("样例同名")

        assert [kept.first(name=name) for name in ("样例同名", "没有")] == [(1,), (0,)]

    def test_of_nothing_there_is_nothing(self, django_assert_num_queries):
        kept = Kept(lambda: Unit.objects.none())

        with django_assert_num_queries(0):
            assert kept.rows() == []
            assert kept.first() is None

    def test_a_value_that_is_missing_is_a_mistake_of_ours(self):
        with pytest.raises(KeyError, match="uscc"):
            Kept(lambda: Unit.objects.filter(uscc=Given("uscc"))).rows()


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_get_each_their_own():
    units = [make.make_unit(name) for name in ("样例左", "样例右")]
    kept = Kept(lambda: Unit.objects.filter(uscc=Given("uscc")))

    def ask(unit):
        return {kept.first(uscc=unit.uscc).pk for _ in range(50)}

    assert together(lambda: ask(units[0]), lambda: ask(units[1])) == [{units[0].pk}, {units[1].pk}]


def prepared():
    """The statements that PostgreSQL keeps for this connection and that ask for a unit by its code."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT statement FROM pg_prepared_statements WHERE statement LIKE \'%"orgs_unit"."uscc" = ($1)%\''
        )
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
class TestPrepared:
    @pytest.fixture(autouse=True)
    def connected_anew(self):
        connection.close()
        yield
        connection.close()

    @pytest.mark.parametrize(("by_key", "statements"), [(True, 1), (False, 0)])
    def test_only_what_is_asked_by_keys_is_prepared(self, by_key, statements):
        kept = Kept(lambda: Unit.objects.filter(uscc=Given("uscc")), by_key=by_key)

        for _ in range(4):
            kept.first(uscc=make.make_unit().uscc)

        assert len(prepared()) == statements

    def test_a_column_that_is_changed_meanwhile(self):
        unit = make.make_unit("样例单位")
        kept = Kept(lambda: Unit.objects.filter(uscc=Given("uscc")).values_list("name", "postcode"), by_key=True)
        for _ in range(4):
            kept.first(uscc=unit.uscc)
        try:
            self.alter("varchar(7)")
            assert kept.first(uscc=unit.uscc) == ("样例单位", unit.postcode)

            for _ in range(4):
                kept.first(uscc=unit.uscc)
            self.alter("varchar(8)")
            with pytest.raises(OperationalError), transaction.atomic():
                kept.first(uscc=unit.uscc)
            with transaction.atomic():
                assert kept.first(uscc=unit.uscc) == ("样例单位", unit.postcode)
        finally:
            self.alter("varchar(6)")

    @staticmethod
    def alter(kind):
        """By another connection: this one would notice."""

        def change():
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE orgs_unit ALTER postcode TYPE {kind}")

        assert together(change) == [None]


class TestDrawnOnce:
    def draw(self, source, **context):
        return Template("{% load ui %}" + source).render(Context(context))

    def test_the_same_values_are_drawn_once(self, monkeypatch):
        drawn = []
        render = once.render_to_string
        monkeypatch.setattr(
            once, "render_to_string", lambda name, values: drawn.append(dict(values)) or render(name, values)
        )
        once._draw.cache_clear()

        for unread in (3, 4, 3):
            assert f">{unread}<" in self.draw('{% drawn_once "ui/bell.html" unread=unread %}', unread=unread)

        assert drawn == [{"unread": 3}, {"unread": 4}]

    def test_nothing_else_of_the_page_is_known_there(self):
        html = self.draw('{% drawn_once "ui/bell.html" %}', unread=5)

        assert "条未读" not in html

    def test_a_value_is_escaped(self):
        html = self.draw('{% drawn_once "ui/account.html" name=name %}', name="<b>张三</b>")

        assert "&lt;b&gt;张三&lt;/b&gt;" in html
        assert "<b>张三</b>" not in html
