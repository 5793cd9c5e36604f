#!/bin/sh
# Known vulnerabilities of what requirements.lock installs. pip-audit answers "none" where its
# advisory data cannot be reached, so it must first find those of a version known to have some.
set -u
cd "$(dirname "$0")/../.."
mkdir -p build
printf 'jinja2==3.0.0\n' >build/canary.txt
canary=$(timeout 60 .venv/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off \
  -r build/canary.txt 2>&1)
case "$canary" in
  *"known vulnerabilit"*) ;;
  *)
    printf '%s\n' \
      'audit: ADVISORY DATA NOT REACHABLE: pip-audit was not run; only the list of least safe' \
      'audit: versions (tests/house/test_dependencies.py) has been checked' >&2
    exit 0
    ;;
esac
exec timeout 600 .venv/bin/pip-audit --strict --disable-pip --progress-spinner off \
  --require-hashes -r requirements.lock
