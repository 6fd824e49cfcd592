#!/bin/bash
# archive_command of PostgreSQL (docs/operations.md, 恢复到任意时刻): one finished piece of the log goes to the archive, whole
# and on its disk, or this fails and PostgreSQL keeps the piece and tries again.
#   archive_command = 'WAL_ARCHIVE=/mnt/zhgg-wal /opt/zhgg/current/deploy/archive_wal.sh %p %f'
set -euo pipefail
umask 077

# Not made here: a disk that is not mounted must not look like an archive.
folder=${WAL_ARCHIVE:?}/wal
target=$folder/$2.gz
if [ -e "$target" ]; then
    # After a crash the same piece comes twice; another one of that name is another database's.
    gzip -dc "$target" | cmp -s - "$1"
    exit
fi
gzip -1 <"$1" >"$target.partial"
sync "$target.partial"
mv "$target.partial" "$target"
sync "$folder"
