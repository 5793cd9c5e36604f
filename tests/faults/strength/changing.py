"""Tests run with one module changed: in a forked process, and nothing on disk.

The process either reads the module with other code than its file's, or it has read the whole
program before and its functions are given the other code, which takes a third of the time.
"""

from __future__ import annotations

import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from tests.faults.strength import pure

ROOT = Path(__file__).resolve().parents[3]
SRC = ROOT / "src"
#: What the tests import and no change touches; each process would read it again.
HEAVY = (
    "_pytest.assertion.rewrite", "alembic.command", "cryptography.x509", "hypothesis.strategies",
    "litestar", "lxml.etree", "msgspec", "polars", "psycopg", "psycopg_pool", "pytest",
    "schwifty", "sqlalchemy.dialects.postgresql", "sqlalchemy.orm", "structlog", "xdist",
)  # fmt: skip
#: Whoever still runs by then goes round in circles: that was found too. Those that need no fixture
#: take a second or two.
PATIENCE, PURE_PATIENCE = 240.0, 60.0
PASSED = 0


def name_of(path: str) -> str:
    """The module of a file below ``src``."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def source_of(path: str) -> str:
    return (SRC / path).read_text(encoding="utf-8")


def ready() -> None:
    """Read once what every process needs, the program not yet."""
    for name in HEAVY:
        import_module(name)
    pure.settle()
    assert not is_warm()


def warm(tests: Sequence[str]) -> None:
    """Read the program too, and these tests."""
    from sqlalchemy.orm import configure_mappers

    from cessio.plumbing.database import load_models
    from cessio.worker import load_jobs

    load_jobs()
    load_models()
    configure_mappers()
    pure.calls(tests)


def is_warm() -> bool:
    return any(name.split(".")[0] == "cessio" for name in sys.modules)


def tried(
    path: str, changed: CodeType | None, tests: Sequence[str], *, is_pure: bool = False
) -> bool:
    """Whether these tests pass with this file's code changed (None: as it is).

    ``is_pure``: those of them alone that need no fixture.
    """
    run = _run_pure if is_pure else _run_all
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setpgrp()
            os.chdir(ROOT)
            silent = os.open(os.devnull, os.O_RDWR)
            for one in (0, 1, 2):
                os.dup2(silent, one)
            _change(path, changed)
            code = run(tests)
        finally:
            os._exit(code)
    return _waited(child, PURE_PATIENCE if is_pure else PATIENCE) == PASSED


def _change(path: str, changed: CodeType | None) -> None:
    if changed is not None and is_warm():
        _exchange(name_of(path), changed)
    elif changed is not None:
        sys.meta_path.insert(0, _Changed(name_of(path), SRC / path, changed))


def _run_all(tests: Sequence[str]) -> int:
    import pytest

    return int(pytest.main([*tests, "-x", "-n0", "-m", "not long", "--no-header"]))


def _run_pure(tests: Sequence[str]) -> int:
    return 0 if pure.passes(pure.calls(tests)) else 1


def _waited(child: int, patience: float) -> int:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 1


def _exchange(name: str, changed: CodeType) -> None:
    """Give every function of a module the code that stands in its place in the changed one."""
    codes = {(one.co_qualname, one.co_firstlineno): one for one in _codes(changed)}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__module__ == name:
            own = one.__code__
            fresh = codes.get((own.co_qualname, own.co_firstlineno))
            if fresh is not None:
                one.__code__ = fresh


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module other code than its file's."""

    def __init__(self, name: str, file: Path, code: CodeType) -> None:
        self.name, self.file, self.code = name, file, code

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        places = [str(self.file.parent)] if self.file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname, self.file, loader=self, submodule_search_locations=places
        )

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # noqa: S102  # the code of our own file, changed
