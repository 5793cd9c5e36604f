"""How long until something answers: the command line's help, and a web server just started.

Floor: the seconds that are promised for each. The best of some turns, since another process that
takes a core for a moment says nothing about ours.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine

from tests.serving import serve

HELP_SECONDS, WEB_SECONDS, TURNS = 0.5, 3.0, 3


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    return [
        ("cessio --help", HELP_SECONDS, _best(_help), 1.0),
        ("the web server's first answer", WEB_SECONDS, _best(lambda: _web(engine)), 1.0),
    ]


def _best(once: Callable[[], float]) -> float:
    return min(once() for _ in range(TURNS))


def _help() -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-m", "cessio.cli", "--help"], check=True, capture_output=True)
    return perf_counter() - began


def _web(engine: Engine) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        with serve(engine.url, Path(folder)):
            return perf_counter() - began
