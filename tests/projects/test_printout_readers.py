"""Who may have which PDF, and how it is handed out."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from projects.enums import Paper, State
from projects.models import Printout, Proposal
from tests import factories as make
from tests.projects.pages import text_of
from tests.projects.printing import address, ask, nothing_queued, pi, proposal, quick, unit, work
from zhgg.kit.errors import NeverAllowed

__all__ = ["nothing_queued", "pi", "proposal", "quick", "unit"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def readers(unit, pi):
    department = unit.made_departments[0]
    other = make.make_unit(departments=["外单位所"])
    return {
        "pi": pi.user,
        "legal": unit.account,
        "agent": make.make_agent(unit),
        "manager": make.make_manager(department),
        "colleague": make.make_person(unit=unit, department=department).user,
        "stranger": other.account,
        "bureau": make.make_officer(),
    }


MATRIX = {
    # slug: who gets the file in 科技局审核; everybody else does not even find it.
    "1": {"pi", "legal", "agent", "manager", "bureau"},
    "promise": {"pi", "legal", "agent", "manager", "bureau"},
    "opinion": {"pi", "legal", "agent", "manager", "bureau"},
    "draft": {"pi"},
}


@pytest.mark.parametrize(("slug", "who"), MATRIX.items())
def test_who_may_have_which_paper(pi, readers, login, quick, slug, who):
    proposal = make.make_proposal(pi, state=State.BUREAU)
    sees = {"pi", "legal", "agent", "manager", "bureau"}
    for role, user in readers.items():
        client = login(user)
        asked = client.post(address(proposal, slug))
        if role not in sees:
            assert asked.status_code == 404, role
            assert client.get(address(proposal, slug, "proposal-pdf-file")).status_code == 404, role
            assert client.get(address(proposal, slug, "proposal-pdf-state")).status_code == 404, role
        elif role not in who:
            assert asked.status_code == 403, role
            assert client.get(address(proposal, slug, "proposal-pdf-file")).status_code == 403, role
        else:
            assert asked.status_code == 302, role
            work()
            answer = client.get(address(proposal, slug, "proposal-pdf-file"))
            assert b"".join(answer.streaming_content).startswith(b"%PDF-"), role


def test_the_file_is_an_attachment_that_nobody_keeps_or_sniffs(proposal, pi, login, quick):
    client = login(pi.user)
    assert client.post(address(proposal)).headers["Location"] == address(proposal)
    work()
    asked = client.post(address(proposal))
    assert asked.headers["Location"] == address(proposal, name="proposal-pdf-file")

    answer = client.get(asked.headers["Location"])
    list(answer.streaming_content)

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_only_the_downloads_of_others_are_recorded(proposal, pi, unit, login, quick):
    ask(proposal, pi.user)
    work()
    for user in (pi.user, unit.account):
        list(login(user).get(address(proposal, name="proposal-pdf-file")).streaming_content)

    [event] = AuditEvent.objects.filter(action="file_downloaded")
    assert event.user_id == unit.account.pk
    assert event.detail == {"proposal": proposal.pk, "paper": "submission", "submission": 1}


def test_a_file_that_no_longer_stands_is_not_handed_out(proposal, pi, login, quick):
    ask(proposal, pi.user)
    work()
    Proposal.objects.filter(pk=proposal.pk).update(state=State.ACCEPTED)

    answer = login(pi.user).get(address(proposal, name="proposal-pdf-file"))

    assert answer.headers["Location"] == address(proposal)
    assert "需要重新生成" in text_of(login(pi.user).get(address(proposal)))


@pytest.mark.parametrize("slug", ["0", "2", "01", "9" * 30, "submission", "１", "-1", "x" * 300])
def test_papers_that_there_are_not_are_not_found(proposal, pi, login, slug):
    client = login(pi.user)

    for name in ("proposal-pdf", "proposal-pdf-file", "proposal-pdf-state"):
        path = address(proposal, "1", name).replace("/pdf/1/", f"/pdf/{slug}/")
        assert client.get(path).status_code == 404, path
        assert client.post(path).status_code in (404, 405), path


def test_the_service_refuses_the_draft_to_reviewers_too(pi, unit):
    with pytest.raises(NeverAllowed):
        ask(make.make_proposal(pi), unit.account, Paper.DRAFT)
    assert Printout.objects.count() == 0


def test_the_button_stands_on_the_pages(pi, unit, login):
    draft = make.make_proposal(pi, basics={"title": "还没有提交的项目"})
    sent = make.make_proposal(pi, state=State.UNIT)
    client = login(pi.user)

    assert "预览 PDF" in text_of(client.get(draft.get_absolute_url()))
    assert "预览 PDF" in text_of(client.get(reverse("proposal-edit", args=[draft.pk, "basics"])))
    assert "预览 PDF" not in text_of(login(unit.account).get(draft.get_absolute_url()))
    for user in (pi.user, unit.account):
        assert "下载 PDF" in text_of(login(user).get(sent.get_absolute_url()))


def test_where_the_signed_papers_are_uploaded_they_can_be_downloaded(pi, login):
    call = make.make_call(tabs=["basics", "attachments"], required_attachments=["01", "05"])
    draft = make.make_proposal(pi, call)

    page = login(pi.user).get(reverse("proposal-attachments", args=[draft.pk])).content.decode()

    for slug in ("promise", "opinion"):
        assert f'action="{address(draft, slug)}"' in page
