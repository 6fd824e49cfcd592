"""The pages on which many 申报书 are decided at once: the question, the result, the workbook."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import AuditEvent
from projects.enums import State, Tab
from projects.models import Call, Proposal, Step
from projects.workflow import ACTIONS
from tests import factories as make
from tests.projects.batches import nothing_queued, singly, waiting
from tests.projects.pages import text_of
from tests.projects.test_perform import REASON, proposal_in, world

__all__ = ["nothing_queued", "world"]

pytestmark = pytest.mark.django_db


BATCH, LIST = "/projects/batch/", "/projects/"


def ticks(*proposals):
    return [f"{proposal.pk}-{proposal.step_count}" for proposal in proposals]


def form_of(question, action):
    """What the question's form sends with that button, with nothing filled in."""
    names = {"selection": question.context["selection"], "list": question.context["list_query"]}
    return {"action": action, "reason": "", **names}


@pytest.mark.parametrize(
    ("who", "state", "key", "target", "words"),
    [
        ("legal", State.UNIT, "pass-to-bureau", State.BUREAU, "提交至科技局（2 项） 退回"),
        ("agent", State.UNIT, "pass-to-bureau", State.BUREAU, "提交至科技局（2 项） 退回"),
        ("manager", State.DEPARTMENT, "pass-to-unit", State.UNIT, "项目申报审核（单位）（2 项） 退回"),
        ("bureau", State.BUREAU, "accept", State.ACCEPTED, "受理（2 项） 退回 不予受理"),
    ],
)
def test_ticked_rows_are_asked_about_and_then_decided(world, login, who, state, key, target, words):
    one, two, _other = waiting(world, 3, state)
    client = login(world[who])

    question = client.post(BATCH, {"id": ticks(one, two), "list": "q=第"})
    before = {each.state for each in Proposal.objects.all()}
    result = client.post(BATCH, form_of(question, key))

    assert "已选 2 项，其中 2 项可以办理。" in text_of(question)
    assert words in text_of(question)
    assert before == {state}
    assert [Proposal.objects.get(pk=each.pk).state for each in (one, two, _other)] == [target, target, state]
    assert f"2 项{ACTIONS[key].summary}。" in text_of(result)
    assert f'href="{LIST}?q=%E7%AC%AC"' in result.content.decode()


def test_all_of_a_list_means_what_waits_there_and_nothing_that_comes_later(world, login):
    proposals = waiting(world, 25)
    client = login(world["legal"])
    listed = client.get(LIST, {"q": "第 1"})
    assert "全部 11 项等您办理的 （符合查询条件的）" in text_of(listed).replace("的（", "的 （")

    question = client.post(BATCH, {"all": listed.context["token"], "list": "q=第 1"})
    late = proposal_in(world, State.UNIT, title="第 1 份，后到")
    singly(proposals[10], "send-back", make.actor_of(world["agent"]))
    result = client.post(BATCH, form_of(question, "pass-to-bureau"))

    assert (question.context["chosen"], question.context["possible"]) == (11, 11)
    assert "10 项提交至科技局，1 项没有办理。" in text_of(result)
    assert f"{world['agent']}（法人单位授权人）已办理：退回。" in text_of(result)
    assert Proposal.objects.get(pk=late.pk).state == State.UNIT
    assert Proposal.objects.filter(state=State.BUREAU).count() == 10


def test_what_has_changed_since_the_list_was_shown_is_named_before_and_after(world, login):
    unit = make.make_unit()
    pi = make.make_person(unit=unit)
    one = make.make_proposal(
        pi, make.make_call("另一批次"), state=State.UNIT, basics={"title": "类器官芯片药物筛选平台"}
    )
    two = make.make_proposal(pi, world["call"], state=State.UNIT)
    agent = make.make_agent(unit)
    singly(two, "send-back", make.actor_of(agent))
    singly(Proposal.objects.get(pk=two.pk), "submit", make.actor_of(pi.user))
    client = login(unit.account)

    question = client.post(BATCH, {"id": ticks(one, two)})
    result = client.post(BATCH, form_of(question, "pass-to-bureau"))

    for page in (question, result):
        assert f"{pi.name}（项目负责人）已办理：提交。申报书现在是“单位审核”。" in text_of(page)
    assert [Proposal.objects.get(pk=each.pk).state for each in (one, two)] == [State.BUREAU, State.UNIT]


def test_foreign_and_unknown_numbers_are_counted_and_not_revealed(world, login):
    fine = proposal_in(world, State.UNIT)
    foreign = make.make_proposal(
        make.make_person("别家人", unit=make.make_unit()), world["call"], state=State.UNIT, title="别家的题目"
    )

    question = login(world["legal"]).post(BATCH, {"id": [*ticks(fine, foreign), "999999-1"]})

    assert "已选 3 项，其中 1 项可以办理，2 项不能。" in text_of(question)
    assert "2 项不在您的列表中，没有办理。" in text_of(question)
    assert "别家" not in text_of(question)


@pytest.mark.parametrize(
    ("reason", "sentence"), [("", "请填写"), ("否", "至少 2 字，现在只有 1 字，请补充"), ("a\0b", "第 2 个字")]
)
@pytest.mark.parametrize(
    ("who", "state", "key"), [("legal", State.UNIT, "send-back"), ("bureau", State.BUREAU, "decline")]
)
def test_a_refusal_of_many_needs_a_reason_that_goes_to_all(world, login, who, state, key, reason, sentence):
    proposals = waiting(world, 2, state)
    client = login(world[who])
    question = client.post(BATCH, {"id": ticks(*proposals)})
    due = {"correction_due": "2098-01-02"} if who == "bureau" else {}

    answer = client.post(BATCH, {**form_of(question, key), **due, "reason": reason})
    untouched = set(Proposal.objects.values_list("state", flat=True))
    done = client.post(BATCH, {**form_of(answer, key), **due, "reason": REASON})

    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"][0].startswith(sentence)
    assert answer.context["form"]["reason"].value() == reason
    assert untouched == {state}
    assert f"2 项{ACTIONS[key].summary}。" in text_of(done)
    assert set(Step.objects.filter(number=2).values_list("reason", flat=True)) == {REASON}


@pytest.mark.parametrize(
    ("who", "state", "key", "tabs"),
    [
        ("legal", State.UNIT, "send-back", [Tab.TARGETS, Tab.BUDGET]),
        ("bureau", State.BUREAU, "send-back", [Tab.TARGETS, Tab.BUDGET]),
        ("bureau", State.BUREAU, "decline", []),
    ],
)
def test_reasons_can_be_ticked_for_many_as_for_one(world, login, who, state, key, tabs):
    Call.objects.update(tabs=[Tab.TARGETS, Tab.BUDGET])
    proposals = waiting(world, 2, state)
    client = login(world[who])
    question = client.post(BATCH, {"id": ticks(*proposals)})
    filled = {"templates": ["A07", "A05"], "inserted": ["A05"], "reason": "指标不可量化"}
    due = {"correction_due": "2098-01-02"} if who == "bureau" else {}

    unknown = client.post(BATCH, {**form_of(question, key), **filled, **due, "templates": ["P01"]})
    broken = client.post(BATCH, {**form_of(question, key), **filled, **due, "templates": ["A99"], "reason": ""})
    client.post(BATCH, {**form_of(broken, key), **filled, **due})

    assert "预算不合规或合计不符" in text_of(question)
    assert "data-reasons" in question.content.decode()
    assert list(unknown.context["form"].errors) == ["templates"]
    assert unknown.context["form"]["reason"].value() == "指标不可量化"
    assert broken.context["form"].errors == {"reason": ["勾选了“其他”，请填写原因"]}
    assert broken.content.decode().count(" checked") == 1
    assert broken.context["form"]["inserted"].value() == ["A05"]
    assert 'name="inserted" value="A05"' in broken.content.decode()
    written = Step.objects.filter(number=2).values_list("reason", "tabs")
    assert list(written) == [("预算不合规或合计不符\n指标不可量化", tabs)] * 2


def test_what_is_ticked_means_nothing_to_a_button_that_asks_for_no_reason(world, login):
    question = (client := login(world["legal"])).post(BATCH, {"id": ticks(proposal_in(world, State.UNIT))})

    client.post(BATCH, {**form_of(question, "pass-to-bureau"), "templates": ["A07", "x"]})

    step = Step.objects.get(number=2)
    assert (step.target, step.reason, step.tabs) == (State.BUREAU, "", [])


def test_the_bureau_sets_one_date_for_all_that_it_returns(world, login):
    proposals = waiting(world, 2, State.BUREAU)
    client = login(world["bureau"])
    question = client.post(BATCH, {"id": ticks(*proposals)})
    form = {**form_of(question, "send-back"), "reason": REASON}

    missing = client.post(BATCH, form)
    past = client.post(BATCH, {**form, "correction_due": "2020-01-01"})
    client.post(BATCH, {**form, "correction_due": "2098-01-02"})

    assert question.context["form"]["correction_due"].value() is not None
    assert list(missing.context["form"].errors) == list(past.context["form"].errors) == ["correction_due"]
    dues = {timezone.localtime(each.correction_due).strftime("%F %T") for each in Proposal.objects.all()}
    assert dues == {"2098-01-02 17:00:00"}


def test_going_on_asks_for_neither_reason_nor_date(world, login):
    proposal = proposal_in(world, State.BUREAU)
    client = login(world["bureau"])
    question = client.post(BATCH, {"id": ticks(proposal)})

    client.post(BATCH, {**form_of(question, "accept"), "reason": "x", "correction_due": "nonsense"})

    step = Step.objects.get(number=2)
    assert (step.target, step.reason) == (State.ACCEPTED, "")


def test_the_same_answer_sent_again_changes_nothing_and_says_so(world, login):
    proposals = waiting(world, 2)
    client = login(world["legal"])
    form = form_of(client.post(BATCH, {"id": ticks(*proposals)}), "pass-to-bureau")

    client.post(BATCH, form)
    again = text_of(client.post(BATCH, form))

    assert "2 项提交至科技局。 其中 2 项您已办理过，没有重复办理。" in again
    assert Step.objects.filter(number=2).count() == 2


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"id": ["x", "-1", "1", "1-", "-", "9" * 40 + "-1", "1-" + "9" * 40, "1-9999999999", "١-1", "1-1-1", "\0"]},
        {"all": "x"},
        {"all": "\0"},
        {"selection": "x"},
        {"selection": ""},
        {"selection": ["a", "b"]},
    ],
    ids=str,
)
def test_nothing_chosen_or_a_broken_form_leads_back_to_the_list(sent, world, login):
    proposal_in(world, State.UNIT)

    answer = login(world["legal"]).post(BATCH, {"action": "pass-to-bureau", **sent}, follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "没有选中等您办理的项目，请勾选后再办理。" in text_of(answer)
    assert Step.objects.count() == 1


def test_what_was_signed_for_one_is_nothing_to_another(world, login):
    question = login(world["legal"]).post(BATCH, {"id": ticks(proposal_in(world, State.UNIT))})

    answer = login(world["agent"]).post(BATCH, form_of(question, "pass-to-bureau"))

    assert (answer.status_code, answer["Location"], Step.objects.count()) == (302, LIST, 1)


@pytest.mark.parametrize("action", ["", "frob", "submit", "withdraw", "accept", "pass-to-unit"])
def test_an_action_of_somebody_else_is_not_found(action, world, login):
    client = login(world["legal"])
    question = client.post(BATCH, {"id": ticks(proposal_in(world, State.UNIT))})

    assert client.post(BATCH, form_of(question, action)).status_code == 404
    assert (Proposal.objects.get().state, Step.objects.count()) == (State.UNIT, 1)


def test_who_decides_nothing_has_no_batch(world, login):
    proposal = proposal_in(world, State.UNIT)

    answer = login(world["pi"]).post(BATCH, {"id": ticks(proposal)})

    assert answer.status_code == 404
    assert proposal.title not in text_of(answer)
    assert Step.objects.count() == 1


def test_only_what_the_viewer_may_decide_has_a_checkbox(world, login):
    mine = proposal_in(world, State.UNIT)
    make.approve_person(world["agent"].person, world["unit"], world["department"])
    make.make_proposal(world["agent"].person, world["call"], state=State.UNIT)
    proposal_in(world, State.BUREAU)
    client = login(world["agent"])

    page = client.get(LIST).content.decode()
    others = client.get(LIST, {"state": "bureau"}).content.decode()

    assert page.count('class="row-check"') == 1
    assert f'name="id" value="{mine.pk}-1" form="batch"' in page
    assert "checkbox" not in others
    assert 'class="batchbar"' not in others


def test_the_result_is_there_as_a_workbook_too(world, login):
    one, two = waiting(world, 2)
    client = login(world["legal"])
    question = client.post(BATCH, {"id": ticks(one, two)})
    singly(two, "send-back", make.actor_of(world["agent"]))
    result = client.post(BATCH, form_of(question, "pass-to-bureau"))

    answer = client.post("/projects/batch/result/", {"result": result.context["result"]})

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = workbook.get_sheet_by_index(0).to_python()
    assert "查询条件：提交至科技局于 2" in sheet[0][0]
    event = AuditEvent.objects.get(action="export")
    assert (event.object_label, event.detail["rows"]) == ("批量提交至科技局结果", 2)
    body = [row for row in sheet if row[0] in (one.number, two.number)]
    assert [(row[1], row[6]) for row in body] == [("第 0 份", "已办理"), ("第 1 份", "没有办理")]
    assert body[1][7].startswith(f"{world['agent']}（法人单位授权人）已办理：退回。")


@pytest.mark.parametrize("token", ["", "x", "\0"])
def test_a_broken_workbook_token_leads_to_the_list(world, login, token):
    answer = login(world["legal"]).post("/projects/batch/result/", {"result": token})

    assert (answer.status_code, answer["Location"]) == (302, LIST)


def test_the_question_and_the_result_take_as_many_queries_for_20_as_for_2(world, login):
    client = login(world["legal"])

    def queries(proposals):
        with CaptureQueriesContext(connection) as captured:
            question = client.post(BATCH, {"id": ticks(*proposals)})
            client.post(BATCH, form_of(question, "pass-to-bureau"))
        return len(captured)

    assert queries(waiting(world, 2)) == queries(waiting(world, 20))


def test_too_many_ticks_are_answered_with_a_sentence(world, login):
    answer = login(world["legal"]).post(BATCH, {"id": [f"{number}-1" for number in range(12_001)]})

    assert answer.status_code == 413
    assert "一次最多勾选 10,000 行，这次没有办理。" in text_of(answer)
