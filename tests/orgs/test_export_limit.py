"""How many exports an account may have in ten minutes, over all lists, and what the one too many is told."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, ThrottleCount
from orgs.services.exports import note_export
from tests import factories as make
from tests.orgs.pages import text
from tests.races import together
from zhgg.kit.errors import TooOften


def exported(user, times, *, seconds_ago=60):
    """That many exports of the account, the first one so long ago."""
    ends = timezone.now() + timedelta(seconds=600 - seconds_ago)
    ThrottleCount.objects.create(key=f"export:account:{user.pk}", count=times, ends_at=ends)
    return ends


def status_of(answer):
    """How it was answered; the file of a download is read."""
    b"".join(answer.streaming_content if answer.streaming else answer)
    return answer.status_code


def exports_of(user):
    return AuditEvent.objects.filter(user=user, action="export").count()


@pytest.mark.django_db
def test_twenty_exports_go_in_ten_minutes_and_the_next_is_told_when(login):
    unit = make.make_unit()
    client, agent = login(unit.account), make.make_agent(unit)
    ends = exported(unit.account, 18)

    # Whatever the list: 单位 may export 二级单位 and 项目.
    assert [status_of(client.post(url)) for url in ("/departments/export/", "/projects/export/")] == [200, 200]
    refused = client.post("/departments/export/")

    until = timezone.localtime(ends + timedelta(minutes=1, microseconds=-1))
    sentence = f"您在 10 分钟内已导出 20 次，这次没有导出。请在 {until:%H:%M} 以后再试。"
    assert refused.status_code == 429
    assert "导出太频繁" in text(refused)
    assert sentence in text(refused)
    assert 535 <= int(refused["Retry-After"]) <= 540
    assert exports_of(unit.account) == 2
    assert status_of(login(agent).post("/departments/export/")) == 200, "another account has its own"


@pytest.mark.django_db
def test_ten_minutes_after_the_first_one_the_count_begins_anew(login):
    unit = make.make_unit()
    exported(unit.account, 20)
    client = login(unit.account)
    assert status_of(client.post("/departments/export/")) == 429

    ThrottleCount.objects.update(ends_at=F("ends_at") - timedelta(seconds=540))

    assert [status_of(client.post("/departments/export/")) for _ in range(21)] == [200] * 20 + [429]


@pytest.mark.django_db
def test_exports_in_full_count_too_and_a_refused_one_keeps_what_was_typed(login):
    officer = make.make_officer()
    client, asked = login(officer), {"reason": "核对受理材料", "sure": "on"}
    exported(officer, 19)

    assert status_of(client.post(reverse("proposals-export-full"), asked)) == 200
    refused = client.post(reverse("proposals-export-full"), asked)

    assert refused.status_code == 429
    assert "核对受理材料</textarea>" in refused.content.decode()
    assert client.post(reverse("proposals-export")).status_code == 429
    assert exports_of(officer) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_only_one_is_the_twentieth():
    unit = make.make_unit()
    exported(unit.account, 19)
    actor = make.actor_of(unit.account)

    outcomes = together(*[lambda: note_export(actor=actor, name="二级单位", detail={})] * 2)

    assert sorted(type(outcome) for outcome in outcomes if outcome) == [TooOften]
    assert exports_of(unit.account) == 1
