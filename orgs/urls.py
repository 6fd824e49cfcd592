"""Addresses of the orgs app."""

from django.urls import path

from orgs.views import departments, grants, units

urlpatterns = [
    path("unit/", units.unit, name="unit"),
    path("unit/edit/", units.unit_edit, name="unit-edit"),
    path("authorisation/", grants.authorisation, name="authorisation"),
    path("authorisation/new/", grants.new, name="authorisation-new"),
    path("authorisation/end/", grants.end, name="authorisation-end"),
    path("departments/", departments.departments, name="departments"),
    path("departments/new/", departments.new, name="department-new"),
    path("departments/<int:pk>/", departments.department, name="department"),
    path("departments/<int:pk>/edit/", departments.edit, name="department-edit"),
    path("departments/<int:pk>/delete/", departments.delete, name="department-delete"),
]
