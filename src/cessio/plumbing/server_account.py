"""As whom the embedded server runs: ourselves, or for root a user without rights.

``CESSIO_PG_USER`` names the user root drops to; otherwise a system user ``cessio-db`` is made,
and where that is impossible (no ``useradd``, read-only system) ``nobody`` serves.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cessio.kernel.errors import CessioError

SYSTEM_USER = "cessio-db"

#: Where root keeps the data when the wanted directory is out of the server user's reach.
REACHABLE = Path("/var/lib/cessio")


class AccountError(CessioError):
    """No user to run the server as, or no place it can reach."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user of the server; ``uid`` None means ourselves."""

    uid: int | None = None
    gid: int | None = None
    name: str = ""


def choose() -> Account:
    """Ourselves, or when we are root an unprivileged user, created if need be."""
    if os.geteuid() != 0:
        return Account()
    configured = os.environ.get("CESSIO_PG_USER")
    found = _existing(configured or SYSTEM_USER)
    if found is None and configured:
        raise AccountError(
            "account_unknown", "CESSIO_PG_USER names {name}, a user this machine does not have",
            name=configured,
        )  # fmt: skip
    found = found or _create_system_user() or _existing("nobody")
    if found is None or found.uid == 0:
        raise AccountError(
            "account_missing",
            "PostgreSQL does not run as root and there is no other user: set CESSIO_PG_USER",
        )
    return found


def prepare_home(wanted: Path, account: Account) -> Path:
    """The directory of the server, owned by its account, mode 0700; the same one every time.

    A file ``location`` in the wanted directory remembers a home that had to be elsewhere.
    """
    wanted.mkdir(parents=True, exist_ok=True)
    pointer = wanted / "location"
    if pointer.exists():
        home = Path(pointer.read_text().strip())
    elif account.uid is None or _can_enter(wanted, account):
        home = wanted
    else:
        home = REACHABLE / f"postgres-{hashlib.sha256(bytes(wanted)).hexdigest()[:12]}"
        _own(home, account)
        if not _can_enter(home, account):
            raise AccountError(
                "account_no_reach", "the user {name} can enter neither {wanted} nor {home}",
                name=account.name, wanted=str(wanted), home=str(home),
            )  # fmt: skip
        pointer.write_text(f"{home}\n")
    _own(home, account)
    return home


def run(
    command: Sequence[str], account: Account, *, seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a program as the account, in its own session, with nothing of our environment."""
    inherited = {
        name: os.environ[name]
        for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
        if name in os.environ and (account.uid is None or name != "TMPDIR")
    }
    as_whom: dict[str, object] = {}
    if account.uid is not None:
        as_whom = {"user": account.uid, "group": account.gid, "extra_groups": []}
    try:
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            list(command), env={**inherited, "LC_ALL": "C", "TZ": "UTC"}, cwd="/", text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds,
            start_new_session=True, check=False, **as_whom,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(list(command), 127, "", str(error))


def can_run(program: Path, account: Account) -> bool:
    """Whether the account can execute a program (path, mode and mount allow it)."""
    return run([str(program), "--version"], account, seconds=20).returncode == 0


def write_secret(path: Path, secret: str, account: Account) -> None:
    """A file of mode 0600 that the account (and root) can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secret)
    if account.uid is not None:
        os.chown(path, account.uid, account.gid or -1)


def open_to_all(folder: Path) -> None:
    """Make a copied tree readable, whatever our umask; directories stay writable by us only."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            readable = 0o555 if mode & stat.S_IXUSR or path.is_dir() else 0o444
            path.chmod(stat.S_IMODE(mode) | readable)


def _own(home: Path, account: Account) -> None:
    home.mkdir(parents=True, exist_ok=True)
    if account.uid is not None and home.stat().st_uid != account.uid:
        os.chown(home, account.uid, account.gid or -1)
    home.chmod(0o700)


def _can_enter(folder: Path, account: Account) -> bool:
    """Whether every parent lets the account through (the folder itself will be given to it)."""
    done = run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder.parent)], account, seconds=10)
    return done.returncode == 0


def _existing(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, name)


def _create_system_user() -> Account | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    subprocess.run(
        [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", "/usr/sbin/nologin", SYSTEM_USER],
        stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=30,
    )  # fmt: skip
    return _existing(SYSTEM_USER)
