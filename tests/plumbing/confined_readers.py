"""Readers that misbehave, for ``test_confined``: each does what a reader taken over might try."""

from __future__ import annotations

import ctypes
import os
import pickle
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cessio.kernel.errors import Invalid


class Odd(Invalid):
    """A refusal of these readers."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a reader can return."""

    size: int
    on: date
    rate: Decimal
    names: frozenset[str]
    fault: Odd | None = None


def sound(data: bytes, *, on: date) -> Said:
    return Said(len(data), on, Decimal("0.10"), frozenset({data[:3].decode()}))


def with_fault(data: bytes) -> list[Odd]:
    inner = Odd("inner", "{what!r} is odd", what="<é>")
    return [Odd("outer", "line {line}: {why}", field="amount", line=len(data), why=inner)]


def refusing(data: bytes) -> int:
    raise Odd("odd", "line {line} of {on} costs {sum}", field="file", line=3,
              on=date(2026, 11, 23), sum=Decimal("1.10"))  # fmt: skip


def failing(data: bytes) -> int:
    return int(data)


def endless(data: bytes) -> int:
    while True:
        pass


def asleep(data: bytes) -> int:
    time.sleep(60)
    return 0


def greedy(data: bytes) -> int:
    return len(b"x" * 700_000_000)


def deep(data: bytes) -> int:
    return deep(data) + 1


def crashing(data: bytes) -> int:
    ctypes.string_at(0)
    return 0


def lying(data: bytes) -> int:
    return "no number"  # type: ignore[return-value]


def pickling(data: bytes) -> bytes:
    return pickle.dumps(Said(1, date(2026, 1, 1), Decimal(1), frozenset()))


def tried(data: bytes) -> dict[str, str]:
    """What each attempt to get out of here ended in."""
    return {name: _ended(name) for name in _ATTEMPTS}


def environment(data: bytes) -> list[str]:
    return sorted(os.environ)


def open_files(data: bytes) -> list[int]:
    """Descriptors that answer, without a folder to list them in."""
    found = []
    for number in range(3, 64):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found


def threaded(data: bytes) -> int:
    found: list[int] = []
    thread = threading.Thread(target=found.append, args=(len(data),))
    thread.start()
    thread.join()
    return found[0]


def _ended(name: str) -> str:
    try:
        _ATTEMPTS[name]()
    except OSError as refused:
        return type(refused).__name__
    return "done"


_ATTEMPTS = {
    "socket": lambda: socket.socket(),
    "local socket": lambda: socket.socket(socket.AF_UNIX),
    "program": lambda: subprocess.run(["/bin/true"], check=False),
    "fork": os.fork,
    "kill": lambda: os.kill(os.getppid(), 0),
    "write": lambda: open("/tmp/cessio-was-here", "w"),  # noqa: SIM115
    "passwords": lambda: open("/etc/passwd"),  # noqa: SIM115
    "parent's secrets": lambda: open(f"/proc/{os.getppid()}/environ"),  # noqa: SIM115
    "list": lambda: os.listdir("/"),
}
