"""`seed_demo --scale`: people by the thousand, as the services would have left them."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Q
from django.test import override_settings

from accounts.enums import Kind
from accounts.models import User
from orgs.actors import actor_for
from orgs.enums import Role
from orgs.models import Department, Grant, Unit
from profiles import services
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest, id_digests, mobile_digests
from profiles.workflow import ACTIONS
from projects.completeness.limits import people_of
from projects.demo import script
from projects.demo.scale import invented
from projects.demo.scale.fill import fill
from projects.demo.scale.sizes import Sizes
from projects.enums import State
from projects.models import Call, Proposal, Step
from projects.services.decisions import perform
from projects.workflow import PASS_TO_UNIT
from zhgg.kit.identifiers import clean_id_number, clean_uscc

SMALL = Sizes(
    units=60,
    people=1_500,
    waiting=400,
    huge_departments=9,
    huge_people=300,
    huge_waiting=150,
    plain_people=200,
    plain_waiting=60,
    proposals=500,
    plain_proposals=120,
    plain_proposals_waiting=60,
    huge_proposals_waiting=40,
)


@pytest.fixture(scope="class")
def city(django_db_setup, django_db_blocker):
    """The small demo with SMALL on top, for all tests here; and the numbers before."""
    with (
        django_db_blocker.unblock(),
        override_settings(
            DEVELOPMENT=True,
            ALLOW_SYNTHETIC_IDS=True,
            OIDC_ISSUER="http://127.0.0.1:9400",
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ),
    ):
        outer = transaction.atomic()
        outer.__enter__()
        try:
            script.play(staff_passwords={})
            before = {model: model.objects.count() for model in (User, Unit, Department, Person)}
            waited = ReviewRequest.objects.filter(state=ReviewState.PENDING).count()
            said = []
            fill(SMALL, said.append)
            yield {"before": before, "waited": waited, "said": said}
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def development(settings):
    settings.ALLOW_SYNTHETIC_IDS = True


def added_proposals():
    """Those of `fill`: their titles end in their serial number."""
    return Proposal.objects.filter(title__regex=r"（样例 \d+）$")


@pytest.mark.django_db
@pytest.mark.xdist_group("filled")
class TestFilled:
    def test_there_are_as_many_as_were_asked_for(self, city):
        added = {model: model.objects.count() - number for model, number in city["before"].items()}
        assert (added[Unit], added[Person], added[User]) == (60, 1_500, 1_560)
        assert ReviewRequest.objects.filter(state=ReviewState.PENDING).count() - city["waited"] == 400
        assert set(ReviewRequest.objects.values_list("state", flat=True)) == set(ReviewState) - {ReviewState.REPLACED}
        assert city["said"][-2:] == ["个人信息 1,500 / 1,500", "申报书 500 / 500"]

    def test_the_demo_accounts_sit_in_the_huge_unit_and_in_the_plain_one(self, city):
        waiting = {
            name: ReviewRequest.objects.awaiting(actor_for(User.objects.get(name=name))).count()
            for name in ("陈样安", "严例诚")
        }
        # Three and two of the small demo.
        assert waiting == {"陈样安": 153, "严例诚": 62}
        university = Unit.objects.get(name="重庆样例大学（虚构）")
        assert university.departments.current().count() == 9

    def test_numbers_are_real_but_for_their_region_and_open_in_their_own_row(self, city):
        for person in Person.objects.filter(user__subject__startswith="scale-").select_related("user")[:50]:
            number = person.user.id_number
            assert clean_id_number("01", number) == number
            assert number[:6] == "990000"
            assert int(number[16]) % 2 == int(person.sex == "1")
            assert f"{person.birth_date:%Y%m%d}" == number[6:14]
            assert person.id_number in ("", number)
            assert re.fullmatch(r"1690\d{7}", person.mobile)
            assert mobile_digests(person.mobile) == {
                "mobile_digest": person.mobile_digest,
                "mobile_tail": person.mobile_tail,
            }
            for request in person.requests.all():
                assert request.id_number == number
                assert id_digests(number) == {"id_digest": request.id_digest, "id_tail": request.id_tail}
        for unit in Unit.objects.filter(uscc__in=User.objects.filter(subject__startswith="scale-").values("uscc"))[:10]:
            assert clean_uscc(unit.uscc) == unit.uscc
            assert unit.missing() == []
            assert unit.bank_account[:5] == "99999"

    def test_everybody_is_plainly_invented_and_some_have_rare_characters(self, city):
        names = list(Person.objects.filter(user__subject__startswith="scale-").values_list("name", flat=True))
        assert all(re.search("[样例拟试测]", name) for name in names)
        assert sum(any(ord(character) > 0x1FFFF for character in name) for name in names) / len(names) >= 0.04
        assert any("·" in name for name in names)

    def test_records_are_as_the_services_leave_them(self, city):
        people = Person.objects.filter(user__subject__startswith="scale-")
        approved = people.filter(approved_at__isnull=False)
        assert approved.count() == approved.filter(requests__state=ReviewState.APPROVED).count() > 900
        assert not people.filter(approved_at=None, requests__state=ReviewState.APPROVED).exists()
        assert not approved.exclude(id_digest=F("user__identity_digest")).exists()
        # One a person in the reviewer's list, and that one the latest.
        listed = people.annotate(listed=Count("requests", filter=Q(requests__listed=True))).values_list("listed")
        assert set(listed) == {(0,), (1,)}
        assert not ReviewRequest.objects.filter(listed=False, state=ReviewState.PENDING).exists()

    def test_every_place_with_people_has_somebody_who_decides(self, city):
        places = ReviewRequest.objects.values_list("unit", "reviewing_department").distinct()
        grants = Grant.objects.current()
        for unit, department in places:
            if department:
                assert grants.managers().filter(department=department).count() == 1
            assert grants.agents().filter(unit=unit).count() <= 1
        assert grants.agents().count() > 20

    def test_one_of_them_is_reviewed_like_anybody_else(self, city):
        manager = actor_for(User.objects.get(name="陈样安"))
        request = ReviewRequest.objects.awaiting(manager).order_by("-pk").first()

        services.decide(action=ACTIONS["approve"], request_id=request.pk, actor=manager)

        assert Person.objects.get(pk=request.person_id).is_approved

    def test_an_agent_of_a_new_unit_has_the_role(self, city):
        grant = Grant.objects.current().agents().order_by("-pk").first()
        holder = User.objects.get(identity_digest=grant.holder_digest)
        assert actor_for(holder).role == Role.AGENT

    def test_proposals_stand_in_every_state_of_five_calls(self, city):
        added = added_proposals()
        assert added.count() == 500
        assert set(added.values_list("state", flat=True)) == set(State)
        assert set(added.values_list("call", flat=True)) == set(
            Call.objects.filter(published=True).values_list("pk", flat=True)
        )
        assert Call.objects.filter(published=True).count() == 5
        waiting = {
            name: Proposal.objects.awaiting(actor_for(User.objects.get(name=name))) for name in ("陈样安", "严例诚")
        }
        added_waiting = {name: rows.filter(pk__in=added.values("pk")).count() for name, rows in waiting.items()}
        # One of each queue is the reviewer's own.
        assert added_waiting == {"陈样安": 39, "严例诚": 59}

    def test_proposals_are_as_the_services_leave_them(self, city):
        for proposal in added_proposals().for_page()[:60]:
            steps = list(proposal.steps.order_by("number"))
            assert [step.number for step in steps] == list(range(1, proposal.step_count + 1))
            assert [step.target for step in steps][-1:] == [proposal.state][: len(steps)]
            assert [step.source for step in steps[1:]] == [step.target for step in steps[:-1]]
            assert sorted(step.at for step in steps) == [step.at for step in steps]
            assert proposal.last_action == (steps[-1].action if steps else "")
            assert proposal.updated_at == proposal.state_since == (steps[-1].at if steps else proposal.created_at)
            sections = {section.tab: section.data for section in proposal.sections.all()}
            assert sections["basics"]["title"] == proposal.title
            assert proposal.submissions.count() == proposal.submission_count == bool(steps)
            if steps:
                submission = proposal.submissions.get()
                assert submission.data["basics"] == sections["basics"]
                assert submission.data["frame"]["pi"]["name"] == proposal.pi.name
                assert submission.submitted_at == proposal.submitted_at == steps[0].at
                found = {part.digest: part.leads for part in proposal.participants.all()}
                assert found == {person: leads for person, (_, leads) in people_of(proposal, sections).items()}

    def test_nobody_decides_about_themselves_and_nobody_has_two_in_a_call(self, city):
        decided = Step.objects.filter(proposal__in=added_proposals()).exclude(capacity="pi")
        assert decided.count() > 300
        assert not decided.filter(user=F("proposal__pi")).exists()
        twice = added_proposals().values("pi", "call").annotate(number=Count("pk")).filter(number__gt=1)
        assert not twice.exists()

    def test_one_of_the_proposals_is_decided_about_like_any_other(self, city):
        manager = actor_for(User.objects.get(name="陈样安"))
        proposal = added_proposals().awaiting(manager).order_by("-pk").first()

        outcome = perform(action=PASS_TO_UNIT, proposal_id=proposal.pk, actor=manager, seen_step=1)

        assert outcome.step.number == 2
        assert outcome.proposal.state == State.UNIT

    def test_constraints_stay_on(self, city):
        request = ReviewRequest.objects.filter(state=ReviewState.PENDING).first()
        request.pk, request.seal_id = None, invented.seal_id("test", 1)
        with pytest.raises(IntegrityError, match="one_open_request_a_person"), transaction.atomic():
            request.save(force_insert=True)

    def test_new_rows_follow_after_the_highest_key(self, city):
        user = User.objects.create_ykb(kind=Kind.PERSON, issuer="https://issuer.test", subject="new", name="新来")
        assert user.pk == User.objects.order_by("-pk").first().pk

    def test_references_are_put_off_again_afterwards(self, city):
        with connection.cursor() as cursor, transaction.atomic():
            # Refused at once while constraints are immediate.
            cursor.execute(
                "UPDATE profiles_person SET unit_id = -1 WHERE user_id = (SELECT max(user_id) FROM profiles_person)"
            )
            transaction.set_rollback(True)


def test_the_same_serial_is_always_the_same_person_and_no_two_share_a_number():
    first, again = ([invented.Invented(serial) for serial in range(30_000)] for _ in range(2))

    assert [(one.name, one.id_number) for one in first[:2000]] == [(one.name, one.id_number) for one in again[:2000]]
    assert len({one.id_number for one in first}) == 30_000
    assert len({invented.unit_uscc(serial) for serial in range(20_000)}) == 20_000
    assert (first[0].id_number, first[0].mobile, first[7].name) == FIRST_ONES


FIRST_ONES = ("990000196601015010", "16901000000", "钟拟年")


@pytest.mark.django_db
def test_the_large_demo_needs_an_empty_database_too(tmp_path, settings):
    settings.DEVELOPMENT = True
    User.objects.create_superuser("someone", "long-enough-pass-1", name="某人")

    with pytest.raises(CommandError, match="数据库中已有数据，没有改动"):
        call_command("seed_demo", scale="large", accounts=tmp_path / "accounts.json")


@pytest.mark.django_db
def test_the_large_demo_is_for_development_too(tmp_path, settings):
    settings.DEVELOPMENT = False

    with pytest.raises(CommandError, match="演示数据只用于开发环境"):
        call_command("seed_demo", scale="large", accounts=tmp_path / "accounts.json")
    assert User.objects.count() == 0
