#!/bin/sh
# Put a backup into an EMPTY database and data directory; refuses anything else.
#   infra/backup/restore.sh BACKUP     CESSIO_DATABASE_URL, CESSIO_DATA_DIR and pg_restore on PATH
set -eu
umask 077
url=$(printf '%s' "$CESSIO_DATABASE_URL" | sed 's/^postgresql+psycopg:/postgresql:/')
data=${CESSIO_DATA_DIR:-var}
(cd "$1" && sha256sum --check --quiet --strict SHA256SUMS)
tables=$(psql -AtX -d "$url" -c "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
if [ "$tables" != 0 ]; then
  echo "restore: the database already holds $tables tables: give an empty one" >&2
  exit 1
fi
if [ -e "$data/files" ]; then
  echo "restore: $data/files exists: give an empty data directory" >&2
  exit 1
fi
pg_restore --no-owner --no-privileges --exit-on-error --single-transaction -d "$url" "$1/book.dump"
if [ -f "$1/files.tar" ]; then
  mkdir -p "$data"
  tar -C "$data" -xf "$1/files.tar"
fi
seals=${CESSIO_SEAL_DIR:-$data/seals}
# Seals that are still there are newer and stay: the book then says why it is older than they are.
if [ -f "$1/seals.tar" ] && [ ! -e "$seals" ]; then
  mkdir -p "$seals"
  tar -C "$seals" -xf "$1/seals.tar"
elif [ -e "$seals" ]; then
  echo "restore: seals newer than this backup may be there: cessio seal --restored REASON"
fi
# Held before anything starts: what left after the backup is unknown here.
taken=$(basename "$1" | sed -E 's/^(....)(..)(..)T(..)(..)(..)Z$/\1-\2-\3T\4:\5:\6Z/')
psql -AtXq -v ON_ERROR_STOP=1 -v taken="$taken" -d "$url" <<'SQL'
SELECT format('SELECT hold_restored(%L, %L)', :'taken', 'restored from a dump')
  FROM pg_proc WHERE proname = 'hold_restored' \gexec
SQL
echo "restore: done; next: cessio migrate, cessio restored --as-of $taken --reason …"
