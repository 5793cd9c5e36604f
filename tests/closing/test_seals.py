"""The daily seal, kept outside, and its verifier: whatever the DBA does to the book is named."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book
from tests.sharing import Shelf

from cessio import approvals, closing, contracts, documents
from cessio.closing import operations, verifier
from cessio.closing import queries as closing_queries
from cessio.closing.formats import seals as seal_format
from cessio.closing.jobs import drawn_seal
from cessio.contracts.operations import Named
from cessio.contracts.rules import FeeKind, IndexName
from cessio.contracts.rules.grids import FeeLine
from cessio.kernel.calendar import business_date
from cessio.limits.operations import NewLimit
from cessio.plumbing.database import transaction
from cessio.plumbing.keeper import AlreadyKept, Keeper
from cessio.receivables.operations.limits import decide_limit

JOB = "job:closing.seal"
START = datetime(2026, 11, 16, 9, tzinfo=UTC)
TABLES = [one.table for one in operations.seals.streams()]


@dataclass(frozen=True)
class Sealed:
    """A book of three days, each closed and sealed."""

    engine: Engine
    keeper: Keeper
    book: Book


def _opened(engine: Engine) -> Book:
    with transaction(engine) as session:
        book = open_book(session, START - timedelta(days=30))
        contracts.record_fixing(
            session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 1, 2), rate=Decimal("0.02"),
            source="test", by="system:setup", at=START - timedelta(days=20),
        )  # fmt: skip
        _decided(session, book, START - timedelta(days=20))
    return book


def _decided(session: Session, book: Book, at: datetime) -> None:
    """A limit, a price list, and what waits for a second person."""
    limit = NewLimit(contract_id=book.alpha, debtor_id=book.people.durand.id,
                     amount_minor=60_000_00)  # fmt: skip
    decide_limit(session, limit=limit, by=book.people.chloe.by, at=at)
    contracts.operations.add_fee_grid(
        session, named=Named("STD", "Standard", "Standard"), effective_from=date(2026, 1, 1),
        lines=[FeeLine(FeeKind.DISPUTE, flat_minor=20_00)], by="system:setup", at=at,
    )  # fmt: skip
    approvals.ask(session, subject_kind="drawdown", subject_id=1, subject_hash=bytes(32),
                  summary={}, by=book.people.bruno.by, at=at)  # fmt: skip


def _seal(engine: Engine, keeper: Keeper, at: datetime, **more: Any) -> seal_format.DaySeal | None:
    content = drawn_seal(engine, keeper, by=JOB, at=at, **more)
    if content is None:
        return None
    with transaction(engine) as session:
        return operations.remember_seal(session, content=content, keeper=keeper, by=JOB, at=at)


def _live(engine: Engine, book: Book, at: datetime) -> None:
    """A day: an invoice, a document, then settled and closed."""
    with transaction(engine) as session:
        assigned(session, book, at, invoice(book, f"A{at:%d}", 1_200_000))
        documents.store(
            session, content=f"paper of {at:%d}\t\\ ".encode(), filename="été\\n.txt",
            media_type="text/plain", kind="paper", subject_kind="contract", subject_id=book.alpha,
            by=book.by, at=at,
        )  # fmt: skip
    after = at + timedelta(days=1)
    with transaction(engine) as session:
        closing.settle_until(session, on=business_date(at), by=JOB, at=after)
    with transaction(engine) as session:
        closing.close_day(session, on=business_date(at), by=JOB, at=after)


@pytest.fixture(scope="module")
def sealed(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    home = tmp_path_factory.mktemp("outside")
    keeper = Keeper(home / "seals", home / "seal.key")
    with shelf._empty() as engine:
        book = _opened(engine)
        for number in (1, 2, 3):
            at = START + timedelta(days=number - 1)
            _live(engine, book, at)
            made = _seal(engine, keeper, at + timedelta(days=1))
            assert made is not None
            assert made.number == number
            assert made.row_count > 0
        yield Sealed(engine, keeper, book)


def _reading(connection: Connection) -> Callable[[str, str], Iterable[bytes]]:
    def read(_table: str, sql: str) -> Iterator[bytes]:
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT") as rows:
            for row in rows:
                yield bytes(row)

    return read


def _verified(keeper: Keeper, connection: Connection, *expect: str) -> verifier.Chain:
    return verifier.verify(keeper.folder, [keeper.public_key], _reading(connection), expect)


def _as_dba(connection: Connection, *statements: str) -> None:
    for table in TABLES:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    for statement in statements:
        connection.execute(text(statement))


@pytest.fixture
def dba(sealed: Sealed) -> Iterator[Connection]:
    """The book under the hands of its owner, who stops the triggers; all undone afterwards."""
    with sealed.engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


def _elsewhere(sealed: Sealed, folder: Path) -> Keeper:
    """The seals copied, to be tampered with."""
    shutil.copytree(sealed.keeper.folder, folder / "seals")
    return replace(sealed.keeper, folder=folder / "seals")


def test_an_untouched_book_verifies(sealed: Sealed, dba: Connection) -> None:
    last = seal_format.code(sealed.keeper.read(sealed.keeper.names("seal-*.txt")[-1]))
    found = _verified(sealed.keeper, dba, last, last.replace("-", " ").lower())
    assert found.findings == []
    assert f"code {last}" in found.notes[-1]
    assert "the last is seal 3 of 2026-11-18" in found.notes[-1]


ENTRY = (
    "(SELECT max(e.id) FROM ledger_entry e JOIN ledger_transaction t ON t.id = transaction_id"
    " WHERE booked_on = '2026-11-17')"
)
TRANSACTION = "(SELECT max(id) FROM ledger_transaction WHERE booked_on = '2026-11-17')"
EVENT = "(SELECT min(id) + 3 FROM audit_event)"
#: What the DBA does → which kind of finding, and the row it must name first.
TAMPERINGS = {
    "an amount edited": (
        f"UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE id = {ENTRY}",
        "changed", f"SELECT 'ledger_entry ' || {ENTRY}"),
    "an author edited": (
        f"UPDATE audit_event SET by = 'person:999' WHERE id = {EVENT}",
        "changed", f"SELECT 'audit_event ' || {EVENT}"),
    "an instant edited by a microsecond": (
        f"UPDATE audit_event SET at = at + interval '1 microsecond' WHERE id = {EVENT}",
        "changed", f"SELECT 'audit_event ' || {EVENT}"),
    "a state edited": (
        f"UPDATE audit_event SET after = '{{\"a\": 1}}' WHERE id = {EVENT}",
        "changed", f"SELECT 'audit_event ' || {EVENT}"),
    "nothing made empty": (
        f"UPDATE ledger_transaction SET memo = coalesce(memo, '') WHERE id = {TRANSACTION}",
        "changed", f"SELECT 'ledger_transaction ' || {TRANSACTION}"),
    "a value date moved": (
        f"UPDATE ledger_transaction SET value_date = value_date - 1 WHERE id = {TRANSACTION}",
        "changed", f"SELECT 'ledger_transaction ' || {TRANSACTION}"),
    "what lies between two values moved": (
        ("UPDATE document SET kind = kind || left(subject_kind, 1),"
        " subject_kind = substr(subject_kind, 2) WHERE id = (SELECT min(id) FROM document"
        " WHERE kind = 'paper')"),
        "changed", "SELECT 'document ' || min(id) FROM document WHERE kind LIKE 'paper%'"),
    "an entry deleted": (
        f"DELETE FROM ledger_entry WHERE id = {ENTRY}",
        "missing", f"SELECT 'ledger_entry ' || {ENTRY}"),
    "a transaction deleted under its entries": (
        f"DELETE FROM ledger_transaction WHERE id = {TRANSACTION}",
        "missing", f"SELECT 'ledger_transaction ' || {TRANSACTION}"),
    "an event deleted": (
        f"DELETE FROM audit_event WHERE id = {EVENT}",
        "missing", f"SELECT 'audit_event ' || {EVENT}"),
    "a transaction moved to a later day": (
        f"UPDATE ledger_transaction SET booked_on = '2026-12-24' WHERE id = {TRANSACTION}",
        "missing", f"SELECT 'ledger_transaction ' || {TRANSACTION}"),
    "a transaction moved to another sealed day": (
        f"UPDATE ledger_transaction SET booked_on = '2026-11-16' WHERE id = {TRANSACTION}",
        "added", f"SELECT 'ledger_transaction ' || {TRANSACTION}"),
    "an event inserted": (
        ("INSERT INTO audit_event (id, at, by, verb, subject_kind, subject_id)"
        " OVERRIDING SYSTEM VALUE VALUES (-7, '2026-11-16', 'person:1', 'x', 'contract', 1)"),
        "added", "SELECT 'audit_event -7'"),
    "a transaction inserted on a closed day": (
        ("INSERT INTO ledger_transaction (id, kind, source_kind, source_id, effect, value_date,"
        " booked_on, recorded_at, recorded_by) OVERRIDING SYSTEM VALUE"
        " VALUES (9999, 'FEE', 'x', 1, 'x', '2026-11-17', '2026-11-17', '2026-11-17', 'x')"),
        "added", "SELECT 'ledger_transaction 9999'"),
    "an account turned into another": (
        ("UPDATE ledger_account SET kind = 'OWN_CAPITAL', contract_id = NULL, debtor_id = NULL"
        " WHERE id = (SELECT min(id) FROM ledger_account)"),
        "changed", "SELECT 'ledger_account ' || min(id) FROM ledger_account"),
    "a paper exchanged": (
        "UPDATE document SET content = 'other' WHERE id = (SELECT max(id) FROM document)",
        "changed", "SELECT 'document ' || max(id) FROM document"),
    "a paper exchanged with its hash": (
        ("UPDATE document SET content = 'other', sha256 = sha256('other'), size = 5"
        " WHERE id = (SELECT max(id) FROM document)"),
        "changed", "SELECT 'document ' || max(id) FROM document"),
    "a rate agreed edited": (
        ("UPDATE contract_terms SET advance_rate = 0.5"
        " WHERE id = (SELECT max(id) FROM contract_terms)"),
        "changed", "SELECT 'contract_terms ' || max(id) FROM contract_terms"),
    "a limit decided raised": (
        ("UPDATE credit_limit SET amount_minor = amount_minor * 10"
        " WHERE id = (SELECT max(id) FROM credit_limit)"),
        "changed", "SELECT 'credit_limit ' || max(id) FROM credit_limit"),
    "a rate of a past date edited": (
        ("UPDATE index_fixing SET rate = rate + 0.01"
        " WHERE id = (SELECT max(id) FROM index_fixing)"),
        "changed", "SELECT 'index_fixing ' || max(id) FROM index_fixing"),
    "a price edited": (
        "UPDATE fee_grid_version SET lines = '[]'",
        "changed", "SELECT 'fee_grid_version ' || min(id) FROM fee_grid_version"),
    "an account paid exchanged": (
        ("UPDATE party_account SET iban = 'FR7630004008120001012345640'"
        " WHERE id = (SELECT max(id) FROM party_account)"),
        "changed", "SELECT 'party_account ' || max(id) FROM party_account"),
    "what a second person was shown edited": (
        ("UPDATE approval SET subject_hash = sha256('x')"
        " WHERE id = (SELECT max(id) FROM approval)"),
        "changed", "SELECT 'approval ' || max(id) FROM approval"),
    "who asked a second person edited": (
        ("UPDATE approval SET maker = 'person:999', maker_id = NULL"
        " WHERE id = (SELECT max(id) FROM approval)"),
        "changed", "SELECT 'approval ' || max(id) FROM approval"),
    "who assigned a remittance edited": (
        ("UPDATE remittance_state SET by = 'person:999'"
        " WHERE id = (SELECT max(id) FROM remittance_state)"),
        "changed", "SELECT 'remittance_state ' || max(id) FROM remittance_state"),
    "a receipt of subrogation exchanged with its hash": (
        ("UPDATE subrogation_receipt SET content = 'x', content_sha256 = sha256('x')"
        " WHERE id = (SELECT max(id) FROM subrogation_receipt)"),
        "changed", "SELECT 'subrogation_receipt ' || max(id) FROM subrogation_receipt"),
    "the hour of an act told in another zone": (
        ("UPDATE audit_event SET at = (at AT TIME ZONE 'UTC') AT TIME ZONE 'Pacific/Kiritimati'"
        f" WHERE id = {EVENT}"),
        "changed", f"SELECT 'audit_event ' || {EVENT}"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
def test_each_tampering_is_found_and_named(sealed: Sealed, dba: Connection, what: str) -> None:
    *statements, kind, named = TAMPERINGS[what]
    row = dba.execute(text(named)).scalar_one()
    _as_dba(dba, *statements)
    found = _verified(sealed.keeper, dba).findings
    assert kind in {one.kind for one in found}
    assert row in {one.where for one in found if one.kind == kind}
    assert not any(one.kind.startswith("seal") for one in found)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE credit_limit SET amount_minor = amount_minor + 1",
     "UPDATE credit_limit SET decided_by = 'person:1'",
     "UPDATE index_fixing SET rate = rate + 0.01", "UPDATE fee_grid_version SET lines = '[]'"],
)  # fmt: skip
def test_the_program_itself_edits_nothing_that_is_sealed(sealed: Sealed, statement: str) -> None:
    with (
        sealed.engine.connect() as connection,
        pytest.raises(IntegrityError, match=r"is not edited|never changed"),
    ):
        connection.execute(text(statement))


def test_two_entries_exchanged_are_both_named(sealed: Sealed, dba: Connection) -> None:
    low, high = dba.execute(text("SELECT min(id), max(id) FROM ledger_entry")).one()
    _as_dba(
        dba,
        f"UPDATE ledger_entry SET id = -1 WHERE id = {low}",
        f"UPDATE ledger_entry SET id = {low} WHERE id = {high}",
        f"UPDATE ledger_entry SET id = {high} WHERE id = -1",
    )
    found = {one.where for one in _verified(sealed.keeper, dba).findings}
    assert {f"ledger_entry {low}", f"ledger_entry {high}"} <= found


def _cut(connection: Connection, seal: seal_format.DaySeal) -> None:
    """Take what one seal covers out of the book, and the memory of it."""
    _as_dba(connection)
    for one in reversed(seal.streams):
        place = one.stream.place[-1]
        where = f"{place} > :after" if one.stream.after is not None else "true"
        if len(one.stream.place) == 3:
            where = f"transaction_id IN (SELECT id FROM ledger_transaction WHERE {where})"
        connection.execute(
            text(f"DELETE FROM {one.stream.table} WHERE {where}"), {"after": one.stream.after}
        )
    connection.execute(text("ALTER TABLE book_seal DISABLE TRIGGER USER"))
    connection.execute(text("DELETE FROM book_seal WHERE number >= :n"), {"n": seal.number})


def _read_last(keeper: Keeper) -> seal_format.DaySeal:
    return seal_format.read(keeper.read(keeper.names("seal-*.txt")[-1]))


def test_a_cut_tail_is_found(sealed: Sealed, dba: Connection) -> None:
    _cut(dba, _read_last(sealed.keeper))
    found = _verified(sealed.keeper, dba).findings
    assert found[0].kind == "older"
    assert "from seal 3 of 2026-11-18 on" in found[0].words
    assert {"ledger_transaction", "audit_event"} <= {
        one.where.split()[0] for one in found if one.kind == "missing"
    }


def test_a_cut_tail_with_its_seal_is_found_by_the_code_on_paper(
    sealed: Sealed, dba: Connection, tmp_path: Path
) -> None:
    keeper = _elsewhere(sealed, tmp_path)
    last = keeper.names("seal-*.txt")[-1]
    code = seal_format.code(keeper.read(last))
    _cut(dba, _read_last(keeper))
    (keeper.folder / last).unlink()
    assert _verified(keeper, dba).findings == []
    assert [one.kind for one in _verified(keeper, dba, code).findings] == ["seals_cut"]


def test_a_chain_made_anew_is_signed_by_another(
    sealed: Sealed, dba: Connection, tmp_path: Path
) -> None:
    _as_dba(dba, f"UPDATE ledger_entry SET amount_minor = 9 WHERE id = {ENTRY}")
    forger = Keeper(tmp_path / "forged", tmp_path / "own.key")
    previous = ""
    for name in sealed.keeper.names("seal-*.txt"):
        seal = seal_format.read(sealed.keeper.read(name))
        with forger.draft() as draft:
            streams = tuple(
                operations.seals.hashed(
                    _session(dba), [one.stream for one in seal.streams], draft.write
                )
            )
            draft.flush()
            rows = seal_format.sha256(Path(draft.name).read_bytes()).hexdigest()
            fresh = replace(seal, streams=streams, rows=rows, previous=previous)
            forger.publish(draft, fresh.rows_name)
        content = seal_format.write(fresh, forger.public_key, forger.sign)
        forger.keep(name, content)
        previous = seal_format.sha256(content).hexdigest()
    assert _verified(forger, dba).findings == []  # whole in itself
    chain = verifier.verify(forger.folder, [sealed.keeper.public_key], _reading(dba))
    assert {one.kind for one in chain.findings} == {"seal_foreign", "no_seal"}
    # A copy of what was sealed before, the key of the forger under the name of ours:
    for path in forger.folder.glob("seal-*.txt"):
        content = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(
            content.replace(
                forger.public_key.hex().encode(), sealed.keeper.public_key.hex().encode()
            )
        )
    chain = verifier.verify(forger.folder, [sealed.keeper.public_key], _reading(dba))
    assert {one.kind for one in chain.findings} == {"seal_changed", "no_seal"}


def _session(connection: Connection) -> Any:
    class Borrowed:
        def connection(self) -> Connection:
            return connection

    return Borrowed()


def test_a_seal_taken_out_or_changed_is_found(
    sealed: Sealed, dba: Connection, tmp_path: Path
) -> None:
    keeper = _elsewhere(sealed, tmp_path)
    second = keeper.folder / keeper.names("seal-*.txt")[1]
    kept = second.read_bytes()
    second.unlink()
    assert "seal_missing" in {one.kind for one in _verified(keeper, dba).findings}
    second.write_bytes(kept.replace(b'"day":"2026-11-17"', b'"day":"2026-11-16"'))
    assert "seal_changed" in {one.kind for one in _verified(keeper, dba).findings}
    second.write_bytes(kept[:-40])
    assert "seal_unreadable" in {one.kind for one in _verified(keeper, dba).findings}
    second.write_bytes(kept)
    rows = keeper.folder / keeper.names("*.rows")[1]
    listed = rows.read_bytes()
    rows.chmod(0o644)
    rows.write_bytes(listed[:-1] + b"\0")
    assert [one.kind for one in _verified(keeper, dba).findings] == ["rows_changed"]
    rows.unlink()
    without = _verified(keeper, dba)
    assert without.findings == []
    assert "the list of rows of seal 2 of" in without.notes[0]


def test_without_its_list_the_table_and_the_day_are_named(
    sealed: Sealed, dba: Connection, tmp_path: Path
) -> None:
    keeper = _elsewhere(sealed, tmp_path)
    for name in keeper.names("*.rows"):
        (keeper.folder / name).unlink()
    _as_dba(dba, f"UPDATE ledger_entry SET amount_minor = amount_minor * 2 WHERE id = {ENTRY}")
    found = _verified(keeper, dba).findings
    assert [one.kind for one in found] == ["differs"]
    assert "seal 2 of 2026-11-17" in found[0].words


def test_the_file_alone_verifies_a_dump_and_a_database(sealed: Sealed, tmp_path: Path) -> None:
    alone = tmp_path / "alone.py"
    shutil.copy(verifier.__file__, alone)
    key = sealed.keeper.public_key.hex()
    seals = ["--seals", str(sealed.keeper.folder)]
    run = [sys.executable, "-I", str(alone), "--key", key, *seals]
    url = sealed.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    script = subprocess.run([*run, "--script"], capture_output=True, text=True, check=True).stdout
    assert script.count("\\copy (SELECT") == len(TABLES)
    chain = verifier.read_chain(sealed.keeper.folder, [sealed.keeper.public_key])
    with sealed.engine.connect() as connection:
        for table, parts in verifier.segments_of(chain, sealed.keeper.folder).items():
            lines = _reading(connection)(table, verifier.query(parts))
            (tmp_path / f"{table}.tsv").write_bytes(b"".join(lines))
    dumped = subprocess.run([*run, "--dump", str(tmp_path)], capture_output=True, text=True)
    assert (dumped.returncode, dumped.stderr) == (0, "")
    assert "every sealed row is as it was sealed" in dumped.stdout
    entries = tmp_path / "ledger_entry.tsv"
    entries.write_bytes(entries.read_bytes().split(b"\n", 1)[1])
    cut = subprocess.run([*run, "--dump", str(tmp_path)], capture_output=True, text=True)
    assert cut.returncode == 1
    assert "WRONG missing: ledger_entry " in cut.stdout
    if shutil.which("psql"):
        live = subprocess.run([*run, "--database", url], capture_output=True, text=True)
        assert (live.returncode, live.stderr) == (0, "")
        wrong = subprocess.run([*run, "--database", url + "x"], capture_output=True, text=True)
        assert wrong.returncode != 0


def test_nothing_is_sealed_twice_and_a_lost_memory_comes_back(
    sealed: Sealed, tmp_path: Path
) -> None:
    assert _seal(sealed.engine, sealed.keeper, START + timedelta(days=4)) is None
    with sealed.engine.connect() as connection:  # killed between the file and the row
        connection.execute(text("ALTER TABLE book_seal DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM book_seal WHERE number = 3"))
        connection.execute(text("ALTER TABLE book_seal ENABLE TRIGGER USER"))
        connection.commit()
    names = sealed.keeper.names("*")
    again = _seal(sealed.engine, sealed.keeper, START + timedelta(days=5))
    assert again is not None
    assert (again.number, sealed.keeper.names("*")) == (3, names)
    with transaction(sealed.engine) as session:
        last = closing_queries.last_seal(session)
        assert last is not None
        assert last.content.encode() == sealed.keeper.read(f"{last.name}.txt")


def test_an_older_copy_of_the_book_says_so(shelf: Shelf, sealed: Sealed, tmp_path: Path) -> None:
    keeper = _elsewhere(sealed, tmp_path)
    sealed.engine.dispose()
    with shelf.copied(shelf.server, str(sealed.engine.url.database)) as url:
        from cessio.plumbing.database import make_engine

        old = make_engine(url, pool_size=5)
        with transaction(old) as session:
            connection = session.connection()
            for number in (3, 2):
                name = next(one for one in keeper.names("seal-*.txt") if f"-{number:06}-" in one)
                _cut(connection, seal_format.read(keeper.read(name)))
            for table in (*TABLES, "book_seal"):
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE closed_day DISABLE TRIGGER USER"))
            connection.execute(text("DELETE FROM closed_day WHERE day > '2026-11-16'"))
            connection.execute(text("ALTER TABLE closed_day ENABLE TRIGGER USER"))
        later = START + timedelta(days=6)
        with pytest.raises(operations.BookOlder, match="up to number 3 are kept"):
            _seal(old, keeper, later)
        with transaction(old) as session:
            closing.settle_until(session, on=business_date(START), by=JOB, at=later)
        made = _seal(old, keeper, later, restored="disk lost")
        assert made is not None
        assert (made.number, made.restored) == (
            4, {"number": 1, "by": JOB, "why": "disk lost"},
        )  # fmt: skip
        with old.connect() as connection:
            found = _verified(keeper, connection)
        assert found.findings == []
        assert "disk lost); what seals 2, 3 covered was given up" in found.notes[0]
        old.dispose()


def test_who_was_writing_is_waited_for(engine: Engine, tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "seals", tmp_path / "key")
    book = _opened(engine)
    _live(engine, book, START)
    insert = text("INSERT INTO audit_event (at, by, verb, subject_kind, subject_id)"
                  " VALUES (now(), 'person:1', 'slow', 'contract', 1) RETURNING id")  # fmt: skip
    made: list[Any] = []
    with engine.connect() as slow:
        number = slow.execute(insert).scalar_one()
        with transaction(engine) as session:
            assert session.execute(insert).scalar_one() > number
        sealing = threading.Thread(
            target=lambda: made.append(_seal(engine, keeper, START + timedelta(days=1)))
        )
        sealing.start()
        sealing.join(0.3)
        assert sealing.is_alive()
        with transaction(engine) as session:  # nobody is locked out meanwhile
            session.execute(insert)
        slow.commit()
        sealing.join(20)
    trail = next(one for one in made[0].streams if one.stream.table == "audit_event")
    assert trail.first_id <= number <= trail.last_id
    with engine.connect() as connection:
        assert _verified(keeper, connection).findings == []


def test_a_mailbox_gets_each_seal_once(sealed: Sealed) -> None:
    content = sealed.keeper.read(sealed.keeper.names("seal-*.txt")[0])
    with sealed.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            session.execute(text("ALTER TABLE book_seal DISABLE TRIGGER USER"))
            session.execute(text("DELETE FROM book_seal"))
            told = replace(sealed.keeper, mail_to=("audit@house.example", "cac@firm.example"))
            operations.remember_seal(session, content=content, keeper=told, by=JOB, at=START)
            mails = session.scalars(text("SELECT content FROM outgoing_mail")).all()
        outer.rollback()
    assert len(mails) == 2
    sent = message_from_bytes(mails[0], policy=policy.default)
    assert sent["subject"] == f"seal-000001-2026-11-16 {seal_format.code(content)}"
    [file] = sent.iter_attachments()
    assert file.get_content().encode() == content
    body = sent.get_body()
    assert "Scellé 1" in body.get_content()
    assert "Seal 1" in body.get_content()


def test_what_is_kept_is_written_once_and_its_key_is_ours_alone(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "seals", tmp_path / "key")
    keeper.keep("seal-000001-2026-11-16.txt", b"one")
    with pytest.raises(AlreadyKept):
        keeper.keep("seal-000001-2026-11-16.txt", b"two")
    assert keeper.read("seal-000001-2026-11-16.txt") == b"one"
    assert (keeper.folder / "seal-000001-2026-11-16.txt").stat().st_mode & 0o777 == 0o444
    assert [path.name for path in keeper.folder.iterdir()] == ["seal-000001-2026-11-16.txt"]
    signature = keeper.sign(b"x")
    assert keeper.key_file.stat().st_mode & 0o777 == 0o600
    assert verifier.signed(keeper.public_key, b"x", signature)
    keeper.key_file.chmod(0o640)
    with pytest.raises(Exception, match="others can read"):
        keeper.sign(b"x")


@given(st.binary(max_size=80), st.integers(0, 511))
def test_the_verifier_reads_signatures_as_others_write_them(message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verifier.signed(public, message, signature)
    assert not verifier.signed(public, message + b"x", signature)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not verifier.signed(public, message, bytes(flipped))
    raised = int.from_bytes(signature[32:], "little") + verifier.ORDER
    if raised < 1 << 256:
        assert not verifier.signed(public, message, signature[:32] + raised.to_bytes(32, "little"))


@given(st.lists(st.binary(max_size=12), min_size=1, max_size=5))
def test_both_sides_read_a_row_alike(values: list[bytes]) -> None:
    escapes = {8: b"\\b", 12: b"\\f", 10: b"\\n", 13: b"\\r", 9: b"\\t", 11: b"\\v", 92: b"\\\\"}
    written = [b"".join(escapes.get(one, bytes([one])) for one in value) for value in values]
    kinds = [b"t"] * len(values)
    ours = seal_format._row(kinds, written)
    assert ours == verifier._row(kinds, written)
    assert ours == b"".join(b"t%d:%b" % (len(value), value) for value in values)
    assert seal_format._row([b"t"], [b"\\N"]) == verifier._row([b"t"], [b"\\N"]) == b"-"
