"""Addresses of the orgs app."""

from django.urls import path

from orgs.views import departments, grants, imports, units
from orgs.views.bureau import audit, conflicts
from orgs.views.bureau import units as bureau_units

urlpatterns = [
    path("bureau/audit/", audit.audit, name="bureau-audit"),
    path("bureau/audit/export/", audit.export_audit, name="bureau-audit-export"),
    path("bureau/conflicts/", conflicts.conflicts, name="bureau-conflicts"),
    path("bureau/conflicts/<int:pk>/", conflicts.conflict, name="bureau-conflict"),
    path("bureau/conflicts/<int:pk>/<slug:action>/", conflicts.settle, name="bureau-conflict-settle"),
    path("bureau/units/", bureau_units.units, name="bureau-units"),
    path("bureau/units/<int:pk>/", bureau_units.unit, name="bureau-unit"),
    path("bureau/units/<int:pk>/suspend/", bureau_units.suspend, name="bureau-unit-suspend"),
    path("bureau/units/<int:pk>/resume/", bureau_units.resume, name="bureau-unit-resume"),
    path("bureau/grants/<int:pk>/end/", bureau_units.grant_end, name="bureau-grant-end"),
    path("unit/", units.unit, name="unit"),
    path("unit/edit/", units.unit_edit, name="unit-edit"),
    path("authorisation/", grants.authorisation, name="authorisation"),
    path("authorisation/new/", grants.new, name="authorisation-new"),
    path("authorisation/end/", grants.end, name="authorisation-end"),
    path("departments/", departments.departments, name="departments"),
    path("departments/new/", departments.new, name="department-new"),
    path("departments/export/", departments.export_departments, name="departments-export"),
    path("departments/import/", imports.upload, name="department-import"),
    path("departments/import/template/", imports.template, name="department-import-template"),
    path("departments/import/<int:pk>/", imports.preview, name="department-import-preview"),
    path("departments/<int:pk>/", departments.department, name="department"),
    path("departments/<int:pk>/edit/", departments.edit, name="department-edit"),
    path("departments/<int:pk>/delete/", departments.delete, name="department-delete"),
]
