#!/usr/bin/env bash
# Make one database and its roles per service: the owner migrates, the app role works and owns nothing. With BACKUP_PASSWORD also
# one that reads every authority's rows, for `aktenfluss backup` alone.
# The image of PostgreSQL runs it once, on an empty volume; on bare metal: PGHOST=… PGUSER=postgres bash create-databases.sh
set -euo pipefail
: "${OWNER_PASSWORD:?}" "${APP_PASSWORD:?}"

enter() { psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres "$@"; }

for service in audit cases documents scans; do
    enter --set=service="$service" --set=owner="${service}_owner" --set=app="${service}_app" \
        --set=owner_password="$OWNER_PASSWORD" --set=app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"app" LOGIN PASSWORD :'app_password';
CREATE DATABASE :"service" OWNER :"owner" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"app";
SQL
    [[ -z ${BACKUP_PASSWORD:-} ]] || enter --set=owner="${service}_owner" --set=backup="${service}_backup" \
        --set=backup_password="$BACKUP_PASSWORD" <<'SQL'
CREATE ROLE :"backup" LOGIN BYPASSRLS PASSWORD :'backup_password' IN ROLE :"owner";
SQL
done
