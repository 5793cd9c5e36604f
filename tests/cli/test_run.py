"""``cessio run`` as a person lives it: it starts, says where it is, repairs itself, stops, keeps.

One installation that lives through it all, in a directory of its own, because a start takes
seconds; the demonstration is left out, since what it fills is tested where it is written.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from tests.serving import free_port


class Installation:
    """A running ``cessio run`` and what it says."""

    def __init__(self, data: Path, port: int) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CESSIO_")}
        self.port, self.log = port, data.parent / "run.log"
        self.output = self.log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cessio.cli", "run", "--port", str(port), "--no-demo"],
            env={**clean, "CESSIO_DATA_DIR": str(data)},
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, pattern: str, seconds: float = 90) -> re.Match[str]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(pattern, self.said())
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"never said {pattern!r}: {self.said()[-3000:]}")

    def children(self) -> dict[str, psutil.Process]:
        names = {"granian": "web", "worker": "worker", "scheduler": "scheduler"}
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                for word in child.cmdline():
                    if word in names:
                        found[names[word]] = child
        return found

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        return False

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(90)
        self.output.close()
        return code


@contextmanager
def started(data: Path) -> Iterator[Installation]:
    running = Installation(data, free_port())
    try:
        running.wait_for(f"Cessio answers at http://localhost:{running.port}")
        yield running
    finally:
        if running.process.poll() is None:
            running.stop(signal.SIGTERM)


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running()]


def test_it_starts_all_repairs_what_is_killed_stops_all_and_keeps_everything() -> None:
    with tempfile.TemporaryDirectory(prefix="cessio-run-") as name:
        Path(name).chmod(0o755)
        data = Path(name) / "data"
        with started(data) as installation:
            _starts_all(installation)
            _keep(data)
            _a_signal_stops_all_with_a_good_end(installation, signal.SIGTERM)
        with started(data) as installation:
            assert _kept(data) == 1, "a second start finds the same data"
            _a_killed_child_comes_back(installation)
            _a_killed_database_comes_back_with_its_data(installation, data)
            _its_death_stops_all(installation)
        with started(data) as installation:
            assert _kept(data) == 1, "a start after a kill is an ordinary one"
            _starts_all(installation)
            _a_signal_stops_all_with_a_good_end(installation, signal.SIGINT)


def _starts_all(installation: Installation) -> None:
    assert installation.answers()
    assert installation.children().keys() == {"web", "worker", "scheduler"}


def _a_signal_stops_all_with_a_good_end(installation: Installation, number: signal.Signals) -> None:
    everything = psutil.Process(installation.process.pid).children(recursive=True)
    assert installation.stop(number) == 0
    assert not _alive(everything)
    assert "Traceback" not in installation.said()


def _a_killed_child_comes_back(installation: Installation) -> None:
    before = installation.children()
    for child in before.values():
        child.kill()
    for name in before:
        installation.wait_for(f"{name} ended \\(SIGKILL\\); starting it again")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (
        installation.answers() and installation.children().keys() == before.keys()
    ):
        time.sleep(0.2)
    after = installation.children()
    assert after.keys() == before.keys()
    assert installation.answers()
    assert not {child.pid for child in after.values()} & {child.pid for child in before.values()}


def _a_killed_database_comes_back_with_its_data(installation: Installation, data: Path) -> None:
    postmaster = psutil.Process(
        int((data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
    )
    for process in [postmaster, *postmaster.children(recursive=True)]:
        process.kill()
    installation.wait_for("the database had stopped; it is up again")
    assert _kept(data) == 1


def _its_death_stops_all(installation: Installation) -> None:
    """Nobody is left when the supervisor itself is killed."""
    orphans = psutil.Process(installation.process.pid).children(recursive=True)
    installation.process.kill()
    installation.process.wait()
    installation.output.close()
    psutil.wait_procs(orphans, timeout=40)
    assert not _alive(orphans)


def _keep(data: Path) -> None:
    with psycopg.connect(_address(data), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (a bigint)")
        connection.execute("INSERT INTO kept VALUES (1)")


def _kept(data: Path) -> int:
    with psycopg.connect(_address(data)) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    return int(row[0]) if row else 0


def _address(data: Path) -> str:
    port = json.loads((data / "postgres" / "server.json").read_text())["port"]
    password = (data / "postgres" / "password").read_text()
    return f"postgresql://cessio:{password}@127.0.0.1:{port}/cessio"
