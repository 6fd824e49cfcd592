"""System checks: keys that cannot be used, encrypted values that an admin page would show, holidays not announced."""

from datetime import timedelta

from django.conf import settings
from django.contrib.admin.sites import all_sites
from django.core import checks
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import connections
from django.utils import timezone

from zhgg.kit import calendar, crypto
from zhgg.kit.fields import EncryptedTextField

_ADMIN_OPTIONS = ("list_display", "list_filter", "search_fields", "readonly_fields", "fields", "ordering")


@checks.register(checks.Tags.security)
def keys_can_be_used(app_configs, **options):
    """kit.E002: FIELD_KEYS or DIGEST_KEY is malformed."""
    try:
        crypto.check_keys()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="kit.E002")]
    return []


@checks.register(checks.Tags.admin)
def admin_shows_no_encrypted_value(app_configs, **options):
    """kit.E003: an admin page names an encrypted field, and would show it in full to every administrator."""
    problems = []
    for site in all_sites:
        for model, admin in site._registry.items():
            for option in _ADMIN_OPTIONS:
                for name in getattr(admin, option, None) or ():
                    if isinstance(name, str) and _is_encrypted(model, name):
                        message = f"{option} must not name the encrypted field {name!r}: show a mask of it instead."
                        problems.append(checks.Error(message, obj=type(admin), id="kit.E003"))
    return problems


def _is_encrypted(model, name):
    try:
        return isinstance(model._meta.get_field(name), EncryptedTextField)
    except FieldDoesNotExist:
        return False


@checks.register(checks.Tags.security, deploy=True)
def synthetic_numbers_are_refused(app_configs, **options):
    """kit.W001: demo numbers count as valid where real ones are handled."""
    if settings.ALLOW_SYNTHETIC_IDS:
        return [
            checks.Warning(
                "ALLOW_SYNTHETIC_IDS is on: 证件号码 and 信用代码 with the reserved region 99 pass as valid.",
                hint="Unset it in production.",
                id="kit.W001",
            )
        ]
    return []


@checks.register(deploy=True)
def holidays_are_known(app_configs, **options):
    """kit.W002: no public holidays are known for this year, or in its last weeks for the next one."""
    today = timezone.localdate()
    years = {today.year, (today + timedelta(days=14)).year}
    return [
        checks.Warning(
            f"zhgg/kit/holidays.csv has no line for {year}: working days are reckoned without public holidays.",
            hint="Add what the State Council announced for the year.",
            id="kit.W002",
        )
        for year in sorted(years)
        if not calendar.knows(year)
    ]


@checks.register(checks.Tags.database)
def trigrams_know_chinese(app_configs, databases=None, **options):
    """kit.E004: pg_trgm drops every Chinese character where the database's LC_CTYPE is C."""
    problems = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
            if cursor.fetchone() is None:
                continue
            cursor.execute("SELECT cardinality(show_trgm('照明'))")
            if not cursor.fetchone()[0]:
                problems.append(
                    checks.Error(
                        "pg_trgm finds nothing in Chinese text in this database.",
                        hint="Create the database with a UTF-8 LC_CTYPE, for example C.UTF-8.",
                        id="kit.E004",
                    )
                )
    return problems
