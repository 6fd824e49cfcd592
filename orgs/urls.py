"""Addresses of the orgs app."""

from django.urls import include, path

from orgs.views import departments, grants, imports, units
from orgs.views.bureau import audit, conflicts
from orgs.views.bureau import units as bureau_units

_BUREAU = [
    path("audit/", audit.audit, name="bureau-audit"),
    path("audit/export/", audit.export_audit, name="bureau-audit-export"),
    path("conflicts/", conflicts.conflicts, name="bureau-conflicts"),
    path("conflicts/<int:pk>/", conflicts.conflict, name="bureau-conflict"),
    path("conflicts/<int:pk>/<slug:action>/", conflicts.settle, name="bureau-conflict-settle"),
    path("units/", bureau_units.units, name="bureau-units"),
    path("units/<int:pk>/", bureau_units.unit, name="bureau-unit"),
    path("units/<int:pk>/suspend/", bureau_units.suspend, name="bureau-unit-suspend"),
    path("units/<int:pk>/resume/", bureau_units.resume, name="bureau-unit-resume"),
    path("grants/<int:pk>/end/", bureau_units.grant_end, name="bureau-grant-end"),
]
_AUTHORISATION = [
    path("", grants.authorisation, name="authorisation"),
    path("new/", grants.new, name="authorisation-new"),
    path("end/", grants.end, name="authorisation-end"),
]
_DEPARTMENTS = [
    path("", departments.departments, name="departments"),
    path("new/", departments.new, name="department-new"),
    path("export/", departments.export_departments, name="departments-export"),
    path("import/", imports.upload, name="department-import"),
    path("import/template/", imports.template, name="department-import-template"),
    path("import/<int:pk>/", imports.preview, name="department-import-preview"),
    path("<int:pk>/", departments.department, name="department"),
    path("<int:pk>/edit/", departments.edit, name="department-edit"),
    path("<int:pk>/delete/", departments.delete, name="department-delete"),
]

# By their beginnings, so that few of them are compared with the address of a request.
urlpatterns = [
    path("bureau/", include(_BUREAU)),
    path("unit/", units.unit, name="unit"),
    path("unit/edit/", units.unit_edit, name="unit-edit"),
    path("authorisation/", include(_AUTHORISATION)),
    path("departments/", include(_DEPARTMENTS)),
]
