"""A database server and a web server of their own, which can be killed and come back."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url

from cessio.cli.run import WORKER, web_command
from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine
from cessio.plumbing.embedded import EmbeddedServer, ensure_running
from cessio.plumbing.settings import Settings
from tests.serving import environment, free_port

#: A server that was killed must answer again by then, on a busy machine.
PATIENCE = 90.0


@dataclass
class Machine:
    """PostgreSQL that waits for its disk, a web server and workers, each killed at will."""

    folder: Path
    #: Another release's program, which prepares the database itself; ours where there is none.
    source: Path | None = None
    server: EmbeddedServer = field(init=False)
    url: URL = field(init=False)
    engine: Engine = field(init=False)
    port: int = field(default_factory=free_port)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = ensure_running(self.folder / "postgres", options={"fsync": "on"})
        self.url = make_url(self.server.url)
        if self.source is None:
            migrate.upgrade(self.url)
        self.engine = make_engine(self.url, pool_size=5)

    def start_web(self) -> subprocess.Popen[bytes]:
        """Start the web server as production does and wait until it answers."""
        env = self._environment()
        settings = Settings.load({k: v for k, v in env.items() if k.startswith("CESSIO_")})
        process = self._start(web_command(settings), "web.log")
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/health")[0] == 200:
                    return process
            time.sleep(0.1)
        raise AssertionError((self.folder / "web.log").read_text()[-3000:])

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker as production does."""
        return self._start(WORKER, "worker.log")

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """One request on a connection of its own: status and JSON, or raises ``OSError``."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            sent = {"Accept": "application/json", "Content-Type": "application/json"}
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {**sent, **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
            with suppress(ValueError):
                return answer.status, json.loads(text)
            return answer.status, None
        finally:
            connection.close()

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 of a program and everything it started."""
        _kill_tree(process.pid)
        process.wait(30)

    def kill_database(self) -> None:
        """kill -9 of PostgreSQL, all of it at once; then start it again."""
        cluster = self.server.home / "cluster"
        _kill_tree(int((cluster / "postmaster.pid").read_text().split()[0]))
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(Exception):
                self.server.revive()
                with self.engine.connect():
                    return
            time.sleep(0.1)
        raise AssertionError("PostgreSQL did not come back")

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                self.kill(process)
        self.engine.dispose()
        self.server.stop(mode="immediate")

    def _start(self, command: Any, log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as output:
            process = subprocess.Popen(
                list(command), env=self._environment(), stdout=output, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self.running.append(process)
        return process

    def _environment(self) -> dict[str, str]:
        more = {} if self.source is None else {"PYTHONPATH": str(self.source)}
        return environment(self.url, self.folder, self.port, more)


def _kill_tree(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for one in [parent, *parent.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)
