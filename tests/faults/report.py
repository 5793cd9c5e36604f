"""What a run of faults did, as a page: one line per campaign."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Report:
    """Lines told by campaigns, in order."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, campaign: str, what: str) -> None:
        """Add what a campaign did and found."""
        self.lines.append((campaign, what))

    def write(self) -> None:
        """Write ``build/faults.md`` if anything was told."""
        if not self.lines:
            return
        folder = ROOT / "build"
        folder.mkdir(exist_ok=True)
        head = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True,
            check=False,
        ).stdout.strip()  # fmt: skip
        when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        rows = "\n".join(f"| {campaign} | {what} |" for campaign, what in self.lines)
        (folder / "faults.md").write_text(
            f"# Faults\n\n{when}, commit {head or 'unknown'}.\n\n| campaign | result |\n|---|---|\n"
            f"{rows}\n",
            encoding="utf-8",
        )


REPORT = Report()
