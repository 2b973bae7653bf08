#!/bin/sh
# Makes the two databases of one cluster where they are missing, and brings their tables to the version of the server: run before each
# start of a server, a new one in particular. A repeat changes nothing, but two hosts of a cluster must not do it at once: start one after
# the other. It reads the variables of the server: temporal.env.example.
#
#   prepare-stores.sh [temporal-sql-tool]
set -eu

tool=${1:-temporal-sql-tool}
database=${POSTGRES_DATABASE:-temporal}
export SQL_PLUGIN=postgres12_pgx SQL_HOST="${POSTGRES_HOST:-127.0.0.1}" SQL_PORT="${POSTGRES_PORT:-5432}"
export SQL_USER="${POSTGRES_USER:-temporal}" SQL_PASSWORD="${POSTGRES_PASSWORD:-}"
if [ -n "${POSTGRES_TLS_CA:-}" ]; then
  export SQL_TLS=true SQL_TLS_CA_FILE="$POSTGRES_TLS_CA" SQL_TLS_SERVER_NAME="$SQL_HOST"
fi

prepare() {
  # A user that may make none is given both databases beforehand; one that is missing then is named by the next step.
  "$tool" --database "$1" create >/dev/null 2>&1 || true
  "$tool" --database "$1" setup-schema --version 0.0
  "$tool" --database "$1" update-schema --schema-name "postgresql/v12/$2"
}

prepare "$database" temporal
prepare "${database}_visibility" visibility
