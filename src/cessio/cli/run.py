"""``cessio run`` and its parts: what starts, in which order, with which environment."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import click

from cessio.kernel.errors import CessioError
from cessio.plumbing import logs
from cessio.plumbing.settings import Settings, check_data_dir, secret_key


class StartError(CessioError):
    """Something outside us is in the way of a start."""


@click.command()
@click.option("--bind", help="Address to listen on, instead of CESSIO_BIND.")
@click.option("--port", help="Port to listen on, instead of CESSIO_PORT.")
@click.option("--demo/--no-demo", default=None, help="Fill an empty book with the demonstration.")
def run(*, bind: str | None, port: str | None, demo: bool | None) -> None:
    """Start everything here: database if none is configured, web, worker and scheduler.

    Ctrl-C stops all in order. A second start finds the same data.
    """
    settings = _settings(bind, port, demo)
    _check(settings)
    from cessio.cli.tree import run_tree

    sys.exit(run_tree(settings))


@click.command()
@click.option("--bind", help="Address to listen on, instead of CESSIO_BIND.")
@click.option("--port", help="Port to listen on, instead of CESSIO_PORT.")
def web(*, bind: str | None, port: str | None) -> None:
    """Start the web server alone, on a migrated database."""
    settings = _settings(bind, port, None)
    _check(settings)
    with _migrated(settings) as url:
        command, environ = list(web_command(settings)), dict(child_environ(settings, url))
        if settings.database_url:
            os.execve(command[0], command, environ)
        from cessio.plumbing.supervise import Child, Supervisor

        Supervisor((Child("web", command),), environ, lambda line: click.echo(line, err=True)).run()


@click.command()
def worker() -> None:
    """Start the worker alone, on a migrated database."""
    settings = Settings.load()
    logs.configure(as_json=settings.log_json)
    check_data_dir(settings)
    from cessio.plumbing.keeper import Keeper
    from cessio.plumbing.mail import Mailer
    from cessio.worker import run_worker

    with _migrated(settings) as url:
        run_worker(
            url,
            broker_url=settings.broker_url,
            mailer=Mailer.of(settings),
            keeper=Keeper.of(settings),
            drop_dir=settings.drop_dir,
            processes=settings.job_processes,
            threads=settings.job_threads,
            log_json=settings.log_json,
        )


@click.command()
def scheduler() -> None:
    """Start the scheduler alone, on a migrated database; any number of them is one."""
    settings = Settings.load()
    logs.configure(as_json=settings.log_json)
    check_data_dir(settings)
    from cessio.worker import run_scheduler

    with _migrated(settings) as url:
        run_scheduler(url, broker_url=settings.broker_url)


WORKER: Sequence[str] = (sys.executable, "-m", "cessio.cli", "worker")
SCHEDULER: Sequence[str] = (sys.executable, "-m", "cessio.cli", "scheduler")


def web_command(settings: Settings) -> Sequence[str]:
    """Granian with our factory: one process per worker, crashed ones replaced."""
    return (
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory",
        "--host", settings.bind, "--port", str(settings.port),
        "--workers", str(settings.web_workers), "--no-ws", "--respawn-failed-workers",
        "--workers-kill-timeout", "10", "--log-level", "warning",
        "cessio.app:create_app",
    )  # fmt: skip


def child_environ(settings: Settings, url: str) -> Mapping[str, str]:
    """Our environment with the decisions of this start written out for the children."""
    environ = {k: v for k, v in os.environ.items() if k != "CESSIO_DATABASE_URL_FILE"}
    return {
        **environ,
        "CESSIO_DATABASE_URL": url,
        "CESSIO_BIND": settings.bind,
        "CESSIO_PORT": str(settings.port),
        "CESSIO_PUBLIC_URL": settings.public_url,
        "CESSIO_DATA_DIR": str(settings.data_dir),
        "CESSIO_DEMO": "1" if settings.demo else "0",
        "PYTHONUNBUFFERED": "1",
    }


def wait_for_web(settings: Settings, *, seconds: float, gave_up: Callable[[], bool]) -> bool:
    """Whether the web server answered within so many seconds (any status is an answer)."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.bind, settings.bind)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not gave_up():
        connection = http.client.HTTPConnection(host, settings.port, timeout=5)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health")
            connection.getresponse().read()
            return True
        connection.close()
        time.sleep(0.1)
    return False


def _settings(bind: str | None, port: str | None, demo: bool | None) -> Settings:
    asked = {"CESSIO_BIND": bind, "CESSIO_PORT": port}
    if demo is not None:
        asked["CESSIO_DEMO"] = "1" if demo else "0"
    return Settings.load({**os.environ, **{k: v for k, v in asked.items() if v is not None}})


def _check(settings: Settings) -> None:
    """Refuse early, in one sentence, what would fail later in many lines."""
    check_data_dir(settings)
    secret_key(settings)
    family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.bind, settings.port))
        except OSError as error:
            raise StartError(
                "port_unavailable",
                "{bind}:{port} cannot be listened on ({reason}): choose another with --port",
                bind=settings.bind, port=settings.port, reason=error.strerror or str(error),
            ) from None  # fmt: skip


@contextmanager
def _migrated(settings: Settings) -> Iterator[str]:
    """The address of a database that answers and has this release's schema."""
    from cessio.cli.prepare import check_database, check_schema
    from cessio.plumbing.embedded import database_of

    with database_of(settings) as url:
        check_database(url)
        check_schema(url)
        yield url
