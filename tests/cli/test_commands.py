"""The command line loads little to answer; a wrong environment is one sentence and exit code 1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def _cessio(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CESSIO_")}
    return subprocess.run(
        [sys.executable, "-m", "cessio.cli", *arguments],
        env={**clean, **environ}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, cessio.cli; print([m for m in ('sqlalchemy', 'litestar', 'rich', 'polars') "
    code += "if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_is_there() -> None:
    from cessio.cli import COMMANDS, commands

    for name in COMMANDS:
        assert commands.get_command(None, name) is not None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"CESSIO_PORT": "http"}, "cessio: CESSIO_PORT 'http' is not a number from 1 to 65535"),
        ({"CESSIO_DATA_DIR": "/dev/null/data"}, "the data directory /dev/null/data cannot be writ"),
        (
            {"CESSIO_DATABASE_URL": "postgresql://cessio@127.0.0.1:1/cessio"},
            "the database at 127.0.0.1:1/cessio does not answer",
        ),
        ({"CESSIO_DATABSE_URL": "x"}, "did you mean CESSIO_DATABASE_URL?"),
    ],
)
def test_a_wrong_environment_is_one_sentence(
    environ: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    usual = {"CESSIO_DATA_DIR": str(tmp_path), "CESSIO_PORT": _free_port()}
    done = _cessio("run", **{**usual, **environ})
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        done = _cessio("run", CESSIO_DATA_DIR=str(tmp_path), CESSIO_PORT=port)
    assert done.returncode == 1
    assert f"127.0.0.1:{port} cannot be listened on" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
