"""Addresses of the orgs app."""

from django.urls import path

from orgs import views

urlpatterns = [
    path("unit/", views.unit, name="unit"),
    path("unit/edit/", views.unit_edit, name="unit-edit"),
]
