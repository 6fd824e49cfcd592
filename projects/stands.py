"""What each address that takes a POST does during maintenance (系统维护). A new one must take a stand here.

The promise to people: everything can be read, and what they type can be saved; nothing is submitted or decided. What
waits is answered 503, after what was typed has been kept (accounts.kept_forms), and comes back in its form.

tests/test_maintenance.py walks over all addresses of the site. One that is missing here waits.
"""

from enum import Enum


class Stand(Enum):
    """What a POST does, as far as maintenance is concerned."""

    READS = "changes nothing but what was read, shown or exported"
    SAVES = "saves what somebody types, and goes on"
    WAITS = "submits, decides, grants or deletes, and waits until it is over"
    STAFF = "is 科技局's own, who work as usual"


LOGINS = {"login-legal", "login-legal-callback", "login-person", "login-person-callback"}
"""Nobody logs in anew but staff: these wait whatever the method."""

POSTS = {
    # Probes, the session, one's messages, and numbers in full.
    "healthz": Stand.READS,
    "readyz": Stand.READS,
    "logout": Stand.READS,
    "session": Stand.READS,
    "privacy-confirm": Stand.READS,
    "own-data": Stand.READS,
    "own-data-json": Stand.READS,
    "reveal": Stand.READS,
    "messages-read": Stand.READS,
    "kept-discard": Stand.SAVES,
    # Searches that are posted, and exports.
    "reviews": Stand.READS,
    "reviews-export": Stand.READS,
    "reviews-export-full": Stand.READS,
    "reviews-batch-export": Stand.READS,
    "figures-export": Stand.READS,
    "departments-export": Stand.READS,
    "my-proposals-export": Stand.READS,
    "proposals-export": Stand.READS,
    "proposals-batch-result": Stand.READS,
    "proposal-pdf": Stand.READS,
    # 单位信息 is in force once it is saved; a draft and its attachments are the PI's alone.
    "unit-edit": Stand.SAVES,
    "proposal-new": Stand.SAVES,
    "proposal-copy": Stand.SAVES,
    "proposal-edit": Stand.SAVES,
    "proposal-attachments": Stand.SAVES,
    "attachment-replace": Stand.SAVES,
    "attachment-delete": Stand.SAVES,
    # 【保存并提交审核】 is one button; those of SAVING_BUTTONS save or show without submitting.
    "person-edit": Stand.WAITS,
    "review-decide": Stand.WAITS,
    "reviews-batch": Stand.WAITS,
    "proposal-act": Stand.WAITS,
    "proposals-batch": Stand.WAITS,
    "proposal-delete": Stand.WAITS,
    # Who may act for whom, and who reviews.
    "authorisation-new": Stand.WAITS,
    "authorisation-end": Stand.WAITS,
    "department-new": Stand.WAITS,
    "department-edit": Stand.WAITS,
    "department-delete": Stand.WAITS,
    "department-import": Stand.WAITS,
    "department-import-preview": Stand.WAITS,
    **dict.fromkeys(
        (
            "bureau-announcement-edit",
            "bureau-announcement-new",
            "bureau-announcement-publish",
            "bureau-announcement-withdraw",
            "bureau-audit-export",
            "bureau-call-close",
            "bureau-call-edit",
            "bureau-call-extend",
            "bureau-call-file-delete",
            "bureau-call-files",
            "bureau-call-new",
            "bureau-call-publish",
            "bureau-conflict-settle",
            "bureau-grant-end",
            "bureau-maintenance",
            "bureau-maintenance-end",
            "bureau-people",
            "bureau-unit-resume",
            "bureau-unit-suspend",
            "proposals-export-full",
        ),
        Stand.STAFF,
    ),
}
SAVING_BUTTONS = {"person-edit": {"find", "upload", "take_off"}}
"""Buttons of a form that waits which only save a file or show the form again."""


def goes_on(name, posted):
    """Whether somebody who is not of the staff may go on with a POST of `posted` to the address `name`. What is the
    staff's alone answers others by itself."""
    if POSTS.get(name, Stand.WAITS) is not Stand.WAITS:
        return True
    return any(button in posted for button in SAVING_BUTTONS.get(name, ()))
