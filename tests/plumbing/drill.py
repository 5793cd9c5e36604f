"""Carrying out the runbook of infra/backup: its own commands, on a server made for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from tests.house.sources import ROOT

from cessio.plumbing import migrate, server_account
from cessio.plumbing.database import make_engine
from cessio.plumbing.embedded import EmbeddedServer, ensure_running

RUNBOOK = ROOT / "infra" / "backup" / "README.md"
#: What whoever runs it fills in; a command that needs another one fails.
_SET = ("BACKUP", "BASE", "CLUSTER", "INSTANT", "REASON", "AS_OF", "DUMP")


class Drill:
    """An installation with a server of its own, that is backed up, broken and restored."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.data = place / "var"
        self.backup = place / "backup"
        self.server: EmbeddedServer = ensure_running(self.data / "postgres")
        migrate.upgrade(self.server.url)
        self.account = server_account.choose()
        scripts = place / "cessio" / "infra" / "backup"
        shutil.copytree(RUNBOOK.parent, scripts)
        for folder in (self.backup, self.backup / "wal", self.backup / "base"):
            folder.mkdir()
            if self.account.uid is not None:
                os.chown(folder, self.account.uid, self.account.gid or -1)

    @property
    def cluster(self) -> Path:
        """The folder of the server's data."""
        return self.server.home / "cluster"

    def engine(self) -> Engine:
        """The book, through the server as it runs now."""
        return make_engine(self.server.url, pool_size=4)

    def restart(self) -> None:
        """Stop and start the server, as the runbook asks."""
        self.server.stop()
        self.start()

    def start(self) -> None:
        """Start the server on whatever is in its place."""
        self.server = ensure_running(self.data / "postgres")

    def run(self, block: str, **given: str) -> str:
        """Carry out one block of the runbook as its account; what it wrote."""
        commands = blocks()[block]
        as_postgres = commands.startswith("# as postgres\n") and self.account.uid is not None
        if not as_postgres:
            commands = commands.replace("cessio ", f"{sys.executable} -m cessio.cli ")
        environ = {
            "PATH": f"{self.server._programs.folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(self.place),
            "CESSIO_DATA_DIR": str(self.data), "ADMIN_URL": self.server.admin_url,
            "BACKUP": str(self.backup), **given,
        }  # fmt: skip
        done = subprocess.run(
            ["/bin/sh", "-euc", commands], env=environ, cwd=self.place / "cessio",
            capture_output=True, text=True, check=False, timeout=600,
            user=self.account.uid if as_postgres else None,
            group=self.account.gid if as_postgres else None,
            extra_groups=[] if as_postgres else None,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


def blocks() -> dict[str, str]:
    """The commands of the runbook, by the name after ``sh``."""
    text = RUNBOOK.read_text(encoding="utf-8")
    return dict(re.findall(r"```sh (\w+)\n(.*?)```", text, flags=re.DOTALL))


@contextmanager
def drill() -> Iterator[Drill]:
    """A place for one drill, thrown away at its end."""
    place = Path(tempfile.mkdtemp(prefix="cessio-drill-"))
    place.chmod(0o777)
    made = None
    try:
        made = Drill(place)
        yield made
    finally:
        if made is not None:
            made.server.stop(mode="immediate")
            shutil.rmtree(made.server.home, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)
