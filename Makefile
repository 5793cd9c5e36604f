# `make run` starts everything, `make test` proves everything; both need nothing but Python 3.11+.
.POSIX:
.SUFFIXES:
.PHONY: run test check lock bench morning tour faults setup clean
PY = .venv/bin/python
PYTEST = $(PY) -m pytest
BROWSER = CESSIO_TEST_BROWSER="$$(infra/setup/browser.sh)"
OIDC = CESSIO_TEST_OIDC_PROVIDER="$$(infra/setup/oidc_provider.sh)"
RABBITMQ = CESSIO_TEST_RABBITMQ_SERVER="$$(infra/setup/rabbitmq.sh)"
SSHD = CESSIO_TEST_SSHD="$$(infra/setup/sshd.sh)"

# Start database, web, worker and scheduler with a demonstration book; Ctrl-C stops all.
run: setup
	@exec .venv/bin/cessio run

# Style, types, layers, architecture, dependencies, then every test that is not a long campaign.
test: check
	@$(BROWSER) $(RABBITMQ) $(OIDC) $(SSHD) $(PYTEST) -n 3 --dist worksteal -m "not long" --ignore=tests/house --ignore=tests/benchmarks

check: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	$(PYTEST) -n0 tests/house
	@infra/setup/audit.sh

# Speed of the heavy work against its floor, measured in the same run.
bench: setup
	$(PY) -m tests.benchmarks $(BENCH)

# Two hundred lines worked off at the matching workbench by keyboard: keys and seconds a line.
morning: setup
	@$(BROWSER) $(PY) -m tests.benchmarks.workbench

# Look at every page in a real browser; pictures go to tour/.
tour: setup
	@$(BROWSER) $(PY) -m tests.browser.tour $(TOUR)

# Long campaigns: kills, storms, bad files, models, planted frauds, mutants, planted bugs; a report.
faults: setup
	@$(RABBITMQ) $(PYTEST) -n0 -m "long or not long" tests/faults tests/vigilance \
	  tests/plumbing/test_outside_brokers.py
	@$(PY) -m tests.faults.strength planted
	@$(PY) -m tests.faults.strength mutants
	@$(PY) -m tests.faults.promises

# Exact versions with hashes, no addresses.
lock: setup
	@infra/setup/lock.sh $(LOCK)

setup:
	@infra/setup/venv.sh

clean:
	rm -rf .venv build
