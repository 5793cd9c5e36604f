"""A hostile file and what must come of it; how one is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cessio.kernel.errors import CessioError
from cessio.plumbing import confined

#: Promise 11: no file takes more.
MOST_KB, MOST_SECONDS = 512 * 1024, 5.0
#: The kernel ends who used up its processor at its next tick.
TICK_MS = 50


@dataclass(frozen=True)
class Case:
    """A file for a reader. ``refused``: codes that may be told of it; ``right``: what reading it
    may give instead. One of them must be; both where either is sound."""

    name: str
    reader: Callable[..., Any]
    make: Callable[[], bytes]
    named: dict[str, Any] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    right: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Tried:
    """What came of a file: its fault if there is one, and what the child used."""

    wrong: str | None
    code: str | None
    memory_kb: int
    cpu_ms: int


def case(
    name: str,
    reader: Callable[..., Any],
    make: Callable[[], bytes] | bytes,
    *refused: str,
    right: Callable[[Any], bool] | None = None,
    **named: Any,
) -> Case:
    """A case in one line."""
    made = make if callable(make) else lambda: make
    return Case(name, reader, made, named, frozenset(refused), right)


def tried(one: Case) -> Tried:
    """Have the file read as our processes do, and look at what came of it."""
    code, wrong = None, None
    try:
        result = confined.read(one.reader, one.make(), **one.named)
    except CessioError as refusal:
        code = refusal.code
        if code not in one.refused:
            wrong = f"refused as {code}: {refusal}"
    else:
        if one.right is None:
            wrong = f"read: {str(result)[:300]}"
        elif not one.right(result):
            wrong = f"misread: {str(result)[:300]}"
    used = confined.last()
    assert used is not None
    if used.memory_kb > MOST_KB or used.cpu_ms > MOST_SECONDS * 1000 + TICK_MS:
        wrong = f"{wrong or ''} took {used.memory_kb} kB, {used.cpu_ms} ms"
    return Tried(wrong, code, used.memory_kb, used.cpu_ms)


def unique(cases: Iterable[Case]) -> dict[str, Case]:
    """The cases by name, each name once."""
    found: dict[str, Case] = {}
    for one in cases:
        assert one.name not in found, one.name
        found[one.name] = one
    return found
