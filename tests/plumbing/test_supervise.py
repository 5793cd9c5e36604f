"""A tree of real processes: a crash is repaired, a stop is orderly, nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cessio.plumbing import supervise
from cessio.plumbing.supervise import Child, Supervisor

#: Writes its pid, then sleeps; ``stubborn`` ignores SIGTERM.
CHILD = """
import os, pathlib, signal, sys, time
if len(sys.argv) > 3 and sys.argv[3] == "stubborn": signal.signal(signal.SIGTERM, signal.SIG_IGN)
def log(word): open(sys.argv[1], "a").write(f"{word} {sys.argv[2]} {os.getpid()}\\n")
if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
    signal.signal(signal.SIGTERM, lambda *_: (log("stopped"), sys.exit(0)))
log("started")
time.sleep(60)
"""


def _child(name: str, log: Path, *more: str, patience: float = 5.0) -> Child:
    return Child(name, (sys.executable, "-c", CHILD, str(log), name, *more), patience)


def _wait(log: Path, lines: int) -> list[list[str]]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        if len(found) >= lines:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{log.read_text() if log.exists() else 'no log'}")


def _run(children: list[Child], ready: Callable[[], None], said: list[str]) -> int:
    return Supervisor(children, os.environ, said.append).run(ready=ready)


def test_children_stop_in_order_and_the_end_is_good(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def stop() -> None:
        _wait(log, 2)
        os.kill(os.getpid(), signal.SIGTERM)

    assert _run([_child("web", log), _child("worker", log)], stop, []) == 0
    lines = _wait(log, 4)
    assert [line[:2] for line in lines[2:]] == [["stopped", "web"], ["stopped", "worker"]]
    assert not any(psutil.pid_exists(int(line[2])) for line in lines)


def test_a_crashed_child_is_started_again_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.05)
    log, said = tmp_path / "log", []
    killer = textwrap.dedent(
        """
        import os, signal, sys, time, pathlib
        log, parent = pathlib.Path(sys.argv[1]), int(sys.argv[2])
        def wait(n):
            while not log.exists() or len(log.read_text().splitlines()) < n: time.sleep(0.02)
            return log.read_text().splitlines()
        os.kill(int(wait(1)[0].split()[2]), signal.SIGKILL)
        wait(2)
        os.kill(parent, signal.SIGINT)
        """
    )

    def unleash() -> None:
        subprocess.Popen([sys.executable, "-c", killer, str(log), str(os.getpid())])

    assert _run([_child("web", log)], unleash, said) == 0
    lines = _wait(log, 3)
    assert [line[0] for line in lines] == ["started", "started", "stopped"]
    assert said == ["web ended (SIGKILL); starting it again"]


def test_a_child_that_does_not_stop_is_killed_after_its_patience(tmp_path: Path) -> None:
    log, said = tmp_path / "log", []

    def stop() -> None:
        _wait(log, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    assert _run([_child("web", log, "stubborn", patience=0.3)], stop, said) == 0
    assert said == ["web does not stop; killing it"]
    assert not psutil.pid_exists(int(_wait(log, 1)[0][2]))


@pytest.mark.skipif(sys.platform != "linux", reason="a wish only the Linux kernel grants")
def test_children_do_not_outlive_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "import os, sys; from cessio.plumbing.supervise import Child, Supervisor\n"
        "Supervisor([Child('web', sys.argv[1:])], os.environ, print).run()"
    )
    command = (sys.executable, "-c", CHILD, str(log), "web")
    parent = subprocess.Popen([sys.executable, "-c", code, *command])
    _wait(log, 1)
    parent.kill()
    parent.wait()
    assert _wait(log, 2)[1][:2] == ["stopped", "web"]
