"""账号核实: a refused login is bound anew or refused for good, and the next login shows it."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import AuditEvent, IdentityConflict, User
from accounts.services import settle_conflict
from tests import factories as make
from tests.accounts.conftest import ID_NUMBERS, USCCS, Visitor, legal, person, refusals
from tests.orgs.pages import text
from tests.races import together
from zhgg.kit.errors import NotNow

BOUND, REFUSED = IdentityConflict.Outcome.BOUND, IdentityConflict.Outcome.REFUSED
FORM = {"reason": "渝快办来函：本人更换手机后重新注册", "confirmed": "on"}


def settle(outcome, conflict=None, officer=None):
    conflict = conflict or IdentityConflict.objects.get(state="open")
    officer = officer or make.make_officer()
    return settle_conflict(user=officer, role="bureau", conflict_id=conflict.pk, outcome=outcome, reason="已核实")


@pytest.fixture
def taken(visitor):
    """王小明 has logged in as p1 and now comes as new, which is refused."""
    visitor.log_in("p1", "person")
    visitor.provider.accounts.append(person("new"))
    second = Visitor(visitor.provider)
    assert second.log_in("new", "person").status_code == 409
    return visitor, second, User.objects.get(subject="p1")


@pytest.mark.django_db
def test_bound_anew_the_account_is_entered_with_the_new_login_and_no_longer_with_the_old(taken):
    first, second, holder = taken
    digest = holder.identity_digest

    settle(BOUND)

    assert second.log_in("new", "person").status_code == 302
    assert second.user == holder
    assert (second.user.subject, second.user.identity_digest, second.user.known_as) == ("new", digest, digest)
    # The session of whoever came in with the old one has ended, and the old one brings a number that is taken.
    assert first.client.get(reverse("messages")).status_code == 302
    assert Visitor(first.provider).log_in("p1", "person").status_code == 409
    assert User.objects.filter(kind="person").count() == 1


@pytest.mark.django_db
def test_the_old_login_without_a_number_is_a_new_account_and_not_an_error(taken):
    first, _, holder = taken
    settle(BOUND)
    first.provider.accounts = [person("p1", id_number=None)]

    old = Visitor(first.provider)

    assert old.log_in("p1", "person").status_code == 302
    assert old.user != holder
    assert old.user.identity_digest == ""


@pytest.mark.django_db
def test_an_account_that_the_new_login_had_without_a_number_is_closed(visitor):
    visitor.log_in("p1", "person")
    holder = visitor.user
    second = Visitor(visitor.provider)
    second.log_in("p2", "person")
    numberless = second.user
    visitor.provider.accounts = [person("p2")]
    assert second.log_in("p2", "person").status_code == 409

    settle(BOUND)

    assert second.client.get(reverse("messages")).status_code == 302
    assert second.log_in("p2", "person").status_code == 302
    assert second.user == holder
    numberless = User.objects.get(pk=numberless.pk)
    assert (numberless.is_active, numberless.subject) == (False, f"closed:{numberless.pk}:p2")


@pytest.mark.django_db
def test_bound_anew_an_account_that_came_with_another_number_is_known_by_that(visitor):
    visitor.log_in("p1", "person")
    account = visitor.user
    visitor.provider.accounts = [person("p1", id_number=ID_NUMBERS[1])]
    again = Visitor(visitor.provider)
    assert again.log_in("p1", "person").status_code == 409

    settle(BOUND)
    between = User.objects.get(pk=account.pk)
    assert again.log_in("p1", "person").status_code == 302

    assert (between.identity_digest, between.id_number) == ("", "")
    assert again.user == account
    assert again.user.id_number == ID_NUMBERS[1]
    assert again.user.identity_digest == again.user.known_as != account.known_as


@pytest.mark.django_db
def test_a_unit_whose_code_changed_is_bound_likewise(visitor):
    visitor.log_in("u1", "legal")
    account = visitor.user
    visitor.provider.accounts = [legal("u1", uscc=USCCS[1])]
    assert Visitor(visitor.provider).log_in("u1", "legal").status_code == 409

    settle(BOUND)

    again = Visitor(visitor.provider)
    assert again.log_in("u1", "legal").status_code == 302
    assert (again.user, again.user.uscc) == (account, USCCS[1])


@pytest.mark.django_db
def test_a_number_of_a_third_account_cannot_be_bound(visitor):
    visitor.log_in("p1", "person")
    visitor.provider.accounts = [person("p3", id_number=ID_NUMBERS[1])]
    Visitor(visitor.provider).log_in("p3", "person")
    visitor.provider.accounts = [person("p1", id_number=ID_NUMBERS[1])]
    Visitor(visitor.provider).log_in("p1", "person")

    with pytest.raises(NotNow, match="已属于另一个账号"):
        settle(BOUND)

    assert IdentityConflict.objects.get().state == "open"
    assert User.objects.get(subject="p1").id_number == ID_NUMBERS[0]


@pytest.mark.django_db
def test_refused_for_good_the_login_says_whom_to_call_and_opens_no_new_conflict(taken, settings):
    first, second, _ = taken

    settle(REFUSED)
    answer = second.log_in("new", "person")

    assert answer.status_code == 403
    assert all(phone in answer.content.decode() for phone in settings.SUPPORT_PHONES)
    assert IdentityConflict.objects.filter(state="open").count() == 0
    assert refusals()[-1][0] == "LoginBarred"
    assert first.client.get(reverse("messages")).status_code == 200
    assert Visitor(first.provider).log_in("p1", "person").status_code == 302
    # Another number is another matter.
    second.provider.accounts = [person("new", id_number=ID_NUMBERS[2])]
    assert second.log_in("new", "person").status_code == 302


@pytest.mark.django_db
def test_what_has_changed_meanwhile_is_not_bound(taken):
    _, _, holder = taken
    User.objects.filter(pk=holder.pk).update(known_as="0" * 64, identity_digest="")

    with pytest.raises(NotNow, match="已有变化"):
        settle(BOUND)


@pytest.mark.django_db
def test_the_second_officer_is_told_who_was_first(taken):
    first = make.make_officer("先到科员")
    conflict = IdentityConflict.objects.get()
    settle(REFUSED, conflict, first)

    with pytest.raises(NotNow, match="先到科员已办理：不予绑定"):
        settle(BOUND, conflict)

    [line] = AuditEvent.objects.filter(action="conflict_settled")
    assert (line.user, line.role, line.object_id) == (first, "bureau", str(conflict.pk))
    assert line.detail["outcome"] == "refused"


@pytest.mark.django_db
def test_the_database_keeps_nothing_closed_without_an_outcome(taken):
    with pytest.raises(IntegrityError, match="closed_conflict_has_outcome"), transaction.atomic():
        IdentityConflict.objects.update(state="closed")


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_decides():
    holder = make.make_user()
    conflict = IdentityConflict.objects.create(
        reason="taken", account=holder, issuer=make.ISSUER, subject="new", name="王小明", digest=holder.known_as
    )
    officers = [make.make_officer("甲科员"), make.make_officer("乙科员")]

    answers = together(
        *(
            partial(settle, outcome, conflict, officer)
            for outcome, officer in zip((BOUND, REFUSED), officers, strict=True)
        )
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["IdentityConflict", "NotNow"]
    assert AuditEvent.objects.filter(action="conflict_settled").count() == 1


# Pages ---------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_officer_settles_it_on_its_pages(taken, login):
    _, second, holder = taken
    officer = login(make.make_officer())
    conflict = IdentityConflict.objects.get()
    page, bind = (
        reverse("bureau-conflict", args=[conflict.pk]),
        reverse("bureau-conflict-settle", args=[conflict.pk, "bind"]),
    )

    listed = officer.get(reverse("bureau-conflicts"))
    opened = officer.get(page)
    unsure = officer.post(bind, {"reason": "渝快办来函"})
    done = officer.post(bind, FORM)
    again = officer.post(bind, FORM)

    assert "王小明" in text(listed)
    assert "证件号码，在本系统中属于下面的账号" in text(opened)
    assert ID_NUMBERS[0] not in opened.content.decode()
    assert (unsure.status_code, "请先核实身份，再勾选" in text(unsure)) == (200, True)
    assert (done.status_code, again.status_code) == (302, 409)
    assert "依据：渝快办来函" in text(officer.get(page))
    assert "没有待核实的登录" in text(officer.get(reverse("bureau-conflicts")))
    assert "重新绑定" in text(officer.get(reverse("bureau-conflicts"), {"state": "closed"}))
    assert second.log_in("new", "person").status_code == 302
    assert second.user == holder


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 25])
def test_the_list_takes_a_fixed_number_of_queries(login, number, django_assert_num_queries):
    for serial in range(number):
        holder = make.make_user()
        IdentityConflict.objects.create(
            reason="taken", account=holder, issuer=make.ISSUER, subject=f"new-{serial}", digest=holder.known_as
        )
    officer = login(make.make_officer())

    with django_assert_num_queries(7):
        officer.get(reverse("bureau-conflicts"))
