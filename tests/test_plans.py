"""The lists of 个人信息审核 and of 申报书 among 12,000 people: what the database does for them, whatever is asked.

All in one transaction, so that nothing was vacuumed: which of the indexes serves is not shown here. In a vacuumed
database it is request_of_reviewer or proposal_of_… alone, without a look at the rows.
"""

import itertools

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import User
from orgs.models import Department, Grant, Unit
from profiles.models import ReviewRequest
from projects.demo import script
from projects.demo.cast import OFFICER
from projects.demo.scale.fill import analyze, fill
from projects.demo.scale.sizes import Sizes
from projects.enums import State
from projects.models import Call, Proposal
from tests.plans import scanned, statements_of
from zhgg.kit.crypto import digest

pytestmark = pytest.mark.xdist_group("city")
SIZES = Sizes(
    units=2_500,
    people=12_000,
    waiting=2_500,
    huge_departments=12,
    huge_people=900,
    huge_waiting=500,
    plain_people=1_000,
    plain_waiting=300,
    proposals=4_000,
    plain_proposals=300,
    plain_proposals_waiting=150,
    huge_proposals_waiting=60,
)
TABLES = {
    *("accounts_user", "accounts_notice", "orgs_unit", "profiles_person", "profiles_reviewrequest"),
    *("projects_proposal", "projects_step"),
}
MOST_QUERIES = 12
SORTS = ("", "updated_at", "-updated_at", "state", "-state")
STATES = ("", "pending", "approved", "rejected")


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """The demo with SIZES on top, as the planner knows it after ANALYZE."""
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
            fill(SIZES, lambda line: None)
            analyze()
            with connection.cursor() as cursor:
                # As docs/operations.md asks of every server: a page read out of order costs little more on SSD. With
                # the 4 of a turning disk, a unit that holds a thirteenth of so small a table is a matter of chance.
                cursor.execute("SET LOCAL random_page_cost = 1.1")
                # Autovacuum's part: what was copied in stands beside the index until then.
                cursor.execute("SELECT gin_clean_pending_list('unit_by_part_of_name')")
                cursor.execute("SELECT gin_clean_pending_list('proposal_by_title_part')")
                cursor.execute("SELECT gin_clean_pending_list('proposal_by_letters')")
            yield
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def reviewers():
    """Manager with the longest queue, unit with 二级单位, unit without, a small one, a manager with a usual queue."""
    small = User.objects.get(subject="scale-unit-900")
    grant = Grant.objects.current().managers().exclude(unit__name="重庆样例大学（虚构）").order_by("-pk").first()
    return {
        "huge 二级单位": User.objects.exclude(subject__startswith="scale").get(name="陈样安"),
        "huge unit": User.objects.get(name="重庆样例大学（虚构）"),
        "plain unit": User.objects.get(name="重庆样例智能装备有限公司（虚构）"),
        "small unit": small,
        "usual 二级单位": User.objects.get(identity_digest=grant.holder_digest),
    }


CONDITIONS = {
    "name": ("样", "张样", "张样明"),
    "unit": ("大学", "软件学院", "没有这个"),
    "id": (digest("id_number_tail", "1234"), digest("id_number", "990000198501010019")),
    "mobile": (digest("mobile_tail", "1234"), digest("mobile", "16901000007")),
    "updated_after": (str(timezone.localdate() - timezone.timedelta(days=9)),),
    "updated_before": (str(timezone.localdate() - timezone.timedelta(days=5)),),
}


def number_of(statements):
    """How many there are, without those that a transaction within the test's own begins and ends with."""
    return sum("SAVEPOINT" not in sql for sql, _ in statements)


def check(client, address="/reviews/", **query):
    """The page at this query takes few statements, and none reads a large table from end to end."""
    address = f"{address}?{urlencode({'size': 10, **query})}"
    answer, statements = statements_of(client, address)
    assert answer.status_code == 200
    assert number_of(statements) <= MOST_QUERIES, address
    assert scanned(statements, TABLES) == {}, address
    return answer


@pytest.mark.django_db
class TestReviews:
    @pytest.mark.parametrize(
        "query", [{name: value} for name, values in CONDITIONS.items() for value in values], ids=lambda q: str(q)[:30]
    )
    def test_no_condition_reads_all_people_whoever_asks(self, query, city, login):
        for user in reviewers().values():
            check(login(user), **query)

    @pytest.mark.parametrize("who", ["huge 二级单位", "plain unit"])
    def test_no_combination_of_conditions_does(self, who, city, login):
        client = login(reviewers()[who])
        for chosen in itertools.product((False, True), repeat=len(CONDITIONS)):
            names = itertools.compress(CONDITIONS, chosen)
            check(client, **{name: CONDITIONS[name][0] for name in names})

    @pytest.mark.parametrize("sort", SORTS)
    def test_no_order_does_in_any_state_nor_on_the_last_page(self, sort, city, login):
        for who in ("huge 二级单位", "plain unit"):
            client = login(reviewers()[who])
            for state in STATES:
                check(client, sort=sort, state=state)
                check(client, sort=sort, state=state, name="样")
            check(client, sort=sort, page=99_999)

    def test_units_are_found_by_any_part_of_the_name_without_reading_them_all(self, city):
        for text in ("智能装备", "样例大学", "智能2400研究院(虚构)", "91990000MATE100004"):
            units = Unit.objects.registered().named_like(text)[:21]
            assert scanned([units.query.sql_with_params()], {"orgs_unit"}) == {}, text

    def test_the_test_would_see_a_scan(self, city):
        people = ReviewRequest.objects.filter(person__major="软件工程", state="pending")
        found = scanned([people.query.sql_with_params()], TABLES)
        assert set(found) == {"profiles_person"}


def asked_of_proposals():
    """What can be asked for, with values that find much, little and nothing."""
    today = timezone.localdate()
    return {
        "q": ("样", "三峡库区", "没有这个"),
        "pi": ("样", "张样明"),
        "call": (str(Call.objects.order_by("closes_at").last().pk),),
        "department": (str(Department.objects.get(name="软件学院").pk),),
        "updated_after": (str(today - timezone.timedelta(days=9)),),
        "updated_before": (str(today - timezone.timedelta(days=5)),),
    }


@pytest.mark.django_db
class TestProposals:
    @pytest.mark.parametrize("who", ["plain unit", "huge 二级单位", "small unit"])
    def test_no_condition_or_order_reads_all_proposals_or_people(self, who, city, login):
        client = login(reviewers()[who])
        for name, values in asked_of_proposals().items():
            if name == "department":
                continue
            for value, sort in itertools.product(values, SORTS):
                check(client, "/projects/", sort=sort, **{name: value})
        for state, sort in itertools.product(("", *State), SORTS):
            check(client, "/projects/", sort=sort, state=state)
            check(client, "/projects/", sort=sort, state=state, page=99_999)

    def test_a_unit_finds_those_of_a_department_by_index(self, city, login):
        client = login(reviewers()["huge unit"])
        [department] = asked_of_proposals()["department"]
        for sort in SORTS:
            check(client, "/projects/", size=10, sort=sort, department=department)

    @pytest.mark.parametrize("who", ["plain unit", "huge 二级单位"])
    def test_no_combination_of_conditions_does(self, who, city, login):
        client = login(reviewers()[who])
        asked = {name: values[0] for name, values in asked_of_proposals().items() if name != "department"}
        for chosen in itertools.product((False, True), repeat=len(asked)):
            check(client, "/projects/", **dict(itertools.compress(asked.items(), chosen)))

    def test_the_bureau_finds_its_states_and_units_by_index(self, city, login):
        # All tables here are new, so that an index cannot stand for the rows: words among all 申报书 are left out.
        client = login(User.objects.get(username=OFFICER))
        for state, sort in itertools.product((State.BUREAU, State.ACCEPTED), SORTS):
            _, statements = statements_of(client, f"/projects/?state={state}&sort={sort}&size=10")
            assert number_of(statements) <= MOST_QUERIES
            assert set(scanned(statements, TABLES)) <= {"projects_proposal"}

    def test_the_bureau_finds_words_of_two_characters_by_index(self, city, login):
        # Of the few rows here each would be read; among many, as the planner then sees for itself, none is.
        rows = Proposal.objects.filter(title__has_part="库区").exclude(state=State.DRAFT)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            explained = rows.explain()
            cursor.execute("SET LOCAL enable_seqscan = on")
        assert "Bitmap Index Scan on proposal_by_letters" in explained

    @pytest.mark.parametrize("address", ["/", "/messages/"])
    def test_the_first_page_and_the_messages_do_not_either(self, address, city, login):
        for user in reviewers().values():
            check(login(user), address)

    def test_one_of_them_is_opened_without_reading_others(self, city, login):
        for user in (reviewers()["plain unit"], reviewers()["huge 二级单位"]):
            client = login(user)
            first = client.get("/projects/").context["table"].page.object_list[0].record
            check(client, first.get_absolute_url())

    def test_a_person_finds_their_own(self, city, login):
        user = Proposal.objects.filter(pi__user__subject__startswith="scale-").order_by("-pk").first().pi.user
        client = login(user)
        for address in ("/", "/my/", "/messages/"):
            check(client, address)

    def test_the_test_would_see_a_scan(self, city):
        titled = Proposal.objects.filter(return_reason="没有这个")
        assert set(scanned([titled.query.sql_with_params()], TABLES)) == {"projects_proposal"}
