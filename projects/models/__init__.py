"""The tables of 项目管理, a module a subject. Django and everybody else find them here."""

from projects.models.bulletin import Announcement, AnnouncementChange
from projects.models.calls import Call, CallChange, CallFile, Limit, all_tabs, usual_attachments
from projects.models.contents import Participant, Section, Submission, data_to_show
from projects.models.copies import DataCopy
from projects.models.maintenance import Maintenance
from projects.models.papers import Attachment, Printout
from projects.models.proposals import DeadlineReminder, Extension, Proposal, Step

__all__ = [
    "Announcement",
    "AnnouncementChange",
    "Attachment",
    "Call",
    "CallChange",
    "CallFile",
    "DataCopy",
    "DeadlineReminder",
    "Extension",
    "Limit",
    "Maintenance",
    "Participant",
    "Printout",
    "Proposal",
    "Section",
    "Step",
    "Submission",
    "all_tabs",
    "data_to_show",
    "usual_attachments",
]
