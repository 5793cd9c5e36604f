"""A worker process of the tests: ``python -m tests.plumbing.job_process ADDRESS THREADS GRACE``.

It knows the jobs of the tests and no others, so that it starts fast.
"""

from __future__ import annotations

import sys

from tests.plumbing import job_kinds as job_kinds  # registers its kinds

from cessio import worker

if __name__ == "__main__":
    address, threads, grace = sys.argv[1:]
    worker.CAPABILITIES = ()
    worker.run_worker(address, threads=int(threads), grace_seconds=float(grace))
