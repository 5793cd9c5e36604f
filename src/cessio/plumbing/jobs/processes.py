"""Which process holds a job: one that is gone is noticed at once by who runs on the same machine.

A lease is long, so that a busy worker does not lose its job; a dead one need not be waited for. A
container is a machine of its own here: of another one's processes only the lease tells.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from functools import cache

import psutil


def here() -> str:
    """This process, by machine, number and the second it began."""
    return f"{place()}{os.getpid()}/{_begun(os.getpid())}"


def gone(worker: str) -> bool:
    """Whether a process of this machine has ended; of another machine nothing is known."""
    if not worker.startswith(place()):
        return False
    number, _, begun = worker.removeprefix(place()).partition("/")
    return _begun(int(number)) != int(begun)


@cache
def place() -> str:
    """This machine, or the container's own world of processes in it."""
    world = 0
    with suppress(OSError):
        world = os.stat("/proc/self/ns/pid").st_ino
    return f"{socket.gethostname()}/{world}/"


def _begun(number: int) -> int | None:
    """When a process began; one that ended and was not yet buried has ended."""
    try:
        found = psutil.Process(number)
        return None if found.status() == psutil.STATUS_ZOMBIE else int(found.create_time())
    except psutil.Error:
        return None
