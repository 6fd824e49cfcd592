"""Addresses of portal, calls and 申报书."""

from django.urls import path

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
    lists,
    pages,
    portal,
    printouts,
    verify,
)
from projects.views.bureau import announcements as bureau_announcements
from projects.views.bureau import call_files, deadlines
from projects.views.bureau import calls as bureau_calls
from projects.views.bureau import maintenance as bureau_maintenance

urlpatterns = [
    path("", portal.portal, name="portal"),
    path("announcements/", announcements.announcements, name="announcements"),
    path("announcements/<int:pk>/", announcements.announcement, name="announcement"),
    path("bureau/announcements/", bureau_announcements.announcements, name="bureau-announcements"),
    path("bureau/announcements/new/", bureau_announcements.new, name="bureau-announcement-new"),
    path("bureau/announcements/<int:pk>/", bureau_announcements.announcement, name="bureau-announcement"),
    path("bureau/announcements/<int:pk>/edit/", bureau_announcements.edit, name="bureau-announcement-edit"),
    path("bureau/announcements/<int:pk>/publish/", bureau_announcements.publish, name="bureau-announcement-publish"),
    path(
        "bureau/announcements/<int:pk>/withdraw/", bureau_announcements.take_back, name="bureau-announcement-withdraw"
    ),
    path("bureau/maintenance/", bureau_maintenance.maintenance, name="bureau-maintenance"),
    path("bureau/maintenance/end/", bureau_maintenance.end, name="bureau-maintenance-end"),
    path("bureau/calls/", bureau_calls.calls, name="bureau-calls"),
    path("bureau/calls/new/", bureau_calls.new, name="bureau-call-new"),
    path("bureau/calls/<int:pk>/", bureau_calls.call, name="bureau-call"),
    path("bureau/calls/<int:pk>/edit/", bureau_calls.edit, name="bureau-call-edit"),
    path("bureau/calls/<int:pk>/preview/", deadlines.preview, name="bureau-call-preview"),
    path("bureau/calls/<int:pk>/publish/", deadlines.publish, name="bureau-call-publish"),
    path("bureau/calls/<int:pk>/close/", deadlines.close, name="bureau-call-close"),
    path("bureau/calls/<int:pk>/extend/", deadlines.extension, name="bureau-call-extend"),
    path("bureau/calls/<int:pk>/files/", call_files.files, name="bureau-call-files"),
    path("bureau/calls/<int:pk>/files/<int:file>/delete/", call_files.delete, name="bureau-call-file-delete"),
    path("calls/", calls.calls, name="calls"),
    path("calls/<int:pk>/", calls.call, name="call"),
    path("calls/<int:pk>/files/<int:file>/", calls.call_file, name="call-file"),
    path("calls/<int:pk>/apply/", calls.apply, name="proposal-new"),
    path("my/", lists.my_proposals, name="my-proposals"),
    path("projects/", lists.proposals, name="proposals"),
    path("figures/", figures.figures, name="figures"),
    path("figures/export/", figures.export_figures, name="figures-export"),
    path("my/export/", exports.export_own, name="my-proposals-export"),
    path("projects/export/", exports.export_proposals, name="proposals-export"),
    path("projects/export/full/", exports.export_in_full, name="proposals-export-full"),
    path("projects/batch/", batch.batch, name="proposals-batch"),
    path("projects/batch/result/", batch.result_workbook, name="proposals-batch-result"),
    path("projects/<int:pk>/", pages.proposal, name="proposal"),
    path("projects/<int:pk>/differences/", pages.differences, name="proposal-differences"),
    path("projects/<int:pk>/delete/", copies.delete, name="proposal-delete"),
    path("projects/<int:pk>/copy/", copies.copy, name="proposal-copy"),
    path("projects/<int:pk>/check/", checking.check, name="proposal-check"),
    path("projects/<int:pk>/attachments/<int:file>/", attachments.download, name="attachment"),
    path("projects/<int:pk>/attachments/<int:file>/replace/", attachments.replace, name="attachment-replace"),
    path("projects/<int:pk>/attachments/<int:file>/delete/", attachments.delete, name="attachment-delete"),
    path("projects/<int:pk>/edit/attachments/", attachments.attachments, name="proposal-attachments"),
    path("projects/<int:pk>/edit/<slug:tab>/", drafts.edit, name="proposal-edit"),
    path("projects/<int:pk>/pdf/<slug:slug>/", printouts.paper, name="proposal-pdf"),
    path("projects/<int:pk>/pdf/<slug:slug>/file/", printouts.file, name="proposal-pdf-file"),
    path("projects/<int:pk>/pdf/<slug:slug>/state/", printouts.state, name="proposal-pdf-state"),
    path("projects/<int:pk>/<slug:action>/", decisions.act, name="proposal-act"),
    path("verify/", verify.form, name="verify-form"),
    # An 申报编号 is whatever prefix its call has.
    path("verify/<path:number>/<str:code>/", verify.verify, name="verify"),
]
