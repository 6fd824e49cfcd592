"""通知公告: who reads them and when; written, published, changed and taken back by 科技局."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from projects.bulletin_forms import BODY_MAX
from projects.enums import Showing
from projects.models import Announcement, AnnouncementChange
from projects.rules import showing_of
from projects.services.announcements import (
    StaleAnnouncement,
    create_announcement,
    publish_announcement,
    save_announcement,
    take_back_announcement,
)
from tests import factories as make
from tests.projects.pages import queries_of, text_of
from tests.races import together
from zhgg.kit.clock import database_now
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LIST, NEW, BUREAU = reverse("announcements"), reverse("bureau-announcement-new"), reverse("bureau-announcements")
LOGIN = reverse("login")


@pytest.fixture
def officer():
    return make.actor_of(make.make_officer("周例"))


@pytest.fixture
def client(login, officer):
    return login(officer.user)


@pytest.fixture
def passer_by():
    return Client(HTTP_HOST="127.0.0.1")


def moment(days):
    return timezone.localtime(timezone.now() + days * DAY).strftime("%Y-%m-%dT%H:%M")


def values(**changes):
    now = timezone.now().replace(second=0, microsecond=0)
    return {
        "title": "关于申报的样例公告",
        "audience": ["all"],
        "pinned": False,
        "shows_from": now - DAY,
        "shows_until": None,
        "body": "正文",
        **changes,
    }


def form_data(**changes):
    data = {
        "version": "0",
        "form_key": str(uuid4()),
        "title": "关于申报的样例公告",
        "audience": ["unit", "manager"],
        "shows_from": moment(-1),
        "shows_until": moment(10),
        "body": "## 要求\n\n**不超过两项**",
    }
    return data | changes


def page(name, announcement):
    return reverse(name, args=[announcement.pk])


# Reading --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def readers(login, passer_by, officer):
    unit = make.make_unit(departments=["研究所"])
    unitless = make.make_unit()
    unitless.account.uscc = ""
    unitless.account.save()
    return {
        "nobody": passer_by,
        "unitless": login(unitless.account),
        "legal": login(unit.account),
        "agent": login(make.make_agent(unit)),
        "manager": login(make.make_manager(unit.made_departments[0])),
        "person": login(make.make_person(unit=unit).user),
        "bureau": login(officer.user),
    }


def test_everybody_reads_what_is_for_them(readers):
    """Agents and managers are 个人 as well."""
    for audience in (["all"], ["unit"], ["manager"], ["person"], ["bureau"], ["unit", "bureau"]):
        make.make_announcement("+".join(audience), audience=audience)
    wanted = {
        "nobody": {"all"},
        "unitless": {"all"},
        "legal": {"all", "unit", "unit+bureau"},
        "agent": {"all", "unit", "unit+bureau", "person"},
        "manager": {"all", "manager", "person"},
        "person": {"all", "person"},
        "bureau": {"all", "bureau", "unit+bureau"},
    }

    listed = {who: {row.title for row in client.get(LIST).context["page"]} for who, client in readers.items()}
    opened = {
        who: {row.title for row in Announcement.objects.all() if client.get(row.get_absolute_url()).status_code == 200}
        for who, client in readers.items()
    }
    # The portal, for whoever is not logged in the login page.
    newest = {
        who: {row.title for row in client.get(LOGIN if who == "nobody" else "/").context["site"].announcements}
        for who, client in readers.items()
    }

    assert listed == wanted
    assert opened == wanted
    assert newest == wanted


def test_the_window_begins_and_ends_by_the_clock_of_the_database(passer_by, monkeypatch):
    now, tick = database_now(), timedelta(minutes=1)
    # The web server's clock is an hour late.
    monkeypatch.setattr(timezone, "now", lambda: now - timedelta(hours=1))
    for title, begins, ends in (
        ("has just begun", now - tick, None),
        ("begins in a moment", now + tick, None),
        ("has just ended", now - DAY, now - tick),
        ("ends in a moment", now - DAY, now + tick),
    ):
        make.make_announcement(title, shows_from=begins, shows_until=ends)
    make.make_announcement("is not published", published=False)

    shown = {row.title for row in passer_by.get(LIST).context["page"]}
    opened = {row.title: passer_by.get(row.get_absolute_url()).status_code for row in Announcement.objects.all()}

    assert shown == {"has just begun", "ends in a moment"}
    assert opened == {
        "has just begun": 200,
        "begins in a moment": 404,
        "has just ended": 404,
        "ends in a moment": 200,
        "is not published": 404,
    }


@pytest.mark.parametrize(
    ("after_begin", "showing"),
    [(-1, Showing.COMING), (0, Showing.SHOWN), (59, Showing.SHOWN), (60, Showing.OVER), (61, Showing.OVER)],
)
def test_the_beginning_counts_and_the_end_does_not(after_begin, showing):
    begins, minute = database_now(), timedelta(minutes=1)
    window = Announcement(published=True, shows_from=begins, shows_until=begins + 60 * minute)

    assert showing_of(window, begins + after_begin * minute) == showing


def test_what_is_hidden_answers_as_what_does_not_exist(passer_by):
    hidden = make.make_announcement(audience=["bureau"])

    there, nowhere = (passer_by.get(reverse("announcement", args=[pk])) for pk in (hidden.pk, hidden.pk + 1))

    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert text_of(there).split("编号")[0][:-25] == text_of(nowhere).split("编号")[0][:-25]


def test_pinned_ones_come_first_then_the_latest(passer_by):
    now = timezone.now()
    for title, days, pinned in (("旧", 3, False), ("新", 1, False), ("置顶旧", 9, True), ("置顶新", 8, True)):
        make.make_announcement(title, shows_from=now - days * DAY, pinned=pinned)

    assert [row.title for row in passer_by.get(LIST).context["page"]] == ["置顶新", "置顶旧", "新", "旧"]


def test_lists_take_a_fixed_number_of_queries(login, client, passer_by):
    person = login(make.make_person(unit=make.make_unit()).user)
    counts = []
    for number in (1, 25):
        for _ in range(number - Announcement.objects.count()):
            make.make_announcement()
        counts.append(
            [
                queries_of(who, path)[1]
                for who, path in ((passer_by, LIST), (passer_by, LOGIN), (person, LIST), (client, f"{BUREAU}?size=50"))
            ]
        )

    assert counts == [[2, 1, 5, 7]] * 2


def test_the_pager_turns_the_pages(passer_by):
    for _ in range(12):
        make.make_announcement()

    answer = passer_by.get(f"{LIST}?size=10&page=2")

    assert len(answer.context["page"].object_list) == 2
    assert "共2页" in text_of(answer)
    assert passer_by.get(f"{LIST}?page={'9' * 40}&size=%00").status_code == 200


def test_markup_in_the_text_stays_text(passer_by):
    made = make.make_announcement(body="## 要求\n\n<script>alert(1)</script> **两项**")

    html = passer_by.get(made.get_absolute_url()).content.decode()

    assert "<h3>要求</h3>" in html
    assert "<strong>两项</strong>" in html
    assert "&lt;script&gt;alert(1)" in html


# Writing --------------------------------------------------------------------------------------------------------------


def test_an_announcement_is_written_published_changed_and_taken_back(client, passer_by):
    key = str(uuid4())
    for _ in range(2):
        answer = client.post(NEW, form_data(form_key=key, audience=["unit", "all"]), follow=True)
    made = Announcement.objects.get()
    assert "已保存，还没有发布" in text_of(answer)
    # Beside everybody nobody needs to be named.
    assert (made.audience, made.published) == (["all"], False)
    assert passer_by.get(made.get_absolute_url()).status_code == 404

    client.post(page("bureau-announcement-publish", made), {"version": "1"})
    assert passer_by.get(made.get_absolute_url()).status_code == 200

    client.post(
        page("bureau-announcement-edit", made),
        form_data(audience=["all"], title="改过的样例公告", pinned="on", version="2"),
    )
    assert "改过的样例公告" in text_of(passer_by.get(made.get_absolute_url()))

    client.post(page("bureau-announcement-withdraw", made), {"version": "3"})
    assert passer_by.get(made.get_absolute_url()).status_code == 404

    made.refresh_from_db()
    assert [change.what for change in made.changes.all()] == ["收回", "修改", "发布", "新建"]
    assert made.changes.all()[1].values[:2] == [
        ["标题", "关于申报的样例公告", "改过的样例公告"],
        ["置顶", "否", "是"],
    ]
    assert list(
        AuditEvent.objects.filter(object_type="projects.announcement").order_by("pk").values_list("action", flat=True)
    ) == ["announcement_saved", "announcement_published", "announcement_saved", "announcement_withdrawn"]
    words = text_of(client.get(page("bureau-announcement", made)))
    assert "周例 收回" in words
    assert "关于申报的样例公告 → 改过的样例公告" in words


def test_publishing_moves_a_past_beginning_to_now(officer):
    early = create_announcement(actor=officer, values=values(), form_key=uuid4())
    later = create_announcement(
        actor=officer, values=values(shows_from=values()["shows_from"] + 3 * DAY), form_key=uuid4()
    )

    published = [
        publish_announcement(actor=officer, announcement_id=each.pk, version=1).shows_from for each in (early, later)
    ]

    assert abs(published[0] - timezone.now()) < timedelta(seconds=30)
    assert published[1] == later.shows_from


def test_what_is_over_is_not_published(officer, client):
    made = create_announcement(actor=officer, values=values(shows_until=timezone.now() - DAY / 2), form_key=uuid4())

    with pytest.raises(NotNow):
        publish_announcement(actor=officer, announcement_id=made.pk, version=1)
    assert client.post(page("bureau-announcement-publish", made), {"version": "1"}).status_code == 409
    assert "展示截止时间已过" in text_of(client.get(page("bureau-announcement", made)))


def test_doing_it_twice_changes_nothing(officer):
    made = create_announcement(actor=officer, values=values(), form_key=uuid4())
    for _ in range(2):
        publish_announcement(actor=officer, announcement_id=made.pk, version=1)
    for _ in range(2):
        save_announcement(actor=officer, announcement_id=made.pk, version=2, values=values(shows_from=_begin(made)))
    for _ in range(2):
        take_back_announcement(actor=officer, announcement_id=made.pk, version=2)

    assert [change.what for change in made.changes.all()] == ["收回", "发布", "新建"]


def _begin(made):
    return Announcement.objects.get(pk=made.pk).shows_from


def test_what_somebody_else_saved_meanwhile_is_told_and_nothing_typed_is_lost(officer, client):
    made = create_announcement(actor=officer, values=values(), form_key=uuid4())
    save_announcement(actor=officer, announcement_id=made.pk, version=1, values=values(title="同事改的样例公告"))

    answer = client.post(page("bureau-announcement-edit", made), form_data(title="我改的样例公告", version="1"))

    assert answer.status_code == 409
    assert "标题现在是“同事改的样例公告”" in text_of(answer)
    assert 'value="我改的样例公告"' in answer.content.decode()
    for name in ("publish", "withdraw"):
        if name == "withdraw":
            publish_announcement(actor=officer, announcement_id=made.pk, version=2)
        refused = client.post(page(f"bureau-announcement-{name}", made), {"version": "1"})
        assert (refused.status_code, "公告已有新的办理" in text_of(refused)) == (409, True)


@pytest.mark.django_db(transaction=True)
def test_officers_at_once_do_not_overwrite_each_other(officer):
    made = create_announcement(actor=officer, values=values(), form_key=uuid4())

    def save(title):
        return lambda: (
            save_announcement(actor=officer, announcement_id=made.pk, version=1, values=values(title=title)).title
        )

    answers = together(*(save(f"第 {number} 人改的样例公告") for number in range(6)))

    assert sorted(type(answer) is StaleAnnouncement for answer in answers) == [False, *[True] * 5]
    assert made.changes.count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "请填写"),
        ({"title": "三个字"}, "至少 4 字"),
        ({"title": "长" * 101}, "最多 100 字"),
        ({"title": "含\x00空字符"}, ""),
        ({"audience": []}, "请选择"),
        ({"audience": ["all", "king"]}, "所选的项不存在"),
        ({"shows_from": "1e309"}, "格式填写"),
        ({"shows_until": "9" * 40}, "格式填写"),
        ({"shows_until": moment(-2)}, "展示截止应晚于开始展示"),
        ({"body": "长" * (BODY_MAX + 1)}, "最多 20,000 字"),
        ({"body": ["一", "二" * 100_000]}, "最多 20,000 字"),
        ({"form_key": "x"}, "1 处"),
        ({"version": "10e40"}, "页面已过期"),
    ],
)
def test_mistakes_are_told_and_nothing_is_saved(client, changes, words):
    data = form_data(**changes)
    kept = data["title"] if "title" not in changes else data["body"]

    answer = client.post(NEW, data)

    assert (answer.status_code, answer.context["form"].error_count >= 1) == (200, True)
    assert words in text_of(answer)
    assert kept in answer.content.decode()
    assert not Announcement.objects.exists()


def test_missing_fields_are_told(client):
    assert client.post(NEW, {}).context["form"].error_count >= 4


def test_the_preview_shows_and_saves_nothing(client):
    answer = client.post(NEW, form_data(preview="1", title="三"))

    assert "<h3>要求</h3>" in answer.content.decode()
    assert answer.context["form"].errors == {}
    assert not Announcement.objects.exists()


def test_nobody_else_writes(login):
    made = make.make_announcement()
    agent = make.actor_of(make.make_agent(make.make_unit()))

    for call in (
        lambda: create_announcement(actor=agent, values=values(), form_key=uuid4()),
        lambda: save_announcement(actor=agent, announcement_id=made.pk, version=1, values=values()),
        lambda: publish_announcement(actor=agent, announcement_id=made.pk, version=1),
        lambda: take_back_announcement(actor=agent, announcement_id=made.pk, version=1),
    ):
        with pytest.raises(Http404):
            call()


def test_the_history_is_never_changed(officer):
    made = create_announcement(actor=officer, values=values(), form_key=uuid4())

    with pytest.raises(DatabaseError), transaction.atomic():
        AnnouncementChange.objects.update(what="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        made.changes.all().delete()
    assert [change.what for change in made.changes.all()] == ["新建"]


@pytest.mark.parametrize(
    "changes", [{"audience": []}, {"shows_until": timezone.now() - 2 * DAY}], ids=["audience", "times"]
)
def test_the_database_holds_audience_and_order_of_times(changes):
    with pytest.raises(DatabaseError), transaction.atomic():
        make.make_announcement(**changes)


@pytest.mark.parametrize(
    ("query", "titles"),
    [("?state=shown", {"甲公告"}), ("?state=unpublished", {"乙公告"}), ("?q=甲", {"甲公告"}), ("?state=over", set())],
)
def test_the_list_of_the_bureau_is_searched(client, query, titles):
    make.make_announcement("甲公告", pinned=True)
    make.make_announcement("乙公告", published=False)

    assert {row.record.title for row in client.get(BUREAU + query).context["table"].page.object_list} == titles
    assert "查询条件有误" in text_of(client.get(f"{BUREAU}?q=%00&state=x"))
