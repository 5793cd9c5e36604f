"""The process that forks a child for each file: ``python -m cessio.plumbing.confined.server FD``.

It has one thread and does three things: loads the module of a reader before the first file of it,
forks, and ends children that outlive their time. Nothing that comes from outside is read here.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from time import monotonic
from typing import Any, Final, NoReturn

import msgspec

from cessio.kernel.errors import CessioError
from cessio.plumbing.confined import limits, wire
from cessio.plumbing.confined.starter import LENGTH_BYTES, ORDER_BYTES
from cessio.plumbing.confined.wire import Order
from cessio.plumbing.deferred import Deferred

#: How often children are looked at, and what one may take between two looks.
_LOOK_SECONDS: Final = 0.01
_BETWEEN_LOOKS: Final = 32 * 1024 * 1024
_ORDER: Final = msgspec.msgpack.Decoder(Order)


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    until: float
    memory: int
    tell: int


class Server:
    """Serves orders of one socket until it closes."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def run(self) -> None:
        """Take orders, reap, end who is late; when nobody orders any more, end everything."""
        while True:
            watched = [self._control.fileno(), self._woken]
            ready, _, _ = select.select(watched, [], [], self._patience())
            if self._woken in ready:
                os.read(self._woken, 4096)
            self._reap()
            if self._control.fileno() in ready and not self._take():
                break
        for child in self._children.values():
            _kill(child.pid)

    def _patience(self) -> float | None:
        return _LOOK_SECONDS if self._children else None

    def _reap(self) -> None:
        for child in list(self._children.values()):
            if child.until <= monotonic() or limits.resident(child.pid) > child.memory:
                _kill(child.pid)
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                del self._children[pid]
                code = os.waitstatus_to_exitcode(status)
                cpu_ms = int((used.ru_utime + used.ru_stime) * 1000)
                _say(child.tell, msgspec.msgpack.encode((code, used.ru_maxrss, cpu_ms)))

    def _take(self) -> bool:
        """Start the child of one order; False when there are none to come."""
        message, fds, _, _ = socket.recv_fds(self._control, ORDER_BYTES, 2, socket.MSG_WAITALL)
        if len(message) < ORDER_BYTES or len(fds) < 2:
            return False
        length = int.from_bytes(message[:LENGTH_BYTES], "big")
        order = _ORDER.decode(message[LENGTH_BYTES : LENGTH_BYTES + length])
        file, tell = fds
        try:
            loaded(order.reader)
        except Exception:
            os.close(file)
            _say(tell, msgspec.msgpack.encode((1, 0, 0)))
            return True
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            _as_child(order, file)
        os.close(file)
        self._children[pid] = _Child(
            pid, monotonic() + order.patience, order.memory - _BETWEEN_LOOKS, tell
        )
        return True


@cache
def loaded(name: str) -> Any:
    """The reader of a name, with what its modules put off loading loaded too."""
    module, _, function = name.partition(":")
    reader = getattr(import_module(module), function)
    for one in list(sys.modules.values()):
        for value in list(vars(one).values()):
            if type(value) is Deferred and one.__name__.partition(".")[0] == "cessio":
                _ = value.__name__
    return reader


def _as_child(order: Order, file: int) -> NoReturn:
    """The rest of a child's life: bounds first, then the file."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.dup2(file, 3)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        limits.confine(memory=order.memory, seconds=order.seconds)
        with socket.socket(fileno=3) as link:
            _send(link, _answer(order, link))
    except BaseException:
        os._exit(1)
    os._exit(0)


def _answer(order: Order, link: socket.socket) -> bytes | bytearray:
    try:
        reader = loaded(order.reader)
        named = wire.meant(reader, order.named)
        return wire.returned(reader(_received(link), **named))
    except CessioError as refusal:
        return wire.refused(refusal)
    except Exception as error:
        return wire.broke(error)


def _received(link: socket.socket) -> bytes:
    with link.makefile("rb") as stream:
        size = int.from_bytes(stream.read(LENGTH_BYTES), "big")
        data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data


def _send(link: socket.socket, answer: bytes | bytearray) -> None:
    link.sendall(len(answer).to_bytes(LENGTH_BYTES, "big"))
    link.sendall(answer)


def _say(tell: int, ending: bytes) -> None:
    try:
        os.write(tell, ending)
    except OSError:  # nobody waits any more
        pass
    finally:
        os.close(tell)


def _kill(pid: int) -> None:
    for end in (os.killpg, os.kill):  # its group, or itself if it had no time to make one
        try:
            end(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as control:
        Server(control).run()
