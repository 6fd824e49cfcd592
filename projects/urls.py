"""Addresses of portal, calls and 申报书."""

from django.urls import include, path

from projects.views import (
    announcements,
    attachments,
    batch,
    calls,
    checking,
    copies,
    decisions,
    drafts,
    exports,
    figures,
    guide,
    lists,
    own_data,
    pages,
    portal,
    printouts,
    verify,
)
from projects.views.bureau import announcements as bureau_announcements
from projects.views.bureau import call_files, deadlines
from projects.views.bureau import calls as bureau_calls
from projects.views.bureau import maintenance as bureau_maintenance

_MY_DATA = [
    path("", own_data.own_data, name="own-data"),
    path("json/", own_data.own_data_json, name="own-data-json"),
    path("file/", own_data.own_data_file, name="own-data-file"),
    path("state/", own_data.own_data_state, name="own-data-state"),
]
_BUREAU = [
    path("announcements/", bureau_announcements.announcements, name="bureau-announcements"),
    path("announcements/new/", bureau_announcements.new, name="bureau-announcement-new"),
    path("announcements/<int:pk>/", bureau_announcements.announcement, name="bureau-announcement"),
    path("announcements/<int:pk>/edit/", bureau_announcements.edit, name="bureau-announcement-edit"),
    path("announcements/<int:pk>/publish/", bureau_announcements.publish, name="bureau-announcement-publish"),
    path("announcements/<int:pk>/withdraw/", bureau_announcements.take_back, name="bureau-announcement-withdraw"),
    path("maintenance/", bureau_maintenance.maintenance, name="bureau-maintenance"),
    path("maintenance/end/", bureau_maintenance.end, name="bureau-maintenance-end"),
    path("calls/", bureau_calls.calls, name="bureau-calls"),
    path("calls/new/", bureau_calls.new, name="bureau-call-new"),
    path("calls/<int:pk>/", bureau_calls.call, name="bureau-call"),
    path("calls/<int:pk>/edit/", bureau_calls.edit, name="bureau-call-edit"),
    path("calls/<int:pk>/preview/", deadlines.preview, name="bureau-call-preview"),
    path("calls/<int:pk>/publish/", deadlines.publish, name="bureau-call-publish"),
    path("calls/<int:pk>/close/", deadlines.close, name="bureau-call-close"),
    path("calls/<int:pk>/extend/", deadlines.extension, name="bureau-call-extend"),
    path("calls/<int:pk>/files/", call_files.files, name="bureau-call-files"),
    path("calls/<int:pk>/files/<int:file>/delete/", call_files.delete, name="bureau-call-file-delete"),
]
_CALLS = [
    path("", calls.calls, name="calls"),
    path("<int:pk>/", calls.call, name="call"),
    path("<int:pk>/files/<int:file>/", calls.call_file, name="call-file"),
    path("<int:pk>/apply/", calls.apply, name="proposal-new"),
]
_PROJECTS = [
    path("", lists.proposals, name="proposals"),
    path("export/", exports.export_proposals, name="proposals-export"),
    path("export/full/", exports.export_in_full, name="proposals-export-full"),
    path("batch/", batch.batch, name="proposals-batch"),
    path("batch/result/", batch.result_workbook, name="proposals-batch-result"),
    path("<int:pk>/", pages.proposal, name="proposal"),
    path("<int:pk>/differences/", pages.differences, name="proposal-differences"),
    path("<int:pk>/delete/", copies.delete, name="proposal-delete"),
    path("<int:pk>/copy/", copies.copy, name="proposal-copy"),
    path("<int:pk>/check/", checking.check, name="proposal-check"),
    path("<int:pk>/attachments/<int:file>/", attachments.download, name="attachment"),
    path("<int:pk>/attachments/<int:file>/replace/", attachments.replace, name="attachment-replace"),
    path("<int:pk>/attachments/<int:file>/delete/", attachments.delete, name="attachment-delete"),
    path("<int:pk>/edit/attachments/", attachments.attachments, name="proposal-attachments"),
    path("<int:pk>/edit/<slug:tab>/", drafts.edit, name="proposal-edit"),
    path("<int:pk>/pdf/<slug:slug>/", printouts.paper, name="proposal-pdf"),
    path("<int:pk>/pdf/<slug:slug>/file/", printouts.file, name="proposal-pdf-file"),
    path("<int:pk>/pdf/<slug:slug>/state/", printouts.state, name="proposal-pdf-state"),
    path("<int:pk>/<slug:action>/", decisions.act, name="proposal-act"),
]

# By their beginnings, so that few of them are compared with the address of a request.
urlpatterns = [
    path("", portal.portal, name="portal"),
    path("guide/", guide.guides, name="guides"),
    path("guide/<slug:role>/", guide.guide, name="guide"),
    path("my-data/", include(_MY_DATA)),
    path("announcements/", announcements.announcements, name="announcements"),
    path("announcements/<int:pk>/", announcements.announcement, name="announcement"),
    path("bureau/", include(_BUREAU)),
    path("calls/", include(_CALLS)),
    path("my/", lists.my_proposals, name="my-proposals"),
    path("projects/", include(_PROJECTS)),
    path("figures/", figures.figures, name="figures"),
    path("figures/export/", figures.export_figures, name="figures-export"),
    path("my/export/", exports.export_own, name="my-proposals-export"),
    path("verify/", verify.form, name="verify-form"),
    # An 申报编号 is whatever prefix its call has.
    path("verify/<path:number>/<str:code>/", verify.verify, name="verify"),
]
