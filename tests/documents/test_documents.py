"""Stored bytes come back as they were, to those they are for, and to no one else."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests import people

from cessio import documents
from cessio.documents import rules
from cessio.identity import Scope
from cessio.identity.operations import end_token, issue_token
from cessio.kernel.errors import NotFound, Problems

CONTENT = b"number;amount\nF1;120.00\n"


def _store(session: Session, at: datetime, **changes: Any) -> documents.StoredDocument:
    wanted: dict[str, Any] = {
        "kind": "remittance_file", "subject_kind": "remittance", "subject_id": 3,
        "filename": "remise.csv", "media_type": "text/csv", "content": CONTENT,
        "client_id": 7, "by": "person:1", "at": at,
    }  # fmt: skip
    return documents.store(session, **(wanted | changes))


def test_bytes_come_back_as_stored_with_their_hash(session: Session, now: datetime) -> None:
    stored = _store(session, now)
    read = documents.read(session, stored.id)
    assert read.content == CONTENT
    assert read.sha256 == stored.sha256 == hashlib.sha256(CONTENT).digest()
    assert (read.filename, read.media_type) == ("remise.csv", "text/csv")


def test_another_clients_document_looks_absent(session: Session, now: datetime) -> None:
    stored = _store(session, now)
    assert documents.read(session, stored.id, client_id=7).content == CONTENT
    for ask in (documents.read, documents.document):
        with pytest.raises(NotFound, match="no such document"):
            ask(session, stored.id, client_id=8)
    with pytest.raises(NotFound, match="no such document"):
        documents.read(session, 0)


def test_documents_are_found_by_subject_client_kind_and_hash(
    session: Session, now: datetime
) -> None:
    first = _store(session, now)
    second = _store(session, now, kind="receipt", content=b"%PDF", media_type="application/pdf")
    other = _store(session, now, client_id=8, subject_id=4)
    ids = [each.id for each in documents.of_subject(session, "remittance", 3)]
    assert ids == [second.id, first.id]
    assert [each.id for each in documents.of_client(session, 7, kind="receipt")] == [second.id]
    assert [each.id for each in documents.of_client(session, 7, before_id=second.id)] == [first.id]
    seen = documents.with_hash(session, first.sha256, kind="remittance_file")
    assert [each.id for each in seen] == [first.id, other.id]
    assert documents.document(session, second.id).size == 4


@pytest.mark.parametrize("statement", ["UPDATE document SET content = ''", "DELETE FROM document"])
def test_the_database_refuses_to_change_a_document(
    session: Session, now: datetime, statement: str
) -> None:
    _store(session, now)
    with pytest.raises(IntegrityError, match="never changed"):
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\août.csv", "août.csv"),
        ('a"b;c\r\nSet-Cookie: x.csv', "a_b_c__Set-Cookie_ x.csv"),
        ("...", "document"),
        ("", "document"),
        ("x" * 300 + ".pdf", "x" * 176 + ".pdf"),
    ],
)
def test_a_file_name_means_nothing_to_a_disk_or_a_header(name: str, kept: str) -> None:
    assert rules.safe_filename(name) == kept


def test_what_cannot_be_stored_is_said_all_at_once(session: Session, now: datetime) -> None:
    with pytest.raises(Problems) as refused:
        _store(session, now, media_type="text/html\r\nX: y", content=bytes(rules.BYTES_MAX + 1))
    assert [problem.code for problem in refused.value.problems] == [
        "media_type_unreadable", "file_too_large",
    ]  # fmt: skip


def test_nobody_leaves_more_in_a_day_than_anybodys_work_is(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FILES_A_DAY", 3)
    for _each in range(3):
        _store(session, now)
    with pytest.raises(rules.TooManyFiles):
        _store(session, now)
    _store(session, now, by="person:2")
    _store(session, now, by="job:statements.keep")
    _store(session, now + timedelta(days=1, seconds=1))
    monkeypatch.setattr(rules, "BYTES_A_DAY", 3 * len(CONTENT))
    for actor in ("token:4", "share:1", "debtor:9"):
        _store(session, now, by=actor, content=CONTENT * 2)
        with pytest.raises(rules.TooManyFiles):
            _store(session, now, by=actor, content=CONTENT * 2)
        _store(session, now, by=actor)


def test_more_keys_and_more_people_of_a_client_are_no_more_hands(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = people.settle_in(session, at=now)
    monkeypatch.setattr(rules, "FILES_A_DAY", 4)
    first, second = (_key(session, who.fanny, now) for _ in range(2))
    end_token(session, token_id=int(first[6:]), person_id=who.fanny.id, by=who.fanny.by, at=now)
    for actor in (who.fanny.by, first, second, who.gilles.by):
        _store(session, now, by=actor)
    for actor in (who.fanny.by, second, who.gilles.by, _key(session, who.gilles, now)):
        with pytest.raises(rules.TooManyFiles):
            _store(session, now, by=actor)
    _store(session, now, by=who.helene.by)
    for _each in range(4):
        _store(session, now, by=who.alice.by)
    with pytest.raises(rules.TooManyFiles):
        _store(session, now, by=_key(session, who.alice, now, Scope.PARTIES_READ))
    _store(session, now, by=who.chloe.by)


def _key(
    session: Session, person: people.Named, at: datetime, scope: Scope = Scope.REMITTANCES_WRITE
) -> str:
    made = issue_token(session, person_id=person.id, name="key", scopes=[scope], by=person.by,
                       expires_at=at + timedelta(days=9), at=at)  # fmt: skip
    return f"token:{made.id}"


def test_the_quota_is_read_by_its_index(session: Session) -> None:
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = session.execute(text(
        "EXPLAIN SELECT count(*), sum(size) FROM document"
        " WHERE by = ANY (ARRAY(SELECT one_hand('person:1'))) AND at > now()"
    )).scalars()  # fmt: skip
    assert any("ix_document_by_at" in line for line in plan)
