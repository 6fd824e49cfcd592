"""The audit trail (T59): what each service writes, and of each deed one line of who, when, what, result, address."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import AuditAction
from accounts.models import AuditEvent, User
from orgs.models import Grant
from projects.enums import State
from tests import factories as make
from tests.audited import actions_of, public
from tests.orgs.department_form import filled as filled_department
from tests.orgs.pages import filled_agent
from tests.projects.test_announcements import form_data as filled_announcement
from tests.reveals import asks
from tests.test_urls import status

READS = "reads or locks, and changes nothing"
PART = "a part of services that write it down"
FOLLOWS = "follows from a change that is written down, and is told in the history of the row"
STORAGE = "changes how values are stored, by a command on the server, and nothing that they say"
PASSING = "keeps what passes by itself: attempts, kept forms, files that are made again, messages"

WRITES = {
    "accounts.services.begin_login": PASSING,
    "accounts.services.change_account": "ACCOUNT_CHANGED",
    "accounts.services.change_password": "PASSWORD_CHANGED",
    "accounts.services.confirm_privacy": "PRIVACY_CONFIRMED",
    "accounts.services.create_staff": "STAFF_CREATED",
    "accounts.services.forget_form": PASSING,
    "accounts.services.keep_form": PASSING,
    "accounts.services.mark_read": PASSING,
    "accounts.services.prolong_kept_forms": PASSING,
    "accounts.services.record_refusal": "LOGIN_REFUSED",
    "accounts.services.renew_staff": "STAFF_RENEWED",
    "accounts.services.settle_conflict": "CONFLICT_SETTLED",
    "accounts.services.sign_in": "LOGIN",
    "accounts.services.take_login": PASSING,
    "accounts.services.unlock_account": "ACCOUNT_UNLOCKED",
    "orgs.services.codes.add_code": "CODE_SAVED",
    "orgs.services.codes.change_code": "CODE_SAVED",
    "orgs.services.codes.load_codes": "CODES_LOADED",
    "orgs.services.departments.add_department": "DEPARTMENT_CREATED",
    "orgs.services.departments.department_name_key": READS,
    "orgs.services.departments.end_department": "DEPARTMENT_DELETED GRANT_ENDED",
    "orgs.services.departments.rename_department": "DEPARTMENT_SAVED",
    "orgs.services.departments.save_department": "DEPARTMENT_CREATED DEPARTMENT_SAVED GRANTED GRANT_ENDED",
    "orgs.services.exports.note_export": "EXPORT",
    "orgs.services.grants.audit_detail": READS,
    "orgs.services.grants.end_grant": "GRANT_ENDED",
    "orgs.services.grants.end_grants": "GRANT_ENDED",
    "orgs.services.grants.grant_role": "GRANTED GRANT_ENDED",
    "orgs.services.grants.why_held": READS,
    "orgs.services.grants.words_for_new_holder": READS,
    "orgs.services.imports.confirm_import": "DEPARTMENT_CREATED GRANTED",
    "orgs.services.imports.conflicts": READS,
    "orgs.services.imports.keep_import": PASSING,
    "orgs.services.locks.confirm_authority": READS,
    "orgs.services.locks.confirm_unit": READS,
    "orgs.services.locks.hold_department": READS,
    "orgs.services.locks.lock_department": READS,
    "orgs.services.locks.refuse_if_just_ended": READS,
    "orgs.services.officers.officers_alone": READS,
    "orgs.services.people.acting_for": READS,
    "orgs.services.people.with_a_role_in": READS,
    "orgs.services.reminders.idle_departments": READS,
    "orgs.services.reminders.remind_of_idle_departments": PASSING,
    "orgs.services.suspension.resume_unit": "UNIT_RESUMED",
    "orgs.services.suspension.suspend_unit": "UNIT_SUSPENDED",
    "orgs.services.units.receive_login": "UNIT_SAVED",
    "orgs.services.units.save_unit": "UNIT_SAVED",
    "profiles.documents.attach": "DOCUMENT_ATTACHED",
    "profiles.documents.record_download": "FILE_DOWNLOADED",
    "profiles.documents.take_off": "DOCUMENT_TAKEN_OFF",
    "profiles.services.decide": "PROFILE_DECIDED",
    "profiles.services.decide_many": "PROFILE_DECIDED",
    "profiles.services.examine": READS,
    "profiles.services.receive_login": FOLLOWS,
    "profiles.services.reroute_own_request": FOLLOWS,
    "profiles.services.save_person": "PROFILE_SAVED PROFILE_SUBMITTED",
    "projects.services.acceptance.give_numbers": PART,
    "projects.services.announcements.create_announcement": "ANNOUNCEMENT_SAVED",
    "projects.services.announcements.publish_announcement": "ANNOUNCEMENT_PUBLISHED",
    "projects.services.announcements.save_announcement": "ANNOUNCEMENT_SAVED",
    "projects.services.announcements.take_back_announcement": "ANNOUNCEMENT_WITHDRAWN",
    "projects.services.attachments.attach": "ATTACHMENT_ADDED",
    "projects.services.attachments.freeze": PART,
    "projects.services.attachments.record_download": "FILE_DOWNLOADED",
    "projects.services.attachments.remove": "ATTACHMENT_REMOVED",
    "projects.services.attachments.remove_all": PART,
    "projects.services.batch.examine": READS,
    "projects.services.batch.perform_many": "DECISION",
    "projects.services.call_files.add_call_file": "CALL_SAVED",
    "projects.services.call_files.remove_call_file": "CALL_SAVED",
    "projects.services.calls.close_call": "CALL_CLOSED",
    "projects.services.calls.create_call": "CALL_SAVED",
    "projects.services.calls.hold_proposals": READS,
    "projects.services.calls.lock_call": READS,
    "projects.services.calls.publish_call": "CALL_PUBLISHED",
    "projects.services.calls.save_call": "CALL_SAVED",
    "projects.services.changes.write_down": PART,
    "projects.services.decisions.is_repeated": READS,
    "projects.services.decisions.perform": "DECISION",
    "projects.services.decisions.refuse_if_overtaken": READS,
    "projects.services.decisions.reroute_own_proposals": "DECISION",
    "projects.services.decisions.what_happened": READS,
    "projects.services.digests.move_to_sm3": STORAGE,
    "projects.services.digests.suite_of_database": READS,
    "projects.services.digests.refuse_other_suite": READS,
    "projects.services.drafts.copy_draft": "PROPOSAL_CREATED",
    "projects.services.drafts.delete_draft": "PROPOSAL_DELETED",
    "projects.services.drafts.follow_people": FOLLOWS,
    "projects.services.drafts.save_section": "PROPOSAL_SAVED",
    "projects.services.drafts.start_draft": "PROPOSAL_CREATED",
    "projects.services.erasure.erase": "PERSON_ERASED",
    "projects.services.extensions.concerned": READS,
    "projects.services.extensions.examine": READS,
    "projects.services.extensions.extend": "CALL_EXTENDED",
    "projects.services.limits.remove_limit": "LIMIT_SAVED",
    "projects.services.limits.save_limit": "LIMIT_SAVED",
    "projects.services.locks.hold_call": READS,
    "projects.services.locks.hold_proposal": READS,
    "projects.services.maintenance.change_maintenance": "MAINTENANCE_CHANGED",
    "projects.services.maintenance.end_maintenance": "MAINTENANCE_ENDED",
    "projects.services.maintenance.set_maintenance": "MAINTENANCE_SET",
    "projects.services.made_pdfs.attempt": PASSING,
    "projects.services.made_pdfs.have_wait": PASSING,
    "projects.services.made_pdfs.is_stuck": READS,
    "projects.services.made_pdfs.remove": PASSING,
    "projects.services.own_copies.clear_data_copies": PASSING,
    "projects.services.own_copies.make_data_copy": PASSING,
    "projects.services.own_copies.note_json": "EXPORT",
    "projects.services.own_copies.order_copy": "EXPORT",
    "projects.services.own_copies.record_download": "FILE_DOWNLOADED",
    "projects.services.own_copies.remove_copies": PASSING,
    "projects.services.printouts.clear_away": PASSING,
    "projects.services.printouts.clear_printouts": PASSING,
    "projects.services.printouts.make_printout": PASSING,
    "projects.services.printouts.order": PASSING,
    "projects.services.printouts.past_its_time": READS,
    "projects.services.printouts.path_of": READS,
    "projects.services.printouts.record_download": "FILE_DOWNLOADED",
    "projects.services.printouts.remove_all": PART,
    "projects.services.printouts.slug_of": READS,
    "projects.services.printouts.stock_up": PASSING,
    "projects.services.reminders.due_reminders": READS,
    "projects.services.reminders.remind_of_deadlines": PASSING,
    "projects.services.retention.delete_never_submitted": PART,
    "projects.services.retention.go_through": "RETENTION_APPLIED",
}
"""For each service the actions that it writes, or why none."""
REASONS = {READS, PART, FOLLOWS, STORAGE, PASSING}
FROM = "203.0.113.7"


def test_every_service_writes_what_the_table_says():
    found = {service: " ".join(actions_of(service)) for service in public()}

    assert found == {service: "" if wanted in REASONS else wanted for service, wanted in WRITES.items()}


def test_every_action_is_written_by_a_service_or_by_a_page_that_is_read():
    """查看, 下载 and searches are no writes; the login of staff and the logout end in the session."""
    by_services = {action for service in public() for action in actions_of(service)}

    assert {action.name for action in AuditAction} - by_services == {
        "LOGOUT",
        "REVEAL",
        "UNIT_VIEWED",
        "PERSON_VIEWED",
        "AUDIT_SEARCHED",
    }


# One line each --------------------------------------------------------------------------------------------------------


@pytest.fixture
def house():
    unit = make.make_unit(departments=["机器人研究所"])
    make.make_agent(unit)
    return unit


def lines_of(post):
    """What `post()` adds to the trail, with its own times around it."""
    before, began = set(AuditEvent.objects.values_list("pk", flat=True)), timezone.now()
    answer = post()
    found = list(AuditEvent.objects.exclude(pk__in=before).order_by("pk"))
    assert all(began - timedelta(seconds=5) <= line.at <= timezone.now() + timedelta(seconds=5) for line in found)
    assert {line.address for line in found} <= {FROM}
    assert all(line.request_id == answer.headers["X-Request-Id"] for line in found)
    return [(line.user, line.action, line.ok, line.object_label) for line in found]


def send(client, name, data=None, *args):
    def post():
        answer = client.post(reverse(name, args=args), data or {}, REMOTE_ADDR=FROM)
        assert status(answer) in (200, 302), answer.content.decode()
        return answer

    return post


@pytest.mark.django_db
def test_grant_change_end_settings_and_announcements_are_one_line_each(login, house):
    client, agent = login(house.account), Grant.objects.get()
    version = str(agent.pk)

    changed = lines_of(send(client, "authorisation-new", {"version": version, **filled_agent("周岚")}))
    ended = lines_of(send(client, "authorisation-end", {"seen": Grant.objects.current().get().pk}))
    granted = lines_of(send(client, "authorisation-new", {"version": "0", **filled_agent("李慧")}))
    made = lines_of(send(client, "department-new", filled_department(name="智能所", holder_name="王小明")))
    officer = make.make_officer()
    notice = lines_of(send(login(officer), "bureau-announcement-new", filled_announcement()))
    suspended = lines_of(send(login(officer), "bureau-unit-suspend", {"reason": "单位已注销"}, house.pk))

    own = house.account
    # A change is the end of one and the beginning of another: a line for each of the two people.
    assert changed == [
        (own, "grant_ended", True, f"法人单位授权人 {agent.holder_name}"),
        (own, "granted", True, "法人单位授权人 周岚"),
    ]
    assert ended == [(own, "grant_ended", True, "法人单位授权人 周岚")]
    assert granted == [(own, "granted", True, "法人单位授权人 李慧")]
    assert made == [
        (own, "department_created", True, "智能所"),
        (own, "granted", True, "二级单位管理人员 王小明"),
    ]
    assert notice == [(officer, "announcement_saved", True, "关于申报的样例公告")]
    assert suspended == [(officer, "unit_suspended", True, house.name)]


@pytest.mark.django_db
def test_decision_export_full_export_and_full_number_are_one_line_each(login, house):
    pi = make.make_person(unit=house, department=house.made_departments[0])
    proposal, officer = make.make_proposal(pi, state=State.BUREAU), make.make_officer()
    client = login(officer)

    shown = lines_of(send(client, "reveal", asks(f"unit-bank-account:{house.pk}")))
    exported = lines_of(send(client, "proposals-export"))
    in_full = lines_of(send(client, "proposals-export-full", {"reason": "核对受理材料", "sure": "on"}))
    decided = lines_of(send(client, "proposal-act", {"seen_step": "1"}, proposal.pk, "accept"))

    assert shown == [(officer, "reveal", True, house.name)]
    assert exported == [(officer, "export", True, "全部项目")]
    assert in_full == [(officer, "export", True, "全部项目")]
    assert decided == [(officer, "decision", True, str(proposal))]


@pytest.mark.django_db
def test_logins_of_staff_their_refusal_and_a_new_password_are_one_line_each(login):
    administrator = User.objects.create_staff("admin-test", "long-enough-pass-1", name="管理员", superuser=True)
    wrong = {"username": "admin-test", "password": "wrong", "token": "000000"}
    new = {
        "old_password": "long-enough-pass-1",
        "new_password1": "another-long-pass-2",
        "new_password2": "another-long-pass-2",
    }

    refused = lines_of(send(Client(headers={"host": "127.0.0.1"}), "admin:login", wrong))
    client = login(administrator)
    changed = lines_of(send(client, "admin:password_change", new))
    wrongly = lines_of(send(client, "admin:password_change", new))
    out = lines_of(send(client, "logout"))

    assert refused == [(None, "login_refused", False, "管理员")]
    assert changed == [(administrator, "password_changed", True, "管理员")]
    assert wrongly == [], "the old password was no longer right"
    assert out == [(administrator, "logout", True, "")]
