"""What is taken from the running site and brought elsewhere, and tables that change under its data."""

import subprocess

import pytest

from tests.faults.ledger import Writers

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults"), pytest.mark.faults]

CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1, 2, 3
"""


def test_a_dump_under_load_holds_all_that_was_acknowledged_before_it(world, tmp_path):
    dump, elsewhere = tmp_path / "dump", "elsewhere"
    world.server.start(elsewhere)
    with Writers(world).at_work() as writers:
        writers.wait_for(12)
        before = list(writers.acknowledged)
        subprocess.run(
            [world.server.program("pg_dump"), "-Fc", "-f", dump, world.server.url(world.database)], check=True
        )
        writers.wait_for(6)
    assert writers.statuses == {302}
    subprocess.run([world.server.program("pg_restore"), "-1", "-d", world.server.url(elsewhere), dump], check=True)
    writers.assert_kept(elsewhere, before)
    assert world.server.query(elsewhere, CONSTRAINTS) == world.server.query(world.database, CONSTRAINTS)


def digests(world, database):
    """{table: (rows, digest)} of all that is ours."""
    tables = world.server.query(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {
        table: world.server.query(
            database, f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
        )
        for (table,) in tables
        if table != "django_migrations"
    }


def test_the_newest_migrations_go_forward_and_back_over_live_data(world):
    """Of each app the newest one: forward and back again, and every row is as it was."""
    database = "migrated"
    world.server.copy_of("house", database)
    variables = {"DATABASE_URL": world.server.url(database)}
    newest = {}
    for app in ("accounts", "orgs", "profiles", "projects"):
        names = world.server.query(
            database, "SELECT name FROM django_migrations WHERE app = %s ORDER BY id DESC LIMIT 2", app
        )
        newest[app] = [name for (name,) in names]
    for app, (_, former) in reversed(newest.items()):
        world.site.manage("migrate", app, former, **variables)
    before = digests(world, database)
    world.site.manage("migrate", **variables)
    assert digests(world, database).keys() >= before.keys()
    for app, (_, former) in reversed(newest.items()):
        world.site.manage("migrate", app, former, **variables)
    assert digests(world, database) == before
    world.site.manage("migrate", **variables)
    assert world.site.manage("makemigrations", "--check", "--dry-run", **variables)
