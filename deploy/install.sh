#!/bin/bash
# Sets up 智汇攻关 on a plain Debian 12, or brings a machine up to the version that lies beside this script. As root:
#   deploy/install.sh zhgg.example.cn [--clamav]
# Run again it changes only what differs. The first run ends where /etc/zhgg/env must be filled in by hand.
# docs/operations.md tells the whole way from an empty machine.
set -euo pipefail

name=${1:?usage: deploy/install.sh SERVER_NAME [--clamav]}
clamav=${2:-}
source=$(cd "$(dirname "$0")/.." && pwd)
base=/opt/zhgg
say() { printf '== %s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }
has_systemd() { [ -d /run/systemd/system ]; }

[ "$(id -u)" = 0 ] || stop 'Run this as root.'
# The accounts of the database cannot read every folder from which this may be called.
cd /
[[ $name =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ ]] || stop "Not a server name: $name"

packages() {
    say 'packages'
    local wanted='python3-venv postgresql postgresql-client nginx libnginx-mod-http-brotli-static openssl rsync logrotate curl procps
        ca-certificates libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk'
    [ "$clamav" != --clamav ] || wanted="$wanted clamav-daemon"
    local package missing=''
    for package in $wanted; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    apt-get -q update
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing
}

accounts() {
    say 'accounts and folders'
    getent group zhgg >/dev/null || groupadd --system zhgg
    # The site and the worker; and who owns the tables, for migrations only.
    getent passwd zhgg >/dev/null || useradd --system --gid zhgg --home-dir /var/lib/zhgg --shell /usr/sbin/nologin zhgg
    getent passwd zhgg-owner >/dev/null ||
        useradd --system --gid zhgg --home-dir /nonexistent --shell /usr/sbin/nologin zhgg-owner
    install -d -o root -g zhgg -m 0750 /etc/zhgg
    install -d -o root -g root -m 0755 $base $base/releases /var/lib/zhgg /var/lib/zhgg/static
    install -d -o root -g root -m 0700 /etc/zhgg/tls
    install -d -o zhgg -g zhgg -m 0700 /var/lib/zhgg/uploads
    install -d -o root -g root -m 0700 /var/backups/zhgg
    install -d -o www-data -g adm -m 0750 /var/log/zhgg
    if [ "$clamav" = --clamav ]; then usermod -a -G zhgg clamav; fi
}

variables() {
    say 'variables'
    if [ ! -e /etc/zhgg/env ]; then
        random() { openssl rand -base64 "$1" | tr -d '\n'; }
        umask 027
        sed -e "s|NAME|$name|" -e "s|^SECRET_KEY=MAKE|SECRET_KEY='$(random 60)'|" \
            -e "s|^FIELD_KEYS=MAKE|FIELD_KEYS='$(date +%Y):$(random 32)'|" \
            -e "s|^DIGEST_KEY=MAKE|DIGEST_KEY='$(random 32)'|" -e "s|^METRICS_TOKEN=MAKE|METRICS_TOKEN='$(random 24)'|" \
            "$source/deploy/env.example" >/etc/zhgg/env
        [ "$clamav" != --clamav ] || sed -i 's|^CLAMD_SOCKET=.*|CLAMD_SOCKET=/run/clamav/clamd.ctl|' /etc/zhgg/env
        umask 022
    fi
    chown root:zhgg /etc/zhgg/env
    chmod 0640 /etc/zhgg/env
    local empty
    empty=$(grep -oE '^OIDC_(ISSUER|(LEGAL|PERSON)_CLIENT_(ID|SECRET))=$' /etc/zhgg/env | tr -d = | tr '\n' ' ') || true
    [ -z "$empty" ] || stop "Fill in $empty in /etc/zhgg/env, then run this again."
}

certificate() {
    [ ! -e /etc/zhgg/tls/fullchain.pem ] || return 0
    say 'certificate: SIGNED BY ITSELF until you put yours into /etc/zhgg/tls/fullchain.pem and key.pem'
    openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \
        -keyout /etc/zhgg/tls/key.pem -out /etc/zhgg/tls/fullchain.pem 2>/dev/null
    chmod 0600 /etc/zhgg/tls/key.pem
}

# Skipped where DATABASE_URL names another machine: its administrator does the same there.
database() {
    grep -q '^DATABASE_URL=.*host=/var/run/postgresql' /etc/zhgg/env || return 0
    say 'database and its roles'
    local version folder changed=''
    version=$(pg_lsclusters -h | awk '$2 == "main" {print $1; exit}')
    folder=/etc/postgresql/$version/main
    cmp -s "$source/deploy/postgresql/zhgg.conf" "$folder/conf.d/zhgg.conf" || {
        install -o postgres -g postgres -m 0644 "$source/deploy/postgresql/zhgg.conf" "$folder/conf.d/zhgg.conf"
        changed=restart
    }
    # Accounts of the machine are roles of the database: there is no password to steal.
    grep -q '^zhgg ' "$folder/pg_ident.conf" || {
        printf 'zhgg %s %s\n' zhgg zhgg_app zhgg-owner zhgg_owner root zhgg_owner >>"$folder/pg_ident.conf"
        sed -i '1i local zhgg,zhgg_drill zhgg_app,zhgg_owner peer map=zhgg' "$folder/pg_hba.conf"
        changed=${changed:-reload}
    }
    if ! pg_lsclusters -h | grep -q "^$version main .*online"; then
        pg_ctlcluster "$version" main start
    elif [ -n "$changed" ]; then
        pg_ctlcluster "$version" main "$changed"
    fi
    as_postgres() { runuser -u postgres -- psql -X -q -v ON_ERROR_STOP=1 -d "$1" -At -c "$2"; }
    for role in zhgg_owner zhgg_app; do
        [ -n "$(as_postgres postgres "SELECT 1 FROM pg_roles WHERE rolname = '$role'")" ] ||
            as_postgres postgres "CREATE ROLE $role LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE"
    done
    [ -n "$(as_postgres postgres "SELECT 1 FROM pg_database WHERE datname = 'zhgg'")" ] || {
        runuser -u postgres -- createdb -T template0 -E UTF8 --locale=C.UTF-8 -O zhgg_owner zhgg
        as_postgres zhgg 'REVOKE ALL ON DATABASE zhgg FROM PUBLIC; GRANT CONNECT ON DATABASE zhgg TO zhgg_app'
        as_postgres zhgg 'ALTER SCHEMA public OWNER TO zhgg_owner'
    }
}

# A folder named after its content, complete or not there at all; the one in use is never written to.
release() {
    local files id
    files=(-cf - --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --exclude=./.git --exclude=./.venv
        --exclude=./.dev --exclude=./tests --exclude=./staticfiles --exclude=__pycache__ --exclude='./.*_cache' .)
    id=$(tar -C "$source" "${files[@]}" | sha256sum | cut -c1-12)
    folder=$base/releases/$id
    say "release $id"
    [ ! -e "$folder/.complete" ] || return 0
    rm -rf "$folder"
    mkdir -p "$folder"
    tar -C "$source" "${files[@]}" | tar -C "$folder" -xmf - --no-same-owner
    python3 -m venv "$folder/.venv"
    # Every package is the one that was tested, byte for byte.
    "$folder/.venv/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check --require-hashes \
        --only-binary :all: -r "$folder/requirements.lock"
    (cd "$folder" && with_variables .venv/bin/python manage.py collectstatic --no-input --verbosity 0)
    "$folder/.venv/bin/python" -m compileall -q "$folder/zhgg" "$folder/accounts" "$folder/orgs" "$folder/profiles" \
        "$folder/projects"
    chmod -R u=rwX,go=rX "$folder"
    touch "$folder/.complete"
}

with_variables() { (set -a && . /etc/zhgg/env && exec "$@"); }

manage() {
    local who=$1 role=$2
    shift 2
    install -m 0755 "$source/deploy/zhgg-manage" /usr/local/sbin/zhgg-manage
    RELEASE=$folder AS=$who ROLE=$role /usr/local/sbin/zhgg-manage "$@"
}

# New tables and columns come before the code that uses them (docs/operations.md, 升级), while the old code goes on.
migrate() {
    say 'tables'
    manage zhgg zhgg_app check --deploy --fail-level WARNING
    manage zhgg-owner zhgg_owner migrate --no-input --verbosity 0
    grep -q '^DATABASE_URL=.*host=/var/run/postgresql' /etc/zhgg/env &&
        runuser -u zhgg-owner -- psql -X -q -1 -v ON_ERROR_STOP=1 -U zhgg_owner -d zhgg <"$folder/deploy/database_role.sql"
    manage zhgg zhgg_app load_codes | tail -n 1
}

units() {
    say 'units, nginx, logs'
    if has_systemd; then
        install -m 0644 "$folder"/deploy/systemd/* /etc/systemd/system/
        install -d /etc/systemd/journald.conf.d
        # Six months are asked for by law.
        printf '[Journal]\nStorage=persistent\nMaxRetentionSec=200day\nSystemMaxUse=8G\n' \
            >/etc/systemd/journald.conf.d/zhgg.conf
        # Debian's units leave a server where it fell, killed for want of memory say.
        for unit in nginx postgresql@; do
            install -d "/etc/systemd/system/$unit.service.d"
            printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=on-failure\nRestartSec=2\n' \
                >"/etc/systemd/system/$unit.service.d/zhgg.conf"
        done
        systemctl daemon-reload
    fi
    sed "s/SERVER_NAME/$name/g" "$folder/deploy/nginx/zhgg.conf" >/etc/nginx/sites-available/zhgg
    ln -sfn /etc/nginx/sites-available/zhgg /etc/nginx/sites-enabled/zhgg
    rm -f /etc/nginx/sites-enabled/default
    printf '%s\n' '/var/log/zhgg/*.log {' '    daily' '    rotate 200' '    compress' '    delaycompress' \
        '    missingok' '    notifempty' '    create 0640 www-data adm' '    sharedscripts' \
        '    postrotate' '        [ ! -f /run/nginx.pid ] || kill -USR1 "$(cat /run/nginx.pid)"' '    endscript' '}' \
        >/etc/logrotate.d/zhgg
    nginx -q -t
}

switch() {
    say 'switch'
    rsync -a "$folder/staticfiles/" /var/lib/zhgg/static/
    ln -sfn "releases/$(basename "$folder")" $base/next
    mv -T $base/next $base/current
    if ! has_systemd; then
        say 'no systemd here: start the site, the worker and nginx by hand (docs/operations.md)'
        return 0
    fi
    systemctl enable -q --now zhgg-web.socket
    systemctl enable -q zhgg-web.service zhgg-worker.service nginx postgresql
    systemctl enable -q --now zhgg-backup.timer zhgg-verify-audit.timer
    if [ "$clamav" = --clamav ]; then
        systemctl enable -q --now zhgg-clamav.path
        systemctl start clamav-daemon
        systemctl is-active -q clamav-daemon ||
            say 'the virus scanner waits for its signatures (journalctl -u clamav-freshclam); until then uploads are refused'
    fi
    # The socket stays open: requests wait for the new version, and none is refused.
    systemctl restart zhgg-web.service zhgg-worker.service
    systemctl reload-or-restart nginx
    for _ in $(seq 30); do
        if curl -fsS -o /dev/null http://127.0.0.1:9180/readyz 2>/dev/null; then say "running: https://$name/"; return; fi
        sleep 1
    done
    stop 'The site does not answer: journalctl -u zhgg-web'
}

# The last three stay, to go back to.
clean() {
    find $base/releases -mindepth 1 -maxdepth 1 -printf '%T@ %f\n' | sort -rn | tail -n +4 | cut -d' ' -f2 |
        while read -r old; do
            [ "$old" = "$(basename "$(readlink $base/current)")" ] || rm -rf "${base:?}/releases/$old"
        done
}

packages
accounts
variables
certificate
database
release
migrate
units
switch
clean
