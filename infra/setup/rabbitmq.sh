#!/bin/sh
# Print the path of a RabbitMQ for the tests of that broker; as root, install Debian's if there is
# none. Without one it prints nothing, says why, and the tests report what they could not look at.
# (Redis needs no such thing: its server comes with the Python packages of the lock.)
set -u

find_rabbitmq() {
  for candidate in "${CESSIO_TEST_RABBITMQ_SERVER:-}" \
      /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server rabbitmq-server \
      /opt/homebrew/sbin/rabbitmq-server /usr/local/sbin/rabbitmq-server; do
    if [ -n "$candidate" ] && path=$(command -v "$candidate" 2>/dev/null) && [ -x "$path" ]; then
      printf '%s\n' "$path"
      return 0
    fi
  done
  return 1
}

find_rabbitmq && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  printf 'setup: installing rabbitmq-server for the tests of that broker\n' >&2
  # RUNLEVEL=1: its package must not start a broker of its own.
  { apt-get update -qq; RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends rabbitmq-server; } >/dev/null 2>&1 </dev/null
  find_rabbitmq && exit 0
fi
printf 'setup: NO RABBITMQ: its tests will be skipped; install rabbitmq-server\n' >&2
exit 0
