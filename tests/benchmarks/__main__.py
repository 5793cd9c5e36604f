"""``python -m tests.benchmarks [name …]``: run the benchmarks and print each ratio.

Exit code 1 when a ratio is beyond its target. The server is the embedded one as a laptop has it
(``fsync`` on), in a directory of its own that is removed afterwards.
"""

from __future__ import annotations

import importlib
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, text

from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine
from cessio.plumbing.embedded import EmbeddedServer, ensure_running
from cessio.worker import compose


def main(names: list[str]) -> int:
    """Run all, or the modules whose name contains one of the words."""
    console = Console()
    table = Table("job", "floor s", "ours s", "ratio", "target", "verdict", box=None)
    late = 0
    modules = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in modules if not names or any(word in name for word in names)]
    compose()
    with _server() as server:
        for name in chosen:
            console.print(f"{name} …", style="dim")
            module = importlib.import_module(f"tests.benchmarks.{name}")
            with _database(server, name) as engine:
                for job, floor, ours, target in module.run(engine):
                    good = ours <= floor * target
                    late += not good
                    table.add_row(
                        job, f"{floor:.2f}", f"{ours:.2f}", f"{ours / floor:.2f}", f"{target:.2f}",
                        "[green]kept[/]" if good else "[red]missed[/]",
                    )  # fmt: skip
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    console.print(f"{len(chosen)} benchmarks, peak memory of this process {peak} MB")
    return 1 if late else 0


@contextmanager
def _server() -> Iterator[EmbeddedServer]:
    with tempfile.TemporaryDirectory(prefix="cessio-bench-") as name:
        Path(name).chmod(0o755)
        server = ensure_running(Path(name) / "postgres")
        try:
            migrate.upgrade(server.url)
            yield server
        finally:
            server.stop(mode="immediate")


@contextmanager
def _database(server: EmbeddedServer, name: str) -> Iterator[Engine]:
    admin = make_engine(server.url_of("postgres"), pool_size=1).execution_options(
        isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE cessio'))
    engine = make_engine(server.url_of(name), pool_size=20)
    try:
        yield engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
