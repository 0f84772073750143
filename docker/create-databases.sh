#!/usr/bin/env bash
# Make one database and two roles per service: the owner migrates, the app role works and owns nothing.
# The image of PostgreSQL runs it once, on an empty volume; on bare metal: PGHOST=… PGUSER=postgres bash create-databases.sh
set -euo pipefail
: "${OWNER_PASSWORD:?}" "${APP_PASSWORD:?}"

for service in audit cases documents scans; do
    psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres \
        --set=service="$service" --set=owner="${service}_owner" --set=app="${service}_app" \
        --set=owner_password="$OWNER_PASSWORD" --set=app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"app" LOGIN PASSWORD :'app_password';
CREATE DATABASE :"service" OWNER :"owner" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"app";
SQL
done
