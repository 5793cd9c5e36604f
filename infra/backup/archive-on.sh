#!/bin/sh
# Have PostgreSQL keep its log in a folder, a minute behind at most. Restart PostgreSQL afterwards.
#   infra/backup/archive-on.sh FOLDER     ADMIN_URL of a superuser, and psql on PATH
# The folder is on another machine or disk and belongs to PostgreSQL's own account.
set -eu
url=$(printf '%s' "$ADMIN_URL" | sed 's/^postgresql+psycopg:/postgresql:/')
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
psql -X -q -v ON_ERROR_STOP=1 -v command="/bin/sh '$here/archive-wal.sh' '$1' '%p' '%f'" -d "$url" <<'SQL'
ALTER SYSTEM SET archive_mode = 'on';
ALTER SYSTEM SET archive_timeout = '60s';
ALTER SYSTEM SET archive_command = :'command';
SQL
echo "archive: restart PostgreSQL, then make a base backup"
