"""Real rows for tests, made the short way: people, units, grants, calls and 申报书 in any state.

Everything is synthetic: 证件号码 and 信用代码 carry the reserved region 99.
"""

import itertools
import uuid
from datetime import date, timedelta

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import privacy
from accounts.models import User
from accounts.staff import BUREAU_GROUP
from orgs.actors import Actor, actor_for
from orgs.enums import GrantRole, Role
from orgs.models import Department, Grant, Unit
from profiles.enums import ProofKind, ReviewState
from profiles.models import Person, ProofDocument, ReviewRequest, id_digests, mobile_digests
from projects.enums import State, Tab
from projects.models import Announcement, Call, Proposal, Section, Step, Submission
from tests.uploads import pdf
from zhgg.kit.identifiers import synthetic
from zhgg.kit.uploads.checks import CheckedUpload
from zhgg.kit.uploads.kinds import PDF
from zhgg.kit.uploads.storage import stored

ISSUER = "https://issuer.test"
_serial = itertools.count(1)


def id_number(serial=None):
    """A valid synthetic 证件号码, a new one each time."""
    serial = serial or next(_serial)
    return synthetic.synthetic_resident_id(date(1980, 1, 1) + timedelta(days=serial // 500), serial % 500 + 1)


def make_unit(name=None, *, complete=True, departments=(), **fields):
    """A unit with its 法人用户 account (`unit.account`); `complete` fills what a submission needs."""
    serial = next(_serial)
    name = name or f"重庆样例{serial}研究院（虚构）"
    uscc = synthetic.synthetic_uscc(serial)
    if complete:
        fields = {
            "contact_name": "样例联系人",
            "contact_mobile": "16900000001",
            "contact_phone": "023-20000001",
            "email": "unit@example.com",
            "bank_name": "样例银行重庆分行",
            "bank_account": "9999990000000006",
            "bank_code": "999653000014",
            **fields,
        }
    unit = Unit.objects.create(name=name, uscc=uscc, province="500000", district="500103", stated=["name"], **fields)
    unit.account = User.objects.create_ykb(
        kind="legal",
        issuer=ISSUER,
        subject=f"legal-{serial}",
        uscc=uscc,
        name=name,
        email=f"legal{serial}@example.com",
        privacy_version=privacy.VERSION,
    )
    unit.made_departments = [make_department(unit, name) for name in departments]
    return unit


def make_department(unit, name=None):
    """A 二级单位 of the unit."""
    name = name or f"样例{next(_serial)}所"
    return Department.objects.create(unit=unit, name=name, name_key=name)


def make_user(name=None, **fields):
    """A 个人用户 account with a verified 证件号码, which has confirmed the 个人信息保护告知."""
    serial = next(_serial)
    return User.objects.create_ykb(
        kind="person",
        issuer=ISSUER,
        subject=f"person-{serial}",
        name=name or f"样例{serial}",
        id_type="01",
        id_number=fields.pop("id_number", None) or id_number(serial),
        email=f"person{serial}@example.com",
        **{"privacy_version": privacy.VERSION, **fields},
    )


MOBILE = "16900000002"


def make_person(name=None, *, unit=None, department=None, user=None):
    """A person; with `unit` they have an approved record there."""
    user = user or make_user(name)
    person = Person.objects.create(
        user=user, name=user.name, mobile=MOBILE, email="p@example.com", **mobile_digests(MOBILE)
    )
    if unit:
        approve_person(person, unit, department)
    return person


def approve_person(person, unit, department=None):
    """Give the person an approved record."""
    for field, value in reviewed(person.user, unit, department).items():
        setattr(person, field, value)
    person.id_digest = person.user.identity_digest
    person.approved_at = timezone.now()
    person.save()


def reviewed(user, unit, department=None, **changes):
    """Values of the reviewed fields, as `profiles.services.save_person` takes them."""
    return {
        "id_type": "01",
        "id_number": user.id_number,
        "unit": unit,
        "department": department,
        "education": "11",
        "degree": "2",
        "title_level": "411",
        "position": "研究员",
        **changes,
    }


def make_request(person, unit, department=None, *, state=ReviewState.PENDING, routed_to=None, **changes):
    """A review request in any state; `routed_to` is the reviewing 二级单位 (default: `department`)."""
    now = timezone.now()
    decided = state in (ReviewState.APPROVED, ReviewState.REJECTED)
    return ReviewRequest.objects.create(
        person=person,
        person_name=person.name,
        state=state,
        **id_digests(changes.get("id_number", person.user.id_number)),
        reviewing_department=routed_to or department,
        submitted_at=now,
        updated_at=now,
        decided_at=now if decided else None,
        decided_by=unit.account if decided else None,
        decider_name=unit.name if decided else "",
        decider_role=Role.LEGAL if decided else "",
        reason="职称与证书不一致" if state == ReviewState.REJECTED else "",
        **reviewed(person.user, unit, department, **changes),
    )


def make_document(person, request=None, *, label="硕士学位证书.pdf", kind=ProofKind.DEGREE):
    """A current proof document of the person, its file included; with `request` it went with that one."""
    upload = CheckedUpload(file=SimpleUploadedFile(label, pdf()), label=label, kind=PDF, size=len(pdf()))
    with stored(upload) as columns:
        document = ProofDocument.objects.create(
            person=person, kind=kind, uploaded_by=person.user, uploaded_at=timezone.now(), **columns
        )
    if request:
        request.documents.add(document)
    return document


def make_agent(unit, user=None):
    """The unit's 法人单位授权人: a 个人用户 with the grant."""
    return _grant(GrantRole.AGENT, unit, None, user)


def make_manager(department, user=None):
    """The 二级单位's manager: a 个人用户 with the grant."""
    return _grant(GrantRole.MANAGER, department.unit, department, user)


def _grant(role, unit, department, user):
    user = user or make_user()
    if not Person.objects.filter(pk=user.pk).exists():
        make_person(user=user)
    Grant.objects.create(
        role=role,
        unit=unit,
        department=department,
        holder_name=user.name,
        holder_mobile="16900000003",
        holder_id_number=user.id_number,
        holder_digest=user.identity_digest,
        started_at=timezone.now() - timedelta(days=1),
        started_by=getattr(unit, "account", None),
    )
    return user


def make_officer(name="样例科员"):
    """An officer of 科技局."""
    user = User.objects.create_staff(f"officer{next(_serial)}", "long-enough-pass-1", name=name)
    user.groups.add(Group.objects.get_or_create(name=BUREAU_GROUP)[0])
    return user


def actor_of(user):
    """The Actor that a request of this user would have; staff count as verified."""
    if user.kind == "staff":
        return Actor(user, Role.BUREAU)
    return actor_for(User.objects.get(pk=user.pk))


def make_call(name="2026 年度样例专项", **fields):
    """A published call that is open for another ten days."""
    now = timezone.now()
    times = {
        "opens_at": now - timedelta(days=10),
        "closes_at": now + timedelta(days=10),
        "review_closes_at": now + timedelta(days=15),
    }
    return Call.objects.create(
        **{
            "name": name,
            "kind": "技术创新与应用发展专项",
            "number_prefix": "CSTB2026TIAD-",
            "guide": "样例指南。",
            "directions": ["1.1 人工智能", "1.2 先进制造"],
            "categories": ["一般项目", "重点项目"],
            "published": True,
            # One tab is enough for what most tests are about; `make_full_call` asks for all of them.
            "tabs": [Tab.BASICS],
            "required_attachments": [],
            **times,
            **fields,
        }
    )


BASICS = {
    "title": "山地城市低空物流无人机调度技术研究",
    "direction": "1.1 人工智能",
    "category": "一般项目",
    "tech_field": "101",
    "discipline": "520",
    "industry": "I65",
    "research_type": "applied",
    "starts_on": "2027-01",
    "ends_on": "2029-12",
    "keywords": ["低空物流", "无人机", "集群调度"],
    "abstract": "面向山地城市楼宇密集、风场复杂、起降点分散的配送场景，" * 6,
    "classified": "no",
    "ethics": ["none"],
    "outcomes": ["paper", "patent"],
    "contact_name": "样例联系人",
    "promise": True,
    "contact_mobile": "16900000004",
}
"""What a complete first tab holds."""


def make_proposal(pi, call=None, *, state=State.DRAFT, basics=None, submissions=None, **fields):
    """An 申报书 of `pi` in any state, with sections, the frozen submission and one history step where it was submitted.

    Unit and 二级单位 are those of the PI's approved record.
    """
    now = timezone.now()
    submitted = state != State.DRAFT if submissions is None else submissions > 0
    data = {**BASICS, **(basics or {})}
    proposal = Proposal.objects.create(
        call=call or Call.objects.first() or make_call(),
        pi=pi,
        unit=pi.unit,
        department=pi.department,
        number=f"TEST-{next(_serial):06d}",
        form_key=uuid.uuid4(),
        **{
            "state_since": now,
            "updated_at": now,
            "title": data["title"],
            "state": state,
            "submission_count": 1 if submitted else 0,
            "submitted_at": now if submitted else None,
            "step_count": 1 if submitted else 0,
            "last_action": "submit" if submitted else "",
            **fields,
        },
    )
    Section.objects.create(proposal=proposal, tab=Tab.BASICS, data=data, saved_at=now)
    if submitted:
        Submission.objects.create(
            proposal=proposal,
            number=1,
            data={Tab.BASICS: data},
            unit=pi.unit,
            department=pi.department,
            submitted_at=now,
        )
        Step.objects.create(
            proposal=proposal,
            number=1,
            at=now,
            user=pi.user,
            user_name=pi.name,
            capacity="pi",
            action="submit",
            source=State.DRAFT,
            target=State.DEPARTMENT if pi.department_id else State.UNIT,
            submission_number=1,
        )
    return proposal


def make_announcement(title=None, *, audience=("all",), shows_from=None, **fields):
    """A published 通知公告, shown since yesterday."""
    return Announcement.objects.create(
        title=title or f"样例公告{next(_serial)}",
        audience=list(audience),
        shows_from=shows_from or timezone.now() - timedelta(days=1),
        **{"body": "正文", "published": True, **fields},
    )
