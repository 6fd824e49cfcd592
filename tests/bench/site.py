"""Addresses of the site, and beside them a list made by django-tables2 and django-filter as they come."""

import django_filters
import django_tables2
from django.contrib import admin
from django.urls import include, path
from django_filters.views import FilterView

from projects.models import Proposal

ROWS = 20


class BareFilter(django_filters.FilterSet):
    """The two conditions that the other pages are asked with."""

    title = django_filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = Proposal
        fields = ["title", "state", "call"]


class BareTable(django_tables2.Table):
    """What our list shows, column by column."""

    class Meta:
        model = Proposal
        template_name = "django_tables2/table.html"
        fields = ["id", "title", "number", "pi", "department", "call", "state", "state_since", "updated_at"]


class BareList(django_tables2.SingleTableMixin, FilterView):
    """The list of a unit with the classes of both libraries."""

    table_class, filterset_class = BareTable, BareFilter
    paginate_by = ROWS
    template_name = "bench/bare.html"

    def get_queryset(self):
        rows = Proposal.objects.of_place(self.request.actor).select_related("pi", "department", "call")
        return rows.order_by("updated_at", "pk")


# The admin shows as many rows as the others, and those of the same unit, by which it cannot be filtered otherwise.
proposals = admin.site.get_model_admin(Proposal)
proposals.list_per_page = ROWS
proposals.lookup_allowed = lambda lookup, value, request=None: True

urlpatterns = [path("bench/bare/", BareList.as_view()), path("", include("zhgg.urls"))]
