"""The demo data: enough of everything, plainly invented, and like data that people made through the pages."""

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from accounts.enums import Kind
from accounts.models import AuditEvent, AuditSeal, IdentityConflict, Notice, User
from accounts.oidc import claims
from accounts.sealing import verify_audit
from accounts.services import sign_in
from orgs.actors import actor_for
from orgs.enums import Role
from orgs.models import Grant, Unit
from orgs.particulars import in_words
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest
from projects.demo.cast import STAFF
from projects.enums import State
from projects.models import Call, Extension, Proposal, Step

ISSUER = "http://127.0.0.1:9400"


def seed(*arguments, **options):
    output = StringIO()
    call_command("seed_demo", *arguments, stdout=output, **options)
    return output.getvalue()


@pytest.fixture(autouse=True)
def development(settings):
    settings.DEVELOPMENT = settings.ALLOW_SYNTHETIC_IDS = True
    settings.OIDC_ISSUER = ISSUER


@pytest.fixture(scope="class")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The seeded database, for all tests of a class, and the content of the accounts file."""
    path = tmp_path_factory.mktemp("demo") / "accounts.json"
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            with connection.cursor() as cursor:
                # What tests with real transactions have left: the queue's tables are not Django's to empty.
                cursor.execute("DELETE FROM procrastinate_jobs")
            with override_settings(
                DEVELOPMENT=True,
                ALLOW_SYNTHETIC_IDS=True,
                OIDC_ISSUER=ISSUER,
                PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            ):
                seed(accounts=path)
            yield json.loads(path.read_text())
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.mark.django_db
@pytest.mark.xdist_group("seeded")
class TestSeeded:
    def test_every_state_of_an_application_and_of_a_review_is_there(self, demo):
        states = Proposal.objects.state_counts()
        assert set(states) == set(State)
        assert sum(states.values()) == 41
        assert set(ReviewRequest.objects.values_list("state", flat=True)) >= {
            ReviewState.PENDING,
            ReviewState.APPROVED,
            ReviewState.REJECTED,
        }
        assert Person.objects.filter(requests=None).count() == 4
        assert set(Proposal.objects.returned().values_list("returned_from", flat=True)) == {
            State.DEPARTMENT,
            State.UNIT,
            State.BUREAU,
        }
        assert Person.objects.filter(approved_at__isnull=False, requests__state=ReviewState.PENDING).count() == 4

    def test_reviews_wait_at_departments_and_at_units(self, demo):
        waiting = ReviewRequest.objects.filter(state=ReviewState.PENDING)
        assert waiting.filter(reviewing_department=None).count() == 4
        assert waiting.exclude(reviewing_department=None).count() == 6

    def test_units_of_every_kind_are_there(self, demo):
        departments = {unit.name: unit.departments.count() for unit in Unit.objects.all()}
        assert sorted(departments.values()) == [0, 0, 0, 0, 3, 6]
        incomplete = {unit.name: len(unit.missing()) for unit in Unit.objects.all() if unit.missing()}
        assert incomplete == {"重庆样例生物医药有限公司（虚构）": 5, "重庆样例新材料科技有限公司（虚构）": 7}
        assert Grant.objects.current().agents().count() == 2
        never_logged_in = Grant.objects.current().exclude(holder_digest__in=User.objects.values("identity_digest"))
        assert [grant.department.name for grant in never_logged_in] == ["环境学院"]

    def test_a_suspended_unit_a_refused_login_and_a_sealed_trail_are_there(self, demo):
        suspended = Unit.objects.get(suspended_at__isnull=False)
        conflict = IdentityConflict.objects.get()
        assert suspended.name == "重庆样例科技咨询有限公司（虚构）"
        assert suspended.suspended_at < timezone.now() - timedelta(days=4)
        assert (conflict.state, conflict.reason) == ("open", "taken")
        assert AuditSeal.objects.order_by("-number")[0].last_id == AuditEvent.objects.order_by("-pk")[0].pk
        assert verify_audit() is None

    def test_names_of_every_sort_are_there(self, demo):
        names = list(Person.objects.values_list("name", flat=True))
        rare = [name for name in names if any(ord(character) > 0x1FFFF for character in name)]
        assert len(names) == 52
        assert len(rare) / len(names) >= 0.05
        assert {2, 20} <= {len(name) for name in names}
        assert any("·" in name for name in names)
        assert max(len(title) for title in Proposal.objects.values_list("title", flat=True)) == 60

    def test_everything_is_plainly_invented(self, demo):
        for unit in Unit.objects.all():
            assert unit.name.endswith("（虚构）")
            assert unit.uscc[2:8] == "990000"
            assert unit.bank_account[:5] in ("", "99999")
            assert unit.legal_rep_id_number[:6] in ("", "990000")
        for user in User.objects.exclude(kind=Kind.STAFF):
            assert user.id_number[:6] in ("", "990000")
            assert user.email == "" or user.email.endswith("@example.com")
            assert re.fullmatch(r"(169\d{8})?", user.phone)
        for person in Person.objects.all():
            assert re.search("[样例拟试测]", person.name)

    def test_the_audit_trail_reads_as_chinese(self, demo):
        told = [words for event in AuditEvent.objects.all() if (words := in_words(event))]
        assert len(told) > 300
        assert [words for words in told if re.search("[a-z_]{4,}", words.replace("E-mail", ""))] == []

    def test_one_call_is_still_written_and_one_extended_for_a_unit(self, demo):
        prepared, extension = Call.objects.get(published=False), Extension.objects.get()
        assert [change.what for change in prepared.changes.all()] == ["修改", "新建"]
        assert [unit.name for unit in extension.units.all()] == ["重庆样例先进技术研究院（虚构）"]
        assert extension.at < timezone.now() - timedelta(days=1)
        assert extension.call.closes_at < extension.submit_until
        assert extension.count == extension.call.proposals.filter(submit_until=extension.submit_until).count() > 0

    def test_calls_are_open_closing_soon_and_closed(self, demo):
        now = timezone.now()
        hours_left = sorted((call.closes_at - now).total_seconds() // 3600 for call in Call.objects.all())
        assert hours_left[0] < -24
        assert 28 <= hours_left[1] <= 30
        assert hours_left[2] > 7 * 24
        assert Call.objects.open_at(now).count() == 2

    def test_history_lies_in_the_past_and_in_order(self, demo):
        now = timezone.now()
        for proposal in Proposal.objects.prefetch_related("steps"):
            times = [proposal.created_at, *(step.at for step in reversed(proposal.steps.all()))]
            assert times == sorted(times)
            assert times[-1] <= now
            assert len(times) == 1 or proposal.state_since == times[-1]
            assert [step.number for step in reversed(proposal.steps.all())] == list(range(1, len(times)))
        oldest_waiting = Proposal.objects.filter(state=State.DEPARTMENT).order_by("state_since").first()
        assert (now - oldest_waiting.state_since).days in (4, 5)
        assert not AuditEvent.objects.filter(at__gt=now).exists()
        assert not Notice.objects.filter(created_at__gt=now).exists()

    def test_history_is_append_only_again_afterwards(self, demo):
        with pytest.raises(ProgrammingError), transaction.atomic():
            Step.objects.update(reason="changed")
        with pytest.raises(ProgrammingError), transaction.atomic():
            AuditEvent.objects.update(ok=False)

    def test_one_call_left_something_behind_and_a_manager_has_own_work_elsewhere(self, demo):
        now = timezone.now()
        late = Proposal.objects.filter(state=State.UNIT, call__review_closes_at__lt=now)
        assert [proposal.title for proposal in late] == ["道地药材种质资源保护成果转化"]
        manager = User.objects.get(name="陈样安")
        assert [proposal.state for proposal in Proposal.objects.filter(pi_id=manager.pk)] == [State.UNIT]
        agent = actor_for(User.objects.get(name="周例言"))
        legal = actor_for(User.objects.get(name="重庆样例大学（虚构）"))
        own = Proposal.objects.get(pi_id=agent.user_id)
        assert own not in Proposal.objects.awaiting(agent)
        assert own in Proposal.objects.awaiting(legal)

    def test_no_mail_is_left_to_send(self, demo):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs")
            assert cursor.fetchone() == (0,)
        assert Notice.objects.count() > 100

    def test_accounts_file_lists_units_first_and_who_has_most_to_do_on_top(self, demo):
        kinds = [account["account_type"] for account in demo["accounts"]]
        assert kinds == ["legal"] * 6 + ["person"] * 53
        first = {kind: next(a for a in demo["accounts"] if a["account_type"] == kind) for kind in ("legal", "person")}
        assert first["legal"]["note"] == "法人单位 · 1 条个人信息待审核 · 7 份申报书待处理"
        assert first["person"]["note"] == (
            "法人单位授权人 · 重庆样例大学（虚构） · 1 条个人信息待审核 · 6 份申报书待处理 · 我的申报 1 份"
        )
        assert [account["note"] for account in demo["accounts"] if account["label"] == "魏测澜"] == [
            "二级单位管理人员 · 重庆样例大学（虚构）环境学院 · 已授权，尚未登录过"
        ]
        assert demo["staff"] == [
            {
                "username": "kjj",
                "password": "kjj-demo-2026",
                "role": "科技局工作人员（受理申报书）",
                "otp_hint": "./dev otp kjj",
            },
            {
                "username": "admin",
                "password": "admin-demo-2026",
                "role": "管理员（管理后台）",
                "otp_hint": "./dev otp admin",
            },
        ]

    def test_every_listed_account_can_log_in(self, demo):
        known = User.objects.exclude(kind=Kind.STAFF).count()
        for account in demo["accounts"]:
            token = {"iss": ISSUER, "sub": account["sub"], "account_type": account["account_type"]}
            entrance = account["account_type"]
            user = sign_in(
                claims=claims.read(token, {**token, **account["claims"]}, entrance=entrance), entrance=entrance
            )
            assert user.name == account["label"]
        # The manager who had never logged in is new, and has the role from the first login on.
        assert User.objects.exclude(kind=Kind.STAFF).count() == known + 1
        assert actor_for(User.objects.get(name="魏测澜")).role == Role.MANAGER

    def test_staff_have_a_second_factor(self, demo):
        for username, _, _, superuser, password in STAFF:
            user = User.objects.get(username=username)
            assert user.check_password(password)
            assert user.is_superuser == superuser
            assert user.totpdevice_set.filter(confirmed=True).count() == 1

    def test_a_second_seed_is_refused_and_changes_nothing(self, demo, tmp_path):
        before = AuditEvent.objects.count()
        with pytest.raises(CommandError, match="数据库中已有数据，没有改动"):
            seed(accounts=tmp_path / "accounts.json")
        assert AuditEvent.objects.count() == before
        assert not (tmp_path / "accounts.json").exists()

    def test_if_empty_writes_the_accounts_file_anew_when_the_demo_is_there(self, demo, tmp_path):
        path = tmp_path / "new" / "accounts.json"
        assert seed("--if-empty", accounts=path) == ""
        assert json.loads(path.read_text()) == demo


@pytest.mark.django_db
def test_if_empty_leaves_other_data_alone(tmp_path):
    User.objects.create_superuser("someone", "long-enough-pass-1", name="某人")
    path = tmp_path / "accounts.json"
    assert seed("--if-empty", accounts=path) == ""
    assert not path.exists()
    assert Unit.objects.count() == 0


@pytest.mark.django_db
def test_seed_is_for_development(settings, tmp_path):
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match="演示数据只用于开发环境"):
        seed(accounts=tmp_path / "accounts.json")
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_seed_needs_synthetic_numbers_to_be_allowed(settings, tmp_path):
    settings.ALLOW_SYNTHETIC_IDS = False
    with pytest.raises(CommandError, match="ALLOW_SYNTHETIC_IDS=1"):
        seed(accounts=tmp_path / "accounts.json")
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_outside_development_nobody_knows_the_passwords_beforehand(settings, tmp_path):
    settings.DEVELOPMENT = False
    path = tmp_path / "accounts.json"
    shown = seed("--force", accounts=path)
    for staff, (username, _, _, _, known) in zip(json.loads(path.read_text())["staff"], STAFF, strict=True):
        user = User.objects.get(username=username)
        assert not user.check_password(known)
        assert user.check_password(staff["password"])
        assert staff["password"] in shown
