#!/bin/bash
# One backup: the database at one moment (pg_dump), what its tables held then (rows and digests), and all uploaded files.
# Run by zhgg-backup.timer, or by hand as root. The keys of /etc/zhgg/env are NOT in it: keep them elsewhere. Uploaded
# files are as people sent them, so what leaves the machine is to be encrypted (docs/operations.md).
#   BACKUPS=/var/backups/zhgg KEEP_DAYS=30 deploy/backup.sh
set -euo pipefail
umask 077

here=$(cd "$(dirname "$0")" && pwd)
backups=${BACKUPS:-/var/backups/zhgg}
uploads=${UPLOAD_DIR:-$(sed -n 's/^UPLOAD_DIR=//p' /etc/zhgg/env)}
export PGUSER=${PGUSER:-zhgg_owner} PGDATABASE=${PGDATABASE:-zhgg}

stamp=$(date -u +%Y%m%dT%H%M%SZ)
latest=$(find "$backups" -mindepth 1 -maxdepth 1 -type d -name '*Z' | sort | tail -n 1)
folder=$backups/$stamp.partial
mkdir -p "$folder/uploads"
trap 'rm -rf "$folder"' EXIT

# Files never change, so that those of the last backup are linked and not copied. Twice: the first time for what is
# deleted while the dump runs, the second for what came meanwhile; no row of the dump is without its file.
# They belong to root here: a restore gives them back to the site, and no more is needed than to read what is not ours.
copy() { rsync -a --no-owner --no-group ${latest:+"--link-dest=$latest/uploads"} "$uploads/" "$folder/uploads/"; }
copy
psql -X -q -At -F ' ' -v dump="$folder/database.dump" -f "$here/table_digests.sql" >"$folder/tables"
[ -s "$folder/database.dump" ] || { echo 'pg_dump failed' >&2; exit 1; }
copy
(cd "$folder" && find uploads database.dump tables -type f -print0 | sort -z | xargs -0 sha256sum >MANIFEST)
sync -f "$folder"
mv "$folder" "$backups/$stamp"
trap - EXIT
find "$backups" -mindepth 1 -maxdepth 1 -type d -name '*Z' -mtime "+${KEEP_DAYS:-30}" -exec rm -rf {} +
printf '%s: %s tables, %s rows, %s files, %s\n' "$backups/$stamp" "$(wc -l <"$backups/$stamp/tables")" \
    "$(awk '{rows += $2} END {print rows + 0}' "$backups/$stamp/tables")" \
    "$(find "$backups/$stamp/uploads" -type f | wc -l)" "$(du -sh "$backups/$stamp" | cut -f1)"
