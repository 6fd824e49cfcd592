#!/bin/bash
# Restores one backup into a database and a folder of their own, and compares: the files of the backup with its MANIFEST,
# each table's rows and digest with what they were, each uploaded file with its row, the audit trail with its seals, the
# keys with what they sealed. Ends with 0 only when all of it is right. As root:
#   deploy/restore_drill.sh /var/backups/zhgg/20261123T021000Z
set -euo pipefail
umask 077

here=$(cd "$(dirname "$0")" && pwd)
backup=$(cd "${1:?usage: deploy/restore_drill.sh BACKUP}" && pwd)
drill=${DRILL_DATABASE:-zhgg_drill}
if [ -z "${PGUSER:-}" ]; then
    export PGUSER=zhgg_owner
    admin() { env -u PGUSER runuser -u postgres -- "$@"; }
else
    admin() { "$@"; }
fi
export PGHOST=${PGHOST:-/var/run/postgresql}
scratch=$(mktemp -d "${DRILL_DIR:-/var/tmp}/zhgg-drill-XXXXXX")
step() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
end() {
    rm -rf "$scratch"
    (cd / && admin dropdb --if-exists "$drill")
}
trap end EXIT

# The variables of this machine, but the restored database and files.
manage() {
    (
        if [ -z "${MANAGE:-}" ]; then
            set -a && . /etc/zhgg/env && set +a
            cd /opt/zhgg/current
        fi
        export UPLOAD_DIR=$scratch/uploads
        export DATABASE_URL="postgres://$PGUSER@/$drill?host=$PGHOST${PGPORT:+&port=$PGPORT}"
        ${MANAGE:-.venv/bin/python manage.py} "$@"
    )
}

step 'the backup is as it was written'
(cd "$backup" && sha256sum --quiet --strict -c MANIFEST)
listed=$(wc -l <"$backup/MANIFEST")
there=$(find "$backup" -type f ! -name MANIFEST | wc -l)
[ "$listed" = "$there" ] || { echo "MANIFEST lists $listed files, there are $there" >&2; exit 1; }
step 'restore the database'
(cd / && admin dropdb --if-exists "$drill" && admin createdb -T template0 -E UTF8 --locale=C.UTF-8 -O "$PGUSER" "$drill")
pg_restore --no-owner --no-privileges --exit-on-error --jobs=2 --dbname="$drill" "$backup/database.dump"
step 'compare all tables'
psql -X -q -At -F ' ' -d "$drill" -f "$here/table_digests.sql" >"$scratch/tables"
diff "$backup/tables" "$scratch/tables"
step 'restore the uploaded files, and compare each with its row'
rsync -a "$backup/uploads/" "$scratch/uploads/"
manage verify_uploads
step 'the audit trail'
manage verify_audit
step 'the keys open what was sealed'
manage rotate_field_keys --dry-run | tail -n 1
step "right: $(wc -l <"$scratch/tables") tables, $(awk '{rows += $2} END {print rows + 0}' "$scratch/tables") rows"
