"""Filling in an 申报书 and checking it: what is kept, what is refused, and two windows on the same tab."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from projects.enums import State
from projects.models import Proposal, Section
from projects.services.decisions import perform
from projects.services.drafts import delete_draft
from projects.workflow import SUBMIT
from tests import factories as make
from tests.projects.pages import text_of
from zhgg.kit.errors import NotNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def pi():
    return make.make_person("样例负责人", unit=make.make_unit())


@pytest.fixture
def draft(pi):
    return make.make_proposal(pi)


def edit_url(proposal, tab="basics"):
    return reverse("proposal-edit", args=[proposal.pk, tab])


def typed(**changes):
    """What the browser sends for a complete first tab."""
    return {**make.BASICS, "keywords": "低空物流，无人机，集群调度", "version": "1", **changes}


def saved(proposal):
    return Section.objects.get(proposal=proposal, tab="basics")


def test_saving_keeps_what_was_typed_and_stays_on_the_tab(login, draft):
    client = login(draft.pi.user)

    response = client.post(edit_url(draft), typed(title="  新的　项目名称  ", abstract="第一行\r\n第二行"), follow=True)

    section = saved(draft)
    assert response.redirect_chain == [(edit_url(draft), 302)]
    assert "项目基本信息已保存" in text_of(response)
    assert section.version == 2
    assert section.data == {**make.BASICS, "title": "新的　项目名称", "abstract": "第一行\n第二行"}
    draft = Proposal.objects.get(pk=draft.pk)
    assert (draft.title, draft.state) == ("新的　项目名称", State.DRAFT)


def test_a_half_filled_tab_can_be_saved(login, draft):
    response = login(draft.pi.user).post(edit_url(draft), {"version": "1", "title": "短"})

    assert response.status_code == 302
    assert saved(draft).data == {
        **dict.fromkeys(make.BASICS, ""),
        "title": "短",
        "keywords": [],
        "ethics": [],
        "outcomes": [],
        "promise": False,
    }


def test_the_first_save_of_a_tab_starts_at_version_one(login, draft):
    draft.sections.all().delete()
    client = login(draft.pi.user)

    page = client.get(edit_url(draft))
    client.post(edit_url(draft), typed(version=page.context["version"]["version"].value()))

    assert saved(draft).version == 1


def test_a_new_tab_suggests_the_pi_as_contact(login, draft):
    draft.sections.all().delete()

    form = login(draft.pi.user).get(edit_url(draft)).context["form"]

    assert (form["contact_name"].value(), form["contact_mobile"].value()) == ("样例负责人", "16900000002")


def test_check_saves_first_and_then_checks(login, draft):
    response = login(draft.pi.user).post(edit_url(draft), typed(title="保存后再检查的题目", then="check"))

    assert response.headers["Location"] == reverse("proposal-check", args=[draft.pk])
    assert saved(draft).data["title"] == "保存后再检查的题目"


BAD = {
    "title with NUL": ({"title": "题\x00目"}, "title"),
    "title of one megabyte": ({"title": "题" * 350_000}, "title"),
    "abstract of one megabyte": ({"abstract": "a" * 1_000_000}, "abstract"),
    "abstract with a control character": ({"abstract": "a\x07"}, "abstract"),
    "abstract turned around": ({"abstract": "a\u202eb"}, "abstract"),
    "unknown direction": ({"direction": "没有的方向"}, "direction"),
    "direction with NUL": ({"direction": "1.1\x00"}, "direction"),
    "unknown tech field": ({"tech_field": "zzz"}, "tech_field"),
    "unknown research type": ({"research_type": "magic"}, "research_type"),
    "unknown outcome": ({"outcomes": ["paper", "gold"]}, "outcomes"),
    "month that does not exist": ({"starts_on": "2027-13"}, "starts_on"),
    "mobile": ({"contact_mobile": "123"}, "contact_mobile"),
    "keyword too long": ({"keywords": "词" * 21}, "keywords"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_an_error_at_its_field_and_nothing_is_lost(login, draft, what):
    bad, field = BAD[what]

    response = login(draft.pi.user).post(edit_url(draft), typed(**{"contact_name": "还在这里", **bad}))

    form = response.context["form"]
    assert response.status_code == 200
    assert list(form.errors) == [field]
    assert form["contact_name"].value() == "还在这里"
    assert form["title"].value() == {**make.BASICS, **bad}["title"]
    body = response.content.decode()
    assert "有 1 处需要修改，尚未保存" in body
    assert "<title>有 1 处需要修改 - 填写申报书" in " ".join(body.split())
    assert f'href="#id_{field}' in body
    assert saved(draft).version == 1


def test_a_broken_encoding_is_an_error_and_not_a_crash(login, draft):
    body = f"version=1&title=%ED%A0%80{'x' * 10}"

    response = login(draft.pi.user).post(edit_url(draft), body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["title"]


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "\x00", None])
def test_a_broken_version_saves_nothing_and_keeps_the_typed_values(login, draft, version):
    data = typed(title="很重要的修改内容")
    data.pop("version")
    if version is not None:
        data["version"] = version

    response = login(draft.pi.user).post(edit_url(draft), data)

    assert response.status_code == 200
    assert response.context["form"]["title"].value() == "很重要的修改内容"
    assert "页面已过期，请重新打开本页后再修改" in text_of(response)
    assert saved(draft).data == make.BASICS


def test_the_second_window_gets_everything_back_beside_what_was_saved(login, draft):
    first, second = login(draft.pi.user), login(draft.pi.user)
    first.post(edit_url(draft), typed(title="先保存的题目", category="重点项目"))

    response = second.post(edit_url(draft), typed(title="后填写的题目"))

    form = response.context["form"]
    assert response.status_code == 409
    assert form["title"].value() == "后填写的题目"
    assert response.context["differences"] == [
        ("项目名称", "先保存的题目", "后填写的题目"),
        ("项目类别", "重点项目", "一般项目"),
    ]
    words = text_of(response)
    at = timezone.localtime(saved(draft).saved_at)
    assert f"项目基本信息已于 {at:%Y-%m-%d %H:%M} 在另一个窗口保存过" in words
    assert "已保存的： 先保存的题目 您填写的： 后填写的题目" in words
    assert saved(draft).data["title"] == "先保存的题目"


def test_saving_again_in_knowledge_of_the_other_values_succeeds(login, draft):
    first, second = login(draft.pi.user), login(draft.pi.user)
    first.post(edit_url(draft), typed(title="先保存的题目"))
    page = second.post(edit_url(draft), typed(title="后填写的题目"))

    second.post(edit_url(draft), typed(title="后填写的题目", version=page.context["version"]["version"].value()))

    section = saved(draft)
    assert (section.data["title"], section.version) == ("后填写的题目", 3)


@pytest.mark.parametrize("tab", ["team", "basics2", "BASICS"])
def test_an_unknown_tab_is_not_found(login, draft, tab):
    client = login(draft.pi.user)

    assert client.get(edit_url(draft, tab)).status_code == 404
    assert client.post(edit_url(draft, tab), typed()).status_code == 404


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30, "9" * 5000, "x"])
@pytest.mark.parametrize("page", ["edit/basics/", "check/", "", "submit/"])
def test_unknown_and_malformed_numbers_are_not_found(login, draft, pk, page):
    assert login(draft.pi.user).get(f"/projects/{pk}/{page}").status_code == 404


def outsiders(draft):
    return {
        "another person of the unit": make.make_person(unit=draft.unit).user,
        "another unit": make.make_unit().account,
        "the bureau": make.make_officer(),
        "an agent elsewhere": make.make_agent(make.make_unit()),
    }


def test_foreign_drafts_are_not_found(login, draft):
    for who, user in outsiders(draft).items():
        client = login(user)
        assert client.get(edit_url(draft)).status_code == 404, who
        assert client.post(edit_url(draft), typed()).status_code == 404, who
        assert client.get(reverse("proposal-check", args=[draft.pk])).status_code == 404, who
    assert saved(draft).version == 1


def test_people_of_the_place_see_a_draft_but_never_edit_it(login):
    unit = make.make_unit(departments=["软件学院"])
    department = unit.made_departments[0]
    draft = make.make_proposal(make.make_person(unit=unit, department=department))
    for user in (unit.account, make.make_agent(unit), make.make_manager(department)):
        client = login(user)
        assert client.get(edit_url(draft)).status_code == 403
        assert client.post(edit_url(draft), typed()).status_code == 403
        assert client.get(reverse("proposal-check", args=[draft.pk])).status_code == 403
    assert saved(draft).version == 1


@pytest.mark.parametrize("state", [state for state in State if state != State.DRAFT])
def test_a_submitted_proposal_is_not_edited(login, pi, state):
    unit = make.make_unit(departments=["软件学院"])
    make.approve_person(pi, unit, unit.made_departments[0])
    proposal = make.make_proposal(pi, state=state)
    client = login(pi.user)

    for response in (
        client.get(edit_url(proposal)),
        client.post(edit_url(proposal), typed(title="改了的项目名称")),
        client.get(reverse("proposal-check", args=[proposal.pk])),
    ):
        assert response.status_code == 409
        assert State(state).label in text_of(response)
        assert f'href="{proposal.get_absolute_url()}"' in response.content.decode()
    assert saved(proposal).data == make.BASICS


def test_after_the_deadline_a_draft_is_not_edited(login, pi):
    call = make.make_call(closes_at=timezone.now() - timedelta(seconds=1))
    draft = make.make_proposal(pi, call)

    response = login(pi.user).post(edit_url(draft), typed())

    assert response.status_code == 409
    assert f"提交已于 {timezone.localtime(call.closes_at):%Y-%m-%d %H:%M} 截止" in text_of(response)


def test_a_returned_draft_is_edited_until_the_units_deadline_with_the_reason_on_top(login, pi):
    call = make.make_call(closes_at=timezone.now() - timedelta(days=1))
    draft = make.make_proposal(
        pi, call, submissions=1, returned_from=State.UNIT, return_reason="<b>缺</b>\n协议", state_since=timezone.now()
    )

    response = login(pi.user).get(edit_url(draft))

    today = f"{timezone.localtime(draft.state_since):%m-%d}"
    assert response.status_code == 200
    assert f"{today} 单位审核退回： <b>缺</b> 协议" in text_of(response)
    assert "<b>缺</b>" not in response.content.decode()


# The check ------------------------------------------------------------------------------------------------------------


def check(client, proposal):
    return client.get(reverse("proposal-check", args=[proposal.pk]))


def test_the_check_lists_each_gap_with_a_link_to_its_field(login, pi):
    draft = make.make_proposal(pi, basics={"title": "短题", "direction": ""}, title="短题")

    response = check(login(pi.user), draft)

    words, body = text_of(response), response.content.decode()
    assert "有 2 处需要补全" in words
    assert "项目基本信息 项目名称：至少 6 字，现在只有 2 字，请补充 去补全" in words
    assert f'href="{edit_url(draft)}#id_title"' in body
    assert f'href="{edit_url(draft)}#id_direction"' in body
    assert reverse("proposal-act", args=[draft.pk, "submit"]) not in body


def test_the_links_of_the_check_hit_fields_of_the_form(login, pi):
    draft = make.make_proposal(pi)
    draft.sections.all().delete()
    client = login(pi.user)

    gaps = check(client, draft).context["gaps"]
    page = client.get(edit_url(draft)).content.decode()

    assert len(gaps) == 17
    for gap in gaps:
        assert f'id="{gap.url.rsplit("#", 1)[1]}"' in page, gap


@pytest.mark.parametrize(
    ("departments", "words"),
    [([], "申报书先由 样例大学 进行单位审核"), (["软件学院"], "申报书先由 软件学院 进行部门审核")],
)
def test_without_gaps_the_check_offers_to_submit_and_says_who_reviews_first(login, departments, words):
    unit = make.make_unit("样例大学", departments=departments)
    pi = make.make_person(unit=unit, department=next(iter(unit.made_departments), None))
    draft = make.make_proposal(pi)

    response = check(login(pi.user), draft)

    assert "检查通过，可以提交" in text_of(response)
    assert words in text_of(response)
    assert response.context["form"]["seen_step"].value() == 0
    assert f'action="{reverse("proposal-act", args=[draft.pk, "submit"])}"' in response.content.decode()


def test_a_manager_is_told_that_their_own_goes_to_the_unit(login):
    unit = make.make_unit("样例大学", departments=["软件学院"])
    department = unit.made_departments[0]
    manager = make.make_manager(department)
    make.approve_person(manager.person, unit, department)

    response = check(login(manager), make.make_proposal(manager.person))

    assert "申报书先由 样例大学 进行单位审核" in text_of(response)


def test_a_complete_draft_past_its_deadline_says_why_it_cannot_be_submitted(login, pi):
    draft = make.make_proposal(pi, make.make_call(closes_at=timezone.now() - timedelta(days=1)))

    response = check(login(pi.user), draft)

    assert response.status_code == 200
    assert "内容已经填全，但现在不能提交" in text_of(response)
    assert "submit/" not in response.content.decode()


def test_only_the_pi_starts_and_nobody_takes_a_draft_over(login, draft):
    other = make.make_person(unit=draft.unit)

    login(other.user).post(reverse("proposal-new", args=[draft.call_id]), {"form_key": draft.form_key})

    assert Proposal.objects.filter(pi=other.user_id).count() == 1
    assert Proposal.objects.get(pk=draft.pk).pi_id == draft.pi_id


def delete_url(proposal):
    return reverse("proposal-delete", args=[proposal.pk])


def test_a_draft_that_was_never_submitted_is_deleted_after_a_question(login, draft):
    client = login(draft.pi.user)
    assert f'href="{delete_url(draft)}"' in client.get(edit_url(draft)).content.decode()
    assert f"删除“{draft}”？" in text_of(client.get(delete_url(draft)))
    assert Proposal.objects.filter(pk=draft.pk).exists()

    answer = client.post(delete_url(draft))

    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("my-proposals"))
    assert not Proposal.objects.filter(pk=draft.pk).exists()
    event = AuditEvent.objects.get(action="proposal_deleted")
    assert (event.user, event.object_id, event.object_label) == (draft.pi.user, str(draft.pk), str(draft))


def test_a_draft_that_came_back_is_kept_with_its_history(login, draft):
    back = make.make_proposal(draft.pi, draft.call, submissions=1, returned_from=State.UNIT, return_reason="缺附件")
    client = login(draft.pi.user)

    answer = client.post(delete_url(back))

    assert answer.status_code == 409
    assert "这份申报书提交过，办理记录要保留，不能删除" in text_of(answer)
    assert Proposal.objects.filter(pk=back.pk).exists()
    assert delete_url(back) not in client.get(edit_url(back)).content.decode()


def test_the_service_itself_refuses_what_was_submitted_after_the_page_was_opened(draft):
    actor = make.actor_of(draft.pi.user)
    perform(action=SUBMIT, proposal_id=draft.pk, actor=actor, seen_step=0)

    with pytest.raises(NotNow, match="不能删除"):
        delete_draft(actor=actor, proposal_id=draft.pk)
