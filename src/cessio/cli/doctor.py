"""``cessio doctor``: every condition of a healthy installation, each with what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from cessio.kernel.errors import CessioError, Problems
from cessio.plumbing.settings import VARIABLES, Settings, check_data_dir, secret_key

#: Below this the next statement import or backup may be the one that fails.
LEAST_FREE_BYTES = 1_000_000_000

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition: fulfilled or not, and in words."""

    subject: str
    good: bool
    words: str


@click.command()
@click.option("--settings", "show_settings", is_flag=True, help="List every setting instead.")
def doctor(*, show_settings: bool) -> None:
    """Check this installation and say what is wrong; exit code 1 if anything is."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    if show_settings:
        for name, words in VARIABLES.items():
            table.add_row(name, words)
        Console().print(table)
        return
    findings = list(examine())
    for finding in findings:
        mark = "[green]good[/]" if finding.good else "[red]bad[/]"
        table.add_row(mark, finding.subject, finding.words)
    Console().print(table)
    sys.exit(0 if all(finding.good for finding in findings) else 1)


def examine() -> Iterator[Finding]:
    """Every finding, from the machine to the schema; stops where the next makes no sense."""
    version = sys.version_info
    yield Finding(
        "python", version >= OLDEST_PYTHON, f"{version.major}.{version.minor}.{version.micro}"
    )
    try:
        settings = Settings.load()
    except Problems as problems:
        for problem in problems.problems:
            yield Finding(problem.field or "settings", False, f"{problem}")
        return
    yield Finding("settings", True, "understood")
    yield _tried("data directory", lambda: check_data_dir(settings), f"{settings.data_dir}")
    yield _tried("secret", lambda: secret_key(settings), f"{settings.secret_file}")
    yield _tried("seals", lambda: _seals(settings), "their key is ours alone")
    yield from _machine(settings)
    yield from _database(settings)


def _seals(settings: Settings) -> None:
    from cessio.plumbing.keeper import Keeper

    _ = Keeper.of(settings).public_key


def _machine(settings: Settings) -> Iterator[Finding]:
    if settings.data_dir.exists():
        free = shutil.disk_usage(settings.data_dir).free
        yield Finding("free space", free >= LEAST_FREE_BYTES, f"{free // 10**6} MB")
    exposed = settings.bind not in {"127.0.0.1", "::1"} and not settings.secure
    yield Finding(
        "transport",
        not exposed,
        "listens beyond this machine without TLS: put a proxy in front and set an https "
        "CESSIO_PUBLIC_URL"
        if exposed
        else settings.public_url,
    )
    umask = os.umask(0o077)
    os.umask(umask)
    yield Finding("umask", umask & 0o002 != 0, f"{umask:04o}: files we make are not for everybody")


def _database(settings: Settings) -> Iterator[Finding]:
    from cessio.cli.prepare import check_database, check_schema
    from cessio.plumbing.embedded import database_of

    try:
        with database_of(settings) as url:
            kind = "configured" if settings.database_url else "embedded"
            reached = _tried("database", lambda: check_database(url), f"{kind}, answers")
            yield reached
            if not reached.good:
                return
            yield from _database_settings(url)
            yield _tried("schema", lambda: check_schema(url), "this release's")
    except CessioError as error:
        yield Finding("database", False, f"{error}")


def _database_settings(url: str) -> Iterator[Finding]:
    from sqlalchemy import text

    from cessio.plumbing.database import make_engine

    engine = make_engine(url, pool_size=1)
    with engine.connect() as connection:

        def show(name: str) -> str:
            return str(connection.execute(text(f"SHOW {name}")).scalar_one())

        for name, wanted, otherwise in (
            ("fsync", "on", "an acknowledged operation can be lost"),
            ("full_page_writes", "on", "a power cut can tear a page"),
            ("data_checksums", "on", "a damaged page goes unseen"),
            ("server_encoding", "UTF8", "names cannot be stored"),
            ("is_superuser", "off", "row-level security does not bind a superuser"),
        ):
            value = show(name)
            yield Finding(name, value == wanted, value if value == wanted else otherwise)
    engine.dispose()


def _tried(subject: str, action: Callable[[], object], words: str) -> Finding:
    try:
        action()
    except CessioError as error:
        return Finding(subject, False, f"{error}")
    return Finding(subject, True, words)
