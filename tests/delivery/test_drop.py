"""Files for others: whole or not there, never over another, never outside their folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cessio import delivery, documents
from cessio.delivery import drop, queries
from cessio.kernel.errors import Conflict, Invalid
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_again, run_pending
from cessio.worker import load_jobs

BY = "person:1"
SERVER = next((each for each in ("/usr/lib/openssh/sftp-server", "/usr/libexec/sftp-server")
               if Path(each).exists()), None)  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    before = drop.root()
    drop.use(tmp_path / "drop")
    yield tmp_path / "drop"
    drop.use(before)


def given(session: Session, now: datetime, content: bytes = b"a report") -> tuple[int, int]:
    bank = delivery.open_recipient(session, name="Banque A", folder="banque-a", by=BY, at=now)
    stored = documents.store(
        session, kind="portfolio_report", subject_kind="portfolio_report", subject_id=1,
        filename="report.pdf", media_type="application/pdf", content=content, by=BY, at=now,
    )  # fmt: skip
    return bank, stored.id


def test_a_file_is_put_once_and_stays_what_it_was(root: Path) -> None:
    drop.put("banque-a", "r_20261031.pdf", b"first")
    place = root / "banque-a" / "files"
    held = (place / "r_20261031.pdf").stat()
    assert held.st_mode & 0o777 == 0o640
    drop.put("banque-a", "r_20261031.pdf", b"first")
    assert (place / "r_20261031.pdf").stat().st_ino == held.st_ino
    with pytest.raises(drop.NotDropped, match="holds something else"):
        drop.put("banque-a", "r_20261031.pdf", b"second")
    assert (place / "r_20261031.pdf").read_bytes() == b"first"
    assert [each.name for each in place.iterdir()] == ["r_20261031.pdf"]


def test_what_an_attempt_left_when_it_died_goes(root: Path) -> None:
    drop.put("banque-a", "one.pdf", b"one")
    place = root / "banque-a" / "files"
    (place / ".two.pdf.0011223344556677").write_bytes(b"tw")
    drop.put("banque-a", "two.pdf", b"two")
    assert sorted(each.name for each in place.iterdir()) == ["one.pdf", "two.pdf"]


@pytest.mark.parametrize(
    ("folder", "name"),
    [("..", "a.pdf"), ("a/b", "a.pdf"), ("", "a.pdf"), ("a", "../a.pdf"), ("a", ".a.pdf"),
     ("a", "a b.pdf"), ("a", "a\n.pdf"), ("a", ""), ("A", "a.pdf"), ("a\n", "a.pdf")],
)  # fmt: skip
def test_no_name_leads_elsewhere(root: Path, folder: str, name: str) -> None:
    with pytest.raises(Invalid):
        drop.put(folder, name, b"x")
    assert not root.exists()


@pytest.mark.parametrize("link", ["banque-a", "banque-a/files", "banque-a/files/a.pdf"])
def test_no_link_is_followed(root: Path, tmp_path: Path, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target = elsewhere / "a.pdf" if link.endswith(".pdf") else elsewhere
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(target)
    with pytest.raises(drop.NotDropped):
        drop.put("banque-a", "a.pdf", b"x")
    assert list(elsewhere.iterdir()) == []


def test_a_delivery_waits_until_its_folder_takes_it(
    engine: Engine, now: datetime, root: Path
) -> None:
    load_jobs()
    root.parent.joinpath("drop").write_bytes(b"in the way")
    with transaction(engine) as session:
        bank, document = given(session, now)
        for _ in range(2):
            delivery.deliver(session, recipient_id=bank, document_id=document,
                             filename="report.pdf", by=BY, at=now)  # fmt: skip
    run_pending(engine, clock=lambda: now)
    with transaction(engine) as session:
        assert [one.delivered_at for one in queries.deliveries(session)] == [None]
        job_id, state, why = session.execute(text("SELECT id, state, error FROM job")).one()
        assert (state, "cannot be written" in why) == ("failed", True)
        run_again(session, job_id, by=BY, at=now)
    root.unlink()
    run_pending(engine, clock=lambda: now)
    assert (root / "banque-a" / "files" / "report.pdf").read_bytes() == b"a report"
    with transaction(engine) as session:
        assert [one.delivered_at for one in queries.deliveries(session)] == [now]


def test_a_name_and_a_folder_are_one_things_for_ever(session: Session, now: datetime) -> None:
    bank, document = given(session, now)
    delivery.deliver(session, recipient_id=bank, document_id=document, filename="a.pdf", by=BY,
                     at=now)  # fmt: skip
    other = documents.store(
        session, kind="x", subject_kind="x", subject_id=2, filename="b.pdf",
        media_type="application/pdf", content=b"b", by=BY, at=now,
    ).id  # fmt: skip
    with pytest.raises(Conflict, match=r"a\.pdf"):
        delivery.deliver(session, recipient_id=bank, document_id=other, filename="a.pdf", by=BY,
                         at=now)  # fmt: skip
    delivery.end_recipient(session, recipient_id=bank, by=BY, at=now)
    assert queries.to_put(session, queries.deliveries(session)[0].id) is None
    with pytest.raises(Conflict, match="banque-a"):
        delivery.open_recipient(session, name="Banque B", folder="banque-a", by=BY, at=now)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE recipient SET folder = 'other'"))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("DELETE FROM delivery"))


@pytest.mark.skipif(SERVER is None or shutil.which("sftp") is None,
                    reason="no OpenSSH SFTP server here")  # fmt: skip
def test_an_openssh_server_gives_the_file_and_takes_nothing(root: Path, tmp_path: Path) -> None:
    content = os.urandom(300_000)
    drop.put("banque-a", "report_20261031.xlsx", content)
    asked = "cd files\nget report_20261031.xlsx got.xlsx\n-put got.xlsx other.xlsx\n"
    asked += "-rm report_20261031.xlsx\nls -1\n"
    done = subprocess.run(
        ["sftp", "-b", "-", "-D", f"{SERVER} -R -d {root / 'banque-a'}"], input=asked, text=True,
        cwd=tmp_path, capture_output=True, check=True, timeout=30,
    )  # fmt: skip
    assert (tmp_path / "got.xlsx").read_bytes() == content
    assert done.stdout.strip().splitlines()[-1] == "report_20261031.xlsx"
    assert [each.name for each in (root / "banque-a" / "files").iterdir()] == [
        "report_20261031.xlsx"
    ]
