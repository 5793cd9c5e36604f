"""What a worker logs is structured and masked as what the web logs, in whichever process."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.serving import environment, free_port

from cessio.cli.run import WORKER
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import enqueue

IBAN = "FR7630006000011234567890189"
PATIENCE = 90


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_job_that_fails_is_logged_as_json_without_account_numbers(
    engine: Engine, now: datetime, processes: str
) -> None:
    with transaction(engine) as session:
        enqueue(session, kind="funding.settle_payouts", key="log", by="person:1", at=now,
                payload={"statement_id": 1, f"\n{IBAN}": 1})  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "worker.log"
        env = environment(engine.url, Path(folder), free_port(), {
            "CESSIO_LOG_JSON": "true", "CESSIO_JOB_PROCESSES": processes})  # fmt: skip
        with log.open("wb") as output:
            worker = subprocess.Popen(
                [*WORKER], env=env, stdout=subprocess.DEVNULL, stderr=output,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                deadline = time.monotonic() + PATIENCE
                while b"failed" not in log.read_bytes() and time.monotonic() < deadline:
                    time.sleep(0.1)
            finally:
                worker.terminate()
                worker.wait(30)
        said = log.read_text()
    lines = [json.loads(line) for line in said.splitlines()]
    assert any("(funding.settle_payouts) failed" in one["event"] for one in lines), said
    assert IBAN not in said
    assert "FR76…0189" in said
