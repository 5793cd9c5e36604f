"""The promises of ``reliability.md``, each with our figure: ``python -m tests.faults.promises``.

Figures are those that ``make faults`` (or any part of it) kept in ``build/figures.jsonl``; of each
campaign and commit the last run counts, campaigns of one promise are added up. Nothing is typed by
hand: what was never run here says so.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from tests.faults.report import FIGURES, commit

#: Number → the promise, the figure to reach in words, and the command that reproduces ours.
PROMISES: dict[int, tuple[str, str, str]] = {
    1: ("No acknowledged operation is lost", "3,000 kills: 0 lost, 0 doubled",
        "FAULT_ROUNDS=1500 pytest -m 'long or not long' tests/faults/test_kills.py"),
    2: ("Every crash point is covered", "2,500 points: 0 deviations",
        "pytest -m long tests/faults/test_statements.py tests/faults/test_jobs.py"),
    3: ("A request repeated is an effect once", "16 of 16 cases, 10,000 replays", ""),
    4: ("Availability is never overdrawn", "1,000,000 draws, 0 overdrawn",
        "FAULT_DRAWS=62500 pytest -m long tests/faults/test_storms.py"),
    5: ("Books always balance and equal a second implementation", "10 M model steps", ""),
    6: ("A bank file is produced once and never changes", "1,000 kills around sealing", ""),
    7: ("A client sees only its own data", "100,000 probes, 0 leaks",
        "pytest -m long tests/faults/test_who_may.py"),
    8: ("History cannot be altered unseen", "12 of 12 tamperings found", ""),
    9: ("Nobody pays alone", "0 of 5,000 attempts", ""),
    10: ("Jobs run once per business day", "50 wipes, 200 zombies, 4 nights",
         "FAULT_SLEEPERS=200 pytest -m 'long or not long' tests/faults/test_schedulers.py"),
    11: ("Hostile files do no harm", "200 files, 24 h of fuzzing", ""),
    12: ("Restore works", "every run; RPO 0, RTO 5 min at 5 M rows", ""),
    13: ("Upgrades without downtime", "all revisions on 1 M rows, 0 × 5xx", ""),
    14: ("ASVS 5.0 level 2", "253 of 253 answered", "pytest tests/house/test_asvs.py"),
    15: ("The tests are strong", "95 % of mutants, 40 of 40 bugs", ""),
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
        f"# Promises and figures\n\nCommit {commit()}; {len(kept)} figures kept.\n\n"
        "| # | promise | to reach | our figure | runs | command |\n|---|---|---|---|---|---|\n"
        + "\n".join(rows) + "\n"
    )  # fmt: skip


def _row(number: int, figures: list[dict[str, Any]]) -> str:
    promise, target, command = PROMISES[number]
    if not figures:
        said, runs = "not run", "–"
    else:
        total = sum(one["figure"] for one in figures)
        longest = max(figures, key=lambda one: one["figure"])
        said = f"**{total:,}**; {longest['campaign']}: {longest['said']}"
        runs = "; ".join(sorted({f"{one['at']} {one['commit']} seed {one['seed'] or '–'}"
                                 for one in figures})[-2:])  # fmt: skip
    return f"| {number} | {promise} | {target} | {said} | {runs} | {command or '–'} |"


def main() -> None:
    kept = [json.loads(line) for line in FIGURES.read_text(encoding="utf-8").splitlines()] \
        if FIGURES.exists() else []  # fmt: skip
    page = FIGURES.parent / "reliability-report.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(table(kept), encoding="utf-8")
    print(table(kept), end="")


if __name__ == "__main__":
    main()
