"""The list of 个人信息审核 among 12,000 people: what the database does for it, whatever is asked.

All in one transaction, so that nothing was vacuumed: which of the indexes serves is not shown here. In a vacuumed
database it is request_of_reviewer alone, without a look at the rows.
"""

import itertools

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import User
from orgs.models import Grant, Unit
from profiles.models import ReviewRequest
from projects.demo import script
from projects.demo.scale.fill import analyze, fill
from projects.demo.scale.sizes import Sizes
from tests.plans import scanned, statements_of
from zhgg.kit.crypto import digest

SIZES = Sizes(
    units=2_500,
    people=12_000,
    waiting=2_500,
    huge_departments=12,
    huge_people=900,
    huge_waiting=500,
    plain_people=1_000,
    plain_waiting=300,
)
TABLES = {"accounts_user", "orgs_unit", "profiles_person", "profiles_reviewrequest"}
MOST_QUERIES = 12
SORTS = ("", "updated_at", "-updated_at", "state", "-state")
STATES = ("", "pending", "approved", "rejected")


@pytest.fixture(scope="class")
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
                # Autovacuum's part: what was copied in stands beside the index until then.
                cursor.execute("SELECT gin_clean_pending_list('unit_by_part_of_name')")
            yield
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def reviewers():
    """Manager with the longest queue, unit with 二级单位, unit without, a small one, a manager with a usual queue."""
    small = User.objects.get(subject="scale-unit-900")
    grant = Grant.objects.current().managers().exclude(unit__name="重庆样例大学（虚构）").order_by("-pk").first()
    return {
        "huge 二级单位": User.objects.get(name="陈样安"),
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


def check(client, **query):
    """The list at this query takes few statements, and none reads a large table from end to end."""
    address = f"/reviews/?{urlencode({'size': 10, **query})}"
    answer, statements = statements_of(client, address)
    assert answer.status_code == 200
    assert len(statements) <= MOST_QUERIES, address
    assert scanned(statements, TABLES) == {}, address
    return answer


@pytest.mark.django_db
class TestPlans:
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
