"""The same jobs over a real Redis and a real RabbitMQ, which may lose everything."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from tests.faults.report import REPORT
from tests.plumbing.brokers import rabbitmq_server, redis_server
from tests.plumbing.job_kinds import ask, effects, make_tables, told, until

from cessio import worker
from cessio.plumbing.jobs import queue, resend_lost
from cessio.plumbing.jobs.broker import make_broker, make_transport, start_worker
from cessio.plumbing.jobs.running import Runner

ROOT = Path(__file__).resolve().parents[2]
WIPES = int(os.environ.get("FAULT_WIPES", "25"))
Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture(scope="module", params=[redis_server, rabbitmq_server], ids=["redis", "rabbitmq"])
def broker_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with request.param(tmp_path_factory.mktemp("broker")) as found:
        yield found


@pytest.fixture
def address(engine: Engine, broker_url: str) -> Iterator[str]:
    """An empty broker that this process wakes workers through."""
    make_tables(engine)
    _wipe(broker_url)
    queue.use_transport(make_transport(broker_url))
    yield broker_url
    worker.compose()


@pytest.fixture
def start(database_url: URL, address: str) -> Iterator[Start]:
    """Starts a worker or a scheduler as a process; what still runs at the end is killed."""
    with ExitStack() as started:

        def start(role: str) -> subprocess.Popen[bytes]:
            plain = database_url.render_as_string(hide_password=False)
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.plumbing.job_process", role, plain,
                 "--broker", address],
                cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            )  # fmt: skip
            started.callback(process.wait, 30)
            started.callback(process.kill)
            return process

        yield start


def test_jobs_run_and_fail_and_run_again_over_it(
    engine: Engine, database_url: URL, address: str
) -> None:
    running = start_worker(make_broker(address, database_url), Runner(engine).run, threads=2)
    ask(engine, "test.write", *"abcdef")
    until(lambda: len(effects(engine)) >= 6)
    ask(engine, "test.fail_twice", "x")
    until(lambda: (resend_lost(engine), "x" in effects(engine))[1])
    running.stop()
    assert effects(engine) == [*"abcdef", "x"]


def test_a_worker_killed_and_a_broker_wiped_leave_every_job_done_once(
    engine: Engine, database_url: URL, address: str, start: Start
) -> None:
    names = [f"{number:03}" for number in range(40)]
    first = start("worker")
    ask(engine, "test.hang_once", "killed")
    until(lambda: told(engine) == [f"hanging in {first.pid}"])
    first.kill()
    first.wait(30)
    ask(engine, "test.write", *names)
    _wipe(address)
    assert effects(engine) == []
    for role in ("worker", "scheduler"):
        start(role)
    until(lambda: len(effects(engine)) >= len(names) + 1)
    assert effects(engine) == [*names, "killed"]


@pytest.mark.long
def test_a_broker_wiped_again_and_again_loses_no_job(
    engine: Engine, broker_url: str, address: str, start: Start
) -> None:
    for role in ("worker", "scheduler"):
        start(role)
    asked: list[str] = []
    slowest = 0.0
    for turn in range(WIPES):
        names = [f"{turn:03}-{number}" for number in range(10)]
        asked += names
        ask(engine, "test.write", *names)
        _wipe(address)
        wiped = time.monotonic()
        until(lambda: len(effects(engine)) >= len(asked))  # noqa: B023 - asked within the turn
        slowest = max(slowest, time.monotonic() - wiped)
    assert effects(engine) == asked
    REPORT.tell(
        f"wipes of {broker_url.partition(':')[0]}", f"{WIPES} wipes, {len(asked)} jobs done once;"
        f" all of them at most {slowest:.1f} s after", promise=10, figure=WIPES,
    )  # fmt: skip


def _wipe(address: str) -> None:
    """Everything a broker holds is gone."""
    broker = make_broker(address, "")
    broker.declare_queue(queue.QUEUE)
    broker.flush_all()
    broker.close()
