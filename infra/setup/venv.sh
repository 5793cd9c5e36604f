#!/bin/sh
# Make .venv from requirements.lock, hashes checked; does nothing when it is already so.
# Works as root or not, with any Python from 3.11 on (PYTHON=… chooses one).
set -eu
cd "$(dirname "$0")/../.."

say() { printf 'setup: %s\n' "$*" >&2; }
good() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

pick() {
  for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3 python; do
    if good "$candidate"; then command -v "$candidate"; return; fi
  done
  say "no Python 3.11 or newer on PATH: install one, or name it: make run PYTHON=/path/to/python3"
  exit 1
}

# A virtual environment, also where Debian split ensurepip off.
create() {
  if "$1" -m venv .venv >build/venv.log 2>&1; then return; fi
  rm -rf .venv
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "this Python has no ensurepip: installing python3-venv"
    apt-get install -y -qq python3-venv >>build/venv.log 2>&1 || true
    if "$1" -m venv .venv >>build/venv.log 2>&1; then return; fi
    rm -rf .venv
  fi
  if "$1" -m pip --version >/dev/null 2>&1 && "$1" -m venv --without-pip .venv; then
    if "$1" -m pip --python .venv/bin/python install -q pip >>build/venv.log 2>&1; then return; fi
    rm -rf .venv
  fi
  say "$1 cannot make a virtual environment (see build/venv.log): on Debian and Ubuntu," \
      "install the package python3-venv, then try again"
  exit 1
}

mkdir -p build
if [ ! -x .venv/bin/python ] || ! good .venv/bin/python; then
  python=$(pick)
  say "making .venv with $("$python" -V 2>&1)"
  rm -rf .venv
  create "$python"
fi

# What this environment should hold: the lock, for this Python, in this place.
wanted=$({ cat requirements.lock infra/setup/venv.sh; .venv/bin/python -V; pwd; } | cksum)
if [ "$(cat .venv/cessio.stamp 2>/dev/null)" = "$wanted" ]; then exit 0; fi

say "installing the locked packages (a few minutes the first time)"
if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes --no-deps -r requirements.lock >build/pip.log 2>&1; then
  tail -5 build/pip.log >&2
  say "the packages could not be installed: see build/pip.log"
  exit 1
fi

# Our own package in place, without a build step: a path and a program.
.venv/bin/python - <<'PYTHON'
import pathlib
import sys
import sysconfig

site = pathlib.Path(sysconfig.get_path("purelib"))
(site / "cessio-here.pth").write_text(f"{pathlib.Path('src').absolute()}\n")
program = pathlib.Path(sysconfig.get_path("scripts")) / "cessio"
program.write_text(f"#!{sys.executable}\nfrom cessio.cli import main\n\nmain()\n")
program.chmod(0o755)
PYTHON
printf '%s\n' "$wanted" >.venv/cessio.stamp
