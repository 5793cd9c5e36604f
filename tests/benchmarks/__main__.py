"""``python -m tests.benchmarks [name …]``: run the benchmarks and print each ratio.

One line a job: its floor and our time in seconds, their ratio, and whether the target is met. Exit
code 1 when one is not. The server is the embedded one as a laptop has it
(``fsync`` on), in a directory of its own that is removed afterwards; ``CESSIO_BENCH_KEEP`` names
a folder to keep it in, so that the next run finds the big books filled.
"""

from __future__ import annotations

import importlib
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, Engine, text

from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine
from cessio.plumbing.embedded import ADMIN, DATABASE, EmbeddedServer, ensure_running
from cessio.worker import compose
from tests.benchmarks import book, office_book


def main(names: list[str]) -> int:
    """Run all, or the modules whose name contains one of the words."""
    console = Console(width=110)
    table = Table("job", box=None)
    for column in ("floor s", "ours s", "ratio", "target"):
        table.add_column(column, justify="right")
    table.add_column("")
    late = 0
    modules = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in modules if not names or any(word in name for word in names)]
    compose()
    with _server() as server:
        for name in chosen:
            console.print(f"{name} …", style="dim")
            module = importlib.import_module(f"tests.benchmarks.{name}")
            template = _template(server, module)
            is_read = getattr(module, "BOOK", False) == "office" and not hasattr(module, "WRITES")
            used = _opened if is_read else _copied
            with used(server, name, template) as engine:
                for job, floor, ours, target in module.run(engine):
                    good = ours <= floor * target
                    late += not good
                    table.add_row(
                        job, f"{floor:.3f}", f"{ours:.3f}", f"{ours / floor:.2f}",
                        f"≤ {target:.2f}", "[green]met[/]" if good else "[red]not met[/]",
                    )  # fmt: skip
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    console.print(f"{len(chosen)} benchmarks, peak memory of this process {peak} MB")
    return 1 if late else 0


@contextmanager
def _server() -> Iterator[EmbeddedServer]:
    kept = os.environ.get("CESSIO_BENCH_KEEP")
    with nullcontext(kept) if kept else tempfile.TemporaryDirectory("-cessio-bench") as name:
        Path(name).mkdir(exist_ok=True)
        Path(name).chmod(0o755)
        server = ensure_running(Path(name) / "postgres")
        try:
            migrate.upgrade(server.url)
            yield server
        finally:
            server.stop(mode="fast" if kept else "immediate")


#: The database that modules with this ``BOOK`` begin with, filled for the first of them.
_FILLED = {True: "filled_book", "office": "filled_office"}


def _template(server: EmbeddedServer, module: ModuleType) -> str:
    """The database to copy: a migrated, empty one, or a big book brought to our schema."""
    kind = getattr(module, "BOOK", False)
    if not kind:
        return DATABASE
    name = _FILLED[kind]
    with _administration(server) as connection:
        known = "SELECT count(*) FROM pg_database WHERE datname = :name"
        if not connection.scalar(text(known), {"name": name}):
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}_begun WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}_begun TEMPLATE {DATABASE}"))
            _fill(server, f"{name}_begun", kind)
            connection.execute(text(f"ALTER DATABASE {name}_begun RENAME TO {name}"))
    migrate.upgrade(server.url_of(name))
    return name


def _fill(server: EmbeddedServer, name: str, kind: bool | str) -> None:
    engine, admin = make_engine(server.url_of(name)), make_engine(server.url_of(name, ADMIN))
    if kind == "office":
        office_book.fill(engine, admin, lambda said: print(f"  {said} …", flush=True))
    else:
        book.fill(engine)
    engine.dispose()
    admin.dispose()


@contextmanager
def _administration(server: EmbeddedServer) -> Iterator[Connection]:
    admin = make_engine(server.url_of("postgres"), pool_size=1).execution_options(
        isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        yield connection
    admin.dispose()


@contextmanager
def _opened(server: EmbeddedServer, _name: str, template: str) -> Iterator[Engine]:
    """The book itself, which is only read."""
    engine = make_engine(server.url_of(template), pool_size=20)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _copied(server: EmbeddedServer, name: str, template: str) -> Iterator[Engine]:
    with _administration(server) as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY file_copy'))
    engine = make_engine(server.url_of(name), pool_size=20)
    try:
        yield engine
    finally:
        engine.dispose()
        with _administration(server) as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
