"""The source tree as data: parsed modules with their capability, for tests of the architecture."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "cessio"

#: What lies above the capabilities and may know the clock, HTTP and transactions.
EDGE = frozenset({"app", "worker", "cli", "web", "demo"})

#: The layers below, which belong to no capability.
BASE = frozenset({"kernel", "plumbing", "locale"})


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file of the package."""

    path: Path
    tree: ast.Module
    lines: int

    @property
    def parts(self) -> tuple[str, ...]:
        """Path below ``cessio`` without suffix: ``("ledger", "operations")``."""
        return self.path.relative_to(PACKAGE).with_suffix("").parts

    @property
    def capability(self) -> str:
        """First part: ``ledger``, ``web``, ``plumbing``, ``app``."""
        return self.parts[0]

    @property
    def role(self) -> str:
        """Which of the usual files it is (or belongs to, once a folder): ``rules``, ``models``…"""
        return self.parts[1] if len(self.parts) > 1 else self.parts[0]

    @property
    def name(self) -> str:
        """Where it is, for messages."""
        return str(self.path.relative_to(ROOT))


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the package."""
    return tuple(
        Module(path, ast.parse(text := path.read_text(encoding="utf-8")), text.count("\n"))
        for path in sorted(PACKAGE.rglob("*.py"))
    )


def capabilities() -> frozenset[str]:
    """The business packages."""
    return frozenset(module.capability for module in modules()) - EDGE - BASE - {"__init__"}


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything a module imports, wherever in it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def calls(module: Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every call: ``session.commit``, ``datetime.now``, ``float``."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node.lineno, dotted(node.func)


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a name or attribute; ``?`` stands for what is not a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the repository: tracked, or new and not ignored; all files without git."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        skipped = {".venv", "var", "build", ".git", "node_modules", "__pycache__"}
        return tuple(
            path
            for path in ROOT.rglob("*")
            if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
        )
    names = [name for name in done.stdout.decode().split("\0") if name]
    return tuple(path for name in names if (path := ROOT / name).is_file())
