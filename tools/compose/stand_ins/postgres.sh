#!/usr/bin/env bash
# PostgreSQL as its image starts it: POSTGRES_PASSWORD for the superuser of a new cluster, which the programs in
# /docker-entrypoint-initdb.d see on the socket alone before it listens for others.
set -euo pipefail

if [ "$(id -u)" = 0 ]; then
    install -d -o postgres -g postgres -m 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --username=postgres --auth-local=trust --auth-host=scram-sha-256 --data-checksums \
        --pwfile=<(echo "${POSTGRES_PASSWORD:?}")
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    pg_ctl --wait --options="-c listen_addresses=''" start
    for program in /docker-entrypoint-initdb.d/*.sh; do "$program"; done
    pg_ctl --wait --mode=fast stop
fi
exec postgres -c listen_addresses='*' "$@"
