"""What must not travel in the repository: addresses of registries, paths of a machine, secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.house.sources import ROOT, tracked


def _any(*halves: str) -> str:
    """An alternation of words written in halves, so that this file does not name them."""
    return "(" + "|".join(word.replace("~", "") for word in halves) + ")"


REGISTRY = re.compile(
    "://[^/\\s]*" + _any("regi~stry", "mirr~or", "py~pi", "np~m") + "[^/\\s]*\\.[a-z]+", re.I
)
MACHINE = re.compile("(^|[^A-Za-z0-9_.~-])/" + _any("wo~rk", "ro~ot", "fa~rm") + "/")
SECRET = re.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[0-9A-Z]{16}")

TEXT = frozenset(
    {".py", ".md", ".toml", ".lock", ".sh", ".html", ".css", ".js", ".json", ".yml", ".yaml",
     ".sql", ".mako", ".po", ".typ", ".service", ".conf", ".cfg", ".ini", ".txt", ".xml", ""}
)  # fmt: skip


def _lines() -> Iterator[tuple[str, str]]:
    for path in tracked():
        if path.suffix not in TEXT or "vendor" in path.parts or path.stat().st_size > 2_000_000:
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE, SECRET], ids=["registry", "path", "key"])
def test_no_line_of_the_repository_names(pattern: re.Pattern[str]) -> None:
    found = [f"{where}: {line.strip()[:100]}" for where, line in _lines() if pattern.search(line)]
    assert not found


def test_no_file_is_huge() -> None:
    """The repository is cloned by everybody: no single file over two megabytes."""
    huge = [path.name for path in tracked() if path.stat().st_size > 2_000_000]
    assert not huge


def test_nothing_is_left_for_later() -> None:
    marks = re.compile("\\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK"]) + ")\\b")
    ours = ("src/", "tests/", "migrations/", "infra/", "portal_templates/")
    found = [
        f"{where}: {line.strip()[:100]}"
        for where, line in _lines()
        if where.startswith(ours) and not where.startswith("tests/house/") and marks.search(line)
    ]
    assert not found
