"""Accounts, the audit trail, messages and reveals: what the database holds and what people see."""

import time
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from django.core import mail
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import audit, hooks, notices, privacy, reveal, services, tasks
from accounts.models import AuditEvent, Notice, User
from accounts.oidc.claims import read
from accounts.sessions import BEGAN
from tests.accounts.conftest import ID_NUMBERS, USCCS, person
from zhgg.kit.masking import mask_id

pytestmark = pytest.mark.django_db

ISSUER = "https://issuer.test"


def make(kind="person", subject="s", **fields):
    fields.setdefault("name", "王小明")
    return User.objects.create_ykb(kind=kind, issuer=ISSUER, subject=subject, privacy_version=privacy.VERSION, **fields)


# Accounts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "first", "second"),
    [
        ("one_account_a_subject", {"subject": "a"}, {"subject": "a", "username": "b"}),
        ("one_account_a_number", {"subject": "a", "known_as": "d"}, {"subject": "b", "known_as": "d"}),
        (
            "one_account_an_identity",
            {"subject": "a", "known_as": "d", "identity_digest": "d"},
            {"subject": "b", "known_as": "d", "identity_digest": "d"},
        ),
        (
            "one_account_a_uscc",
            {"subject": "a", "kind": "legal", "uscc": "U"},
            {"subject": "b", "kind": "legal", "uscc": "U"},
        ),
    ],
)
def test_one_account_each(constraint, first, second):
    def build(**fields):
        fields = {"kind": "person", "issuer": ISSUER, "username": fields["subject"], "password": "!", **fields}
        User.objects.create(**fields)

    build(**first)
    with pytest.raises(IntegrityError), transaction.atomic():
        build(**second)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_indexes WHERE indexname = %s", [constraint])
        assert cursor.fetchone()


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("admin_rights_for_staff_only", {"is_superuser": True}),
        ("admin_rights_for_staff_only", {"is_staff": True}),
        ("passwords_for_staff_only", {"password": "pbkdf2_sha256$1$x$y"}),
        ("passwords_for_staff_only", {"password": ""}),
        ("subject_unless_staff", {"kind": "staff"}),
        ("subject_unless_staff", {"subject": ""}),
        ("uscc_for_legal_accounts", {"uscc": USCCS[0]}),
        ("identity_is_the_known_one", {"identity_digest": "another"}),
    ],
)
def test_the_database_keeps_rights_and_identity_apart(constraint, fields):
    user = make()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**fields)


def test_numbers_are_sealed_in_the_database():
    user = make(id_number=ID_NUMBERS[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_user::text FROM accounts_user WHERE id = %s", [user.pk])
        row = cursor.fetchone()[0]
    assert ID_NUMBERS[0] not in row
    assert ID_NUMBERS[0].encode().hex() not in row
    assert User.objects.get().id_number == ID_NUMBERS[0]


def test_what_a_hook_raises_undoes_the_login(provider, monkeypatch):
    monkeypatch.setattr(hooks, "_functions", [])

    @hooks.on_login
    def fail(*, user, claims):
        raise RuntimeError

    token = {"iss": ISSUER, "sub": "x", "account_type": "person", **person("x")["claims"]}
    with pytest.raises(RuntimeError):
        services.sign_in(claims=read(token, {}, entrance="person"), entrance="person")
    assert (User.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_hooks_get_the_user_and_the_claims_of_a_unit(visitor, monkeypatch):
    calls = []
    monkeypatch.setattr(hooks, "_functions", [])
    hooks.on_login(lambda *, user, claims: calls.append((user, claims)))
    facts = {
        "registered_on": "2001-02-03",
        "registered_capital": "1,200.5",
        "paid_in_capital": -1,
        "registration_type": "112",
        "district": "500103",
        "address": "  重庆市渝中区样例路 1 号 ",
        "legal_rep_name": "张建国",
        "legal_rep_id_type": "111",
        "legal_rep_id_number": ID_NUMBERS[1],
        "org_name": "样" * 101,
    }
    account = visitor.provider.account("u1")
    account["claims"] |= facts
    visitor.log_in("u1", "legal")
    [(user, claims)] = calls
    assert user == visitor.user
    assert str(claims.registered_on) == "2001-02-03"
    assert (str(claims.registered_capital), claims.paid_in_capital) == ("1200.500000", None)
    assert (claims.registration_type, claims.district, claims.address) == ("112", "500103", "重庆市渝中区样例路 1 号")
    assert (claims.legal_rep_name, claims.legal_rep_id_type, claims.legal_rep_id_number) == (
        "张建国",
        "01",
        ID_NUMBERS[1],
    )
    assert claims.org_name == ""


# Audit trail ---------------------------------------------------------------------------------------------------------


def test_the_audit_trail_cannot_be_changed():
    event = audit.record("login", user=make(), label="x")
    for change in (
        lambda: AuditEvent.objects.update(action="logout"),
        lambda: AuditEvent.objects.filter(pk=event.pk).delete(),
    ):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()
    assert AuditEvent.objects.get() == event


def test_an_event_says_who_what_and_of_what():
    user = make()
    event = audit.record("reveal", user=user, role="legal", unit_id=7, obj=user, detail={"field": "bank"})
    event.refresh_from_db()
    assert (event.user, event.actor_label, event.role, event.unit_id) == (user, "王小明", "legal", 7)
    assert (event.object_type, event.object_id, event.object_label) == ("accounts.user", str(user.pk), "王小明")
    assert (event.ok, event.action_label) == (True, "查看完整号码")
    assert abs(timezone.now() - event.at).total_seconds() < 60


# Messages ------------------------------------------------------------------------------------------------------------


def client_of(user):
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user, backend="accounts.oidc.backend.PersonBackend")
    session = client.session
    session[BEGAN] = int(time.time())
    session.save()
    return client


def run_jobs():
    for job in ProcrastinateJob.objects.order_by("id"):
        tasks.send_mail(**job.args)


def test_a_notice_is_a_row_and_an_email():
    user = make(email="a@example.com")
    notices.notify([user, user], subject="申报书\n已退回", body="原因：<b>预算</b>", url="/projects/1/")
    run_jobs()
    assert [notice.subject for notice in Notice.objects.all()] == ["申报书 已退回"]
    [message] = mail.outbox
    assert (message.to, message.subject) == (["a@example.com"], "【智汇攻关】申报书 已退回")
    assert "原因：<b>预算</b>" in message.body
    assert "/projects/1/" in message.body


def test_without_an_address_there_is_only_the_row():
    notices.notify([make()], subject="x")
    assert (Notice.objects.count(), ProcrastinateJob.objects.count()) == (1, 0)


def test_a_batch_sends_one_email_a_person_and_keeps_names_out_of_the_queue():
    first, second = make(email="a@example.com"), make(subject="t", email="b@example.com")
    notices.notify_each([notices.Message(user, f"通知{number}") for number in range(3) for user in (first, second)])
    assert Notice.objects.count() == 6
    jobs = list(ProcrastinateJob.objects.all())
    assert [sorted(job.args) for job in jobs] == [["notice_ids", "recipient_id"]] * 2
    run_jobs()
    assert [message.subject for message in mail.outbox] == ["【智汇攻关】您有 3 条新消息"] * 2


@pytest.mark.parametrize(("attempts", "status"), [(tasks.MOST_ATTEMPTS - 1, "todo"), (tasks.MOST_ATTEMPTS, "doing")])
def test_what_a_killed_worker_had_begun_is_taken_up_again_some_times(attempts, status):
    tasks.queue_mails.defer(notice_ids=[])
    with connection.cursor() as cursor:
        # procrastinate forgets a worker whose heart no longer beats.
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = %s", [attempts])
    async_to_sync(tasks.take_up_stalled.func)(SimpleNamespace(app=tasks.app), timestamp=0)
    assert ProcrastinateJob.objects.get().status == status


def test_a_rolled_back_decision_tells_nobody():
    user = make(email="a@example.com")

    def decide_and_fail():
        with transaction.atomic():
            notices.notify([user], subject="x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        decide_and_fail()
    assert (Notice.objects.count(), ProcrastinateJob.objects.count()) == (0, 0)


def test_messages_show_ones_own_newest_first_and_escape(django_assert_num_queries):
    user, other = make(), make(subject="t")
    notices.notify([other], subject="别人的")
    notices.notify([user], subject="旧的")
    notices.notify([user], subject="<script>alert(1)</script>", body="<img>")
    page = client_of(user).get(reverse("messages")).content.decode()
    assert "别人的" not in page
    assert "&lt;script&gt;" in page
    assert "<img>" not in page
    assert page.index("&lt;script&gt;") < page.index("旧的")


def test_messages_take_the_same_queries_with_one_and_with_twenty_five(django_assert_max_num_queries):
    user = make()
    client = client_of(user)
    counts = []
    for wanted in (1, 25):
        notices.notify_each([notices.Message(user, "x") for _ in range(wanted - Notice.objects.count())])
        with django_assert_max_num_queries(20) as captured:
            assert client.get(reverse("messages")).status_code == 200
        counts.append(len(captured))
    assert counts == [4, 4]
    assert client.get(reverse("messages"), {"page": "9" * 40}).status_code == 200
    assert client.get(reverse("messages"), {"page": "\0", "size": "7"}).status_code == 200


def test_messages_are_marked_read_one_by_one_or_all():
    user, other = make(), make(subject="t")
    notices.notify([user, other], subject="一", url="/projects/")
    notices.notify([user], subject="二", url="//evil.example")
    first, second = Notice.objects.filter(recipient=user).order_by("pk")
    client = client_of(user)
    assert client.post(reverse("messages-read"), {"id": first.pk, "open": "1"})["Location"] == "/projects/"
    assert notices.unread_count(user) == 1
    assert client.post(reverse("messages-read"), {"id": second.pk, "open": "1"})["Location"] == reverse("messages")
    notices.notify([user], subject="三")
    assert client.post(reverse("messages-read"))["Location"] == reverse("messages")
    assert (notices.unread_count(user), notices.unread_count(other)) == (0, 1)


def test_somebody_elses_message_is_not_there():
    user, other = make(), make(subject="t")
    notices.notify([other], subject="x")
    client = client_of(user)
    for value in (Notice.objects.get().pk, "999999", "x", "", "-1", "1" * 30, "１"):
        assert client.post(reverse("messages-read"), {"id": value}).status_code == 404
    assert notices.unread_count(other) == 1
    assert client.get(reverse("messages-read")).status_code == 405


# Reveal --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def numbers(monkeypatch):
    """A kind of value that only its owner may see in full."""
    monkeypatch.setattr(reveal, "_kinds", {})

    def load(actor, object_id):
        user = User.objects.filter(pk=object_id).first()
        return reveal.Found(user.name, user, own=True) if user and user.pk == actor.user_id else None

    reveal.register("own-number", "证件号码", load)


def test_ones_own_number_is_shown_without_a_reason_written_down_and_hidden_again_after_sixty_seconds(
    numbers, monkeypatch
):
    user = make(id_number=ID_NUMBERS[0])
    client = client_of(user)
    what = f"own-number:{user.pk}"
    response = client.post(reverse("reveal"), {"what": what, "next": "/messages/?page=1"})
    assert response["Location"] == "/messages/?page=1"
    event = AuditEvent.objects.get(action="reveal")
    assert (event.user, event.object_label, event.detail) == (
        user,
        "王小明",
        {"field": "own-number", "reason": "本人查看"},
    )
    assert client.session["revealed"]["what"] == what
    assert ID_NUMBERS[0] not in str(dict(client.session.items()))
    assert client.get(reverse("messages")).wsgi_request.revealed == {what}
    monkeypatch.setattr(reveal.time, "time", lambda: client.session["revealed"]["until"])
    assert client.get(reverse("messages")).wsgi_request.revealed == frozenset()


@pytest.mark.parametrize(
    "what", ["own-number:0", "own-number:999999", "other:1", "", "own-number:", "own-number:1\n", "x" * 999]
)
def test_what_may_not_be_seen_is_not_there(numbers, what):
    client = client_of(make())
    assert client.post(reverse("reveal"), {"what": what}).status_code == 404
    assert not AuditEvent.objects.filter(action="reveal").exists()


def test_a_reveal_of_anothers_number_is_not_there(numbers):
    owner, other = make(id_number=ID_NUMBERS[0]), make(subject="t")
    assert client_of(other).post(reverse("reveal"), {"what": f"own-number:{owner.pk}"}).status_code == 404
    assert client_of(owner).get(reverse("reveal")).status_code == 405
    foreign = client_of(owner).post(reverse("reveal"), {"what": f"own-number:{owner.pk}", "next": "//evil.example"})
    assert foreign["Location"] == reverse("portal")


def test_the_mask_of_the_admin_hides_the_number():
    assert mask_id(ID_NUMBERS[0]) == "990000********0019"
