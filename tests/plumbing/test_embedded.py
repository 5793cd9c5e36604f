"""The embedded server survives what happens to laptops: kills, reboots, reused numbers, busy ports.

One server is started for the module; as root its user is another, as anybody it is ourselves.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from cessio.plumbing import embedded
from cessio.plumbing.embedded import EmbeddedError, EmbeddedServer, ensure_running


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A place any user can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="cessio-embedded-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "postgres"


@pytest.fixture
def server(place: Path) -> Iterator[EmbeddedServer]:
    held = ensure_running(place)
    yield held
    held.stop(mode="immediate")


def _connect(server: EmbeddedServer) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True)


def _kill_all(server: EmbeddedServer) -> None:
    pid = int((server.home / "cluster" / "postmaster.pid").read_text().split()[0])
    postmaster = psutil.Process(pid)
    for process in [postmaster, *postmaster.children(recursive=True)]:
        # A child leaves by itself as soon as the postmaster is dead.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def test_what_was_acknowledged_survives_kill_9(server: EmbeddedServer) -> None:
    with _connect(server) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept (a bigint)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    _kill_all(server)
    assert server.revive()
    assert not server.revive()
    with _connect(server) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_the_last_to_leave_stops_it_and_the_port_stays(place: Path) -> None:
    first = ensure_running(place)
    second = ensure_running(place)
    assert first.port == second.port
    assert not first.stop()
    with _connect(second):
        pass
    assert second.stop()
    with pytest.raises(psycopg.OperationalError):
        _connect(second)
    third = ensure_running(place)
    assert third.port == first.port
    assert third.stop()


def test_a_taken_port_is_exchanged_for_a_free_one(place: Path) -> None:
    first = ensure_running(place)
    first.stop()
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", first.port))
        thief.listen()
        second = ensure_running(place)
        assert second.port != first.port
        second.stop()
    assert json.loads((place / "server.json").read_text())["port"] == second.port


def test_a_pid_file_that_names_another_process_is_not_believed(place: Path) -> None:
    ensure_running(place).stop(mode="immediate")
    stale = place / "cluster" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{place / 'cluster'}\n1\n5432\n\n127.0.0.1\n")
    server = ensure_running(place)
    with _connect(server):
        pass
    server.stop()


def test_secrets_are_for_the_owner_only(server: EmbeddedServer) -> None:
    for name in ("password", "admin-password"):
        assert (server.home / name).stat().st_mode & 0o777 == 0o600
    assert server.home.stat().st_mode & 0o777 == 0o700
    wrong = server.url.replace("+psycopg", "").replace(server.password, "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_the_application_is_no_superuser_and_the_disk_is_waited_for(
    server: EmbeddedServer,
) -> None:
    with _connect(server) as connection:
        for name, value in {
            "is_superuser": "off", "fsync": "on", "synchronous_commit": "on",
            "data_checksums": "on", "password_encryption": "scram-sha-256",
        }.items():  # fmt: skip
            assert connection.execute(f"SHOW {name}").fetchone() == (value,)


def test_a_holder_that_was_killed_is_no_longer_counted(place: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from cessio.plumbing.embedded import ensure_running\n"
        "ensure_running(Path(sys.argv[1])); print('up', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(place)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"up\n"
    adopted = ensure_running(place)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert adopted.stop()


def test_data_of_another_major_version_is_refused_in_words(place: Path) -> None:
    ensure_running(place).stop()
    version = place / "cluster" / "PG_VERSION"
    real = version.read_text()
    version.write_text("9\n")
    try:
        with pytest.raises(EmbeddedError, match="was written by PostgreSQL 9"):
            ensure_running(place)
    finally:
        version.write_text(real)


def test_a_half_made_cluster_is_made_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    with tempfile.TemporaryDirectory(prefix="cessio-embedded-") as name:
        Path(name).chmod(0o755)
        place = Path(name) / "postgres"
        (place / "cluster.new").mkdir(parents=True)
        (place / "cluster.new" / "junk").touch()
        started = time.monotonic()
        server = ensure_running(place)
        assert time.monotonic() - started < 20
        assert server.stop()


def test_a_folder_without_programs_is_refused_in_words(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CESSIO_PG_BIN", "/usr/share")
    with pytest.raises(EmbeddedError, match="/usr/share holds no initdb"):
        ensure_running(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
def test_root_uses_a_place_that_the_server_user_can_reach() -> None:
    with tempfile.TemporaryDirectory(prefix="cessio-closed-") as name:
        closed = Path(name) / "closed"
        closed.mkdir(mode=0o700)
        server = ensure_running(closed / "postgres")
        try:
            assert not server.home.is_relative_to(closed)
            assert (closed / "postgres" / "location").read_text().strip() == str(server.home)
            again = ensure_running(closed / "postgres")
            assert again.home == server.home
            again.stop()
        finally:
            server.stop(mode="immediate")
            embedded.shutil.rmtree(server.home)
