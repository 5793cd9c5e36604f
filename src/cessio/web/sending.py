"""Files that are sent while they are made: first bytes at once, never more than a piece in memory.

A file of a list reads the database while it leaves, in one transaction with one snapshot of its
own (REPEATABLE READ): its rows are those of one instant, whatever happens meanwhile. An error in
the middle breaks the transfer off, so that no part is taken for the whole; the end of the file,
an error, or a reader who goes away frees everything.
"""

from __future__ import annotations

import contextvars
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from itertools import islice
from typing import Any

import structlog
from anyio import CancelScope
from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.response import Stream
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cessio.kernel.errors import Conflict
from cessio.plumbing.database import keep_written, snapshots

log = structlog.get_logger()

#: Under this name a request for a file holds its session, for who sends the file.
HELD = "session_of_file"
#: Files that read the database while they are sent, at one time in one process.
AT_ONCE = 4
_places = threading.BoundedSemaphore(AT_ONCE)
#: A workbook larger than this waits on disk, not in memory; it leaves in such pieces.
IN_MEMORY, PIECE = 2_000_000, 262_144


class FilesBusy(Conflict):
    """As many large files are being made as one process makes at once."""


def wants_file(request: Request[Any, Any, Any]) -> bool:
    """Whether what is asked for is a file of what a page shows."""
    return request.method == "GET" and bool(request.query_params.get("format"))


def snapshot(
    request: Request[Any, Any, Any], engine: Engine, begin: Callable[[Session], None]
) -> Generator[Session]:
    """The session of a request for a file: one snapshot, and kept while the file leaves."""
    session = snapshots(engine)
    request.scope["state"][HELD] = session
    try:
        begin(session)
        yield session
        if not session.info.get(HELD):
            keep_written(session)
    except BaseException:
        session.info.pop(HELD, None)
        raise
    finally:
        if not session.info.get(HELD):
            session.close()


class Sending:
    """Pieces of a file that are made as they leave; ``close`` frees what they hold, once."""

    def __init__(self, pieces: Generator[bytes], free: Callable[[], None]) -> None:
        self._pieces, self._free = pieces, free
        self._context = contextvars.copy_context()  # the reader's language, the page
        self._closed = False
        self._making = threading.Lock()  # who goes away does so while a piece is being made

    def piece(self) -> bytes | None:
        """The next piece, made now; None at the end."""
        with self._making:
            return None if self._closed else self._context.run(next, self._pieces, None)

    def close(self) -> None:
        """Let go of the transaction and of the place; nothing the second time."""
        with self._making:
            if self._closed:
                return
            self._closed = True
            try:
                self._pieces.close()
            finally:
                self._free()

    def __del__(self) -> None:
        self.close()


class SentFile(Stream):
    """The answer that sends such pieces, whoever stays to read them."""

    def __init__(self, sending: Sending, *, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(_sent(sending), media_type=media_type, headers=dict(headers))
        self._sending = sending

    def to_asgi_response(self, *args: Any, **more: Any) -> Any:
        """The usual stream, and what is held let go afterwards however it ends."""
        answer, sending = super().to_asgi_response(*args, **more), self._sending

        async def send_and_close(scope: Any, receive: Any, send: Any) -> None:
            try:
                await answer(scope, receive, send)
            finally:
                with CancelScope(shield=True):
                    await sync_to_thread(sending.close)

        return send_and_close


async def _sent(sending: Sending) -> AsyncIterator[bytes]:
    while True:
        try:
            piece = await sync_to_thread(sending.piece)
        except Exception as error:
            log.error("file_broken_off", exc_info=error)
            raise
        if piece is None:
            return
        yield piece


def from_database(request: Request[Any, Any, Any], pieces: Generator[bytes]) -> bytes | Sending:
    """A short file whole; of a long one its pieces, read while it leaves.

    What the handler wrote is kept first, then everything is read in a transaction of its own.
    Raises ``FilesBusy``.
    """
    session: Session | None = request.scope["state"].get(HELD)
    if session is None:
        return b"".join(pieces)
    keep_written(session)
    start = list(islice(pieces, 2))
    if len(start) < 2:
        return b"".join(start)
    if not _places.acquire(blocking=False):
        raise FilesBusy(
            "files_busy", "{most} large files are being made: ask again in a minute", most=AT_ONCE
        )
    session.info[HELD] = True

    def free() -> None:
        _places.release()
        session.close()

    return Sending(_after(start, pieces), free)


def _after(start: list[bytes], pieces: Generator[bytes]) -> Generator[bytes]:
    try:
        yield from start
        yield from pieces
    finally:
        pieces.close()


def workbook_file() -> Any:
    """Where a workbook is made: in memory as long as it is small."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


def from_workbook(file: Any) -> bytes | Sending:
    """What was made there: whole if it is small, else in pieces."""
    size = file.tell()
    file.seek(0)
    if size <= IN_MEMORY:
        with file:
            return bytes(file.read())
    return Sending(_pieces_of(file), file.close)


def _pieces_of(file: Any) -> Generator[bytes]:
    yield from iter(lambda: file.read(PIECE), b"")
