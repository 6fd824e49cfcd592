#!/bin/bash
# One base backup for the archive of archive_wal.sh: from its end on, point_in_time.sh can go to any moment. Older ones than
# the last KEEP_BASES go, and the pieces of the log that only they need. As the account postgres, once a week:
#   WAL_ARCHIVE=/mnt/zhgg-wal deploy/base_backup.sh
set -euo pipefail
umask 077
PATH=$PATH:$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -n 1)

archive=${WAL_ARCHIVE:?}
folder=$archive/base/partial
rm -rf "$folder"
trap 'rm -rf "$folder"' EXIT
pg_basebackup -D "$folder" --format=tar --gzip --checkpoint=fast
sync -f "$folder"
# Named by its end: no moment before that can be gone to.
stamp=$(date -u +%Y%m%dT%H%M%SZ)
mv "$folder" "$archive/base/$stamp"

find "$archive/base" -mindepth 1 -maxdepth 1 -name '*Z' | sort -r | tail -n "+$((${KEEP_BASES:-2} + 1))" | xargs -r rm -rf
oldest=$(find "$archive/base" -mindepth 1 -maxdepth 1 -name '*Z' | sort | head -n 1)
first=$(tar -xzOf "$oldest/base.tar.gz" backup_label | sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p')
pg_archivecleanup -x .gz "$archive/wal" "${first:?}"
printf '%s: %s, log from %s\n' "$archive/base/$stamp" "$(du -sh "$archive/base/$stamp" | cut -f1)" "$first"
