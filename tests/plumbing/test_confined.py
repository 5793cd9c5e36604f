"""A reader's process: what crosses, what it may not do, and how its death is told."""

from __future__ import annotations

import os
import signal
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.plumbing import confined_readers as readers

from cessio.plumbing import confined
from cessio.plumbing.confined import wire
from cessio.plumbing.confined.starter import Starter


def test_what_a_reader_returns_comes_back_in_its_types() -> None:
    on = date(2026, 11, 23)
    expected = readers.Said(5, on, Decimal("0.10"), frozenset({"abc"}))
    assert confined.read(readers.sound, b"abcde", on=on) == expected
    assert confined.read(readers.threaded, b"four") == 4


def test_a_refusal_is_the_same_error_with_its_field_and_values() -> None:
    with pytest.raises(readers.Odd, match=r"line 3 of 2026-11-23 costs 1\.10") as refused:
        confined.read(readers.refusing, b"")
    assert (refused.value.code, refused.value.field) == ("odd", "file")
    assert refused.value.params == {"line": 3, "on": date(2026, 11, 23), "sum": Decimal("1.10")}


def test_faults_in_a_result_cross_as_faults() -> None:
    (one,) = confined.read(readers.with_fault, b"12345678")
    assert isinstance(one, readers.Odd)
    assert isinstance(one.params["why"], readers.Odd)
    assert str(one) == "line 8: '<é>' is odd"


@pytest.mark.parametrize(
    ("reader", "code"),
    [
        (readers.greedy, "file_too_demanding"),
        (readers.deep, "file_too_demanding"),
        (readers.crashing, "file_too_demanding"),
        (readers.failing, "file_unreadable"),
        (readers.lying, "file_unreadable"),
    ],
)
def test_a_reader_that_dies_or_fails_is_told_in_a_sentence(reader: Any, code: str) -> None:
    with pytest.raises(confined.Unreadable) as refused:
        confined.read(reader, b"what")
    assert refused.value.code == code
    assert confined.read(readers.sound, b"after", on=date(2026, 1, 1)).size == 5


@pytest.mark.parametrize("reader", [readers.endless, readers.asleep])
def test_a_reader_that_does_not_end_is_ended(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SECONDS", 1)
    monkeypatch.setattr(confined, "_PATIENCE", 1)
    with pytest.raises(confined.Unreadable):
        confined.read(reader, b"")
    ended = confined.last()
    assert ended is not None
    assert ended.how == "signal 9"
    assert ended.seconds < 10


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="Landlock and seccomp are Linux")
def test_a_reader_reaches_nobody_and_nothing() -> None:
    found = confined.read(readers.tried, b"")
    assert set(found.values()) == {"PermissionError"}, found
    assert not Path("/tmp/cessio-was-here").exists()


def test_a_reader_has_none_of_our_environment_and_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CESSIO_DATABASE_URL", "postgresql://secret")
    assert set(confined.read(readers.environment, b"")) <= {
        "PATH", "PYTHONPATH", "POLARS_MAX_THREADS", "PYTHONUTF8", "LANG", "LC_ALL", "LC_CTYPE",
        "TZ", "_RJEM_MALLOC_CONF",
    }  # fmt: skip
    assert confined.read(readers.open_files, b"") == [3], "its file alone"


def test_nothing_that_comes_back_is_unpickled(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("unpickled")

    monkeypatch.setattr("pickle.loads", refuse)
    assert confined.read(readers.pickling, b"").startswith(b"\x80")


@pytest.mark.parametrize(
    "fault",
    [
        wire.Fault("subprocess:Popen", "x", "x", None, {}),
        wire.Fault("cessio.kernel.errors:Problems", "x", "x", None, {}),
        wire.Fault("cessio.kernel.errors:Invalid", "x", "{a.__class__}", None, {"a": 1}),
        wire.Fault("cessio.kernel.errors:Invalid", "x", "{a:>99999999}", None, {"a": 1}),
        wire.Fault("cessio.kernel.errors:Invalid", "x", "{missing}", None, {}),
    ],
)
def test_a_fault_told_by_a_liar_is_no_error_of_ours(fault: wire.Fault) -> None:
    with pytest.raises(wire.BadAnswer):
        wire.again(fault)


def test_files_read_at_once_do_not_mix() -> None:
    sizes = list(range(1, 25))
    found: dict[int, int] = {}

    def one(size: int) -> None:
        found[size] = confined.read(readers.sound, b"x" * size, on=date(2026, 1, 1)).size

    threads = [threading.Thread(target=one, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {size: size for size in sizes}


def test_a_server_that_was_killed_is_started_again() -> None:
    starter = Starter()
    order = confined.order_for(readers.sound, 3, {"on": date(2026, 1, 1)})
    assert starter.run(order, b"abc").answer
    assert starter._process is not None
    os.kill(starter._process.pid, signal.SIGKILL)
    starter._process.wait()
    assert starter.run(order, b"abc").answer
    process = starter._process
    starter.stop()
    assert process is not None
    assert process.returncode is not None
