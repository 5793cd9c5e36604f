#!/bin/sh
# Write requirements.lock anew: exact versions, hashes, for every platform, without addresses.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build
[ -x build/uv/bin/uv ] || {
  .venv/bin/python -m venv build/uv
  build/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
}
build/uv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-emit-find-links --quiet \
  --custom-compile-command 'make lock' --output-file requirements.lock "$@"
