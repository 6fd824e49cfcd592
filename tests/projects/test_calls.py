"""申报通知: what is open, the guide, and 【我要申报】 that makes exactly one draft."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from projects.models import Proposal
from tests import factories as make
from tests.projects.pages import queries_of, text_of
from tests.races import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def pi():
    """Somebody who may apply."""
    return make.make_person(unit=make.make_unit())


def apply(client, call, key=None):
    return client.post(reverse("proposal-new", args=[call.pk]), {"form_key": key or uuid.uuid4()})


def test_calls_are_listed_as_open_to_come_and_closed(login, pi):
    now = timezone.now()
    make.make_call("开放的")
    make.make_call("将来的", opens_at=now + timedelta(days=1))
    times = {"closes_at": now - timedelta(days=1)}
    make.make_call("过去的", **times)
    make.make_call("没发布的", published=False)

    response = login(pi.user).get("/calls/")

    assert [call.name for call, _ in response.context["open_now"]] == ["开放的"]
    assert [call.name for call in response.context["to_come"]] == ["将来的"]
    assert [call.name for call in response.context["closed"]] == ["过去的"]
    assert "9 天" in text_of(response)


def test_unpublished_calls_are_the_bureaus_alone(login, pi):
    call = make.make_call(published=False)

    assert login(pi.user).get(call.get_absolute_url()).status_code == 404
    assert login(pi.unit.account).get(call.get_absolute_url()).status_code == 404
    assert "未发布" in text_of(login(make.make_officer()).get(call.get_absolute_url()))


def test_the_list_of_calls_takes_the_same_queries_for_one_and_for_25(login, pi):
    client = login(pi.user)
    taken = []
    for target in (1, 24):
        for _ in range(target):
            make.make_call()
        taken.append(queries_of(client, "/calls/")[1])

    assert taken == [5, 5]


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30, "9" * 5000, "x", "-1", "1%00"])
def test_an_unknown_or_malformed_number_is_not_found(login, pi, pk):
    client = login(pi.user)

    assert client.get(f"/calls/{pk}/").status_code == 404
    assert client.post(f"/calls/{pk}/apply/", {"form_key": uuid.uuid4()}).status_code == 404


def test_the_guide_is_shown_in_paragraphs_and_escaped(login, pi):
    call = make.make_call(guide="第一段\n第二行\n\n<b>第二段</b>")

    body = login(pi.user).get(call.get_absolute_url()).content.decode()

    assert "<p>第一段<br>\n第二行</p>" in body
    assert "<p>&lt;b&gt;第二段&lt;/b&gt;</p>" in body


def test_an_approved_person_may_apply(login, pi):
    call = make.make_call()

    response = login(pi.user).get(call.get_absolute_url())

    assert bool(response.context["verdict"]) is True
    assert "我要申报" in text_of(response)


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("new", "您的个人信息还没有审核通过，不能申报。"),
        ("legal", "只有个人用户可以申报项目。"),
        ("bureau", "只有个人用户可以申报项目。"),
    ],
)
def test_others_read_why_not(login, pi, who, words):
    call = make.make_call()
    user = {"new": make.make_person().user, "legal": pi.unit.account}.get(who) or make.make_officer()

    response = login(user).get(call.get_absolute_url())

    assert words in text_of(response)
    assert "我要申报" not in text_of(response)
    assert (f'href="{reverse("person")}">去维护个人信息' in response.content.decode()) == (who == "new")


def test_closed_and_coming_calls_say_so(login, pi):
    now = timezone.now()
    client = login(pi.user)
    closed = make.make_call(closes_at=now - timedelta(days=1))
    coming = make.make_call(opens_at=now + timedelta(days=1))

    assert "申报已截止，不再受理新的申报书" in text_of(client.get(closed.get_absolute_url()))
    assert "开始受理，届时可以申报" in text_of(client.get(coming.get_absolute_url()))


def test_applying_makes_a_draft_of_the_units_and_leads_to_its_first_tab(login):
    unit = make.make_unit(departments=["软件学院"])
    pi = make.make_person(unit=unit, department=unit.made_departments[0])
    call = make.make_call()

    response = apply(login(pi.user), call)

    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.pi, proposal.call) == ("draft", pi, call)
    assert (proposal.unit, proposal.department) == (unit, unit.made_departments[0])
    assert proposal.number.startswith("CSTB2026TIAD-")
    assert response.headers["Location"] == reverse("proposal-edit", args=[proposal.pk, "basics"])
    assert AuditEvent.objects.filter(action="proposal_created", object_id=str(proposal.pk)).count() == 1


def test_the_same_form_twice_leads_to_the_same_draft(login, pi):
    call, client, key = make.make_call(), login(pi.user), uuid.uuid4()

    first, second = apply(client, call, key), apply(client, call, key)

    assert first.headers["Location"] == second.headers["Location"]
    assert Proposal.objects.count() == 1


def test_two_forms_make_two_drafts(login, pi):
    call, client = make.make_call(), login(pi.user)

    apply(client, call)
    apply(client, call)

    assert Proposal.objects.count() == 2


def test_the_key_of_somebody_elses_form_leads_to_a_draft_of_ones_own(login, pi):
    call, key = make.make_call(), uuid.uuid4()
    other = make.make_person(unit=pi.unit)

    apply(login(pi.user), call, key)
    response = apply(login(other.user), call, key)

    assert response.status_code == 302
    assert sorted(Proposal.objects.values_list("pi", flat=True)) == sorted([pi.pk, other.pk])


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_two_connections_makes_one_draft(login, pi):
    call, key = make.make_call(), uuid.uuid4()
    clients = [login(pi.user) for _ in range(4)]

    answers = together(*(lambda client=client: apply(client, call, key) for client in clients))

    assert {answer.headers["Location"] for answer in answers} == {
        reverse("proposal-edit", args=[Proposal.objects.get().pk, "basics"])
    }


@pytest.mark.parametrize("key", ["", "x", "\x00", "1" * 1_000_000, "00000000-0000-0000-0000-00000000000g"])
def test_a_broken_form_key_makes_nothing_and_says_what_to_do(login, pi, key):
    call, client = make.make_call(), login(pi.user)

    response = client.post(reverse("proposal-new", args=[call.pk]), {"form_key": key}, follow=True)

    assert response.redirect_chain == [(call.get_absolute_url(), 302)]
    assert "请再点一次【我要申报】" in text_of(response)
    assert Proposal.objects.count() == 0


def test_applying_is_refused_when_the_call_is_not_open(login, pi):
    now = timezone.now()
    client = login(pi.user)
    for times in ({"closes_at": now - timedelta(seconds=1)}, {"opens_at": now + timedelta(days=1)}):
        call = make.make_call(**times)

        response = apply(client, call)

        assert response.status_code == 409
        assert "这个批次现在不受理新的申报书" in text_of(response)
    assert Proposal.objects.count() == 0


def test_applying_is_refused_without_an_approved_record(login):
    response = apply(login(make.make_person().user), make.make_call())

    assert response.status_code == 409
    assert f'href="{reverse("person")}"' in response.content.decode()
    assert Proposal.objects.count() == 0


def test_applying_is_never_for_units_and_officers(login, pi):
    call = make.make_call()

    assert apply(login(pi.unit.account), call).status_code == 403
    assert apply(login(make.make_officer()), call).status_code == 403
    assert Proposal.objects.count() == 0


def test_the_address_of_the_form_leads_to_the_call(login, pi):
    call = make.make_call()

    response = login(pi.user).get(reverse("proposal-new", args=[call.pk]))

    assert response.headers["Location"] == call.get_absolute_url()


def test_a_waiting_change_of_the_own_record_does_not_block_applying(login, pi):
    make.make_request(pi, pi.unit)

    assert apply(login(pi.user), make.make_call()).status_code == 302


def test_applying_needs_the_token_of_the_form(pi):
    call = make.make_call()
    client = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    client.force_login(pi.user, backend="accounts.oidc.backend.PersonBackend")

    assert apply(client, call).status_code == 403
    assert Proposal.objects.count() == 0


def test_ones_own_proposals_of_the_call_are_listed_on_its_page(login, pi):
    call = make.make_call()
    own = make.make_proposal(pi, call, title="已有的一份")
    make.make_proposal(make.make_person(unit=pi.unit), call, title="别人的")

    words = text_of(login(pi.user).get(call.get_absolute_url()))

    assert f"已有的一份 {own.number} · 未提交" in words
    assert "别人的" not in words
