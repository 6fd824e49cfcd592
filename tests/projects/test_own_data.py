"""我的数据: everything on oneself, in full, nothing on others, and no table forgotten."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.apps import apps
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import AuditEvent, Notice, User
from orgs.models import Grant
from profiles.models import Person
from projects.enums import PaperState, Tab
from projects.models import DataCopy, Section
from projects.own_data import ALL, ELSEWHERE
from projects.services import made_pdfs, own_copies
from projects.services.decisions import perform
from projects.workflow import ACTIONS
from tests import factories as make
from tests.full_proposal import make_full_proposal
from tests.jobs import empty_queue, run_jobs
from tests.projects.pages import queries_of
from zhgg.kit.fields import SealedModel
from zhgg.kit.pdf.making import CannotMake
from zhgg.kit.uploads.storage import path_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_queued(db):
    empty_queue()


@pytest.fixture
def quick(monkeypatch):
    """A PDF that takes no time."""
    monkeypatch.setattr(made_pdfs, "pdf_of", lambda html: b"%PDF-1.7\n")


def taken_along(client):
    answer = client.post("/my-data/json/")
    assert answer.status_code == 200
    whole = b"".join(answer.streaming_content).decode()
    return whole, json.loads(whole)


def test_no_table_with_people_is_forgotten():
    told = {column for part in ALL for column in part.holds}
    found = set()
    for model in apps.get_models():
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            if getattr(field.remote_field, "model", None) in (User, Person):
                found.add(f"{model._meta.label_lower}.{field.name}")
        if issubclass(model, SealedModel):
            found.add(f"{model._meta.label_lower}.seal_id")
    # Encrypted columns of tables that are told by another column.
    found -= {f"{column.rpartition('.')[0]}.seal_id" for column in told}
    found -= {f"{column.rpartition('.')[0]}.seal_id" for column in found if not column.endswith(".seal_id")}

    unaccounted = found - told - set(ELSEWHERE)
    assert unaccounted == set(), "tell these in an own_data, or say in projects.own_data.ELSEWHERE why not"
    assert all(ELSEWHERE.values())
    # What no longer exists needs no reason.
    assert {column for column in ELSEWHERE if not column.endswith(".seal_id")} <= found
    assert told <= found


@pytest.fixture
def house():
    unit = make.make_unit()
    agent = make.make_agent(unit)
    pi = make.make_person("样例负责人", unit=unit)
    proposal = make_full_proposal(pi)
    return unit, agent, pi, proposal


def submitted(proposal, pi):
    perform(action=ACTIONS["submit"], proposal_id=proposal.pk, actor=make.actor_of(pi.user), seen_step=0)


def test_a_pi_gets_all_of_their_own_and_nothing_of_the_members(login, house):
    unit, agent, pi, proposal = house
    make.make_request(pi, unit)
    make.make_document(pi)
    submitted(proposal, pi)
    Notice.objects.create(recipient=pi.user, subject="给负责人的消息")
    Notice.objects.create(recipient=agent, subject="给别人的消息")

    whole, data = taken_along(login(pi.user))

    assert list(data)[4:] == [part.label for part in ALL]
    assert data["账号"][0]["证件号码"] == pi.user.id_number
    assert data["账号"][0]["证件类型"] == "中华人民共和国居民身份证"
    assert data["个人信息"][0]["手机"] == make.MOBILE
    assert data["个人信息"][0]["最高学历"]
    assert data["个人信息的历次提交"][0]["证件号码"] == pi.user.id_number
    assert data["佐证材料"][0]["文件名"] == "硕士学位证书.pdf"
    assert "给负责人的消息" in [notice["标题"] for notice in data["消息"]]
    [led] = data["申报书（负责人）"]
    assert led["申报编号"] == proposal.number
    assert led["历次提交"][0]["负责人与成员"]["负责人代表性业绩"] == _team(proposal)["achievements"]
    assert led["历次提交"][0]["负责人（提交时）"]["证件号码"] == pi.id_number
    assert led["办理记录"][0]["办理人"] == pi.name
    members = _team(proposal)["members"]
    assert led["历次提交"][0]["负责人与成员"]["项目组成员（其他人，不在此列）"] == f"{len(members)} 人"
    for member in members:
        assert member["id_number"] not in whole
        assert member["name"] not in whole
    for other in (agent.id_number, agent.name, "给别人的消息", unit.bank_account):
        assert other not in whole


def _team(proposal):
    return Section.objects.get(proposal=proposal, tab=Tab.TEAM).data


def test_a_member_gets_the_row_about_themselves(login, house):
    _, _, pi, proposal = house
    section = Section.objects.get(proposal=proposal, tab=Tab.TEAM)
    data = section.data
    first, second = data["members"][0], {**data["members"][0], "key": 2, "name": "另一成员"}
    second["id_number"] = make.id_number(7001)
    data["members"] = [first, second]
    section.data = data
    section.save()
    submitted(proposal, pi)
    member = make.make_person(first["name"], user=make.make_user(first["name"], id_number=first["id_number"]))

    whole, data = taken_along(login(member.user))

    assert data["申报书（负责人）"] == []
    [joined] = data["申报书（成员）"]
    assert joined["申报编号"] == proposal.number
    assert [row["证件号码"] for row in joined["本人"]] == [first["id_number"]]
    for other in (second["id_number"], "另一成员", pi.user.id_number, pi.name):
        assert other not in whole


def test_an_agent_gets_their_grants_and_what_they_did(login, house):
    _, agent, pi, proposal = house
    submitted(proposal, pi)
    client = login(agent)
    perform(action=ACTIONS["pass-to-bureau"], proposal_id=proposal.pk, actor=make.actor_of(agent), seen_step=1)

    _, data = taken_along(client)

    assert [grant["证件号码"] for grant in data["授权"]] == [Grant.objects.get(role="agent").holder_id_number]
    doing = next(line for line in data["本人的操作记录"] if line["操作"] == "办理申报书")
    assert (doing["身份"], doing["对象类型"], doing["对象编号"]) == ("法人单位授权人", "申报书", str(proposal.pk))
    # Whose it is, and what else it says, is the affair of others.
    doings = json.dumps(data["本人的操作记录"], ensure_ascii=False)
    assert proposal.title not in doings
    assert pi.name not in doings


def test_somebody_who_has_done_nothing_gets_empty_parts(login):
    _, data = taken_along(login(make.make_user("新来的人")))

    assert data["姓名"] == "新来的人"
    assert data["个人信息"] == data["申报书（负责人）"] == []


def test_each_copy_is_written_down_and_twenty_in_ten_minutes_are_the_most(login):
    user = make.make_user()
    client = login(user)
    for _ in range(18):
        own_copies.note_json(actor=make.actor_of(user))
    taken_along(client)
    assert client.post("/my-data/").status_code == 302

    assert client.post("/my-data/json/").status_code == 429
    assert client.post("/my-data/").status_code == 429
    lines = AuditEvent.objects.filter(user=user, action="export", object_label="我的数据").order_by("pk")
    assert [line.detail for line in lines] == [{"format": "JSON"}] * 19 + [{"format": "PDF"}]


def test_the_pdf_is_made_by_the_worker_and_handed_to_its_person_alone(login, house):
    _, agent, pi, _ = house
    client = login(pi.user)
    assert "生成 PDF" in client.get("/my-data/").content.decode()
    assert client.get("/my-data/file/")["Location"] == "/my-data/"
    assert client.post("/my-data/")["Location"] == "/my-data/"
    client.post("/my-data/")
    assert client.get("/my-data/state/").json() == {"waiting": True}
    assert "正在生成 PDF" in client.get("/my-data/").content.decode()

    run_jobs("projects.make_data_copy")

    copy = DataCopy.objects.get()
    assert copy.attempts == 1
    file = client.get("/my-data/file/")
    pdf = PdfReader(BytesIO(b"".join(file.streaming_content)))
    words = "".join(page.extract_text() for page in pdf.pages)
    assert file["Content-Disposition"].startswith("attachment")
    assert pi.user.id_number in words
    assert "申报书（负责人）" in words
    assert Notice.objects.filter(recipient=pi.user, subject="我的数据已生成").exists()
    assert AuditEvent.objects.filter(action="file_downloaded", object_type="projects.datacopy").count() == 1
    # Somebody else has their own page, and no file.
    assert login(agent).get("/my-data/file/")["Location"] == "/my-data/"


def test_a_failure_is_tried_again_and_then_said(login, monkeypatch):
    def breaks(html):
        raise CannotMake("exit 1")

    monkeypatch.setattr(made_pdfs, "pdf_of", breaks)
    client = login(make.make_user())
    client.post("/my-data/")
    for _ in range(made_pdfs.MOST_ATTEMPTS - 1):
        with pytest.raises(CannotMake):
            run_jobs("projects.make_data_copy")
    run_jobs("projects.make_data_copy")

    page = client.get("/my-data/").content.decode()
    assert "PDF 没有生成" in page
    assert "重新生成" in page
    assert list(Notice.objects.values_list("subject", flat=True)) == ["我的数据没有生成"]


def test_a_copy_goes_after_a_day_with_its_file(login, quick, django_capture_on_commit_callbacks):
    client = login(make.make_user())
    client.post("/my-data/")
    run_jobs("projects.make_data_copy")
    assert own_copies.remove_copies() == 0
    DataCopy.objects.update(asked_at=timezone.now() - timedelta(hours=25))

    path = path_of(DataCopy.objects.get().storage_name)
    assert path.exists()

    with django_capture_on_commit_callbacks(execute=True):
        own_copies.clear_data_copies(0)

    assert DataCopy.objects.count() == 0
    assert not path.exists()


def test_a_newer_copy_takes_the_place_of_the_file_before(login, quick, django_capture_on_commit_callbacks):
    client = login(make.make_user())
    client.post("/my-data/")
    run_jobs("projects.make_data_copy")
    before = path_of(DataCopy.objects.get().storage_name)
    assert before.exists()

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/my-data/")

    assert DataCopy.objects.get().state == PaperState.WAITING
    assert not before.exists()


def test_the_page_takes_a_fixed_number_of_queries(login):
    pi = make.make_person(unit=make.make_unit())
    client = login(pi.user)
    client.get("/my-data/")
    for number in (1, 25):
        for _ in range(number):
            make.make_document(pi)
        _, taken = queries_of(client, "/my-data/")
        assert taken == 5
