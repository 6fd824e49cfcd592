"""Fields that a form does not offer cannot be set (T36).

Each address that takes a POST is sent a form twice, from the same beginning: as the browser sends it, and with every
column of every table beside it that the form does not offer, each with another value than it has. Both times the
database must say the same. A new address that writes fails until `writes` has a form for it that is accepted; so does a
new form of the Django admin.
"""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models, transaction
from django.http import QueryDict
from django.urls import resolve, reverse
from django.utils import timezone

from orgs.models import CodeEntry
from orgs.services.codes import load_codes
from profiles.views import batch as review_batch
from projects import maintenance
from projects.enums import LimitRole, State
from projects.models import Limit, Proposal, Section
from projects.stands import POSTS, Stand
from projects.views import batch as proposal_batch
from tests import factories as make
from tests.attached import make_attachment
from tests.full_proposal import FULL, make_full_call, make_full_proposal
from tests.orgs.department_form import filled as filled_department
from tests.orgs.pages import filled_agent
from tests.orgs.test_admin import grant_form as filled_grant
from tests.orgs.workbooks import row, workbook
from tests.profiles.conftest import filled as filled_person
from tests.projects.calls import form_data as filled_call
from tests.projects.calls import moment
from tests.projects.editing import typed as typed_tab
from tests.projects.test_announcements import form_data as filled_announcement
from tests.test_bodies import people  # noqa: F401 - the fixture
from tests.test_urls import GET, ROLES, YES, address, status, world  # noqa: F401 - a fixture of that fixture
from tests.uploads import pdf, uploaded
from zhgg.kit.batch import sign
from zhgg.kit.fields import EncryptedTextField

pytestmark = pytest.mark.django_db

OURS = ("accounts", "orgs", "profiles", "projects")
# What is written with every request, or passes by itself.
NOT_COMPARED = {"AuditEvent", "ThrottleCount", "LoginAttempt", "Session"}
# Made of chance, anew each time.
BY_CHANCE = {"storage_name", "seal_id", "form_key", "password"}
NUMBER, WORD, DAY = 913_913_913, "没有提供的内容", date(2001, 2, 3)
REASON = "与材料不一致，请核对"
NAME = re.compile(r'name="([\w.:-]+)"')
# Addresses whose control changes nothing, and why.
CHANGES_NOTHING = {
    "kept-discard": "there is no form that was kept",
    "bureau-maintenance-end": "there is no maintenance",
    "bureau-people": "a search",
    "bureau-audit-export": "a list",
    "proposals-export-full": "a list",
}


# What is sent ---------------------------------------------------------------------------------------------------------


class Post:
    """A form that is accepted: who sends what where. `offers` are fields beside those of its page and its body, such as
    the rows that are ticked in the list before."""

    def __init__(self, role, name, args=(), fields=None, files=None, offers=()):
        self.role, self.name, self.path = role, name, reverse(name, args=args)
        self.fields, self.files, self.offers = fields or {}, files or {}, offers

    def body(self, **more):
        """The body made anew, for a file can be read once; `more` beside it."""
        return {**more, **self.fields, **{field: uploaded(*file) for field, file in self.files.items()}}


def offered(client, post):
    """Names that the form offers: those of its page, and what the body holds."""
    page = client.get(post.path)
    shown = [] if page.streaming else NAME.findall(page.content.decode())
    status(page)
    return {*shown, *post.fields, *post.files, *post.offers}


def other_values():
    """`{app: {column: a value that no row has}}` of all columns. Of those with the same name that of the app counts."""
    last = {model: model._base_manager.order_by("pk").last() for model in apps.get_models()}
    found = {}
    for app in OURS:
        columns = found.setdefault(app, {})
        for model in sorted(tables(), key=lambda model: model._meta.app_label == app):
            for field in model._meta.concrete_fields:
                columns[field.name] = columns[field.attname] = another_value(field, last)
    return found


def tables():
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS and model.__name__ not in NOT_COMPARED and not model._meta.proxy
    ]


def another_value(field, last):
    if isinstance(field, models.ForeignKey):
        return last[field.related_model].pk if last[field.related_model] else NUMBER
    if field.choices:
        return [value for value, _ in field.flatchoices][-1]
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField):
        return f"{DAY} 04:05"
    if isinstance(field, models.DateField):
        return str(DAY)
    return NUMBER if isinstance(field, models.IntegerField) else WORD


# What the database says -----------------------------------------------------------------------------------------------


def picture(known):
    """`{table: how often each row stands there}`, without what time and chance make of each."""
    return {
        model._meta.label: Counter(
            tuple(told(instance, field, known) for field in model._meta.concrete_fields)
            for instance in model._base_manager.all()
        )
        for model in tables()
    }


def told(instance, field, known):
    value = getattr(instance, field.attname)
    if isinstance(field, models.ForeignKey):
        return value if value in known[field.related_model] else f"new {value is None}"
    if isinstance(field, models.AutoField) or field.name in BY_CHANCE:
        return value if value in (NUMBER, WORD) else "some"
    if isinstance(field, models.DateTimeField) and value is not None:
        return value if timezone.localtime(value).date() == DAY else "a moment"
    if isinstance(field, EncryptedTextField):
        return str(value)
    if field is Proposal._meta.get_field("number"):
        return value[:-6]
    return value if isinstance(value, (str, int, date, datetime, bool, type(None))) else repr(value)


def after(client, post, extras, known):
    """The status of the answer, and what the database says then; whatever was done is undone."""
    with transaction.atomic():
        code = status(client.post(post.path, post.body(**extras)))
        said = picture(known)
        transaction.set_rollback(True)
    maintenance.know_of_none()
    return code, said


# The forms ------------------------------------------------------------------------------------------------------------


def writes(people):  # noqa: F811
    """A Post that is accepted for each address that writes, or several."""
    pi, call, unit, department = people["person"], people["call"], people["unit"], people["department"]
    empty = unit.departments.create(name="空所", name_key="空所")
    full = make_full_proposal(pi, make_full_call(name="样例一"))
    blank = make.make_proposal(pi, make_full_call(name="样例二"))
    Section.objects.filter(proposal=blank).delete()
    filed = make.make_proposal(pi, call)
    file = make_attachment(filed, "99")
    at = {state: make.make_proposal(pi, call, state=state) for state in (State.DEPARTMENT, State.UNIT, State.BUREAU)}

    yield as_shown(people, "legal", "unit-edit", address="照母山大道 1 号")
    yield Post("legal", "authorisation-new", fields={"version": people["grant"].pk, **filled_agent("周岚")})
    yield Post("legal", "authorisation-end", fields={"seen": people["grant"].pk})
    yield Post("legal", "department-new", fields=filled_department())
    yield as_shown(people, "legal", "department-edit", department.pk, name="改名所")
    yield as_shown(people, "legal", "department-delete", empty.pk)
    yield Post("legal", "department-import", files={"file": ("二级单位.xlsx", workbook([row("导入所")]).read())})
    yield as_shown(people, "legal", "department-import-preview", people["import"].pk)

    person = filled_person(pi, unit, department, position="所长")
    yield Post("pi", "person-edit", fields=person)
    yield Post("pi", "person-edit", fields={**person, "upload": "1"}, files={"proof-degree": ("a.pdf", pdf())})
    yield Post("manager", "review-decide", [people["request"].pk, "approve"])
    yield Post("manager", "review-decide", [people["request"].pk, "reject"], {"reason": REASON})
    signed = sign(people["actors"]["manager"], [people["request"].pk], review_batch.SELECTION_SALT)
    yield Post("manager", "reviews-batch", (), {"action": "approve", "selection": signed}, offers=["id", "reason"])

    yield Post("pi", "proposal-new", [make.make_call("样例四").pk], {"form_key": uuid4()})
    yield Post("pi", "proposal-copy", [full.pk], {"call": call.pk, "form_key": uuid4()})
    for tab in FULL:
        yield Post(
            "pi",
            "proposal-edit",
            [blank.pk, tab],
            dict(QueryDict(typed_tab(tab, version="0")).lists()),
            offers=["rows"],
        )
    yield Post("pi", "proposal-attachments", [filed.pk], {"kind": "99"}, {"file": ("b.pdf", pdf(pages=2))})
    yield Post("pi", "attachment-replace", [filed.pk, file.pk], files={"file": ("c.pdf", pdf(pages=2))})
    yield Post("pi", "attachment-delete", [filed.pk, file.pk])
    yield as_shown(people, "pi", "proposal-delete", blank.pk)
    due = f"{timezone.localdate() + timedelta(days=9)}"
    for role, proposal, action, fields in (
        ("pi", full, "submit", {"seen_step": "0"}),
        ("pi", at[State.DEPARTMENT], "withdraw", {}),
        ("manager", at[State.DEPARTMENT], "pass-to-unit", {}),
        ("agent", at[State.UNIT], "pass-to-bureau", {}),
        ("agent", at[State.UNIT], "send-back", {"reason": REASON}),
        ("bureau", at[State.BUREAU], "accept", {}),
        ("bureau", at[State.BUREAU], "decline", {"reason": REASON}),
        ("bureau", at[State.BUREAU], "send-back", {"reason": REASON, "correction_due": due}),
    ):
        yield Post(role, "proposal-act", [proposal.pk, action], {"seen_step": "1", **fields})
    ticked = sign(people["actors"]["agent"], [[at[State.UNIT].pk, 1]], proposal_batch.SELECTION_SALT)
    fields = {"action": "pass-to-bureau", "selection": ticked}
    yield Post("agent", "proposals-batch", (), fields, offers=["id", "reason", "templates"])

    yield from of_the_bureau(people)
    yield from of_the_administrator(people)


def of_the_bureau(people):  # noqa: F811
    call, unit = people["call"], people["unit"]
    suspended = make.make_unit(suspended_at=timezone.now(), suspended_reason=REASON)
    announcement = make.make_announcement(published=False)
    coming = make.make_call("样例三", opens_at=timezone.now() + timedelta(days=1), published=False)
    reason = {"reason": REASON}

    yield Post("bureau", "bureau-announcement-new", fields=filled_announcement())
    yield as_shown(people, "bureau", "bureau-announcement-edit", announcement.pk, title="改过的公告")
    yield Post("bureau", "bureau-announcement-publish", [announcement.pk], {"version": "1"})
    yield Post("bureau", "bureau-announcement-withdraw", [people["announcement"].pk], {"version": "1"})
    yield Post("bureau", "bureau-call-new", fields=filled_call())
    yield Post("bureau", "bureau-call-edit", [coming.pk], filled_call(version="1"))
    yield Post("bureau", "bureau-call-publish", [coming.pk], {"version": "1"})
    yield as_shown(people, "bureau", "bureau-call-close", call.pk, **reason)
    times = {"scope": "all", "submit_until": moment(20), "review_until": moment(25), "confirm": "1"}
    yield as_shown(people, "bureau", "bureau-call-extend", call.pk, **times, **reason)
    yield Post("bureau", "bureau-call-files", [call.pk], files={"file": ("d.pdf", pdf(pages=2))})
    yield Post("bureau", "bureau-call-file-delete", [call.pk, people["call file"].pk])
    yield Post("bureau", "bureau-conflict-settle", [people["conflict"].pk, "bind"], {**reason, "confirmed": "on"})
    yield Post("bureau", "bureau-grant-end", [people["grant"].pk], reason)
    yield Post("bureau", "bureau-unit-suspend", [unit.pk], reason)
    yield Post("bureau", "bureau-unit-resume", [suspended.pk], reason)
    fields = {"version": "0", "begins_at": "", "ends_at": moment(2), "message": "数据库升级"}
    yield Post("bureau", "bureau-maintenance", (), fields)


def of_the_administrator(people):  # noqa: F811
    call, unit, department = people["call"], people["unit"], people["department"]
    role = "administrator"

    yield Post(role, "admin:accounts_user_change", [people["person"].pk])
    yield Post(role, "admin:orgs_department_add", (), {"unit": unit.pk, "name": "二所"})
    yield Post(role, "admin:orgs_department_change", [department.pk], {"name": "改名所"})
    yield Post(role, "admin:orgs_grant_add", (), filled_grant(unit))
    code = {"table": "title_level", "code": "498", "like": "411", "name": "样例级", "valid_from": "2026-01-01"}
    yield Post(role, "admin:orgs_codeentry_add", (), code)
    code = {"name": "改过的名称", "valid_from": "", "valid_until": ""}
    yield Post(role, "admin:orgs_codeentry_change", [CodeEntry.objects.get(table="title_level", code="411").pk], code)
    limit = {"name": "样例限项", "role": LimitRole.values[0], "number": "2", "calls": [call.pk]}
    yield Post(role, "admin:projects_limit_add", (), limit)
    stored = Limit.objects.create(name="原有限项", role=LimitRole.values[0], number=1)
    yield Post(role, "admin:projects_limit_change", [stored.pk], limit)
    yield Post(role, "admin:projects_callfile_add", (), {"call": call.pk}, {"file": ("e.pdf", pdf(pages=3))})


def forms_of_the_admin(client):
    """Names of the pages of our tables in the Django admin that have a form to save."""
    for model in admin.site._registry:
        if model._meta.app_label not in OURS:
            continue
        name, row = f"admin:{model._meta.app_label}_{model._meta.model_name}", model._base_manager.first()
        pages = [(f"{name}_add", [])] + ([(f"{name}_change", [row.pk])] if row else [])
        yield from (
            way for way, args in pages if 'name="_save"' in client.get(reverse(way, args=args)).content.decode()
        )


def as_shown(people, role, name, /, *args, **changes):  # noqa: F811
    """The form of the page as it is shown, with these changes."""
    page = people["clients"][role].get(reverse(name, args=args))
    return Post(role, name, args, {**shown_form(page), **changes})


def shown_form(page):
    """What the browser would send of the form of a page, as its bound form and hidden fields say."""
    html = page.content.decode()
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", html.split("<main", 1)[1], re.DOTALL)
    body = {}
    for tag in re.findall(r"<input[^>]*>", "".join(forms)):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        ticked = found.get("type") not in ("checkbox", "radio") or " checked" in tag
        if "name" in found and found.get("type") != "file" and ticked:
            usual = "on" if found.get("type") in ("checkbox", "radio") else ""
            body.setdefault(found["name"], []).append(found.get("value", usual))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', "".join(forms), re.DOTALL):
        body[name] = re.findall(r'value="([^"]*)"[^>]*selected', options) or [""]
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n?(.*?)</textarea>', "".join(forms), re.DOTALL):
        body[name] = [text]
    body.pop("csrfmiddlewaretoken", None)
    return body


@pytest.fixture
def everybody(people, login):  # noqa: F811
    """`people`, and an administrator."""
    administrator = make.User.objects.create_staff("admin-test", "long-enough-pass-1", name="管理员", superuser=True)
    people["clients"]["administrator"] = login(administrator)
    load_codes(tables=["title_level"])
    return people


def posts(people):  # noqa: F811
    """A Post for each address: those that write, and with an empty form those that do not."""
    written = list(writes(people))
    yield from written
    for name in sorted(set(POSTS) - {post.name for post in written}):
        opens = [role for role, code in zip(ROLES, GET[name], strict=True) if code == YES]
        path = resolve(address(name, people))
        yield Post((opens or ["legal"])[0], name, list(path.kwargs.values()), offers=["id", "what"])


def test_what_a_form_does_not_offer_is_not_set(everybody):
    listed, others = list(posts(everybody)), other_values()
    known = {model: set(model._base_manager.values_list("pk", flat=True)) for model in apps.get_models()}
    start, changing, set_all_the_same = picture(known), set(), []

    for post in listed:
        client, form = everybody["clients"][post.role], offered(everybody["clients"][post.role], post)
        app = (post.name.partition(":")[2] or resolve(post.path).func.__module__).replace("_", ".").split(".")[0]
        extras = {name: value for name, value in others.get(app, others["projects"]).items() if name not in form}
        assert len(extras) > 100
        usual = after(client, post, {}, known)
        with_extras = after(client, post, extras, known)
        if usual[1] != start:
            changing.add(post)
        if usual != with_extras:
            set_all_the_same.append((post.path, usual[0], with_extras[0], differing(usual[1], with_extras[1])))

    idle = {post.name for post in listed if post not in changing and POSTS.get(post.name) is not Stand.READS}
    assert set_all_the_same == []
    assert idle == set(CHANGES_NOTHING)
    assert {post.name for post in listed} == {*POSTS, *forms_of_the_admin(everybody["clients"]["administrator"])}


def differing(one, other):
    """`{table: (rows here alone, rows there alone)}`."""
    tables = [table for table in one if one[table] != other[table]]
    return {table: (one[table] - other[table], other[table] - one[table]) for table in tables}
