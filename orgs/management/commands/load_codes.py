"""`manage.py load_codes`: bring the code tables of this release into the database."""

from django.core.management.base import BaseCommand, CommandError

from orgs import codes
from orgs.services.codes import load_codes

MOST = 10
"""How many codes of a kind are named."""


class Command(BaseCommand):
    """Adds, changes and ends what the files say, and leaves what was done by hand. Exit code 1 for an unknown table."""

    help = "载入码表：新增、修改、停用的代码逐表列出；人工维护的不改动；重复运行不再改动"

    def add_arguments(self, parser):
        parser.add_argument("tables", nargs="*", metavar="码表", help="例如 degree；不填为全部")
        parser.add_argument("--dry-run", action="store_true", help="只列出将要作的改动，不写入")

    def handle(self, *, tables, dry_run, **options):
        if unknown := set(tables) - codes.names():
            raise CommandError(
                f"没有这样的码表：{'、'.join(sorted(unknown))}。现有：{'、'.join(sorted(codes.names()))}"
            )
        report = load_codes(tables=tables, dry_run=dry_run)
        for loaded in report:
            kinds = {
                "新增": loaded.added,
                "修改": loaded.changed,
                "停用": loaded.ended,
                "人工维护，未改动": loaded.kept,
            }
            found = [f"{word} {len(each):,} 个（{_named(each)}）" for word, each in kinds.items() if each]
            if found:
                self.stdout.write(f"{codes.TITLES[loaded.table]}（{loaded.table}）：{'；'.join(found)}")
        totals = [sum(len(getattr(loaded, kind)) for loaded in report) for kind in ("added", "changed", "ended")]
        added, changed, ended = totals
        did = "将" if dry_run else "已"
        self.stdout.write(
            f"{did}新增 {added:,} 个代码，修改 {changed:,} 个，停用 {ended:,} 个，共 {len(report)} 个码表。"
        )


def _named(found):
    return "、".join(found[:MOST]) + ("…" if len(found) > MOST else "")
