"""The calls of the demo: published, extended, and one that is still being written."""

import uuid
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from orgs.actors import Actor
from orgs.enums import Role
from orgs.models import Unit
from projects.demo.accounts_file import uscc_of
from projects.demo.cast import OFFICER, UNITS
from projects.demo.stories import CALLS, EXTENSION, LIMITS, PREPARED
from projects.enums import Scope
from projects.models import Call, Limit
from projects.services.calls import create_call, publish_call, save_call
from projects.services.extensions import extend
from zhgg.kit.clock import database_now

PLAYED = {"opens_at": timedelta(hours=1), "closes_at": timedelta(days=1), "review_closes_at": timedelta(days=2)}
"""Times of a call while the play lasts; `set_times` gives it its own afterwards."""


def plan(timeline):
    """Have the calls written, published and extended when they are said to have been."""
    for call in CALLS:
        timeline.add(140, _publish, call)
    timeline.add(139, _make_limits)
    timeline.add(4, _write, PREPARED)
    timeline.add(3, _go_on_writing, PREPARED)
    timeline.add(EXTENSION.days, _extend)


def set_times():
    """The times of the published calls, counted from now."""
    for call in CALLS:
        Call.objects.filter(number_prefix=prefix(call)).update(**_times(call))


def prefix(call):
    """The 申报编号前缀 of a call of the demo, by which it is found."""
    return _with_year(call.prefix)


def _officer():
    # Nobody has a session here, so the second factor that an officer's Actor depends on is taken as given.
    return Actor(User.objects.get(username=OFFICER), Role.BUREAU)


def _publish(call):
    now = database_now()
    made = _create(call, {name: now + offset for name, offset in PLAYED.items()})
    publish_call(actor=_officer(), call_id=made.pk, version=made.version)
    Call.objects.filter(pk=made.pk).update(opens_at=now)


def _write(call):
    _create(call, _times(call), guide="（演示内容）")


def _go_on_writing(call):
    made = Call.objects.get(number_prefix=prefix(call))
    save_call(actor=_officer(), call_id=made.pk, version=made.version, values={"guide": call.guide})


def _create(call, times, **changes):
    values = {
        "name": _with_year(call.name),
        "kind": call.kind,
        "number_prefix": prefix(call),
        "guide": call.guide,
        "directions": list(dict.fromkeys(call.directions.values())),
        "categories": list(call.categories),
        **call.asks,
        **times,
        **changes,
    }
    return create_call(actor=_officer(), values=values, form_key=uuid.uuid5(uuid.NAMESPACE_URL, values["name"]))


def _extend():
    now = database_now()
    [unit] = [unit for unit in UNITS if unit.key == EXTENSION.unit]
    extend(
        actor=_officer(),
        call_id=Call.objects.get(number_prefix=prefix(EXTENSION.call)).pk,
        scope=Scope.UNITS,
        units=[Unit.objects.get(uscc=uscc_of(unit)).pk],
        submit_until=_closing(now, EXTENSION.closes),
        review_until=_closing(now, EXTENSION.review_closes),
        reason=EXTENSION.reason,
        form_key=uuid.uuid5(uuid.NAMESPACE_URL, EXTENSION.reason),
    )


def _make_limits():
    for name, role, number, calls in LIMITS:
        limit = Limit.objects.create(name=name, role=role, number=number)
        limit.calls.set(Call.objects.filter(number_prefix__in=[prefix(call) for call in CALLS if call.key in calls]))


def _times(call):
    now = database_now()
    return {
        "opens_at": _morning(now + call.opens),
        "closes_at": _closing(now, call.closes),
        "review_closes_at": _closing(now, call.review_closes),
    }


def _with_year(text):
    year = timezone.localtime(database_now()).year
    return text.format(this=year, next=year + 1)


def _morning(moment):
    return timezone.localtime(moment).replace(hour=9, minute=0, second=0, microsecond=0)


def _closing(now, offset):
    """A deadline far away is at 17:00; one that is near stays as near as it is said to be, on the hour."""
    moment = timezone.localtime(now + offset)
    if timedelta(0) < offset < timedelta(days=6):
        return moment.replace(minute=0, second=0, microsecond=0)
    return moment.replace(hour=17, minute=0, second=0, microsecond=0)
