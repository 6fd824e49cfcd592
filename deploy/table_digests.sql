-- One line a table: name, rows, and a digest of all rows that does not depend on their order. Two databases with the
-- same lines hold the same. With -v dump=FILE a dump of the very same moment is written first.
\set ON_ERROR_STOP on
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET IntervalStyle = 'iso_8601';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
\if :{?dump}
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\setenv DUMP :dump
\! pg_dump --format=custom --no-password --snapshot="$SNAPSHOT" --file="$DUMP" || rm -f "$DUMP"
\endif
SELECT format(
    'SELECT %L, count(*), coalesce(sum((''x'' || left(md5(t::text), 16))::bit(64)::bigint::numeric), 0) FROM %s t',
    relname, oid::regclass
)
FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
ORDER BY relname COLLATE "C" \gexec
COMMIT;
