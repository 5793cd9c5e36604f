"""Several processes, the broker and its losses: real workers on a real PostgreSQL."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import dramatiq
import psutil
import psycopg
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq_postgres import generate_init_sql
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL
from tests.plumbing.job_kinds import AT, BY, ask, effects, make_tables, run_here, told, until

from cessio import worker
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import (
    JobState,
    enqueue,
    job_view,
    processes,
    queue,
    resend_lost,
    run_pending,
)
from cessio.plumbing.jobs.broker import BrokerError, make_broker, make_transport, start_worker
from cessio.plumbing.jobs.running import Runner

ROOT = Path(__file__).resolve().parents[2]
StartWorker = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def book(engine: Engine) -> Engine:
    make_tables(engine)
    return engine


@pytest.fixture
def start(database_url: URL) -> Iterator[StartWorker]:
    """Starts worker processes; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*, threads: int = 2, grace: float = 5) -> subprocess.Popen[bytes]:
        address = database_url.render_as_string(hide_password=False)
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.plumbing.job_process",
                "worker",
                address,
                "--threads",
                str(threads),
                "--grace",
                str(grace),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(30)


def state(engine: Engine, job_id: int) -> str:
    with transaction(engine) as session:
        return job_view(session, job_id).state


def messages(engine: Engine) -> Sequence[Any]:
    with transaction(engine) as session:
        return session.execute(
            text("SELECT (message->'kwargs'->>'job_id')::bigint, state::text FROM dramatiq.queue")
        ).all()


# -- processes --------------------------------------------------------------------------------


def test_two_workers_share_the_jobs_and_stop_cleanly(book: Engine, start: StartWorker) -> None:
    names = [f"{n:03}" for n in range(60)]
    workers = [start(), start()]
    ask(book, "test.write", *names)
    ask(book, "test.fail_twice", "x")
    until(lambda: len(effects(book)) >= 61)
    for process in workers:
        process.terminate()
    assert [process.wait(30) for process in workers] == [0, 0]
    assert effects(book) == [*names, "x"]
    assert messages(book) == []


def test_a_worker_killed_in_mid_job_is_replaced_and_the_effect_is_there_once(
    book: Engine, start: StartWorker
) -> None:
    [job_id] = ask(book, "test.hang_once", "a")
    first = start()
    until(lambda: told(book) == [f"hanging in {first.pid}"])
    first.kill()
    first.wait(30)
    assert effects(book) == []
    assert resend_lost(book) == 1  # its process is gone, whatever its lease says
    start()
    until(lambda: state(book, job_id) == JobState.DONE)
    assert effects(book) == ["a"]


def test_a_worker_of_another_machine_has_its_lease_until_it_ends(book: Engine) -> None:
    [job_id] = ask(book, "test.write", "a")
    with transaction(book) as session:
        session.execute(
            text("UPDATE job SET state = 'running', attempts = 1, fence = 1, worker = :worker,"
                 " lease_until = clock_timestamp() + interval '20 s'"),
            {"worker": "elsewhere/1/999999999/1"},
        )  # fmt: skip
        session.execute(text("TRUNCATE dramatiq.queue"))
    assert resend_lost(book) == 0
    with transaction(book) as session:
        session.execute(text("UPDATE job SET worker = :worker"), {"worker": processes.here()})
    assert resend_lost(book) == 0  # it lives
    with transaction(book) as session:
        session.execute(text("UPDATE job SET worker = :worker"), {"worker": processes.here() + "0"})
    assert resend_lost(book) == 1  # another process had that number
    assert run_here(book, job_id) == JobState.DONE


def test_a_worker_that_is_told_to_stop_gives_back_what_it_cannot_end(
    book: Engine, start: StartWorker
) -> None:
    [job_id] = ask(book, "test.hang_once", "a")
    first = start(grace=0.2)
    until(lambda: told(book))
    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == 0
    with transaction(book) as session:
        seen = job_view(session, job_id)
        assert (seen.state, seen.attempts) == (JobState.QUEUED, 0)
        session.execute(text("UPDATE job SET attempts = 1"))  # so that it does not hang again
    assert run_pending(book) == 1
    assert effects(book) == ["a"]


def test_several_processes_are_spawned_and_a_dead_one_is_replaced(
    book: Engine, database_url: URL
) -> None:
    stop = threading.Event()
    main = threading.Thread(
        target=worker.run_worker,
        args=(database_url,),
        kwargs={"processes": 2, "threads": 1, "stop": stop},
    )
    before = set(psutil.Process().children(recursive=True))

    def workers() -> list[psutil.Process]:
        found = []
        for child in set(psutil.Process().children(recursive=True)) - before:
            with suppress(psutil.Error):
                if "spawn_main" in " ".join(child.cmdline()):
                    found.append(child)
        return found

    main.start()
    until(lambda: len(workers()) == 2)
    first = workers()[0]
    first.kill()
    until(lambda: len(workers()) == 2 and first not in workers())
    stop.set()
    main.join(60)
    assert not main.is_alive()
    assert workers() == []


# -- losses -----------------------------------------------------------------------------------


def test_messages_deleted_from_the_broker_are_sent_again(book: Engine, start: StartWorker) -> None:
    ids = ask(book, "test.write", *"abcdef")
    with transaction(book) as session:
        session.execute(text("TRUNCATE dramatiq.queue"))
    assert resend_lost(book) == 6
    assert resend_lost(book) == 0
    assert sorted(messages(book)) == [(job_id, "queued") for job_id in sorted(ids)]
    start()
    until(lambda: len(effects(book)) >= 6)
    assert effects(book) == list("abcdef")


def test_only_what_is_due_is_sent_again(book: Engine) -> None:
    [job_id] = ask(book, "test.fail_twice", "a")
    ask(book, "test.serial", "b", "c")
    with transaction(book) as session:
        session.execute(text("UPDATE job SET run_after = now() + interval '1 h' WHERE id = :id"),
                        {"id": job_id})  # fmt: skip
        session.execute(text("TRUNCATE dramatiq.queue"))
    assert resend_lost(book) == 1  # the first of the serial ones


def test_a_message_whose_worker_died_before_it_began_is_sent_again(book: Engine) -> None:
    [job_id] = ask(book, "test.write", "a")
    with transaction(book) as session:
        session.execute(text("UPDATE dramatiq.queue SET state = 'consumed', consumed_at = now()"))
    assert resend_lost(book) == 0  # it may be about to begin
    with transaction(book) as session:
        session.execute(text("UPDATE dramatiq.queue SET consumed_at = now() - interval '10 s'"))
    assert resend_lost(book) == 1
    assert messages(book) == [(job_id, "queued")]


def test_the_scheduler_process_sends_lost_messages_again(
    book: Engine, database_url: URL, start: StartWorker
) -> None:
    stop = threading.Event()
    ask(book, "test.write", "a")
    with transaction(book) as session:
        session.execute(text("TRUNCATE dramatiq.queue"))
    start()
    scheduler = threading.Thread(
        target=worker.run_scheduler,
        args=(database_url,),
        kwargs={"stop": stop, "turn_seconds": 0.05},
    )
    scheduler.start()
    until(lambda: effects(book) == ["a"])
    stop.set()
    scheduler.join(30)
    assert not scheduler.is_alive()


# -- transports -------------------------------------------------------------------------------


def catalogue(engine: Engine, schema: str) -> Any:
    """Columns, constraints and indexes of a schema, without its name."""
    with transaction(engine) as session:
        columns = session.execute(
            text(
                "SELECT table_name, column_name, udt_name, is_nullable, column_default,"
                " is_identity, identity_generation FROM information_schema.columns"
                " WHERE table_schema = :schema ORDER BY 1, ordinal_position"
            ),
            {"schema": schema},
        ).all()
        indexes = session.scalars(
            text("SELECT indexdef FROM pg_indexes WHERE schemaname = :schema ORDER BY 1"),
            {"schema": schema},
        ).all()
        labels = session.scalars(
            text(
                "SELECT e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid"
                " JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = :schema"
                " ORDER BY enumsortorder"
            ),
            {"schema": schema},
        ).all()
    return [tuple(row) for row in columns], [re.sub(schema, "", i) for i in indexes], list(labels)


def _message(job_id: int) -> Any:
    return dramatiq.Message(
        queue_name=queue.QUEUE,
        actor_name=queue.ACTOR,
        args=(),
        kwargs={"job_id": job_id},
        options={},
    )


def test_our_queue_table_is_the_one_that_dramatiq_postgres_would_make(book: Engine) -> None:
    with transaction(book) as session:
        driver: Any = session.connection().connection.driver_connection
        driver.execute(generate_init_sql(schema="reference"))
    assert catalogue(book, "dramatiq") == catalogue(book, "reference")


def test_our_message_is_the_one_that_dramatiq_postgres_would_insert(
    book: Engine, database_url: URL
) -> None:
    [job_id] = ask(book, "test.write", "a")
    plain = database_url.set(drivername="postgresql").render_as_string(hide_password=False)
    broker = make_broker(None, database_url)
    with psycopg.connect(plain, autocommit=True) as listener:
        listener.execute(f'LISTEN "dramatiq.{queue.QUEUE}.enqueue"')
        theirs = _message(job_id)
        broker.enqueue(theirs)
        [ours_id] = ask(book, "test.write", "b")
        heard = [notice.channel for notice in listener.notifies(timeout=10, stop_after=2)]
    assert heard == [f"dramatiq.{queue.QUEUE}.enqueue"] * 2
    with transaction(book) as session:
        rows = session.execute(
            text("SELECT message_id::text, queue_name, state::text, message FROM dramatiq.queue")
        ).all()
    broker.close()
    by_id = {row.message_id: row for row in rows}
    reference = by_id.pop(theirs.message_id)
    for row in by_id.values():
        assert row.queue_name == reference.queue_name
        assert row.state == reference.state
        assert row.message.keys() == reference.message.keys()
        assert row.message["message_id"] == row.message_id
        assert row.message["kwargs"] in ({"job_id": job_id}, {"job_id": ours_id})
        stable = {"queue_name", "actor_name", "args", "options"}
        assert {k: row.message[k] for k in stable} == {k: reference.message[k] for k in stable}
        assert abs(row.message["message_timestamp"] - theirs.message_timestamp) < 60_000


def test_an_outside_broker_gets_its_message_after_the_commit_only(book: Engine) -> None:
    sent: list[int] = []
    transport = queue.BrokerTransport(sent.append)
    queue.use_transport(transport)
    try:
        with transaction(book) as session:
            with session.begin_nested():
                job_id = enqueue(
                    session, kind="test.write", key="a", payload={"name": "a"}, by=BY, at=AT
                )
            assert sent == []
        assert sent == [job_id]
        with transaction(book) as session:
            enqueue(session, kind="test.write", key="b", payload={"name": "b"}, by=BY, at=AT)
            session.rollback()
        assert sent == [job_id]
        assert resend_lost(book) == 0  # it was sent just now
        with transaction(book) as session:
            session.execute(text("UPDATE job SET woken_at = woken_at - interval '1 min'"))
        assert resend_lost(book) == 1
        assert sent == [job_id, job_id]
    finally:
        worker.compose()


def test_a_send_that_fails_after_the_commit_is_made_up_for(book: Engine) -> None:
    def refuse(job_id: int) -> None:
        raise ConnectionError("the broker is away")

    queue.use_transport(queue.BrokerTransport(refuse))
    try:
        [job_id] = ask(book, "test.write", "a")
    finally:
        worker.compose()
    assert state(book, job_id) == JobState.QUEUED
    assert resend_lost(book) == 1


def test_the_worker_runs_on_any_broker_of_dramatiq(book: Engine) -> None:
    broker = StubBroker(middleware=[])
    broker.declare_queue(queue.QUEUE)

    def send(job_id: int) -> None:
        broker.enqueue(_message(job_id))

    queue.use_transport(queue.BrokerTransport(send))
    try:
        running = start_worker(broker, Runner(book).run, threads=2)
        ask(book, "test.write", *"abc")
        until(lambda: len(effects(book)) >= 3)
        running.stop()
    finally:
        worker.compose()
    assert effects(book) == list("abc")


def test_a_message_that_comes_twice_has_one_effect(book: Engine) -> None:
    [job_id] = ask(book, "test.write", "a")
    assert run_here(book, job_id) == JobState.DONE
    assert run_here(book, job_id) is None
    assert effects(book) == ["a"]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("kafka://somewhere", "begins with kafka"),
        ("redis://somewhere", "needs the Python package redis"),
        ("amqp://somewhere", "needs the Python package pika"),
    ],
)
def test_a_broker_that_cannot_be_used_is_refused_in_a_sentence(
    address: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cessio.plumbing.jobs.broker.find_spec", lambda name: None)
    with pytest.raises(BrokerError, match=sentence):
        make_broker(address, "")


def test_postgresql_is_the_broker_unless_another_is_named() -> None:
    assert isinstance(make_transport(None), queue.PostgresTransport)
    assert isinstance(make_transport("redis://somewhere"), queue.BrokerTransport)
