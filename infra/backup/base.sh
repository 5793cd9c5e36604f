#!/bin/sh
# A base backup of the whole server, verified, in a folder named by the instant it ended.
#   infra/backup/base.sh FOLDER     ADMIN_URL of a superuser, and pg_basebackup on PATH
# With the log archived since (archive-on.sh) the book can be put back to any instant after it.
set -eu
umask 077
url=$(printf '%s' "$ADMIN_URL" | sed 's/^postgresql+psycopg:/postgresql:/')
mkdir -p "$1"
part=$(mktemp -d "$1/.base-XXXXXX")
pg_basebackup --dbname="$url" --pgdata="$part/cluster" --wal-method=stream --checkpoint=fast
pg_verifybackup --quiet "$part/cluster"
target="$1/base-$(date -u +%Y%m%dT%H%M%SZ)"
sync
mv "$part" "$target"
printf '%s\n' "$target"
