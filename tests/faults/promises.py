"""The promises of ``reliability.md``, each with our figure: ``python -m tests.faults.promises``.

Figures are those that ``make faults`` (or any part of it) kept in ``build/figures.jsonl``; of each
campaign the last run counts, campaigns of one promise are added up by their first word. Nothing is
typed by hand: what was never run says so. The page is written to ``build``, and to the file named:
``python -m tests.faults.promises infra/reliability-report.md`` is how a milestone is published.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.faults.report import FIGURES, commit

#: Number → the promise, the figure to reach in words, and the command that reproduces ours.
PROMISES: dict[int, tuple[str, str, str]] = {
    1: ("No acknowledged operation is lost", "3,000 kills: 0 lost, 0 doubled",
        "FAULT_ROUNDS=1500 pytest -m 'long or not long' tests/faults/test_kills.py"),
    2: ("Every crash point is covered", "2,500 points: 0 deviations",
        "pytest -m long tests/faults/test_statements.py tests/faults/test_jobs.py"),
    3: ("A request repeated is an effect once", "16 of 16 cases, 10,000 replays",
        "FAULT_REPLAYS=250 pytest -m 'long or not long' tests/faults/test_replays.py"),
    4: ("Availability is never overdrawn", "1,000,000 draws, 0 overdrawn",
        "FAULT_DRAWS=62500 pytest -m long tests/faults/test_storms.py"),
    5: ("Books always balance and equal a second implementation", "10 M model steps",
        "FAULT_STEPS=10000 pytest -m long tests/faults/test_books.py"),
    6: ("A bank file is produced once and never changes", "1,000 kills around sealing",
        "FAULT_SEALS=1000 pytest -m long tests/faults/test_sealing.py"),
    7: ("A client sees only its own data", "100,000 probes, 10,000 pool swaps, 0 leaks",
        "pytest -m long tests/faults/test_who_may.py tests/faults/test_pool_swaps.py"),
    8: ("History cannot be altered unseen", "12 of 12 tamperings found; 1 M rows in 60 s",
        "pytest -m 'long or not long' tests/faults/test_tampering.py"),
    9: ("Nobody pays alone", "0 of 5,000 attempts",
        "pytest -m long tests/faults/test_collusion.py"),
    10: ("Jobs run once per business day", "50 wipes, 200 zombies, 4 nights",
         ("FAULT_SLEEPERS=200 pytest -m 'long or not long' tests/faults/test_schedulers.py"
          " tests/plumbing/test_outside_brokers.py")),
    11: ("Hostile files do no harm", "200 files, 24 h of fuzzing",
         "FAULT_MINUTES=60 pytest -m 'long or not long' tests/faults/test_hostile.py"),
    12: ("Restore works", "every run; RPO 0, RTO 5 min at 5 M rows",
         "FAULT_RESTORE_ROWS=5000000 pytest -m long tests/faults/test_restore.py"),
    13: ("Upgrades without downtime", "all revisions on 1 M rows, 0 × 5xx",
         "FAULT_REVISIONS=60 pytest -m long tests/faults/test_upgrade.py"),
    14: ("ASVS 5.0 level 2", "253 of 253 answered", "pytest tests/house/test_asvs.py"),
    15: ("The tests are strong", "95 % of mutants, 40 of 40 bugs",
         "python -m tests.faults.strength mutants; python -m tests.faults.strength planted"),
    16: ("Fraud is caught before funding", "500 planted: 95 % found",
         "pytest -m long tests/vigilance/test_benchmark.py"),
}  # fmt: skip


def table(kept: list[dict[str, Any]]) -> str:
    """The table of promises, of the figures that were kept."""
    last: dict[tuple[int, str, Any], dict[str, Any]] = {}
    for one in kept:
        last[one["promise"], one["campaign"], one["seed"]] = one
    by_promise: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for (number, _, _), one in last.items():
        by_promise[number].append(one)
    rows = [_row(number, by_promise[number]) for number in PROMISES]
    return (
        f"# Promises and figures\n\nWritten by `python -m tests.faults.promises` at commit"
        f" {commit()} of {len(kept)} figures kept; of a campaign the last run counts.\n\n"
        "| # | promise | to reach | our figure | runs | command |\n|---|---|---|---|---|---|\n"
        + "\n".join(rows) + "\n"
    )  # fmt: skip


def _row(number: int, figures: list[dict[str, Any]]) -> str:
    promise, target, command = PROMISES[number]
    if not figures:
        said, runs = "not run", "–"
    else:
        said = "<br>".join(_family(word, some) for word, some in _families(figures).items())
        commits = sorted({one["commit"] for one in figures})
        seeds = sorted({str(one["seed"]) for one in figures if one["seed"] is not None})
        days = sorted({one["at"][:10] for one in figures})
        runs = f"{days[0]}{f' to {days[-1]}' if days[1:] else ''}; {', '.join(commits)}" + (
            f"; seed {', '.join(seeds)}" if seeds else "")  # fmt: skip
    return f"| {number} | {promise} | {target} | {said} | {runs} | `{command or '–'}` |"


def _families(figures: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Campaigns of one promise by the first word of their names, in order."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in sorted(figures, key=lambda one: -one["figure"]):
        found[one["campaign"].split()[0]].append(one)
    return found


def _family(word: str, figures: list[dict[str, Any]]) -> str:
    done, of = (sum(one.get(name, one["figure"]) for one in figures) for name in ("figure", "of"))
    rate = f" of {of:,} ({100 * done / of:.1f} %)" if of != done else ""
    longest = figures[0]
    return f"**{done:,}{rate}** · {longest['campaign']}: {longest['said']}" + (
        f" · and {len(figures) - 1} more" if figures[1:] else "")  # fmt: skip


def main() -> None:
    kept = [json.loads(line) for line in FIGURES.read_text(encoding="utf-8").splitlines()] \
        if FIGURES.exists() else []  # fmt: skip
    FIGURES.parent.mkdir(exist_ok=True)
    for page in (FIGURES.parent / "reliability-report.md", *map(Path, sys.argv[1:])):
        page.write_text(table(kept), encoding="utf-8")
    print(table(kept), end="")


if __name__ == "__main__":
    main()
