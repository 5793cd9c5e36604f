"""The database of the tests: one real PostgreSQL, migrated once, cheap to copy.

* ``session``: a session of this worker's database; all it wrote is rolled back (savepoints work).
* ``engine``: a database of its own for this test, where commits, triggers at commit, jobs and
  several connections are real; dropped afterwards. ``database_url`` is its address.
* ``now`` and ``today``: the fixed instant and date of the tests (a Monday).

The server lives in memory (``/dev/shm``) where there is room, else under the temporary directory,
and is shared by all test runs of this user with the same one; the last to leave stops it. A copy
of the migrated database is a thousand files: measured on a busy disk 2 s, in memory 0.05 s.
``CESSIO_TEST_PG`` names another server (a role with CREATEDB).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from cessio.kernel import calendar
from cessio.plumbing import keeper, migrate
from cessio.plumbing.database import make_engine
from cessio.plumbing.embedded import EmbeddedServer, ensure_running
from tests.faults.report import REPORT

settings.register_profile(
    "cessio",
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "cessio"))

#: Nothing here must survive a power cut, so the disk is not waited for.
TEST_OPTIONS = {"fsync": "off", "full_page_writes": "off", "max_connections": "300",
                "autovacuum": "off", "max_wal_size": "512MB"}  # fmt: skip

MEMORY = Path("/dev/shm")
ROOM_BYTES = 3 * 2**30


@pytest.fixture(scope="session", autouse=True)
def composed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Events published in a test meet the program's own table of reactions; mails stay here.

    No day is sealed: what is kept outside is of one book, and this process has many.
    """
    from cessio.plumbing.mail import Mailer
    from cessio.worker import compose

    compose(
        mailer=Mailer(folder=tmp_path_factory.mktemp("mail")),
        drop_dir=tmp_path_factory.mktemp("drop"),
    )
    # As the program writes them: in colours and with every variable, a traceback takes a second.
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@pytest.fixture(autouse=True)
def house_unknown() -> Iterator[None]:
    """A process forgets the settings of the house, and where its seals are kept."""
    yield
    if "cessio.web.knowing" in sys.modules:
        knowing = sys.modules["cessio.web.knowing"]
        knowing.forget()
        sys.modules["cessio.web.words.registry"].rename({})
    calendar.close_days(())
    keeper.use(None)


def pytest_sessionfinish() -> None:
    """What campaigns found is kept (``build/faults.md``, ``build/figures.jsonl``)."""
    REPORT.write()


@pytest.fixture
def now() -> datetime:
    """Monday 16 November 2026, 10:00 in Paris."""
    return datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def today() -> date:
    """The business date of ``now``."""
    return date(2026, 11, 16)


@pytest.fixture(scope="session")
def server_url() -> Iterator[URL]:
    """A PostgreSQL whose role may create databases."""
    external = os.environ.get("CESSIO_TEST_PG")
    if external:
        yield make_url(external)
        return
    server = _start_server()
    try:
        yield make_url(server.url_of("postgres"))
    finally:
        server.stop(mode="immediate")


@pytest.fixture(scope="session")
def template(server_url: URL) -> str:
    """The name of a migrated database that others are copied from."""
    return _ensure_template(server_url)


@pytest.fixture(scope="session")
def shelf(server_url: URL, template: str, testrun_uid: str) -> Iterator[Any]:
    """Databases that take long to fill (``tests.sharing.Shelf``)."""
    from tests.sharing import Shelf

    kept = Shelf(server_url, template, testrun_uid[:12], _copied)
    yield kept
    kept.drop()


@pytest.fixture(scope="module")
def demo_book(shelf: Any) -> Iterator[Engine]:
    """The small demonstration, in a copy for one module's tests."""
    with shelf.demo() as engine:
        yield engine


@pytest.fixture
def demo_session(demo_book: Engine) -> Iterator[Session]:
    """A session of the small demonstration; nothing of it is committed."""
    with Session(demo_book) as opened:
        yield opened


@pytest.fixture(scope="session")
def worker_engine(server_url: URL, template: str) -> Iterator[Engine]:
    """The database of this test process; only ``session`` writes there, and takes it back."""
    with _copied(server_url, template) as url:
        engine = make_engine(url, pool_size=5)
        yield engine
        engine.dispose()


@pytest.fixture
def session(worker_engine: Engine) -> Iterator[Session]:
    """A session whose transaction is undone at the end of the test."""
    with worker_engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as opened:
            yield opened
        if outer.is_active:
            outer.rollback()


@pytest.fixture
def database_url(server_url: URL, template: str) -> Iterator[URL]:
    """The address of a migrated database of this test's own."""
    with _copied(server_url, template) as url:
        yield url


@pytest.fixture
def empty_url(server_url: URL) -> Iterator[URL]:
    """The address of a database with nothing in it."""
    with _copied(server_url, "template1") as url:
        yield url


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    """An engine on a database of this test's own: commit freely."""
    opened = make_engine(database_url, pool_size=20)
    yield opened
    opened.dispose()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was not looked at is said aloud, with its reason, where everybody sees it."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        if isinstance(report.longrepr, tuple):
            reason = str(report.longrepr[2]).removeprefix("Skipped: ")
            reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"NOT TESTED: {count} × {reason}", yellow=True, bold=True)


def _start_server() -> EmbeddedServer:
    """The shared server; its files are thrown away when the machine restarted or they broke."""
    place = tempfile.gettempdir()
    name = f"cessio-tests-{os.geteuid()}"
    if _has_room(MEMORY):
        name += f"-{hashlib.sha256(place.encode()).hexdigest()[:8]}"
        place = str(MEMORY)
    base = Path(place) / name
    base.mkdir(exist_ok=True)
    if base.stat().st_uid != os.geteuid():  # someone else made it: keep away
        base = Path(tempfile.mkdtemp(prefix="cessio-tests-"))
    base.chmod(0o755)
    boot = Path("/proc/sys/kernel/random/boot_id")
    started = boot.read_text() if boot.exists() else ""
    with (base / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        home, stamp = base / "postgres", base / "boot"
        if stamp.exists() and stamp.read_text() != started:
            shutil.rmtree(home, ignore_errors=True)
        stamp.write_text(started)
        try:
            return ensure_running(home, options=TEST_OPTIONS)
        except Exception:
            shutil.rmtree(home, ignore_errors=True)
            return ensure_running(home, options=TEST_OPTIONS)


def _has_room(folder: Path) -> bool:
    """Whether files may be made there, and enough of them."""
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        return False
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize >= ROOM_BYTES


def _ensure_template(server: URL) -> str:
    digest = hashlib.sha256()
    for path in sorted(migrate.MIGRATIONS.rglob("*")):
        if path.suffix in {".py", ".sql"}:
            digest.update(path.name.encode() + path.read_bytes())
    name = f"template_{digest.hexdigest()[:16]}"
    with _admin(server) as connection:
        # One session of the server makes it; the lock is freed when this connection closes.
        connection.execute("SELECT pg_advisory_lock(hashtext('cessio-test-template'))")
        known = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%'"
        ).fetchall()
        if (name,) not in known:
            _drop_old(connection, [row[0] for row in known])
            making = f"making_{uuid.uuid4().hex[:12]}"
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
            migrate.upgrade(server.set(database=making))
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(making), sql.Identifier(name)
                )
            )
    return name


def _drop_old(connection: psycopg.Connection[Any], templates: list[str]) -> None:
    """Keep a few templates of other branches and forget databases of runs that were killed."""
    idle = connection.execute(
        "SELECT datname FROM pg_database d WHERE (datname LIKE 'test\\_%' OR datname LIKE "
        "'making\\_%') AND (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification "
        "< now() - interval '6 hours'"
        if _superuser(connection)
        else "SELECT ''::text WHERE false"
    ).fetchall()
    for name in [row[0] for row in idle] + sorted(templates)[: max(0, len(templates) - 6)]:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _superuser(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SELECT current_setting('is_superuser')").fetchone()
    return row is not None and row[0] == "on"


@contextmanager
def _copied(server: URL, template: str) -> Iterator[URL]:
    name = f"test_{uuid.uuid4().hex[:16]}"
    with _admin(server) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    try:
        yield server.set(database=name)
    finally:
        with _admin(server) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


@contextmanager
def _admin(server: URL) -> Iterator[psycopg.Connection[Any]]:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection
