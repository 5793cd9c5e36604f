"""A start loads what every page needs; what one file or one job needs is loaded by it."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Each costs a start tens of milliseconds or more, and no page needs it before it is asked for.
HEAVY = (
    "polars",
    "fastexcel",
    "rapidfuzz",
    "xlsxwriter",
    "typst",
    "schwifty",
    "holidays",
    "alembic",
)


@pytest.mark.parametrize("module", ["cessio.app", "cessio.cli"])
def test_no_heavy_library_is_loaded_before_it_is_used(module: str) -> None:
    program = f"import sys, {module}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
