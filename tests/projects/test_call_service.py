"""申报批次: saved, published and closed by 科技局, with a history that is kept."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import AuditEvent, Notice
from projects.enums import BudgetMode, State, Tab
from projects.models import Call, CallChange, Proposal
from projects.services.calls import CannotSave, StaleCall, close_call, create_call, publish_call, save_call
from projects.services.decisions import perform
from projects.workflow import SUBMIT
from tests import factories as make
from tests.races import together
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def officer():
    return make.actor_of(make.make_officer("周例"))


@pytest.fixture
def pi():
    return make.make_person(unit=make.make_unit())


def draft_values(**changes):
    now = timezone.now().replace(second=0, microsecond=0)
    return {
        "name": "2027 年度样例专项",
        "kind": "样例计划",
        "number_prefix": "CSTB2027-",
        "guide": "指南",
        "directions": ["1.1 人工智能"],
        "categories": ["一般项目", "重点项目"],
        "tabs": [Tab.BASICS],
        "required_attachments": [],
        "opens_at": now + DAY,
        "closes_at": now + 10 * DAY,
        "review_closes_at": now + 15 * DAY,
        **changes,
    }


def test_a_new_call_is_not_published_and_is_written_down(officer):
    call = create_call(actor=officer, values=draft_values(), form_key=uuid4())

    [change] = call.changes.all()
    assert (call.published, call.version) == (False, 1)
    assert (change.what, change.by_name, change.values) == ("新建", "周例", [])
    assert AuditEvent.objects.filter(action="call_saved", object_id=str(call.pk)).count() == 1


def test_the_same_form_twice_makes_one_call(officer):
    key = uuid4()

    first, second = (create_call(actor=officer, values=draft_values(), form_key=key) for _ in range(2))

    assert first == second
    assert Call.objects.count() == CallChange.objects.count() == 1


def test_a_change_is_written_down_in_words_before_and_after(officer):
    call = make.make_call(max_funding=20)

    values = {"name": "改名后的专项", "max_funding": 35, "tabs": [Tab.BASICS, Tab.TEAM], "kind": call.kind}
    save_call(actor=officer, call_id=call.pk, version=1, values=values)

    call = Call.objects.get()
    [change] = call.changes.all()
    assert (call.version, change.what) == (2, "修改")
    assert change.values == [
        ["批次名称", "2026 年度样例专项", "改名后的专项"],
        ["申报书页签", "项目基本信息", "项目基本信息、负责人与成员"],
        ["申请经费上限（万元）", "20", "35"],
    ]
    assert AuditEvent.objects.get(action="call_saved").detail == {"changed": ["max_funding", "name", "tabs"]}


def test_nothing_changed_is_nothing_saved(officer):
    call = make.make_call()

    saved = save_call(actor=officer, call_id=call.pk, version=0, values={"name": call.name})

    assert saved.version == 1
    assert CallChange.objects.count() == 0


def test_whoever_comes_second_is_told(officer):
    call = make.make_call()
    save_call(actor=officer, call_id=call.pk, version=1, values={"name": "第一个人改的名"})

    with pytest.raises(StaleCall) as stale:
        save_call(actor=officer, call_id=call.pk, version=1, values={"name": "第二个人改的名"})

    assert stale.value.call.name == "第一个人改的名"
    assert Call.objects.get().name == "第一个人改的名"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"number_prefix": "OTHER-"}, "number_prefix", "已有申报书，不能再修改"),
        ({"budget_mode": BudgetMode.LUMP_SUM}, "budget_mode", "已有申报书，不能再修改"),
        ({"closes_at": timezone.now() + 30 * DAY}, "closes_at", "请办理【延期】"),
        ({"tabs": [Tab.TEAM]}, "tabs", "已有申报书填写了项目基本信息"),
        ({"directions": ["1.1 人工智能"]}, "directions", "指南方向只能增加，不能删除或改名：“1.2 先进制造”"),
        ({"categories": ["重点项目"]}, "categories", "已有申报书选择了“一般项目”"),
        ({"guide": ""}, "guide", "请填写申报指南"),
    ],
)
def test_what_applications_rest_upon_stays(officer, pi, changes, field, words):
    call = make.make_call()
    make.make_proposal(pi, call, category="一般项目")

    with pytest.raises(CannotSave) as refused:
        save_call(actor=officer, call_id=call.pk, version=1, values=changes)

    assert list(refused.value.errors) == [field]
    assert words in refused.value.errors[field]
    assert Call.objects.get().version == 1


def test_what_applications_do_not_rest_upon_may_change(officer, pi):
    call = make.make_call()
    make.make_proposal(pi, call, category="一般项目")
    values = {
        "categories": ["一般项目", "新的一类"],
        "directions": ["1.2 先进制造", "1.1 人工智能", "1.3 新的"],
        "tabs": [Tab.BASICS, Tab.BUDGET],
        "max_funding": 50,
        "guide": "更正后的指南",
    }

    assert save_call(actor=officer, call_id=call.pk, version=1, values=values).version == 2


def test_times_may_be_edited_until_a_published_call_begins(officer):
    now = timezone.now()
    call = make.make_call(opens_at=now + DAY)

    save_call(actor=officer, call_id=call.pk, version=1, values={"closes_at": now + 12 * DAY})

    assert Call.objects.get().closes_at == now + 12 * DAY


# Publishing -----------------------------------------------------------------------------------------------------------


def test_publishing_shows_the_call_and_publishing_again_changes_nothing(officer):
    call = create_call(actor=officer, values=draft_values(), form_key=uuid4())

    publish_call(actor=officer, call_id=call.pk, version=1)
    again = publish_call(actor=officer, call_id=call.pk, version=1)

    assert (again.published, again.version, again.opens_at) == (True, 2, call.opens_at)
    assert [change.what for change in again.changes.all()] == ["发布", "新建"]
    assert AuditEvent.objects.filter(action="call_published").count() == 1


def test_a_call_whose_beginning_is_over_begins_when_it_is_published(officer):
    values = draft_values(opens_at=timezone.now() - DAY)
    call = create_call(actor=officer, values=values, form_key=uuid4())

    before = timezone.now()
    published = publish_call(actor=officer, call_id=call.pk, version=1)

    assert before - timedelta(seconds=5) <= published.opens_at <= timezone.now() + timedelta(seconds=5)
    assert published.changes.first().values[0][0] == "开始受理"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"guide": ""}, "请填写申报指南"),
        ({"directions": []}, "请至少填写一个指南方向"),
        ({"categories": []}, "请至少填写一个项目类别"),
        ({"opens_at": timezone.now() - 9 * DAY, "closes_at": timezone.now() - DAY}, "申报截止的时间已过"),
    ],
)
def test_what_is_not_ready_is_not_published(officer, changes, words):
    call = create_call(actor=officer, values=draft_values(**changes), form_key=uuid4())

    with pytest.raises(NotNow) as refusal:
        publish_call(actor=officer, call_id=call.pk, version=1)

    assert words in refusal.value.message
    assert Call.objects.get().published is False


def test_a_call_that_was_changed_since_it_was_looked_at_is_not_published(officer):
    call = create_call(actor=officer, values=draft_values(), form_key=uuid4())
    save_call(actor=officer, call_id=call.pk, version=1, values={"guide": "别人刚改的"})

    with pytest.raises(StaleCall):
        publish_call(actor=officer, call_id=call.pk, version=1)


# Closing --------------------------------------------------------------------------------------------------------------


def test_closing_ends_it_now_and_tells_whoever_has_a_draft(officer, pi):
    call = make.make_call()
    make.make_proposal(pi, call)
    make.make_proposal(make.make_person(unit=pi.unit), call, state=State.UNIT)
    closes, review = call.closes_at, call.review_closes_at

    closed = close_call(actor=officer, call_id=call.pk, version=1, reason="指南有重大调整")

    change = closed.changes.get()
    assert abs(closed.closes_at - timezone.now()) < timedelta(seconds=10)
    assert closed.closes_at < closes
    assert closed.review_closes_at == review
    assert (change.what, change.values[1]) == ("结束受理", ["原因", "", "指南有重大调整"])
    [notice] = Notice.objects.all()
    assert notice.recipient_id == pi.pk
    assert "指南有重大调整" in notice.body


def test_a_second_click_on_closing_changes_nothing(officer):
    call = make.make_call()

    first = close_call(actor=officer, call_id=call.pk, version=1, reason="指南调整")
    second = close_call(actor=officer, call_id=call.pk, version=1, reason="指南调整")

    assert second.closes_at == first.closes_at
    assert CallChange.objects.count() == 1


def test_somebody_elses_closing_is_told(officer):
    call = make.make_call()
    close_call(actor=officer, call_id=call.pk, version=1, reason="指南调整")

    with pytest.raises(NotNow):
        close_call(actor=make.actor_of(make.make_officer()), call_id=call.pk, version=1, reason="指南调整")


@pytest.mark.parametrize(
    "fields",
    [
        {"published": False},
        {"opens_at": timezone.now() + DAY},
        {"closes_at": timezone.now() - DAY},
        {"closes_at": timezone.now() - 2 * DAY, "review_closes_at": timezone.now() - DAY},
    ],
)
def test_only_a_call_under_way_is_closed(officer, fields):
    call = make.make_call(**fields)

    with pytest.raises(NotNow):
        close_call(actor=officer, call_id=call.pk, version=1, reason="指南调整")

    assert Call.objects.get().closes_at == call.closes_at


# Who may --------------------------------------------------------------------------------------------------------------


def test_nobody_but_officers_writes(pi):
    call = make.make_call()
    unit = pi.unit
    users = [pi.user, unit.account, make.make_agent(unit), make.make_manager(make.make_department(unit))]

    for actor in [make.actor_of(user) for user in users]:
        for write in (
            lambda actor=actor: create_call(actor=actor, values=draft_values(), form_key=uuid4()),
            lambda actor=actor: save_call(actor=actor, call_id=call.pk, version=1, values={"name": "越权"}),
            lambda actor=actor: publish_call(actor=actor, call_id=call.pk, version=1),
            lambda actor=actor: close_call(actor=actor, call_id=call.pk, version=1, reason="越权"),
        ):
            with pytest.raises(Http404):
                write()
    assert Call.objects.get().name == call.name


def test_an_unknown_call_is_not_found(officer):
    for pk in (0, 10**40):
        with pytest.raises(Http404):
            save_call(actor=officer, call_id=pk, version=1, values={"name": "没有这个"})


def test_the_history_of_a_call_is_kept(officer):
    call = create_call(actor=officer, values=draft_values(), form_key=uuid4())

    for spoil in (lambda: call.changes.update(what="改"), lambda: call.changes.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            spoil()


# Races ----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_with_the_same_form_one_is_told(officer):
    call = make.make_call()
    other = make.actor_of(make.make_officer())

    answers = together(
        *(
            lambda actor=actor, name=name: save_call(
                actor=actor, call_id=call.pk, version=1, values={"name": name, "guide": name}
            )
            for actor, name in ((officer, "甲改的名字"), (other, "乙改的名字"))
        )
    )

    assert sorted(type(answer) for answer in answers if isinstance(answer, Exception)) == [StaleCall]
    call = Call.objects.get()
    assert call.name == call.guide
    assert (call.version, call.changes.count()) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_submitted_after_the_moment_at_which_a_call_was_closed(officer):
    unit = make.make_unit()
    call = make.make_call()
    drafts = [make.make_proposal(make.make_person(unit=unit), call, title=f"题目{number}") for number in range(6)]

    def submit(draft):
        return perform(action=SUBMIT, proposal_id=draft.pk, actor=make.actor_of(draft.pi.user), seen_step=0)

    together(
        *(lambda draft=draft: submit(draft) for draft in drafts[:3]),
        lambda: close_call(actor=officer, call_id=call.pk, version=1, reason="指南调整"),
        *(lambda draft=draft: submit(draft) for draft in drafts[3:]),
    )

    closed = Call.objects.get()
    assert closed.changes.count() == 1
    late = Proposal.objects.filter(submission_count=1, submitted_at__gte=closed.closes_at)
    assert late.count() == 0
