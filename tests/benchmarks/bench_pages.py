"""Pages people open first, on the big book, through the web server as it runs in production.

Floor: a page with a one-row query in the same server, asked for by a person signed in likewise.
Twelve connections; the load generator shares the machine with the server. Reported in seconds:
the 99th percentile of an answer, and the time a hundred answers take (the inverse of the rate).
"""

from __future__ import annotations

import http.client
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cessio.identity import Role, add_person, open_session
from cessio.plumbing import clock
from cessio.plumbing.database import transaction
from cessio.receivables.bulk.cover import recompute_cover
from tests.benchmarks.book import AT, ON
from tests.benchmarks.served import FLOOR
from tests.serving import serve

#: Begins with the big book.
BOOK = True
CONNECTIONS, REQUESTS, WARM_UP = 12, 480, 240
P99_TARGET, RATE_TARGET = 3.0, 3.0
#: Of an ordinary client: a thousand open invoices on twenty debtors.
CLIENT = 500

_PAGES = (
    ("portal first page", "/portal", Role.SIGNATORY),
    ("back-office receivables", "/backoffice/receivables", Role.ACCOUNT_MANAGER),
)


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    with transaction(engine) as session:
        recompute_cover(session, on=ON, at=AT)
        cookies = {role: _signed_in(session, role) for _, _, role in _PAGES}
    lines = []
    with (
        tempfile.TemporaryDirectory(prefix="cessio-bench-web-") as name,
        serve(engine.url, Path(name), factory="tests.benchmarks.served:create_app") as address,
    ):
        floor = _load(address, FLOOR, cookies[Role.SIGNATORY])
        for job, path, role in _PAGES:
            took, hundred = _load(address, path, cookies[role])
            lines += [
                (f"{job}, p99", floor[0], took, P99_TARGET),
                (f"{job}, 100 answers", floor[1], hundred, RATE_TARGET),
            ]
    return lines


def _signed_in(session: Session, role: Role) -> str:
    """The cookie of a new person in a role."""
    client = CLIENT if role is Role.SIGNATORY else None
    person = add_person(session, email=f"{role}@bench.example", name="Bench", role=role,
                        client_id=client, by="system:setup", at=clock.now())  # fmt: skip
    opened = open_session(session, person_id=person, address="127.0.0.1", user_agent="bench",
                          at=clock.now())  # fmt: skip
    return f"cessio={opened.token}"


def _load(address: str, path: str, cookie: str) -> tuple[float, float]:
    """99th percentile, and seconds per hundred answers, of a page asked for by all connections."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(
            pool.map(
                lambda _: _ask(address, path, cookie, WARM_UP // CONNECTIONS), range(CONNECTIONS)
            )
        )
        start = perf_counter()
        each = REQUESTS // CONNECTIONS
        runs = list(pool.map(lambda _: _ask(address, path, cookie, each), range(CONNECTIONS)))
        wall = perf_counter() - start
    took = sorted(one for run in runs for one in run)
    return took[int(len(took) * 0.99)], 100 * wall / len(took)


def _ask(address: str, path: str, cookie: str, times: int) -> list[float]:
    """The seconds each of some requests took, one after the other on one connection."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    took = []
    for _ in range(times):
        start = perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        body = answer.read()
        took.append(perf_counter() - start)
        assert answer.status == 200, (answer.status, body[:500])
    connection.close()
    return took
