"""Many 个人信息 decided at once: the same as one by one, all or nothing, and every row is accounted for."""

import io
import time

import pytest
from django.db import connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from accounts.models import AuditEvent, Notice, User
from profiles import services
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest, id_digests
from profiles.views import batch
from profiles.workflow import ACTIONS
from tests import factories as make
from tests.jobs import empty_queue, run_jobs
from tests.profiles.conftest import REASON, again, decide, submit
from tests.profiles.test_person_pages import text_of
from tests.profiles.test_review_pages import LIST
from tests.profiles.test_who_decides import CASES, VIEWERS, bring_to, people, request_of
from tests.races import together
from tests.test_unreadable import damage
from zhgg.kit.errors import NotNow, Refusal

__all__ = ["people"]

BATCH = "/reviews/batch/"
TELL = "profiles.tell_of_batch"


def many(user, key, *requests):
    """Decide about them as that user, and let the worker tell them; the Outcomes."""
    reason = REASON if ACTIONS[key].needs_reason else ""
    ids = [request.pk for request in requests]
    outcomes = services.decide_many(action=ACTIONS[key], request_ids=ids, actor=make.actor_of(user), reason=reason)
    run_jobs(TELL)
    return outcomes


def waiting(world, number):
    people = [make.make_person(f"样例{position}") for position in range(number)]
    return [make.make_request(person, world.unit, world.software) for person in people]


def form_of(answer):
    """What the question's form sends, without its reason."""
    names = {"selection": answer.context["selection"], "list": answer.context["list_query"]}
    return {"action": answer.context["action"].key, **names}


# The same as one by one ----------------------------------------------------------------------------------------------


def picture(person_id):
    """Everything that a decision leaves behind, but the moments."""
    person = Person.objects.get(pk=person_id)
    return {
        "requests": [
            (each.state, each.listed, each.decided_by_id, each.decider_name, each.decider_role, each.reason)
            for each in ReviewRequest.objects.filter(person=person).order_by("pk")
        ],
        "decided": [each.decided_at is not None for each in ReviewRequest.objects.filter(person=person).order_by("pk")],
        "record": {
            field: getattr(person, field) for field in (*Person.REVIEWED, "id_digest", "version", "is_approved")
        },
        "audit": list(
            AuditEvent.objects.filter(action="profile_decided").values_list(
                "user", "actor_label", "role", "unit_id", "object_type", "object_id", "object_label", "detail", "ok"
            )
        ),
        "notices": list(Notice.objects.values_list("recipient", "subject", "body", "url")),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("key", list(ACTIONS))
@pytest.mark.parametrize("state", ReviewState.values)
@pytest.mark.parametrize("case", CASES)
def test_a_batch_comes_to_what_single_decisions_come_to(case, state, key, world, people):
    request = request_of(case, world, people)
    bring_to(request, state, by=make.make_user())
    action, reason = ACTIONS[key], REASON if key == "reject" else ""

    singly, at_once = {}, {}
    for viewer in VIEWERS:
        actor = make.actor_of(people[viewer])
        untouched = transaction.savepoint()
        try:
            services.decide(action=action, request_id=request.pk, actor=actor, reason=reason)
            answer = (True, "")
        except Http404:
            answer = None
        except Refusal as refusal:
            answer = (False, refusal.message)
        singly[viewer] = (answer, picture(request.person_id))
        transaction.savepoint_rollback(untouched)

        outcomes = services.decide_many(action=action, request_ids=[request.pk], actor=actor, reason=reason)
        run_jobs(TELL)
        answers = [(outcome.done, outcome.reason) for outcome in outcomes]
        at_once[viewer] = (answers[0] if answers else None, picture(request.person_id))
        transaction.savepoint_rollback(untouched)

    assert at_once == singly


@pytest.mark.django_db
def test_a_mixed_batch_does_what_can_be_done_and_names_the_rest(world):
    fine, changed, decided = waiting(world, 3)
    manager = world.manager
    newer = submit(changed.person.user, world.unit, world.software, position="教授")
    decide(manager, "reject", decided)
    own = make.make_request(Person.objects.get(pk=manager.pk), world.unit, world.software)
    foreign = make.make_request(make.make_person(), world.plain)

    outcomes = many(manager, "approve", fine, changed, decided, own, foreign)

    assert [(outcome.request_id, outcome.done, outcome.reason[:13]) for outcome in outcomes] == [
        (fine.pk, True, ""),
        (changed.pk, False, "对方已重新提交个人信息，您"),
        (decided.pk, False, outcomes[2].reason[:13]),
    ]
    assert outcomes[2].reason.startswith(f"{manager.name}已于 ")
    states = [again(request).state for request in (fine, changed, newer, decided, own, foreign)]
    assert states == ["approved", "replaced", "pending", "rejected", "pending", "pending"]


@pytest.mark.django_db
def test_each_person_gets_their_own_record_with_their_own_number(world):
    requests = [
        make.make_request(make.make_person(), world.unit, world.software, position=f"职务{position}")
        for position in range(5)
    ]

    many(world.manager, "approve", *requests)

    for position, request in enumerate(requests):
        person = Person.objects.get(pk=request.person_id)
        assert (person.position, person.id_number) == (f"职务{position}", person.user.id_number)
        assert (person.department, person.approved_at) == (world.software, again(request).decided_at)
    assert Notice.objects.count() == AuditEvent.objects.filter(action="profile_decided").count() == 5


@pytest.mark.django_db
def test_the_same_batch_sent_twice_acts_once_and_answers_the_same(world):
    requests = waiting(world, 3)

    first, second = (many(world.manager, "reject", *requests) for _ in range(2))

    assert [outcome.done for outcome in first] == [outcome.done for outcome in second] == [True] * 3
    assert (Notice.objects.count(), Person.objects.get(pk=requests[0].person_id).version) == (3, 1)


@pytest.mark.django_db
def test_an_approval_takes_the_person_off_other_lists(world):
    user = make.make_person().user
    elsewhere = submit(user, world.plain)
    decide(world.plain_agent, "reject", elsewhere)
    here = submit(user, world.unit, world.software)

    many(world.manager, "approve", here, *waiting(world, 1))

    assert [again(request).listed for request in (elsewhere, here)] == [False, True]


@pytest.mark.django_db
def test_a_batch_fails_as_a_whole(world, monkeypatch):
    requests = waiting(world, 3)
    monkeypatch.setattr(services.notices.tell_of_batch, "defer", lambda **what: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        many(world.manager, "approve", *requests)

    assert [again(request).state for request in requests] == ["pending"] * 3


@pytest.mark.django_db
def test_whose_number_cannot_be_read_is_named_and_the_others_go(world, login, caplog):
    one, two, three = waiting(world, 3)
    damage(ReviewRequest, "id_number", pk=two.pk)
    client = login(world.manager)
    sentence = "对方的证件号码无法读取，没有审核通过。请致电技术支持。"

    result = client.post(BATCH, form_of(client.post(BATCH, {"action": "approve", "id": [one.pk, two.pk, three.pk]})))
    run_jobs(TELL)
    with pytest.raises(NotNow, match=sentence):
        decide(world.manager, "approve", two)

    assert "2 条审核通过，1 条没有办理。" in text_of(result)
    assert text_of(result).count(sentence) == 1
    assert [again(request).state for request in (one, two, three)] == ["approved", "pending", "approved"]
    assert [Person.objects.get(pk=each.person_id).id_number for each in (one, three)] == [
        each.person.user.id_number for each in (one, three)
    ]
    assert not Person.objects.get(pk=two.person_id).is_approved
    told = {one.person_id, three.person_id}
    assert set(Notice.objects.values_list("recipient", flat=True)) == told
    lines = AuditEvent.objects.filter(action="profile_decided")
    assert [(line.object_id, line.detail["batch"]) for line in lines.order_by("pk")] == [
        (str(one.pk), 2),
        (str(three.pk), 2),
    ]
    assert [record.getMessage() for record in caplog.records if record.name == "zhgg.fields"] == [
        f"profiles.ReviewRequest.id_number of row {two.pk} cannot be read: changed, or moved from another row or column"
    ] * 2

    # A refusal puts nothing in force, and so opens nothing.
    assert [each.done for each in many(world.manager, "reject", two)] == [True]


@pytest.mark.django_db
def test_a_batch_of_which_nothing_can_be_read_changes_nothing(world):
    requests = waiting(world, 2)
    damage(ReviewRequest, "id_number")

    outcomes = many(world.manager, "approve", *requests)

    assert [(each.request_id, each.done) for each in outcomes] == [(request.pk, False) for request in requests]
    assert (AuditEvent.objects.filter(action="profile_decided").count(), Notice.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_as_many_statements_for_twenty_as_for_two(world):
    def statements(requests):
        with CaptureQueriesContext(connection) as queries:
            batching(world.manager, "approve", *requests)()
        return len(queries)

    assert statements(waiting(world, 2)) == statements(waiting(world, 20))


# The pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_ticked_rows_are_asked_about_and_then_decided(world, login):
    one, two, _three = waiting(world, 3)
    client = login(world.manager)

    question = client.post(BATCH, {"action": "approve", "id": [one.pk, two.pk], "list": "name=样例"})
    before = [again(request).state for request in (one, two)]
    result = client.post(BATCH, form_of(question))

    assert "已选 2 条，其中 2 条可以办理。" in text_of(question)
    assert before == ["pending"] * 2
    assert [again(request).state for request in (one, two, _three)] == ["approved", "approved", "pending"]
    assert "2 条审核通过。" in text_of(result)
    assert 'href="/reviews/?name=%E6%A0%B7%E4%BE%8B">返回列表</a>' in text_of(result)


@pytest.mark.django_db
def test_all_of_a_list_means_what_waits_there_and_nothing_that_comes_later(world, login):
    requests = waiting(world, 25)
    client = login(world.manager)
    listed = client.get(LIST, {"name": "样例1"})
    assert "全部 11 条待审核（符合查询条件的）" in text_of(listed)

    question = client.post(BATCH, {"action": "approve", "all": listed.context["token"], "list": "name=样例1"})
    late = make.make_request(make.make_person("样例1"), world.unit, world.software)
    renewed = submit(requests[10].person.user, world.unit, world.software, position="教授")
    result = client.post(BATCH, form_of(question))

    assert (question.context["chosen"], question.context["possible"]) == (11, 11)
    assert "10 条审核通过，1 条没有办理。" in text_of(result)
    assert "对方已重新提交个人信息" in text_of(result)
    assert [again(each).state for each in (late, renewed, requests[2])] == ["pending"] * 3
    assert ReviewRequest.objects.filter(state="approved").count() == 10


@pytest.mark.django_db
def test_the_question_tells_what_cannot_go_and_why(world, login):
    one, two = waiting(world, 2)
    foreign = make.make_request(make.make_person(), world.plain)
    decide(world.manager, "approve", two)

    page = text_of(login(world.manager).post(BATCH, {"action": "reject", "id": [one.pk, two.pk, foreign.pk]}))

    assert "已选 3 条，其中 1 条可以办理，2 条不能。" in page
    assert "办理：审核已通过。没有重复办理。" in page
    assert "1 条不由您审核" in page
    assert "确认（1 条）" in page


@pytest.mark.django_db
def test_of_many_the_first_are_listed_and_all_are_in_the_workbook(world, login, monkeypatch):
    requests = waiting(world, 6)
    for request in requests[4:]:
        submit(request.person.user, world.unit, world.software, position="教授")
    monkeypatch.setattr(batch, "SHOWN", 1)
    client = login(world.manager)

    question = client.post(BATCH, {"action": "approve", "id": [request.pk for request in requests]})
    result = client.post(BATCH, form_of(question))
    export = client.post("/reviews/batch/export/", {"result": result.context["result"]})

    assert "以上列出 1 条，另有 3 条可以办理的不再列出，办理结果的 Excel 表逐条列出。" in text_of(question)
    assert "以上列出 1 条，另有 3 条已办理的不再列出，点【导出】可下载全部。" in text_of(result)
    # The question in the order of the list, the result in that of the numbers.
    for page, name in ((question, "样例5"), (result, "样例4")):
        assert [row.name for row in page.context["rows"]] == ["样例0"]
        [(reason, number, first, more)] = page.context["groups"]
        assert (reason[:11], number, [row.name for row in first], more) == ("对方已重新提交个人信息", 2, [name], 1)
        assert f">{name}</a> 等" in text_of(page)
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(export.streaming_content)))
    rows = [row for row in workbook.get_sheet_by_index(0).to_python() if row[3] in ("没有办理", "审核通过")]
    assert [(row[0], row[3]) for row in rows] == [
        *((f"样例{each}", "没有办理") for each in (4, 5)),
        *((f"样例{each}", "审核通过") for each in range(4)),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reason", "sentence"), [("", "请填写"), ("否", "至少 2 字，现在只有 1 字，请补充"), ("a\0b", "第 2 个字")]
)
def test_a_refusal_of_many_needs_a_reason(reason, sentence, world, login):
    requests = waiting(world, 2)
    client = login(world.manager)
    question = client.post(BATCH, {"action": "reject", "id": [request.pk for request in requests]})

    answer = client.post(BATCH, {**form_of(question), "reason": reason})

    assert answer.context["form"].errors["reason"][0].startswith(sentence)
    assert answer.context["possible"] == 2
    assert [again(request).state for request in requests] == ["pending"] * 2
    assert "2 条审核不通过。" in text_of(client.post(BATCH, {**form_of(answer), "reason": REASON}))
    assert {again(request).reason for request in requests} == {REASON}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent",
    [{}, {"id": ["x", "-1", "9" * 40, "١"]}, {"all": "x"}, {"selection": "x"}, {"selection": ""}, {"all": "\0"}],
    ids=str,
)
def test_nothing_chosen_or_a_broken_form_leads_back_to_the_list(sent, world, login):
    requests = waiting(world, 1)

    answer = login(world.manager).post(BATCH, {"action": "approve", **sent}, follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "没有选中待审核的个人信息，请勾选后再办理。" in text_of(answer)
    assert again(requests[0]).state == "pending"


@pytest.mark.django_db
def test_what_was_signed_for_one_is_nothing_to_another(world, login):
    request = make.make_request(make.make_person(), world.plain)
    question = login(world.plain_agent).post(BATCH, {"action": "approve", "id": request.pk})

    answer = login(world.plain.account).post(BATCH, form_of(question))

    assert (answer.status_code, answer["Location"], again(request).state) == (302, LIST, "pending")


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["", "frob", "replace"])
def test_an_unknown_action_is_not_found(action, world, login):
    [request] = waiting(world, 1)
    assert login(world.manager).post(BATCH, {"action": action, "id": request.pk}).status_code == 404
    assert again(request).state == "pending"


@pytest.mark.django_db
def test_only_reviewers_have_a_batch(world, login):
    request = waiting(world, 1)[0]
    for user in (request.person.user, make.make_officer()):
        assert login(user).post(BATCH, {"action": "approve", "id": request.pk}).status_code == 404
    assert again(request).state == "pending"


@pytest.mark.django_db
def test_only_what_waits_has_a_checkbox(world, login):
    request = waiting(world, 1)[0]
    make.make_request(make.make_person(), world.unit, world.software, state=ReviewState.APPROVED)
    client = login(world.manager)

    page = client.get(LIST).content.decode()
    decided = client.get(LIST, {"state": "approved"}).content.decode()

    assert page.count('class="row-check"') == 1
    assert f'name="id" value="{request.pk}" form="batch"' in page
    assert 'class="batchbar"' in page
    assert "checkbox" not in decided
    assert 'class="batchbar"' not in decided


@pytest.mark.django_db
def test_the_question_takes_as_many_queries_for_20_as_for_2(world, login):
    client = login(world.manager)

    def queries(requests):
        with CaptureQueriesContext(connection) as captured:
            client.post(BATCH, {"action": "approve", "id": [request.pk for request in requests]})
        return len(captured)

    assert queries(waiting(world, 2)) == queries(waiting(world, 20))


# Many ----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_thousand_are_approved_in_one_request_within_a_second(world, login):
    # Of our own processor time, the larger part by far: a busy machine makes no slow program.
    crowd(world, 1000)
    with connection.cursor() as cursor:
        # As autovacuum does: without figures the planner takes the tables for empty.
        cursor.execute("ANALYZE profiles_person, profiles_reviewrequest")
    client = login(world.manager)
    token = client.get(LIST).context["token"]
    question = client.post(BATCH, {"action": "approve", "all": token})

    began = time.process_time()
    result = client.post(BATCH, form_of(question))
    seconds = time.process_time() - began

    run_jobs(TELL)
    assert "1,000 条审核通过。" in text_of(result)
    assert (
        Person.objects.exclude(approved_at=None).count()
        == ReviewRequest.objects.filter(state="approved").count()
        == 1000
    )
    assert Notice.objects.count() == 1000
    assert seconds < 1, f"{seconds:.2f} s"


def crowd(world, number):
    """So many people with a request that waits."""
    numbers = [make.id_number(100_000 + each) for each in range(number)]
    users = User.objects.bulk_create(
        User(
            kind="person",
            issuer=make.ISSUER,
            subject=f"crowd-{each}",
            username=f"crowd-{each}",
            password="!",
            name=f"众{each}",
            email=f"crowd{each}@example.com",
        )
        for each in range(number)
    )
    people = Person.objects.bulk_create(Person(user=user, name=user.name, mobile=make.MOBILE) for user in users)
    at = make.timezone.now()
    ReviewRequest.objects.bulk_create(
        ReviewRequest(
            person=person,
            person_name=person.name,
            submitted_at=at,
            updated_at=at,
            reviewing_department=world.software,
            id_type="01",
            id_number=id_number,
            unit=world.unit,
            department=world.software,
            education="11",
            degree="2",
            title_level="411",
            position="研究员",
            **id_digests(id_number),
        )
        for person, id_number in zip(people, numbers, strict=True)
    )


# At once -------------------------------------------------------------------------------------------------------------


def batching(user, key, *requests):
    actor, action = make.actor_of(user), ACTIONS[key]
    reason = REASON if action.needs_reason else ""
    ids = [request.pk for request in requests]
    return lambda: services.decide_many(action=action, request_ids=ids, actor=actor, reason=reason)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(4))
def test_two_batches_over_the_same_rows_decide_each_row_once(world, _round):
    requests = [make.make_request(make.make_person(), world.plain) for _ in range(40)]

    answers = together(
        batching(world.plain.account, "approve", *requests), batching(world.plain_agent, "reject", *reversed(requests))
    )

    run_jobs(TELL)
    empty_queue()
    done = [[outcome.done for outcome in answer].count(True) for answer in answers]
    assert sorted(done) == [0, 40]
    assert Notice.objects.count() == AuditEvent.objects.filter(action="profile_decided").count() == 40


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(4))
def test_a_batch_and_a_resubmission_never_both_count(world, _round):
    requests = [submit(make.make_person().user, world.unit, world.software) for _ in range(5)]
    user = requests[2].person.user
    version = Person.objects.get(pk=user.pk).version
    reviewed = make.reviewed(user, world.unit, world.software, position="教授")
    actor = make.actor_of(user)

    outcomes, saved = together(
        batching(world.manager, "approve", *requests),
        lambda: services.save_person(actor=actor, version=version, values={"major": "机械"}, reviewed=reviewed),
    )

    empty_queue()
    person = Person.objects.get(pk=user.pk)
    if outcomes[2].done:
        assert isinstance(saved, services.StalePerson)
        assert (person.position, ReviewRequest.objects.filter(person=person).count()) == ("研究员", 1)
    else:
        assert "对方已重新提交个人信息" in outcomes[2].reason
        assert (person.is_approved, again(requests[2]).state, saved.request.state) == (False, "replaced", "pending")
    assert [outcome.done for outcome in outcomes].count(True) >= 4


@pytest.mark.django_db(transaction=True)
def test_a_batch_of_somebody_whose_grant_has_ended_is_refused(world):
    requests = waiting(world, 2)
    act = batching(world.manager, "approve", *requests)
    make.Grant.objects.filter(department=world.software).update(ended_at=make.timezone.now())

    with pytest.raises(NotNow, match="的授权已经结束"):
        act()

    assert [again(request).state for request in requests] == ["pending"] * 2
