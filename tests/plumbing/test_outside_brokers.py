"""The same jobs over a real Redis or RabbitMQ, where one is named; it may lose everything."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from tests.plumbing.job_kinds import ask, effects, make_tables, until

from cessio import worker
from cessio.plumbing.jobs import queue, resend_lost
from cessio.plumbing.jobs.broker import make_broker, make_transport, start_worker
from cessio.plumbing.jobs.running import Runner


@pytest.fixture(params=["CESSIO_TEST_REDIS", "CESSIO_TEST_RABBITMQ"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    found = os.environ.get(request.param)
    if not found:
        pytest.skip(f"{request.param} names no broker")
    queue.use_transport(make_transport(found))
    yield found
    worker.compose()


def test_jobs_run_and_fail_and_run_again_over_it(
    engine: Engine, database_url: URL, address: str
) -> None:
    make_tables(engine)
    running = start_worker(make_broker(address, database_url), Runner(engine).run, threads=2)
    ask(engine, "test.write", *"abcdef")
    until(lambda: len(effects(engine)) >= 6)
    ask(engine, "test.fail_twice", "x")
    until(lambda: (resend_lost(engine), "x" in effects(engine))[1])
    running.stop()
    assert effects(engine) == [*"abcdef", "x"]


def test_what_it_loses_is_sent_again(engine: Engine, database_url: URL, address: str) -> None:
    make_tables(engine)
    broker = make_broker(address, database_url)
    broker.declare_queue(queue.QUEUE)
    ask(engine, "test.write", *"abc")
    broker.flush_all()
    running = start_worker(broker, Runner(engine).run, threads=2)
    until(lambda: (resend_lost(engine), len(effects(engine)) >= 3)[1])
    running.stop()
    assert effects(engine) == list("abc")
