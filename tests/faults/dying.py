"""A worker process that dies at a statement of a job: ``python -m tests.faults.dying``.

It learns every kind of job once; then each order read from its input is a process forked from it,
which runs one job as a worker does (``Runner``) and strikes at a point of it. A point is a
statement that the database has answered, or a COMMIT that it has acknowledged: both sides of each
commit are points. ``Workers`` is the other end of the pipe, for tests.

What may strike: ``kill`` (SIGKILL to itself), ``server`` (the connection is cut by PostgreSQL),
``serialization`` (PostgreSQL asks to try again).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, event

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Order:
    """Run a job of a database at an instant, and strike after so many points (0: never).

    With ``account_id`` what is run is no job: ``by`` seals the payouts that wait.
    """

    url: str
    job_id: int
    at: str
    folder: str
    numbers: str
    point: int = 0
    fault: str = "kill"
    account_id: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """How the process ended: killed or not, the job's state for it, and the points it passed."""

    killed: bool
    state: str | None
    points: int
    #: Where each sequence stood at the last commit before the strike.
    numbers: dict[str, int | None]


@dataclass
class Points:
    """Counts the points of an engine and strikes at one of them."""

    at: int
    fault: str
    numbers: Path
    passed: int = 0

    def watch(self, engine: Engine) -> None:
        event.listen(engine, "after_cursor_execute", lambda connection, *_: self.pass_(connection))
        commit = engine.dialect.do_commit
        beside = psycopg.connect(
            engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
            autocommit=True,
        )

        def committed(driver: Any) -> None:
            commit(driver)
            if self.passed < self.at:
                self._note(beside)
            self.pass_(None)

        self._note(beside)

        engine.dialect.do_commit = committed  # type: ignore[method-assign]

    def _note(self, beside: psycopg.Connection[Any]) -> None:
        found = beside.execute(
            "SELECT quote_ident(sequencename), last_value FROM pg_sequences"
            " WHERE schemaname = 'public'"
        )
        self.numbers.write_text(json.dumps(dict(found.fetchall())))

    def pass_(self, connection: Any) -> None:
        self.passed += 1
        if self.passed != self.at:
            return
        if self.fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if connection is None:
            raise psycopg.OperationalError("the connection was lost after the commit")
        if self.fault == "server":
            driver = connection.connection.driver_connection
            with psycopg.connect(driver.info.dsn, password=driver.info.password,
                                 autocommit=True) as other:  # fmt: skip
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (driver.info.backend_pid,))
            return  # the next statement finds it out
        raise psycopg.errors.SerializationFailure("could not serialize access")


@dataclass
class Workers:
    """Processes that run one job each; ``run`` waits for its end."""

    folder: Path
    _parent: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        environ = {n: v for n, v in os.environ.items() if not n.startswith("CESSIO_")}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.dying"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )  # fmt: skip

    def run(
        self, engine: Engine, job_id: int, at: datetime, *, point: int = 0, fault: str = "kill"
    ) -> Answer:
        """One attempt at a job, in a process of its own."""
        return self._ordered(engine, job_id, at, point=point, fault=fault)

    def seal(
        self, engine: Engine, account_id: int, at: datetime, *, by: str, point: int = 0
    ) -> Answer:
        """One attempt to seal the payouts that wait, in a process of its own."""
        return self._ordered(engine, 0, at, point=point, account_id=account_id, by=by)

    def _ordered(self, engine: Engine, job_id: int, at: datetime, **more: Any) -> Answer:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        url = engine.url.render_as_string(hide_password=False)
        numbers = self.folder.with_suffix(".numbers")
        order = Order(url, job_id, at.isoformat(), str(self.folder), str(numbers), **more)
        print(json.dumps(asdict(order)), file=self._parent.stdin, flush=True)
        told = json.loads(self._parent.stdout.readline())
        return Answer(**told, numbers=json.loads(numbers.read_text()))

    def stop(self) -> None:
        self._parent.stdin.close()  # type: ignore[union-attr]
        self._parent.wait(30)


@contextmanager
def workers(folder: Path) -> Iterator[Workers]:
    """Workers that leave at the end."""
    made = Workers(folder)
    try:
        yield made
    finally:
        made.stop()


def _gateway(folder: Path) -> str:
    """An SMS gateway of this process: what it takes is a file beside the mails, by its key."""

    class Taken(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / f"{self.headers['Idempotency-Key']}.json").write_bytes(body)
            self.send_response(202)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its parent's
            """Say nothing."""

    listening = HTTPServer(("127.0.0.1", 0), Taken)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{listening.server_address[1]}"


def _bank() -> str:
    """A bank of this process that knows every payee it is asked about."""

    class Knows(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["payees"]
            told = json.dumps([{**one, "outcome": "MTCH"} for one in asked]).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its parent's
            """Say nothing."""

    listening = HTTPServer(("127.0.0.1", 0), Knows)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{listening.server_address[1]}"


def _attempt(order: Order, tell: int) -> None:
    """In the child: what a worker's thread does with a wake-up."""
    from cessio.plumbing import database
    from cessio.plumbing.jobs.running import Runner
    from cessio.plumbing.keeper import Keeper
    from cessio.plumbing.mail import Mailer
    from cessio.plumbing.payee_gateway import PayeeGateway
    from cessio.plumbing.sms import Gateway
    from cessio.worker import compose

    folder = Path(order.folder)
    keeper = Keeper(folder / "seals", folder.with_suffix(".key"))
    compose(
        mailer=Mailer(folder=folder, sms=Gateway(_gateway(folder)), payees=PayeeGateway(_bank())),
        keeper=keeper,
        drop_dir=folder.with_suffix(".drop"),
    )
    engine = database.make_engine(order.url, role=database.WORKER)
    points, at = (
        Points(order.point, order.fault, Path(order.numbers)),
        datetime.fromisoformat(order.at),
    )
    points.watch(engine)
    state = (
        _sealed(engine, order, at) if order.account_id
        else Runner(engine, clock=lambda: at).run(order.job_id)
    )  # fmt: skip
    os.write(tell, json.dumps({"state": state, "points": points.passed}).encode())


def _sealed(engine: Engine, order: Order, at: datetime) -> str:
    from cessio import funding
    from cessio.funding.operations.payouts import NothingToPay
    from cessio.kernel.calendar import business_date
    from cessio.plumbing.database import transaction

    try:
        with transaction(engine) as session:
            funding.seal_payouts(session, account_id=order.account_id, by=order.by, at=at,
                                 execute_on=business_date(at))  # fmt: skip
    except NothingToPay:
        return "nothing"
    return "sealed"


def _fork(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Answered once the child is gone."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            _attempt(Order(**fields), writer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        said = told.read()
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    known = json.loads(said) if said and not killed else {"state": None, "points": 0}
    return {"killed": killed, **known}


def main() -> None:
    from sqlalchemy.orm import configure_mappers

    from cessio.plumbing.database import load_models
    from cessio.worker import load_jobs

    load_jobs()
    load_models()
    configure_mappers()
    for line in sys.stdin:
        print(json.dumps(_fork(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
