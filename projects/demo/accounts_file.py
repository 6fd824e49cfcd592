"""The accounts of the demo: what 渝快办 would state about each, and the file that the stand-in lists them from."""

import json
import os
from pathlib import Path

from django.conf import settings

from accounts import privacy
from accounts.models import User
from orgs.actors import ANONYMOUS, actor_for
from orgs.enums import Role
from profiles.enums import ReviewState
from profiles.models import Person, ReviewRequest
from projects.demo.cast import MANAGER, PEOPLE, STAFF, UNITS
from projects.models import Proposal
from zhgg.kit.identifiers import synthetic


def subject_of(member):
    """The `sub` of a unit or person of the cast."""
    return f"demo-{member.key}"


def uscc_of(unit):
    """The synthetic 统一社会信用代码 of a unit of the cast."""
    return synthetic.synthetic_uscc(unit.serial, unit.prefix)


def serial_of(person):
    """A number from 1 on, another one for each person of the cast."""
    return PEOPLE.index(person) + 1


def id_number_of(person):
    """The synthetic 证件号码 of a person of the cast; the last digit but one is odd for men and even for women."""
    return synthetic.synthetic_resident_id(person.born, serial_of(person) * 2 - (1 if person.sex == "1" else 0))


def mobile_of(person):
    """The mobile number of a person of the cast."""
    return synthetic.synthetic_mobile(serial_of(person))


def unit_claims(unit):
    """What 渝快办 states about a unit."""
    claims = {
        "name": unit.name,
        "org_name": unit.name,
        "uscc": uscc_of(unit),
        "phone_number": synthetic.synthetic_mobile(900 + unit.serial),
        **unit.stated,
    }
    if "legal_rep_name" in unit.stated:
        claims["legal_rep_id_type"] = "01"
        claims["legal_rep_id_number"] = synthetic.synthetic_resident_id(_LEGAL_REP_BORN, unit.serial)
    return claims


def person_claims(person):
    """What 渝快办 states about a person. Not all of them let it state everything."""
    claims = {"name": person.name, "gender": "male" if person.sex == "1" else "female"}
    if "id_number" in person.stated:
        claims |= {"id_type": "01", "id_number": id_number_of(person), "birthdate": person.born.isoformat()}
    if "phone_number" in person.stated:
        claims["phone_number"] = mobile_of(person)
    if "email" in person.stated:
        claims["email"] = f"{person.key.replace('_', '.')}@example.com"
    return claims


_LEGAL_REP_BORN = PEOPLE[0].born.replace(year=1966)


def default_path():
    """OIDC_ACCOUNTS_FILE, or .dev/accounts.json."""
    return Path(os.environ.get("OIDC_ACCOUNTS_FILE") or settings.BASE_DIR / ".dev" / "accounts.json")


def content(staff_passwords):
    """The content of the file as the database is now: legal accounts, then people, each with most work waiting first.

    `staff_passwords` maps user names to passwords; a member of staff without one is listed without it.
    """
    accounts = [_legal(unit) for unit in UNITS] + [_person(person) for person in PEOPLE]
    accounts.sort(key=lambda account: (account["account_type"] != "legal", -account["waiting"]))
    for account in accounts:
        del account["waiting"]
    staff = [
        {
            "username": username,
            "password": staff_passwords.get(username, ""),
            "role": role,
            "otp_hint": f"./dev otp {username}",
        }
        for username, _, role, _, _ in STAFF
        if User.objects.filter(username=username).exists()
    ]
    return {"accounts": accounts, "staff": staff}


def write(path, data):
    """Write the file whole or not at all: the stand-in may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(f"{path.name}.{os.getpid()}")
    whole.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", "utf-8")
    whole.replace(path)


def _legal(unit):
    actor = _actor(unit)
    reviews, decisions = _waiting(actor)
    facts = ["法人单位", *_waiting_words(reviews, decisions)]
    if unit.suspended:
        facts.append("已被科技局停用")
    elif actor is ANONYMOUS or not unit.info:
        facts.append("刚刚注册，单位信息待填写")
    elif "bank_account" not in unit.info:
        facts.append("单位信息未填完整")
    elif not unit.departments:
        facts.append("没有二级单位")
    return _account(unit, "legal", unit.name, facts, unit_claims(unit), reviews + decisions)


def _person(person):
    actor = _actor(person)
    if actor is ANONYMOUS:
        role = Role.MANAGER if person.role == MANAGER else Role.AGENT
        facts = [role.label, f"{_unit_name(person)}{person.department}", "已授权，尚未登录过"]
        return _account(person, "person", person.name, facts, person_claims(person), 0)
    reviews, decisions = _waiting(actor)
    returned = Proposal.objects.own(actor).returned().count()
    facts = [actor.role_label]
    if actor.unit_id:
        facts.append(f"{actor.unit_name}{actor.department_name}")
        facts += _waiting_words(reviews, decisions)
    else:
        facts.append(_own_record(actor))
    if privacy.must_ask(actor.user):
        facts.append("登录后先确认个人信息保护告知")
    own = Proposal.objects.own(actor).count()
    if own:
        facts.append(f"我的申报 {own} 份" + (f"（{returned} 份被退回）" if returned else ""))
    return _account(person, "person", person.name, facts, person_claims(person), reviews + decisions + 0.1 * returned)


def _account(member, kind, label, facts, claims, waiting):
    return {
        "sub": subject_of(member),
        "account_type": kind,
        "label": label,
        "note": " · ".join(fact for fact in facts if fact),
        "claims": claims,
        "waiting": waiting,
    }


def _actor(member):
    user = User.objects.filter(issuer=settings.OIDC_ISSUER, subject=subject_of(member)).first()
    return actor_for(user) if user else ANONYMOUS


def _waiting(actor):
    reviews = ReviewRequest.objects.awaiting(actor).count()
    return reviews, Proposal.objects.awaiting(actor).count()


def _waiting_words(reviews, decisions):
    words = [f"{reviews} 条个人信息待审核"] if reviews else []
    return words + ([f"{decisions} 份申报书待处理"] if decisions else [])


def _own_record(actor):
    person = Person.objects.own(actor).select_related("unit", "department").get()
    latest = person.requests.exclude(state=ReviewState.REPLACED).order_by("-pk").first()
    place = f"{person.unit}{person.department or ''}" if person.unit else ""
    if latest is None:
        return "个人信息未提交"
    state = ReviewState(latest.state).label
    if latest.state != ReviewState.APPROVED and person.is_approved:
        state = f"已通过，变更{state}"
    return f"{place} · {state}" if place else f"个人信息{state}"


def _unit_name(person):
    return next(unit.name for unit in UNITS if unit.key == person.unit)
