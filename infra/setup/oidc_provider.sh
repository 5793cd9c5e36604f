#!/bin/sh
# Print the folder of the OpenID provider for the tests of single sign-on: npm's oidc-provider, by
# its lock. As root, install Debian's node if there is none. Without it, it prints nothing, says
# why, and the tests report what they could not look at.
set -u
cd "$(dirname "$0")/../.."
from=tests/identity/oidc_provider
to=build/oidc_provider

have() { command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; }

if ! have && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  printf 'setup: installing node for the tests of single sign-on\n' >&2
  { apt-get update -qq; DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends nodejs npm; } >/dev/null 2>&1 </dev/null
fi
if have; then
  mkdir -p "$to"
  if ! cmp -s "$from/package-lock.json" "$to/package-lock.json" || [ ! -f "$to/whole" ]; then
    rm -rf "$to"
    mkdir -p "$to"
    cp "$from/package.json" "$from/package-lock.json" "$to/"
    (cd "$to" && npm ci --no-audit --no-fund --ignore-scripts >install.log 2>&1) && : >"$to/whole"
  fi
  if [ -f "$to/whole" ]; then
    printf '%s\n' "$PWD/$to"
    exit 0
  fi
fi
printf 'setup: NO OPENID PROVIDER: its tests will be skipped; install node and npm\n' >&2
exit 0
