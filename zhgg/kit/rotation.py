"""Sealing anew, under the newest key, what older keys of the ring have sealed, while the site runs.

No text changes, and no column but the encrypted ones is written. A row is read and written under its lock, so that no
write of somebody else is lost. A row that somebody holds is left for the next pass: this never waits for anybody, and
so takes part in no deadlock. What is done is seen from the tokens themselves: a run that broke off is just run again.
"""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from types import SimpleNamespace

import pgtrigger
from django.apps import apps
from django.db import models, transaction
from django.db.models import Func, Q, Value

from zhgg.kit import crypto
from zhgg.kit.fields import EncryptedTextField, SealedToken

BATCH = 100
"""Rows a transaction: somebody who wants one of them waits for some ten milliseconds."""
PASSES = 5
PAUSE_SECONDS = 1.0


@dataclass
class Rotated:
    """What became of the rows of one model: `found` were under an older key, `done` are sealed anew, `unreadable` are
    the keys of rows that no key of the ring opens, `left` were held by somebody all the time."""

    model: type[models.Model]
    found: int
    done: int
    unreadable: list
    left: int


def sealed_models() -> list[type[models.Model]]:
    """Every model that has an encrypted column."""
    return [model for model in apps.get_models() if not model._meta.proxy and _fields(model)]


def count_old(model) -> int:
    """How many rows of the model have a value under an older key."""
    return _old_rows(model).count()


def rotate(model, progress: Callable[[int], None] = lambda done: None) -> Rotated:
    """Seal the rows of a model anew; `progress` is told after each batch how many are done."""
    result = Rotated(model, found=count_old(model), done=0, unreadable=[], left=0)
    for number in range(PASSES):
        _pass(result, progress)
        result.left = _old_rows(model).exclude(pk__in=result.unreadable).count()
        if not result.left:
            break
        if number < PASSES - 1:
            time.sleep(PAUSE_SECONDS)
    return result


def _pass(result, progress):
    last = None
    while True:
        rows = _old_rows(result.model).exclude(pk__in=result.unreadable).order_by("pk")
        keys = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        last = keys[-1]
        with transaction.atomic(), _frozen_rows_open(result.model):
            for key, seal_id, *tokens in _locked(result.model, keys):
                try:
                    changes = _sealed_anew(result.model, seal_id, tokens)
                except crypto.Undecipherable:
                    result.unreadable.append(key)
                    continue
                # Somebody may have saved the row since it was found.
                if changes:
                    result.model._base_manager.filter(pk=key).update(**changes)
                    result.done += 1
        progress(result.done)


def _locked(model, keys):
    names = [field.attname for field in _fields(model)]
    rows = model._base_manager.filter(pk__in=keys).order_by("pk").select_for_update(skip_locked=True, no_key=True)
    return list(rows.values_list("pk", "seal_id", *names))


def _sealed_anew(model, seal_id, tokens):
    changes = {}
    for field, token in zip(_fields(model), tokens, strict=True):
        if token is not None and not crypto.sealed_with_newest_key(token):
            context = field.context(SimpleNamespace(seal_id=seal_id))
            changes[field.attname] = SealedToken(crypto.seal(crypto.unseal(token, context), context))
    return changes


def _fields(model):
    return [field for field in model._meta.local_fields if isinstance(field, EncryptedTextField)]


def _old_rows(model):
    """Rows with a value that does not begin as one of the newest key."""
    head, old, begun = crypto.newest_head(), Q(), {}
    for field in _fields(model):
        name = f"{field.attname}_head"
        begun[name] = Func(field.attname, Value(1), Value(len(head)), function="substring", output_field=_Bytes())
        old |= Q(**{f"{field.attname}__isnull": False}) & ~Q(**{name: head})
    return model._base_manager.alias(**begun).filter(old)


def _frozen_rows_open(model):
    """What is frozen says the same afterwards: the trigger that refuses every UPDATE is told to look away."""
    triggers = [each for each in getattr(model._meta, "triggers", ()) if isinstance(each, pgtrigger.Protect)]
    label = f"{model._meta.app_label}.{model._meta.object_name}"
    return pgtrigger.ignore(*(f"{label}:{each.name}" for each in triggers)) if triggers else nullcontext()


class _Bytes(models.BinaryField):
    """The beginning of a token: no text, and never a sealed value itself."""
