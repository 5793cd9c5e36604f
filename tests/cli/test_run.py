"""``cessio run`` as a person lives it: it starts, says where it is, repairs itself, stops, keeps.

One installation for the module, in a directory of its own; the demonstration is left out, since
what it fills is tested where it is written.
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
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
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


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cessio-run-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "data"


@pytest.fixture
def installation(data: Path) -> Iterator[Installation]:
    running = Installation(data, free_port())
    try:
        running.wait_for(f"Cessio answers at http://127.0.0.1:{running.port}")
        yield running
    finally:
        if running.process.poll() is None:
            running.stop(signal.SIGTERM)


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_all_and_a_signal_stops_all_with_a_good_end(
    installation: Installation, number: signal.Signals
) -> None:
    assert installation.answers()
    assert installation.children().keys() == {"web", "worker", "scheduler"}
    everything = psutil.Process(installation.process.pid).children(recursive=True)
    assert installation.stop(number) == 0
    assert not _alive(everything)
    assert "Traceback" not in installation.said()


def test_a_killed_child_comes_back(installation: Installation) -> None:
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


def test_a_killed_database_comes_back_with_its_data(installation: Installation, data: Path) -> None:
    url = _address(data)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (a bigint)")
        connection.execute("INSERT INTO kept VALUES (1)")
    postmaster = psutil.Process(
        int((data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
    )
    for process in [postmaster, *postmaster.children(recursive=True)]:
        process.kill()
    installation.wait_for("the database had stopped; it is up again")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)


def test_a_second_start_finds_the_same_data(installation: Installation, data: Path) -> None:
    with psycopg.connect(_address(data)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)


def test_a_start_after_the_supervisor_was_killed_is_an_ordinary_one(data: Path) -> None:
    first = Installation(data, free_port())
    first.wait_for("Cessio answers")
    orphans = psutil.Process(first.process.pid).children(recursive=True)
    first.process.kill()
    first.process.wait()
    first.output.close()
    psutil.wait_procs(orphans, timeout=40)
    assert not _alive(orphans)
    second = Installation(data, first.port)
    second.wait_for("Cessio answers")
    assert second.answers()
    assert second.stop(signal.SIGTERM) == 0


def _address(data: Path) -> str:
    port = json.loads((data / "postgres" / "server.json").read_text())["port"]
    password = (data / "postgres" / "password").read_text()
    return f"postgresql://cessio:{password}@127.0.0.1:{port}/cessio"
