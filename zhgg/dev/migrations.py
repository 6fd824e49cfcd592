"""What django-migration-linter says of our migrations: whether one would stop the release before it that still runs.

An exception is written in the migration itself, one line a rule, with its reason:

    # linter: NOT_NULL: the table is new in 0006 and has no rows anywhere.
"""

import os
import re
import sys
from pathlib import Path

import django
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements

APPS = ["accounts", "orgs", "profiles", "projects"]
EXCEPTION = re.compile(r"^\s*# linter: ([A-Z_]+): \S.{9,}$", re.MULTILINE)


def faults():
    """`[(app.migration, code, what is wrong)]` of everything without a written exception; needs Django set up."""
    linter = MigrationLinter(str(Path.cwd()), include_apps=APPS, no_cache=True, no_output=True)
    found = []
    for (app, name), migration in sorted(linter.migration_loader.disk_migrations.items()):
        # The first migration of an app makes tables that nobody uses yet.
        if app in APPS and not migration.initial:
            issues = _issues(linter, migration)
            excused = set(EXCEPTION.findall(Path(sys.modules[type(migration).__module__].__file__).read_text()))
            found += [(f"{app}.{name}", code, what) for code, what in issues if code not in excused]
            unneeded = sorted(excused - {code for code, _ in issues})
            found += [(f"{app}.{name}", code, "the written exception excuses nothing") for code in unneeded]
    return found


def _issues(linter, migration):
    """`[(code, sentence)]`: errors of the SQL, errors and warnings of what runs in Python."""
    errors, _, _ = analyse_sql_statements(
        linter.sql_analyser_class, linter.get_sql(migration.app_label, migration.name), []
    )
    in_python, _, _ = linter.analyse_data_migration(migration)
    return [(issue.code, issue.message) for issue in [*errors, *in_python]]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhgg.settings")
    django.setup()
    lines = [f"{where}: {code}: {what}" for where, code, what in faults()]
    sys.exit("\n".join(lines) or None)
