"""Every page of the back office on the book of a million: the server's time against 300 ms.

Each page that links or routes lead to is opened by somebody who may, and then what is heaviest of
each kind: the largest contract and debtor, every filter and order of the long lists, searches, and
files, which are no pages and are told apart. The application is asked in this process, one request
after the other, without a network. Floor: a page of the back office with a one-row query, in the
same application.

Pages over the limit and a summary are printed. ``CESSIO_BENCH_PAGES`` names words of the
addresses to time, if not all, and has every page of them printed ("/" is in each).
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.exceptions import LitestarException
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, event, text

from cessio import app
from cessio.plumbing.settings import Settings
from tests.benchmarks.office_book import NOW, UNTIL
from tests.benchmarks.office_pages import PAGES, THE_ONE, Page
from tests.benchmarks.served import STAFF_FLOOR, one_row_of_staff
from tests.walking import Walk

#: Begins with the office's book.
BOOK = "office"
LIMIT_SECONDS, TIMES, WARM_UP = 0.300, 20, 2
#: What the names of files end with.
FILE = ", file"
#: A page is not asked again after so many seconds, once it was asked so often.
ENOUGH_SECONDS, AT_LEAST = 2.0, 5


@dataclass(slots=True)
class Timed:
    """What a page took: seconds of each answer, of its SQL, and the slowest statement."""

    name: str
    took: list[float] = field(default_factory=list)
    statements: int = 0
    sql: list[float] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    status: int = 200

    def at(self, share: float) -> float:
        """A percentile, as a share."""
        return sorted(self.took)[min(len(self.took) - 1, int(len(self.took) * share))]

    @property
    def is_worth_a_line(self) -> bool:
        """Whether it is over the limit or no page at all."""
        return self.at(0.95) > LIMIT_SECONDS or self.status >= 400


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    made = app.build(engine, Settings.load({}), now=lambda: NOW)
    console = Console(width=150)
    walk = Walk(made, engine, now=NOW, looked_at=1)
    console.print("walking …", style="dim")
    words = os.environ.get("CESSIO_BENCH_PAGES", "").split()
    found = [Page(one.route, one.path, one.role) for one in walk.visits] + _pages(engine)
    wanted = [one for one in found if not words or any(word in one.path for word in words)]
    if not wanted:
        console.print(f"No page of the back office has {' or '.join(words)} in its address.")
        return []
    made.register(one_row_of_staff)
    app.settled(made)
    floor = _timed(made, engine, Page("floor", STAFF_FLOOR), walk)
    console.print(f"timing {len(wanted)} pages …", style="dim")
    timed = [_timed(made, engine, one, walk) for one in wanted]
    files = [one for one in timed if one.name.endswith(FILE)]
    timed = [one for one in timed if not one.name.endswith(FILE)] or files
    timed.sort(key=lambda one: one.at(0.95))
    middle, slowest = timed[len(timed) // 2], timed[-1]
    _print(console, [one for one in [floor, *timed] if words or one.is_worth_a_line])
    for failure in walk.failures:
        console.print(failure, style="red")
    console.print(
        f"{len(timed)} pages, {sum(one.at(0.95) > LIMIT_SECONDS for one in timed)} over"
        f" {_ms(LIMIT_SECONDS)} ms; p95 of the slowest {_ms(slowest.at(0.95))} ms, p50 of the one"
        f" in the middle {_ms(middle.at(0.5))} ms, of a page of one row {_ms(floor.at(0.5))} ms;"
        f" at most {max(one.statements for one in timed)} statements"
    )
    for one in files:
        console.print(f"{one.name}: its first byte after {one.at(0.5):.1f} s")
    return [
        (f"{len(timed)} pages, the slowest p95 against 300 ms: {slowest.name}",
         LIMIT_SECONDS, slowest.at(0.95), 1.0),
        ("a page in the middle against a page of one row, p50", floor.at(0.5), middle.at(0.5), 6.0),
    ]  # fmt: skip


def _pages(engine: Engine) -> list[Page]:
    """The heaviest of each kind, as this book has them."""
    with engine.connect() as connection:
        named = {
            name: connection.execute(text(query), {"on": UNTIL}).scalar_one_or_none()
            for name, query in THE_ONE.items()
        }
    return [Page(one.name, one.path.format(**named), one.role) for one in PAGES]


def _timed(made: Litestar, engine: Engine, page: Page, walk: Walk) -> Timed:
    browser = walk.browser(page.role)
    headers = [
        (b"host", b"bench.example"), (b"accept", b"text/html"), (b"sec-fetch-site", b"same-origin"),
        (b"cookie", f"cessio={browser.cookies['cessio']}".encode()),
    ]  # fmt: skip
    found = Timed(page.name)
    began = perf_counter()
    for turn in range(WARM_UP + TIMES):
        if turn >= WARM_UP + AT_LEAST and perf_counter() - began > ENOUGH_SECONDS:
            break
        with _statements(engine) as ran:
            start = perf_counter()
            found.status, first = asyncio.run(_ask(made, page.path, headers))
            took = (first if "format=" in page.path else perf_counter()) - start
        if turn >= WARM_UP:
            found.took.append(took)
            found.sql.append(sum(seconds for seconds, _ in ran))
            found.statements = len(ran)
            found.slowest = max([found.slowest, *ran])
        elif took > LIMIT_SECONDS * 20:
            found.took.append(took)
            break
    return found


class _FirstByteCame(Exception):
    """Nothing more is wanted of a file."""


async def _ask(made: Litestar, path: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, float]:
    """The status of an answer, and when its first byte came; a file is not read further."""
    address = urlsplit(path)
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "https", "path": address.path, "raw_path": address.path.encode(),
        "query_string": address.query.encode(), "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {}, "extensions": {},
    }  # fmt: skip
    seen: dict[str, Any] = {}

    async def receive() -> dict[str, Any]:
        if "asked" in seen:
            await asyncio.sleep(3600)
        seen["asked"] = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            seen["status"] = message["status"]
        elif message.get("body") and "first" not in seen:
            seen["first"] = perf_counter()
            if "format=" in path:
                raise _FirstByteCame

    try:
        await made(scope, receive, send)  # type: ignore[arg-type]
    except* (LitestarException, _FirstByteCame):
        if "format=" not in path:
            raise
    return seen.get("status", 500), seen.get("first", perf_counter())


@contextmanager
def _statements(engine: Engine) -> Iterator[list[tuple[float, str]]]:
    """The seconds and words of each statement run meanwhile."""
    ran: list[tuple[float, str]] = []

    def before(_connection: Any, _cursor: Any, _words: str, _values: Any, context: Any,
               _many: bool) -> None:  # fmt: skip
        context.began = perf_counter()

    def after(_connection: Any, _cursor: Any, words: str, _values: Any, context: Any,
              _many: bool) -> None:  # fmt: skip
        ran.append((perf_counter() - context.began, words))

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def _print(console: Console, timed: list[Timed]) -> None:
    """One line a page, the slowest first."""
    table = Table("page", box=None)
    for column in ("p50 ms", "p95 ms", "SQL ms", "statements", "", "slowest statement"):
        table.add_column(column, justify="left" if column.startswith("slowest") else "right")
    for one in sorted(timed, key=lambda one: -one.at(0.95)):
        mark = f"[red]{one.status}[/]" if one.status >= 400 else ""
        if one.at(0.95) > LIMIT_SECONDS:
            mark += "[red]over[/]"
        seconds, words = one.slowest
        table.add_row(
            one.name, _ms(one.at(0.5)), _ms(one.at(0.95)),
            _ms(sorted(one.sql)[len(one.sql) // 2] if one.sql else 0), str(one.statements), mark,
            f"{_ms(seconds)} {' '.join(words.split())[:50]}" if seconds > 0.05 else "",
        )  # fmt: skip
    console.print(table)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"
