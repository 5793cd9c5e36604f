#!/bin/sh
# Put the server back to an instant: a base backup older than it, and the log archived since.
#   infra/backup/restore-instant.sh BASE ARCHIVE CLUSTER INSTANT REASON
# Run as PostgreSQL's own account, its server stopped; CLUSTER must not exist. The book is held
# before anybody can connect (BOOK names its database, cessio unless told). The instant
# "latest" is the end of the archive.
set -eu
umask 077
base=$1 archive=$2 cluster=$3 instant=$4 reason=$5
if [ -e "$cluster" ]; then
  echo "restore: $cluster exists: move it away, do not delete it" >&2
  exit 1
fi
pg_verifybackup --quiet "$base/cluster"
cp -R "$base/cluster" "$cluster"
chmod 700 "$cluster"
said=$(mktemp -d)
server=
trap 'if [ "$server" ]; then kill -INT "$server" 2>/dev/null || true; fi; rm -rf "$said"' EXIT
cat >>"$cluster/postgresql.auto.conf" <<CONF
restore_command = 'cp "$archive/%f" "%p"'
recovery_target_action = 'promote'
CONF
if [ "$instant" = latest ]; then
  instant=now
else
  printf "recovery_target_time = '%s'\n" "$instant" >>"$cluster/postgresql.auto.conf"
fi
touch "$cluster/recovery.signal"
# Nobody connects while it recovers: no address is listened on.
postgres -D "$cluster" -c listen_addresses='' -c unix_socket_directories="$said" \
  -c archive_mode=off -c hot_standby=off >"$said/log" 2>&1 &
server=$!
# The signal goes when recovery ends; the copied state alone still speaks of the server backed up.
until [ ! -e "$cluster/recovery.signal" ] &&
  pg_controldata "$cluster" | grep -q 'cluster state: *in production'; do
  if ! kill -0 "$server" 2>/dev/null; then
    echo "restore: $instant was not reached: $(grep -E 'FATAL|PANIC' "$said/log" | tail -1)" >&2
    exit 1
  fi
  sleep 0.2
done
kill -INT "$server"
wait "$server" || true
server=
sed -i '/^restore_command\|^recovery_target/d' "$cluster/postgresql.auto.conf"
quoted=$(printf '%s' "$reason" | tr '\n' ' ' | sed "s/'/''/g")
printf "SELECT hold_restored('%s', '%s')\n" "$instant" "$quoted" |
  postgres --single -D "$cluster" "${BOOK:-cessio}" >/dev/null 2>"$said/held" ||
  echo FATAL >>"$said/held"
if grep -E 'ERROR|FATAL' "$said/held" >&2; then
  echo "restore: the book is not held: say cessio restored before anything starts" >&2
  exit 1
fi
echo "restore: $cluster is the server as of $instant; its book is held until two people compare it"
