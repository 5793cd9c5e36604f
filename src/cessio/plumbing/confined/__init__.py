"""Files of other people are read in a process that can do no harm: ``read(reader, data, …)``.

``reader`` is a function of a module that takes bytes first. It runs in a child process forked for
this one file, with a bound on memory and time, no way to write, to reach a network, to start
programs or to see our secrets, database or other files (``limits``). What it returns comes back as
MessagePack and is read into the types the function declares, so a child that was taken over can
lie about the file and do nothing else; nothing is unpickled.

A fault of the file is the same ``CessioError`` as when the reader is called here. A reader that
dies of its limits becomes ``Unreadable``. Decision 0029 says why and what it costs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import structlog

from cessio.kernel.errors import Invalid
from cessio.plumbing.confined import wire
from cessio.plumbing.confined.starter import Ended, Starter
from cessio.plumbing.confined.wire import Order

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

#: What a child may take, with what it was born with.
MEMORY_BYTES: Final = 512 * 1024 * 1024
#: Processor seconds for a file of any size that the web takes, and again for each as much more.
SECONDS: Final = 5
SHARE_BYTES: Final = 40_000_000
#: What a busy machine may add on the clock on the wall: processor time is what bounds a file.
_PATIENCE: Final = 60
#: Children at a time of one process; the next file waits for its turn.
AT_ONCE: Final = 2


class Unreadable(Invalid):
    """Reading the file takes more than any honest file does, or failed in a way nobody foresaw.

    Codes: ``file_too_demanding``, ``file_unreadable``. Nothing of the file was taken in.
    """


def read(
    reader: Callable[Concatenate[bytes, P], T], data: bytes, *args: P.args, **kwargs: P.kwargs
) -> T:
    """What ``reader(data, **kwargs)`` returns or raises, found out in a child process.

    Raises ``Unreadable`` when the child died of its limits or of a fault of ours.
    """
    if args:
        raise TypeError("a confined reader takes the file and named values")
    order = order_for(reader, len(data), kwargs)
    with _turns:
        ended = _starter.run(order, data)
    _last.ended = replace(ended, answer=None)
    if ended.answer is None:
        log.warning("reader_stopped", reader=order.reader, size=len(data), how=ended.how)
        raise too_demanding()
    return wire.answered(ended.answer, reader, _unforeseen)


def order_for(reader: Callable[..., Any], size: int, named: dict[str, Any]) -> Order:
    """What the child is told, and the bounds for a file of so many bytes."""
    seconds = SECONDS * (1 + size // SHARE_BYTES)
    return Order(
        reader=f"{reader.__module__}:{reader.__qualname__}", named=wire.plain(named),
        memory=MEMORY_BYTES, seconds=seconds, patience=seconds + _PATIENCE,
    )  # fmt: skip


def last() -> Ended | None:
    """How the last child of this thread ended and what it used, for who measures."""
    return getattr(_last, "ended", None)


def too_demanding() -> Unreadable:
    """The refusal of a file that a child died of."""
    return Unreadable(
        "file_too_demanding",
        "reading this file takes more memory or time than any sound file of its size; nothing of"
        " it was taken in: export it again, or in several parts", field="file",
    )  # fmt: skip


def _unforeseen(what: str) -> Unreadable:
    if what in wire.OF_LIMITS:
        log.warning("reader_stopped", how=what)
        return too_demanding()
    log.error("reader_failed", fault=what)
    return Unreadable(
        "file_unreadable",
        "the file cannot be read: it is not what its kind promises; nothing of it was taken in",
        field="file",
    )


_turns = threading.BoundedSemaphore(AT_ONCE)
_starter = Starter()
_last = threading.local()
