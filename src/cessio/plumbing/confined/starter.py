"""Our side of a reader's process: an order with a file goes out, an answer or a death comes back.

The children are forked by one small server of this process (``server``), started at the first
file: it has no thread, no connection and none of our environment, and the readers are loaded in it,
so that a child costs milliseconds. It ends when we do.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from time import monotonic
from typing import Final

import msgspec

from cessio.plumbing.confined.wire import Order

#: An order is padded to this, so that the server reads whole ones.
ORDER_BYTES: Final = 2048
LENGTH_BYTES: Final = 8
#: How a child ended: signal or exit code, largest memory in kB, processor milliseconds.
ENDING: Final = msgspec.msgpack.Decoder(tuple[int, int, int])
#: More than any reader returns of files we accept.
_MOST_ANSWER: Final = 512 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
#: What a child may need of the environment: where code is, and one thread for its tables.
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "TZ")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its answer if it lived to give one, and what it used."""

    answer: bytes | None
    how: str
    memory_kb: int = 0
    cpu_ms: int = 0
    seconds: float = 0


class _ServerGone(Exception):
    """The server does not take orders any more."""


class Starter:
    """Starts the server when it is needed and gives it orders; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def run(self, order: Order, data: bytes) -> Ended:
        """Have one file read; what the child answered before it ended."""
        start = monotonic()
        try:
            file, ending = self._ordered(order)
        except _ServerGone:  # it was killed: a new one
            self.stop()
            file, ending = self._ordered(order)
        with file, open(ending, "rb") as told:
            answer = _exchanged(file, data, start + order.patience + 5)
            said = told.read() if answer is not _LATE else b""
        return _ended(answer, said, monotonic() - start)

    def stop(self) -> None:
        """End the server; the next order starts another."""
        with self._lock:
            control, process = self._control, self._process
            self._control = self._process = None
        if self._owner == os.getpid() and control is not None and process is not None:
            control.close()
            process.kill()
            process.wait()

    def _ordered(self, order: Order) -> tuple[socket.socket, int]:
        """Give an order; our ends of the file's socket and of the pipe that tells the end."""
        packed = msgspec.msgpack.encode(order)
        header = len(packed).to_bytes(LENGTH_BYTES, "big") + packed
        if len(header) > ORDER_BYTES:
            raise ValueError("the named values of a reader are too long")
        ours, theirs = socket.socketpair()
        ending, tell = os.pipe()
        try:
            with self._lock:
                control = self._running()
                message = header.ljust(ORDER_BYTES, b"\0")
                socket.send_fds(control, [message], [theirs.fileno(), tell])
        except OSError:
            ours.close()
            os.close(ending)
            raise _ServerGone from None
        finally:
            theirs.close()
            os.close(tell)
        return ours, ending

    def _running(self) -> socket.socket:
        if self._control is not None and self._owner == os.getpid():
            return self._control
        self._owner = os.getpid()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "cessio.plumbing.confined.server",
                 str(theirs.fileno())],
                env=_environment(), pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
                start_new_session=True,
            )  # fmt: skip
        return self._control


#: The child did not end in its time; the server kills it, we do not wait for that.
_LATE: Final = b"late"


def _environment() -> dict[str, str]:
    """Nothing of ours but where the code is: no address of the database, no key, no password."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)
    return {**kept, "PYTHONPATH": paths, "POLARS_MAX_THREADS": "1", "PYTHONUTF8": "1"}


def _exchanged(file: socket.socket, data: bytes, until: float) -> bytes | None:
    """Send the file, take the answer; ``None`` of a child that died before it gave one."""
    size = len(data).to_bytes(LENGTH_BYTES, "big")
    try:
        file.settimeout(max(0.1, until - monotonic()))
        file.sendall(size)
        file.sendall(data)
        length = int.from_bytes(_taken(file, LENGTH_BYTES, until), "big")
        return _taken(file, length, until) if length <= _MOST_ANSWER else None
    except TimeoutError:
        return _LATE
    except (OSError, EOFError):
        return None


def _taken(file: socket.socket, size: int, until: float) -> bytes:
    pieces, missing = [], size
    while missing:
        if not select.select([file], [], [], max(0, until - monotonic()))[0]:
            raise TimeoutError
        piece = file.recv(min(missing, _CHUNK))
        if not piece:
            raise EOFError
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _ended(answer: bytes | None, said: bytes, seconds: float) -> Ended:
    if answer is _LATE or not said:
        return Ended(None, "late" if answer is _LATE else "lost", seconds=seconds)
    code, memory_kb, cpu_ms = ENDING.decode(said)
    how = "answered" if code == 0 else f"signal {-code}" if code < 0 else f"exit {code}"
    return Ended(answer if code == 0 else None, how, memory_kb, cpu_ms, seconds)
