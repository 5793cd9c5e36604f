#!/bin/sh
# Make the passwords of infra/compose.yaml once; a second call changes nothing.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
new() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
[ -s secrets/postgres-password ] || new >secrets/postgres-password
[ -s secrets/app-password ] || new >secrets/app-password
[ -s secrets/database-url ] || printf 'postgresql://cessio:%s@database:5432/cessio' \
  "$(cat secrets/app-password)" >secrets/database-url
# The container's user reads them through its own mount.
chmod 0444 secrets/*
chmod 0711 secrets
