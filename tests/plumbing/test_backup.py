"""A backup restores to the same book, and a restore never lands on something."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL
from tests.house.sources import ROOT

from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine
from cessio.plumbing.embedded import program_folder
from cessio.plumbing.readers import LoginMissing, check_login


def _script(name: str, argument: Path, url: URL, data: Path) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": f"{program_folder()}:{os.environ['PATH']}",
        "CESSIO_DATABASE_URL": url.render_as_string(hide_password=False),
        "CESSIO_DATA_DIR": str(data),
    }
    return subprocess.run(
        [str(ROOT / "infra" / "backup" / name), str(argument)],
        env=environ, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def _fingerprint(engine: Engine) -> str:
    """A digest of every row of every table, in PostgreSQL's own words."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        tables = connection.execute(
            text(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename <> 'restoration' ORDER BY 1"
            )
        )
        for (table,) in tables.fetchall():
            rows = connection.execute(text(f'SELECT t::text FROM "{table}" t ORDER BY 1'))
            digest.update(f"{table}:{rows.fetchall()}".encode())
    return digest.hexdigest()


def test_a_restored_book_is_the_same_to_the_last_row(
    engine: Engine, database_url: URL, empty_url: URL, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE drill AS SELECT generate_series(1, 1000) AS a"))
    before, after = tmp_path / "before", tmp_path / "after"
    (before / "files").mkdir(parents=True)
    (before / "files" / "receipt.pdf").write_bytes(b"%PDF")
    (before / "seals").mkdir()
    (before / "seals" / "seal-000001-2026-11-16.txt").write_bytes(b"sealed")
    (before / "seal.key").write_bytes(b"ours alone")

    backup = _script("backup.sh", tmp_path / "backups", database_url, before)
    assert backup.returncode == 0, backup.stderr
    folder = Path(backup.stdout.strip())
    restore = _script("restore.sh", folder, empty_url, after)
    assert restore.returncode == 0, restore.stderr

    restored = make_engine(empty_url, pool_size=1)
    assert _fingerprint(restored) == _fingerprint(engine)
    with restored.connect() as connection:  # nothing leaves it before two people compared it
        (held,) = connection.scalars(text("SELECT as_of FROM restoration")).all()
    assert f"{held:%Y%m%dT%H%M%SZ}" == folder.name
    restored.dispose()
    assert (after / "files" / "receipt.pdf").read_bytes() == b"%PDF"
    assert (after / "seals" / "seal-000001-2026-11-16.txt").read_bytes() == b"sealed"
    assert not list(after.glob("*.key"))


def test_readers_from_outside_are_let_in_again_after_a_restore(
    database_url: URL, empty_url: URL, tmp_path: Path
) -> None:
    backup = _script("backup.sh", tmp_path, database_url, tmp_path / "none")
    restore = _script("restore.sh", Path(backup.stdout.strip()), empty_url, tmp_path / "after")
    assert restore.returncode == 0, restore.stderr
    with pytest.raises(LoginMissing, match=r"permission denied.*run cessio migrate"):
        check_login(empty_url)
    assert not migrate.upgrade(empty_url)
    check_login(empty_url)
    theirs = "SELECT tablename, policyname, qual, with_check FROM pg_policies ORDER BY 1, 2"
    granted = (
        "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges"
        " WHERE grantee = 'cessio_portal' ORDER BY 1, 2, 3"
    )
    for asked in (theirs, granted):
        before, after = (_rows(url, asked) for url in (database_url, empty_url))
        assert before == after
        assert before


def _rows(url: URL, asked: str) -> list[tuple[object, ...]]:
    engine = make_engine(url, pool_size=1)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(asked))]
    engine.dispose()
    return found


def test_a_restore_refuses_a_database_that_is_not_empty(
    database_url: URL, empty_url: URL, tmp_path: Path
) -> None:
    backup = _script("backup.sh", tmp_path, empty_url, tmp_path / "none")
    assert backup.returncode == 0, backup.stderr
    restore = _script("restore.sh", Path(backup.stdout.strip()), database_url, tmp_path / "none")
    assert restore.returncode == 1
    assert "give an empty one" in restore.stderr


def test_a_damaged_backup_is_refused(empty_url: URL, tmp_path: Path) -> None:
    backup = _script("backup.sh", tmp_path, empty_url, tmp_path / "none")
    folder = Path(backup.stdout.strip())
    dump = folder / "book.dump"
    dump.write_bytes(dump.read_bytes()[:-1] + b"?")
    restore = _script("restore.sh", folder, empty_url, tmp_path / "none")
    assert restore.returncode != 0


@pytest.mark.parametrize("name", ["backup.sh", "restore.sh"])
def test_backups_are_for_the_owner_only(name: str) -> None:
    assert "umask 077" in (ROOT / "infra" / "backup" / name).read_text(encoding="utf-8")
