"""A worker process of the tests: ``python -m tests.plumbing.job_process ADDRESS THREADS GRACE``."""

from __future__ import annotations

import sys

from tests.plumbing import job_kinds as job_kinds  # registers its kinds

from cessio.worker import run_worker

if __name__ == "__main__":
    address, threads, grace = sys.argv[1:]
    run_worker(address, threads=int(threads), grace_seconds=float(grace))
