#!/bin/bash
# The database as it was at a moment, in a folder of its own beside the running one, which it does not touch: the newest
# base backup before the moment, and the log from there. It is left running, reached by a socket in that folder. As the
# account postgres; "latest" is the end of the log.
#   WAL_ARCHIVE=/mnt/zhgg-wal deploy/point_in_time.sh '2026-11-23 14:05:00+08' /var/lib/postgresql/then
set -euo pipefail
umask 077
PATH=$PATH:$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -n 1)

archive=${WAL_ARCHIVE:?}
moment=${1:?usage: deploy/point_in_time.sh MOMENT FOLDER}
folder=${2:?usage: deploy/point_in_time.sh MOMENT FOLDER}
step() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

[ ! -e "$folder" ] || { echo "$folder is there already" >&2; exit 1; }
if [ "$moment" = latest ]; then
    wanted=99999999T999999Z target=
else
    wanted=$(date -u -d "$moment" +%Y%m%dT%H%M%SZ)
    target="recovery_target_time = '$(date -u -d "$moment" '+%F %T.%6N+00')'"
fi
base=$(find "$archive/base" -mindepth 1 -maxdepth 1 -name '*Z' | sort | awk -F/ -v wanted="$wanted" '$NF <= wanted' | tail -n 1)
[ -n "$base" ] || { echo "no base backup was done before $moment" >&2; exit 1; }

step "the base backup $(basename "$base")"
mkdir "$folder"
tar -xzf "$base/base.tar.gz" -C "$folder"
tar -xzf "$base/pg_wal.tar.gz" -C "$folder/pg_wal"
cp "$base/backup_manifest" "$folder"
pg_verifybackup --quiet "$folder"

step "the log up to $moment"
# Its own settings instead of those of the server it was: nobody reaches it but by its socket, and it archives nothing.
cat >"$folder/postgresql.conf" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$folder'
unix_socket_permissions = 0700
hot_standby = off
restore_command = 'test -e "$archive/wal/%f.gz" && gzip -dc "$archive/wal/%f.gz" >"%p"'
recovery_target_action = promote
$target
SETTINGS
: >"$folder/postgresql.auto.conf"
echo 'local all all trust' >"$folder/pg_hba.conf"
touch "$folder/recovery.signal"
pg_ctl -D "$folder" -l "$folder/server.log" -t 3600 -w start >/dev/null || { tail -n 5 "$folder/server.log" >&2; exit 1; }
# It takes nobody in until it has come to the moment.
until [ "$(psql -X -h "$folder" -d postgres -Atc 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; do
    pg_ctl -D "$folder" status >/dev/null || { grep -E 'FATAL|LOG:  (last|recovery)' "$folder/server.log" | tail -n 5 >&2; exit 1; }
    sleep 0.5
done
step "there: psql -h $folder; to end it: pg_ctl -D $folder stop"
grep -E 'recovery stopping|last completed transaction' "$folder/server.log" || true
