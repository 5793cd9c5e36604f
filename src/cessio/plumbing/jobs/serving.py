"""The long-running processes: a worker, several of them, and the scheduler's loop.

Each stops cleanly when its ``stop`` event is set; ``stopped_by_signals`` sets it on SIGTERM and
SIGINT. Processes are spawned, never forked: a fork would share database connections.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dramatiq

from cessio.plumbing.jobs.broker import start_worker
from cessio.plumbing.jobs.running import Runner

_log = logging.getLogger(__name__)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; the handlers before are put back."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve(
    runner: Runner,
    broker: dramatiq.Broker,
    *,
    threads: int,
    stop: threading.Event,
    grace_seconds: float,
) -> None:
    """Run jobs until told to stop; then finish what is in hand, or give it back after a while.

    A job given back starts again elsewhere at once, and the abandoned attempt commits nothing.
    """
    worker = start_worker(broker, lambda job_id: _try(runner, job_id), threads)
    try:
        stop.wait()
    finally:
        worker.stop(timeout=int(grace_seconds * 1000))
        given_back = runner.release_all()
        if given_back:
            _log.warning("%s jobs were still running and are given back", given_back)
        broker.close()


def serve_many(
    target: Callable[..., Any],
    arguments: tuple[Any, ...],
    *,
    processes: int,
    stop: threading.Event,
    grace_seconds: float,
) -> None:
    """Keep that many processes running ``target(*arguments)``; one that dies is replaced."""
    spawn = multiprocessing.get_context("spawn")

    def start() -> Any:
        child = spawn.Process(target=target, args=(*arguments, os.getpid()))
        child.start()
        return child

    children = [start() for _ in range(processes)]
    while not stop.wait(1):
        for place, child in enumerate(children):
            if not child.is_alive():
                _log.error("a worker process died with code %s and is replaced", child.exitcode)
                children[place] = start()
    for child in children:
        child.terminate()
    for child in children:
        child.join(grace_seconds + 10)
        child.kill()


@contextmanager
def stopped_with_parent(parent: int) -> Iterator[threading.Event]:
    """Like ``stopped_by_signals``, and set too when the parent process is gone."""
    with stopped_by_signals() as stop:

        def watch() -> None:
            while not stop.wait(1):
                if os.getppid() != parent:
                    stop.set()

        threading.Thread(target=watch, daemon=True, name="watch-parent").start()
        yield stop


def repeat(turn: Callable[[], object], *, seconds: float, stop: threading.Event) -> None:
    """Call again and again until told to stop; an error (database away) is logged, not fatal."""
    while not stop.is_set():
        try:
            turn()
        except Exception:
            _log.exception("a turn of the scheduler failed; the next one tries again")
        stop.wait(seconds)


def _try(runner: Runner, job_id: int) -> None:
    """A wake-up has no other answer than having been tried; the job table knows the rest."""
    try:
        runner.run(job_id)
    except Exception:
        _log.exception("job %s could not be run; it will be tried again", job_id)
