"""dramatiq, the transport: which broker, and a worker of it in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec

import dramatiq
from dramatiq.worker import Worker
from sqlalchemy.engine import URL, make_url

from cessio.kernel.errors import CessioError
from cessio.plumbing.jobs.queue import (
    ACTOR,
    QUEUE,
    BrokerTransport,
    PostgresTransport,
    Transport,
)


class BrokerError(CessioError):
    """The broker's address cannot be used."""


def make_broker(broker_url: str | None, database_url: str | URL) -> dramatiq.Broker:
    """The broker of an address: ``redis://``, ``amqp://``, or PostgreSQL, the database itself.

    Without middleware: a message only wakes, so it needs no retries, age or time limit of its
    own. Raises ``BrokerError``.
    """
    scheme = _scheme(broker_url)
    if scheme == "postgresql":
        return _postgres(database_url)
    _require("redis" if scheme.startswith("redis") else "pika", scheme)
    if scheme.startswith("redis"):
        from dramatiq.brokers.redis import RedisBroker

        redis: dramatiq.Broker = RedisBroker(url=broker_url, middleware=[])  # type: ignore[no-untyped-call]
        return redis
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    return RabbitmqBroker(url=broker_url, middleware=[])


def make_transport(broker_url: str | None) -> Transport:
    """How this process sends wake-ups; the connection is made at the first one."""
    if _scheme(broker_url) == "postgresql":
        return PostgresTransport()
    return BrokerTransport(_Sender(broker_url))


def start_worker(broker: dramatiq.Broker, run: Callable[[int], object], threads: int) -> Worker:
    """Consume wake-ups with threads of this process; ``run`` gets each job's id.

    No more messages are taken than there are threads: a message never waits behind a long job
    in one process while another is free.
    """

    def run_job(job_id: int) -> None:
        run(job_id)

    dramatiq.actor(broker=broker, actor_name=ACTOR, queue_name=QUEUE)(run_job)
    worker = Worker(broker, worker_threads=threads)
    worker.queue_prefetch = threads
    worker.start()
    return worker


class _Sender:
    """Sends wake-ups from any thread through one broker, made when first needed."""

    def __init__(self, broker_url: str | None) -> None:
        self._url = broker_url
        self._lock = threading.Lock()
        self._broker: dramatiq.Broker | None = None

    def __call__(self, job_id: int) -> None:
        with self._lock:
            if self._broker is None:
                self._broker = make_broker(self._url, "")
                self._broker.declare_queue(QUEUE)
        self._broker.enqueue(
            dramatiq.Message(
                queue_name=QUEUE, actor_name=ACTOR, args=(), kwargs={"job_id": job_id}, options={}
            )
        )


def _postgres(database_url: str | URL) -> dramatiq.Broker:
    from dramatiq_postgres import PostgresBroker

    url = make_url(database_url).set(drivername="postgresql")
    plain = url.render_as_string(hide_password=False)
    # No results, so that nothing but wake-ups is stored; dead workers' messages come back sooner
    # through the reconciler than through the broker's own heartbeat.
    broker: dramatiq.Broker = PostgresBroker(url=plain, results=False, middleware=[])
    return broker


def _scheme(broker_url: str | None) -> str:
    scheme = (broker_url or "postgresql").split(":", 1)[0].split("+", 1)[0].lower()
    scheme = "postgresql" if scheme == "postgres" else scheme
    if scheme not in ("postgresql", "redis", "rediss", "amqp", "amqps"):
        raise BrokerError(
            "broker_unknown",
            "CESSIO_BROKER_URL begins with {scheme}: expected postgresql, redis or amqp",
            scheme=scheme,
        )
    return scheme


def _require(module: str, scheme: str) -> None:
    if find_spec(module) is None:
        raise BrokerError(
            "broker_package_missing", "a broker at {scheme}:// needs the Python package {package}",
            scheme=scheme, package=module,
        )  # fmt: skip
