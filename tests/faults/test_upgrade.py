"""A release is installed while the one before it serves: no page of the old one fails meanwhile.

The oldest of the releases tried fills the demonstration. Then each serves people who read and sign
in, while the next one's ``cessio migrate`` runs, and gives way to it. A release is what git holds:
of the commits whose migrations end at a revision, the newest.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.faults.machine import PATIENCE, Machine
from tests.faults.report import REPORT, ROOT

#: So many migrations are tried, the newest ones.
REVISIONS = int(os.environ.get("FAULT_REVISIONS", "6"))
#: So many answers are given before a migration, and after it.
CALM = 60
PASSWORD = "un cheval violet sur le toit"
PEOPLE = {
    "fanny@alpha.example": ("/portal", "/portal/invoices", "/portal/debtors", "/portal/funding"),
    "alice@cessio.example": ("/backoffice", "/backoffice/receivables", "/backoffice/contracts"),
    "denis@cessio.example": ("/backoffice", "/backoffice/search?q=12"),
}
_FILL = """
import sys
from datetime import date
from cessio import demo
from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine
from cessio.worker import compose
migrate.upgrade(sys.argv[1])
compose()
demo.fill(make_engine(sys.argv[1]), until=date.today())
"""
_MIGRATE = "import sys; from cessio.plumbing import migrate; migrate.upgrade(sys.argv[1])"


@dataclass
class Traffic:
    """People of the demonstration who read their pages and sign in anew, one after the other."""

    port: int
    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._live, args=one) for one in PEOPLE.items()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()

    def goes_on(self) -> None:
        """Wait for so many more answers as count for a calm."""
        wanted, deadline = sum(self.answers.values()) + CALM, time.monotonic() + PATIENCE
        while sum(self.answers.values()) < wanted and not self.faults:
            assert time.monotonic() < deadline, "nobody is answered any more"
            time.sleep(0.05)

    def _live(self, email: str, pages: tuple[str, ...]) -> None:
        while not self.over.is_set():
            with httpx.Client(
                base_url=f"http://127.0.0.1:{self.port}", timeout=60,
                headers={"Sec-Fetch-Site": "same-origin"},
            ) as browser:  # fmt: skip
                self._ask(browser, "POST", "/sign-in", email)
                for page in pages * 3:
                    if not self.over.is_set():
                        self._ask(browser, "GET", page, email)

    def _ask(self, browser: httpx.Client, method: str, path: str, email: str) -> None:
        start = time.perf_counter()
        try:
            if method == "POST":
                sent = {"email": email, "password": PASSWORD}
                answer, wanted = browser.post(path, data=sent), 303
            else:
                answer, wanted = browser.get(path), 200
        except httpx.HTTPError as error:
            self.faults.append(f"{method} {path}: {error!r}")
            return
        self.slowest = max(self.slowest, time.perf_counter() - start)
        self.answers[answer.status_code] += 1
        if answer.status_code != wanted:
            self.faults.append(f"{method} {path} by {email}: {answer.status_code}")


def _releases() -> list[tuple[str, str]]:
    """Revision and commit of the newest releases, oldest first; the last one is this one."""
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    wanted = {tuple(names[: place + 1]): names[place][:4] for place in range(len(names))}
    found: dict[str, str] = {}
    for commit in _git("log", "--format=%H", "--", "migrations/versions").split():
        held = tuple(sorted(
            name for path in _git("ls-tree", "--name-only", commit, "migrations/versions/").split()
            if (name := Path(path).name)[:4].isdigit() and name.endswith(".py")
        ))  # fmt: skip
        if (revision := wanted.get(held)) and revision not in found:
            found[revision] = commit
        if len(found) > REVISIONS:
            break
    return sorted(found.items())


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def _unpacked(commit: str, place: Path) -> Path:
    """The program of a commit in a folder of its own."""
    packed = subprocess.run(
        ["git", "archive", commit, "src", "migrations", "portal_templates"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(place, filter="data")
    return place / "src"


def _run(source: Path, script: str, *arguments: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CESSIO_")}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], env={**clean, "PYTHONPATH": str(source)},
        capture_output=True, text=True, cwd=source.parent, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.long
def test_each_release_serves_while_the_next_one_migrates(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    releases = _releases()
    sources = {
        revision: _unpacked(commit, tmp_path / revision) for revision, commit in releases
    }  # fmt: skip
    machine = Machine(tmp_path, source=sources[releases[0][0]])
    url = machine.url.render_as_string(hide_password=False)
    try:
        _run(sources[releases[0][0]], _FILL, url)
        asked, slowest, faults = Counter[int](), 0.0, []
        for (old, _), (new, _) in pairwise(releases):
            machine.source = sources[old]
            web = machine.start_web()
            traffic = Traffic(machine.port)
            with traffic.flowing():
                traffic.goes_on()
                _run(sources[new], _MIGRATE, url)
                traffic.goes_on()
            machine.kill(web)
            asked += traffic.answers
            slowest = max(slowest, traffic.slowest)
            faults += [f"{old} to {new}: {fault}" for fault in traffic.faults]
    finally:
        machine.stop()
    assert not faults, "\n".join(faults)
    REPORT.tell(
        "the release before serves while the next one migrates",
        f"{releases[0][0]} to {releases[-1][0]} on the demonstration: {sum(asked.values())}"
        f" answers, 0 × 5xx, the slowest after {slowest:.1f} s",
        promise=13, figure=len(releases) - 1,
    )  # fmt: skip
