"""The supervised tree of one machine: embedded database if need be, then web, worker, scheduler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from cessio.cli.prepare import check_database, demonstration, fill_demo
from cessio.cli.run import SCHEDULER, WORKER, child_environ, wait_for_web, web_command
from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine
from cessio.plumbing.embedded import ensure_running
from cessio.plumbing.settings import Settings
from cessio.plumbing.supervise import Child, Supervisor, stop_signals_raise


def run_tree(settings: Settings) -> int:
    """Start everything, stay until a signal, stop everything; the exit code."""
    with _until_stopped(), _database(settings) as (url, pulse):
        _prepare(settings, url)
        supervisor = Supervisor(
            children=(
                Child("web", web_command(settings), patience=20),
                Child("worker", WORKER, patience=30),
                Child("scheduler", SCHEDULER, patience=10),
            ),
            environ=child_environ(settings, url),
            say=_say,
            pulse=pulse,
        )
        supervisor.run(ready=lambda: _announce(settings, supervisor))
    return 0


@contextmanager
def _until_stopped() -> Iterator[None]:
    """A stop asked for at any moment, even before the first child, is a good end."""
    with stop_signals_raise():
        try:
            yield
        except KeyboardInterrupt:
            _say("stopped")


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, Callable[[], None] | None]]:
    """The address, and what to call now and then so that the embedded server stays up."""
    if settings.database_url:
        check_database(settings.database_url)
        yield settings.database_url, None
        return
    server = ensure_running(settings.data_dir / "postgres")

    def pulse() -> None:
        if server.revive():
            _say("the database had stopped; it is up again")

    try:
        yield server.url, pulse
    finally:
        server.stop()


def _prepare(settings: Settings, url: str) -> None:
    if migrate.upgrade(url):
        _say(f"the database is at schema {migrate.head()}")
    if settings.demo:
        engine = make_engine(url)
        fill_demo(engine, say=_say)
        engine.dispose()


def _announce(settings: Settings, supervisor: Supervisor) -> None:
    """Addresses and logins, once the web server answers, or after a minute without."""
    answers = wait_for_web(settings, seconds=60, gave_up=lambda: supervisor.stopping)
    if supervisor.stopping:
        return
    if not answers:
        _say("the web server is slow to start: wait for it, or see its messages above")
    click.echo(f"\nCessio answers at {settings.public_url}")
    demo = demonstration() if settings.demo else None
    for login in demo.logins() if demo is not None else ():
        click.echo(f"  {login}")
    click.echo(f"Data is kept in {settings.data_dir}. Ctrl-C stops everything.\n")


def _say(sentence: str) -> None:
    click.echo(f"cessio: {sentence}", err=True)
