"""Moving every digest that is looked up from HMAC-SHA256 to HMAC-SM3 (`crypto.to_sm3`), all in one transaction.

Nobody may write meanwhile, because a row of the one suite is not found by the other: the site and the worker stand
still, and start again with DIGEST_SUITE=sm3.
"""

from itertools import chain, islice

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from accounts.models import IdentityConflict, User
from orgs.models import Grant
from profiles.models import Person, ReviewRequest
from projects.models import Participant
from zhgg.kit import crypto
from zhgg.kit.errors import NotNow

COLUMNS = {
    User: ("identity_digest", "known_as"),
    IdentityConflict: ("digest",),
    Grant: ("holder_digest",),
    Person: ("id_digest", "mobile_digest", "mobile_tail"),
    ReviewRequest: ("id_digest", "id_tail"),
    Participant: ("digest",),
}
"""Every column with digests that are looked up. The 校验码 of a submission stays as it was printed."""
BATCH = 5000
SAMPLE = 20


def suite_of_database():
    """The suite of the digests that are stored ("sha256" or "sm3"), told from some whose number is known; "" where
    there are none. Raises NotNow when they are of neither, or of both."""
    found = _suites_found()
    if len(found) > 1 or "unknown" in found:
        raise NotNow("数据库中的摘要与 DIGEST_KEY 不符，或两种算法混在一起，不能转换。")
    return found.pop() if found else ""


def refuse_other_suite():
    """Raise ImproperlyConfigured where what is stored was made with another suite or key: every login would miss its
    account. Says nothing while the database is away or has no tables yet."""
    try:
        found = _suites_found()
    except (DatabaseError, crypto.Undecipherable):
        return
    if found and settings.DIGEST_SUITE not in found:
        stored = next((f" {suite}" for suite in found - {"unknown"}), "用另一个密钥算出的")
        raise ImproperlyConfigured(
            f"数据库中的摘要是{stored}，与 DIGEST_SUITE={settings.DIGEST_SUITE} 和 DIGEST_KEY 不符，"
            "登录会认不出已有的账号，所以不启动。请改回设置，或照 docs/operations.md 的“国密算法”一节转换。"
        )


def _suites_found():
    codes = User.objects.exclude(uscc="").order_by("-pk").values_list("known_as", "uscc")
    mobiles = Person.objects.exclude(mobile_digest="").order_by("-pk").values_list("mobile_digest", "mobile")
    known = chain(
        ((stored, crypto.sha256_digest("uscc", code)) for stored, code in islice(codes, SAMPLE)),
        ((stored, crypto.sha256_digest("mobile", mobile)) for stored, mobile in islice(mobiles, SAMPLE)),
    )
    return {
        "sha256" if stored == first else "sm3" if stored == crypto.to_sm3(first) else "unknown"
        for stored, first in known
    }


def move_to_sm3():
    """Move all digests; how many rows of each model, {} when they had been moved before. Raises NotNow."""
    if settings.DIGEST_SUITE != "sm3":
        raise NotNow("请先停止网站和后台任务，设置 DIGEST_SUITE=sm3，再运行本命令。")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '30min'")
            tables = ", ".join(model._meta.db_table for model in COLUMNS)
            cursor.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")  # nosec B608: names of tables
        if suite_of_database() == "sm3":
            return {}
        return {model: _move(model, names) for model, names in COLUMNS.items()}


def _move(model, names):
    key = model._meta.pk.column
    columns = [model._meta.get_field(name).column for name in names]
    values = ", ".join(f"{column} = new.{column}" for column in columns)
    places = ", ".join(["%s::bigint[]", *["%s::text[]"] * len(columns)])
    table = model._meta.db_table
    statement = (
        f"UPDATE {table} SET {values} FROM unnest({places}) AS new (key, {', '.join(columns)})"  # nosec B608: names only
        f" WHERE {table}.{key} = new.key"
    )
    moved = 0
    rows = list(model._base_manager.order_by("pk").values_list("pk", *names))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            keys, *digests = zip(*rows[start : start + BATCH], strict=True)
            cursor.execute(statement, [list(keys), *([crypto.to_sm3(each) for each in column] for column in digests)])
            moved += cursor.rowcount
    return moved
