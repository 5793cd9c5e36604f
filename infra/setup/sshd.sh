#!/bin/sh
# Print the path of OpenSSH's server for the test of the folders that banks fetch from; as root,
# install Debian's if there is none. Without one it prints nothing, says why, and that test is
# reported as not run.
set -u

find_sshd() {
  for candidate in "${CESSIO_TEST_SSHD:-}" /usr/sbin/sshd /usr/local/sbin/sshd sshd; do
    if [ -n "$candidate" ] && path=$(command -v "$candidate" 2>/dev/null) && [ -x "$path" ]; then
      printf '%s\n' "$path"
      return 0
    fi
  done
  return 1
}

find_sshd && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  printf 'setup: installing openssh-server for the test of the folders of banks\n' >&2
  # RUNLEVEL=1: its package must not start a server of its own.
  { apt-get update -qq; RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends openssh-server openssh-client; } \
    >/dev/null 2>&1 </dev/null
  find_sshd && exit 0
fi
printf 'setup: NO SSHD: its test will be skipped; install openssh-server\n' >&2
exit 0
