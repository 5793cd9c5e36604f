"""Promise 11: hostile files do no harm. Every case of ``tests/hostile``, and mutants by chance."""

from __future__ import annotations

import os
from itertools import islice
from time import monotonic

import pytest

from cessio.kernel.errors import CessioError
from cessio.plumbing import confined
from tests.faults.report import REPORT
from tests.hostile import markup, others, tables, workbooks
from tests.hostile.case import MOST_KB, MOST_SECONDS, tried, unique
from tests.hostile.mutants import Seed, mutants

SEED = int(os.environ.get("FAULT_SEED", "20261123"))
#: Minutes of the long campaign of mutants.
MINUTES = float(os.environ.get("FAULT_MINUTES", "5"))
#: Mutants of the short one.
FEW = 120
CASES = unique(one for module in (markup, tables, workbooks, others) for one in module.cases())


def test_there_are_two_hundred_files_at_least() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("part", range(8))
def test_every_hostile_file_is_refused_for_a_reason_or_read_as_meant(part: int) -> None:
    faults, most_kb, most_ms = [], 0, 0
    names = list(CASES)[part::8]
    for name in names:
        found = tried(CASES[name])
        most_kb, most_ms = max(most_kb, found.memory_kb), max(most_ms, found.cpu_ms)
        if found.wrong:
            faults.append(f"{name}: {found.wrong}")
    assert not faults, "\n".join(faults)
    REPORT.tell(
        f"hostile files, part {part + 1} of 8",
        f"{len(names)} files: 0 crashes, 0 cut short; {most_kb // 1024} MB, {most_ms} ms at most",
        promise=11,
        figure=len(names),
    )


def test_mutants_of_sound_files_do_no_harm() -> None:
    for seed, data, must in islice(mutants(SEED), FEW):
        assert not (wrong := _wrong(seed, data, must=must)), f"{seed.name}: {wrong}"


@pytest.mark.long
def test_mutants_for_minutes() -> None:
    until, count, faults, most_kb, most_ms = monotonic() + MINUTES * 60, 0, [], 0, 0
    for number, (seed, data, must) in enumerate(mutants(SEED)):
        if monotonic() > until:
            break
        if wrong := _wrong(seed, data, must=must):
            faults.append(f"mutant {number} of {seed.name}: {wrong}")
        used = confined.last()
        assert used is not None
        count, most_kb, most_ms = count + 1, max(most_kb, used.memory_kb), max(most_ms, used.cpu_ms)
    assert not faults, "\n".join(faults[:50])
    REPORT.tell(
        "mutants of sound files",
        f"{count:,} in {MINUTES:g} min: 0 crashes, 0 cuts read; {most_kb // 1024} MB, {most_ms} ms"
        " at most",
        promise=11,
        figure=count,
        seed=SEED,
    )


def _wrong(seed: Seed, data: bytes, *, must: bool) -> str | None:
    """What is wrong with how a mutant was dealt with."""
    try:
        confined.read(seed.reader, data, **seed.named)
        told = None
    except CessioError as refusal:
        told = refusal
    used = confined.last()
    assert used is not None
    if told is not None and told.code == "file_unreadable":
        return f"a fault of ours: {data[:300]!r}"
    if used.memory_kb > MOST_KB or used.cpu_ms > MOST_SECONDS * 1000:
        return f"{used.memory_kb} kB, {used.cpu_ms} ms"
    if used.how not in ("answered", "signal 9"):
        return f"ended by {used.how}: {data[:300]!r}"
    return f"a cut of {len(data)} bytes was read" if must and told is None else None
