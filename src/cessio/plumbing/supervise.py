"""A tree of processes kept alive: started in order, restarted when they crash, stopped in reverse.

The children live in sessions of their own, so Ctrl-C reaches the supervisor alone and the stop is
orderly; on Linux they also get SIGTERM from the kernel when the supervisor itself is killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

#: Seconds before a crashed child is started again: doubled at each crash up to the last.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0

#: A child alive this long has recovered: its next crash starts from the first pause again.
RECOVERED_AFTER = 60.0

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # loaded before the fork: the child may only call it


@dataclass(frozen=True, slots=True)
class Child:
    """A process of the tree; ``patience`` is the seconds it has to finish after SIGTERM."""

    name: str
    command: Sequence[str]
    patience: float = 15.0


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Runs the children until SIGINT or SIGTERM; ``pulse`` is called about every two seconds."""

    children: Sequence[Child]
    environ: Mapping[str, str]
    say: Callable[[str], None]
    pulse: Callable[[], None] | None = None
    _stopping: int = field(default=0, init=False)
    _running: list[_Running] = field(default_factory=list, init=False)

    def run(self, *, ready: Callable[[], None] | None = None) -> int:
        """Start all, stay, stop all. ``ready`` is called once all are started. Returns 0."""
        before = {number: signal.signal(number, self._on_signal) for number in _STOP_SIGNALS}
        try:
            for child in self.children:
                entry = _Running(child)
                self._running.append(entry)
                if not self._stopping:
                    self._start(entry)
            if ready is not None and not self._stopping:
                ready()
            self._stay()
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stopping > 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping += 1

    def _stay(self) -> None:
        next_pulse = time.monotonic() + 2.0
        while not self._stopping:
            for entry in self._running:
                self._watch(entry)
            if self.pulse is not None and time.monotonic() >= next_pulse:
                self.pulse()
                next_pulse = time.monotonic() + 2.0
            time.sleep(0.1)

    def _watch(self, entry: _Running) -> None:
        now = time.monotonic()
        if entry.process is None:
            if now >= entry.due:
                self._start(entry)
            return
        code = entry.process.poll()
        if code is None:
            return
        _kill_session(entry.process.pid)  # what it left behind would hold its port
        if now - entry.started > RECOVERED_AFTER:
            entry.pause = FIRST_PAUSE
        self.say(f"{entry.child.name} ended ({_how(code)}); starting it again")
        entry.process, entry.due = None, now + entry.pause
        entry.pause = min(entry.pause * 2, LONGEST_PAUSE)

    def _start(self, entry: _Running) -> None:
        entry.started = time.monotonic()
        entry.process = subprocess.Popen(
            list(entry.child.command),
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    def _stop_all(self) -> None:
        for entry in self._running:
            if entry.process is not None and entry.process.poll() is None:
                self._stop(entry.child, entry.process)

    def _stop(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        """SIGTERM, patience, then SIGKILL to its whole session; a second Ctrl-C ends patience."""
        process.terminate()
        deadline, asked = time.monotonic() + child.patience, self._stopping
        while process.poll() is None:
            if time.monotonic() > deadline or self._stopping > max(asked, 1):
                self.say(f"{child.name} does not stop; killing it")
                _kill_session(process.pid)
                process.wait()
                return
            time.sleep(0.05)


@contextmanager
def stop_signals_raise() -> Iterator[None]:
    """While there is no child yet, SIGTERM and SIGHUP interrupt us as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _kill_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _die_with_parent() -> None:
    """In the child before exec: ask the kernel for SIGTERM when the supervisor dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
