#!/bin/sh
# PostgreSQL's archive_command: one file of its log into the archive, whole or not at all.
#   archive_command = '/…/infra/backup/archive-wal.sh /srv/backup/wal %p %f'
# There already with the same bytes, it is done; with others, it is refused: nothing is overwritten.
set -eu
umask 077
if [ -e "$1/$3" ]; then
  exec cmp -s "$2" "$1/$3"
fi
cp "$2" "$1/.$3.part"
sync "$1/.$3.part"
mv "$1/.$3.part" "$1/$3"
sync "$1"
