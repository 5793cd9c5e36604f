"""What a run of faults did: a page of one line per campaign, and a line for each promise's figure.

``build/faults.md`` is of the last run. ``build/figures.jsonl`` keeps every figure of a promise of
``reliability.md`` with its day, commit and seed; ``python -m tests.faults.promises`` makes the
table of promises of it.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "build" / "figures.jsonl"


@dataclass
class Report:
    """Lines told by campaigns, in order; ``figures`` are those a promise waits for."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)

    def tell(
        self, campaign: str, what: str, *, promise: int | None = None, figure: int = 1,
        of: int | None = None, seed: int | None = None,
    ) -> None:  # fmt: skip
        """Add what a campaign did and found; figures of one promise and campaign are added up.

        ``of`` is how many there were to be found or done, where that is not ``figure`` itself.
        """
        self.lines.append((campaign, what))
        if promise is not None:
            self.figures.append(
                {"promise": promise, "campaign": campaign, "figure": figure, "of": of or figure,
                 "said": what, "seed": seed}
            )  # fmt: skip

    def write(self, *, page: bool = True) -> None:
        """Write both files if anything was told; the page only where it is of a whole run."""
        if not self.lines:
            return
        FIGURES.parent.mkdir(exist_ok=True)
        now, of = datetime.now(UTC), commit()
        if page:
            rows = "\n".join(f"| {campaign} | {what} |" for campaign, what in self.lines)
            (FIGURES.parent / "faults.md").write_text(
                f"# Faults\n\n{now:%Y-%m-%d %H:%M} UTC, commit {of}.\n\n"
                f"| campaign | result |\n|---|---|\n{rows}\n",
                encoding="utf-8",
            )
        with FIGURES.open("a", encoding="utf-8") as kept:
            for one in self.figures:
                kept.write(json.dumps({"at": f"{now:%Y-%m-%dT%H:%MZ}", "commit": of, **one}) + "\n")


def commit() -> str:
    """The commit that was tried, with a mark if the files were changed since."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=ROOT, capture_output=True,
        text=True, check=False,
    ).stdout.strip()  # fmt: skip
    return said or "unknown"


REPORT = Report()
