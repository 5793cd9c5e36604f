"""A bank at a real OpenSSH server, set up as ``infra/sftp/README.md`` says: it reads its files.

As root the folder is a prison of its own (chroot) and the account is ``nobody``; as anybody else
the server runs as oneself, who cannot be shut in: all but the prison is tried.
"""

from __future__ import annotations

import getpass
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

import pytest
from tests.serving import free_port

from cessio.delivery import drop

README = Path(__file__).parents[2] / "infra" / "sftp" / "README.md"
SSHD = os.environ.get("CESSIO_TEST_SSHD") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
IS_ROOT = os.getuid() == 0
CONTENT = b"portfolio" * 30_000

pytestmark = pytest.mark.skipif(
    SSHD is None or shutil.which("sftp") is None,
    reason="no OpenSSH server here (infra/setup/sshd.sh)",
)


@dataclass(frozen=True)
class Bank:
    """A server with a folder of ours, and the key of the account that fetches from it."""

    port: int
    folder: Path
    home: Path
    user: str

    def _options(self, key: str) -> list[str]:
        return [
            "-F", "none", "-i", str(self.home / key), "-o", "IdentitiesOnly=yes",
            "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.home / 'known'}",
            "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "IdentityAgent=none",
        ]  # fmt: skip

    def sftp(self, *asked: str, key: str = "key") -> subprocess.CompletedProcess[str]:
        return self._run(
            ["sftp", *self._options(key), "-P", str(self.port), "-b", "-",
             f"{self.user}@127.0.0.1"], "\n".join(asked) + "\n",
        )  # fmt: skip

    def ssh(self, *asked: str) -> subprocess.CompletedProcess[str]:
        return self._run(["ssh", *self._options("key"), "-p", str(self.port), *asked])

    def _run(self, command: list[str], said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, input=said, text=True, cwd=self.home, capture_output=True,
                              timeout=60, check=False)  # fmt: skip


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    user = "nobody" if IS_ROOT else getpass.getuser()
    # No folder above a prison may be writable by others: /tmp is.
    base = Path(tempfile.mkdtemp(prefix="cessio-sshd-", dir="/run" if IS_ROOT else tmp_path))
    base.chmod(0o755)
    root, before = base / "drop", drop.root()
    drop.use(root)
    try:
        for folder in (user, "banque-b"):
            drop.put(folder, "portfolio_20261031.xlsx", CONTENT)
        _ours_alone(root, user)
        yield from _serving(base, root, user, tmp_path)
    finally:
        drop.use(before)
        shutil.rmtree(base, ignore_errors=True)


def _ours_alone(root: Path, user: str) -> None:
    """The owners and modes of the README."""
    for each in (root, root / user):
        each.chmod(0o755)
    files = root / user / "files"
    if IS_ROOT:
        shutil.chown(files, "root", "nogroup")
        for each in files.iterdir():
            shutil.chown(each, "root", "nogroup")
            each.chmod(0o640)
    files.chmod(0o2750)


def _serving(base: Path, root: Path, user: str, home: Path) -> Iterator[Bank]:
    for name in ("host", "key", "stranger"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)],
                       check=True)  # fmt: skip
    (base / "keys").mkdir()
    shutil.copy(home / "key.pub", base / "keys" / user)
    port = free_port()
    config = base / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {home / 'host'}\nPidFile none\nUsePAM no\n"
        f"StrictModes no\nSubsystem sftp internal-sftp\n{_documented(base, root, user)}"
    )
    if IS_ROOT:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    assert SSHD is not None
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=subprocess.DEVNULL)
    try:
        _listens(port)
        yield Bank(port, root / user, home, user)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _documented(base: Path, root: Path, user: str) -> str:
    """The block of the README, for this account; who is not root shuts nobody in."""
    [block] = re.findall(r"^ {7}Match Group.*?(?=\n\n)", README.read_text(), re.S | re.M)
    lines = [line.strip() for line in block.splitlines()]
    assert len(lines) > 8
    text = "\n".join(lines).replace("Match Group cessio-sftp", f"Match User {user}")
    text = text.replace("/etc/ssh/cessio/", f"{base / 'keys'}/").replace("<drop>", str(root))
    if not IS_ROOT:
        text = re.sub(r"ChrootDirectory .*\n", "", text)
        text = text.replace("-d /files", f"-d {root / user / 'files'}")
    return text + "\n"


def _listens(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
        else:
            return


def test_a_bank_lists_and_fetches_its_folder_and_writes_nothing(bank: Bank) -> None:
    name = "portfolio_20261031.xlsx"
    done = bank.sftp("ls -1", f"get {name} got.xlsx")
    assert done.returncode == 0, done.stderr
    assert name in done.stdout
    assert (bank.home / "got.xlsx").read_bytes() == CONTENT
    for refused in (f"put got.xlsx {name}", "put got.xlsx other.xlsx", f"rm {name}", "mkdir x",
                    f"rename {name} y", f"chmod 777 {name}"):  # fmt: skip
        assert bank.sftp(refused).returncode != 0, refused
    assert [each.name for each in (bank.folder / "files").iterdir()] == [name]
    assert (bank.folder / "files" / name).read_bytes() == CONTENT


def test_a_bank_gets_no_shell_and_no_way_through(bank: Bank) -> None:
    for asked in (("id",), ("-tt",), ("-s", "shell")):
        told = (
            bank.ssh(*asked[:-1], f"{bank.user}@127.0.0.1", *asked[-1:])
            if asked[0] != "-tt"
            else bank.ssh("-tt", f"{bank.user}@127.0.0.1")
        )
        assert "uid=" not in told.stdout + told.stderr, asked
    through = bank.ssh("-W", f"127.0.0.1:{bank.port}", f"{bank.user}@127.0.0.1")
    assert through.returncode != 0
    assert "SSH-2.0" not in through.stdout  # the banner of what lies behind
    back = bank.ssh("-o", "ExitOnForwardFailure=yes", "-R", f"{free_port()}:127.0.0.1:{bank.port}",
                    f"{bank.user}@127.0.0.1", "true")  # fmt: skip
    assert back.returncode != 0
    assert bank.sftp("ls", key="stranger").returncode != 0


@pytest.mark.skipif(not IS_ROOT, reason="only root shuts an account into its folder (chroot)")
def test_a_bank_sees_its_own_folder_alone(bank: Bank) -> None:
    done = bank.sftp("cd /", "ls -1", "-ls -1 ../banque-b/files", "-get /etc/passwd stolen")
    assert done.stdout.split("ls -1\n")[1].split("sftp>")[0].split() == ["files"]
    assert not (bank.home / "stolen").exists()
    assert bank.sftp("get /banque-b/files/portfolio_20261031.xlsx x").returncode != 0
