#!/bin/sh
# One consistent dump of the book and its files, with a checksum, in a folder named by the instant.
#   infra/backup/backup.sh FOLDER      CESSIO_DATABASE_URL, CESSIO_DATA_DIR and pg_dump on PATH
# The secret (CESSIO_SECRET_FILE) is not in it, so that a stolen dump opens no second factor: keep a
# copy of it apart, once. Without it people sign in by a recovery code or have their factor reset.
set -eu
umask 077
target="$1/$(date -u +%Y%m%dT%H%M%SZ)"
url=$(printf '%s' "$CESSIO_DATABASE_URL" | sed 's/^postgresql+psycopg:/postgresql:/')
mkdir -p "$target.part"
pg_dump --format=custom --no-owner --no-privileges --lock-wait-timeout=30s \
  --file="$target.part/book.dump" "$url"
# Stored files never change once written, so copying them after the dump misses none it names.
if [ -d "${CESSIO_DATA_DIR:-var}/files" ]; then
  tar -C "${CESSIO_DATA_DIR:-var}" -cf "$target.part/files.tar" files
fi
# Seals are copied besides: a restored book is held against them. Their key stays where it is.
seals=${CESSIO_SEAL_DIR:-${CESSIO_DATA_DIR:-var}/seals}
if [ -d "$seals" ]; then
  tar -C "$seals" --exclude='.draft-*' -cf "$target.part/seals.tar" .
fi
(cd "$target.part" && sha256sum ./* >SHA256SUMS)
sync
mv "$target.part" "$target"
printf '%s\n' "$target"
