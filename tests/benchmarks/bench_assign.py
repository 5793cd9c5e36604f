"""Assigning 100,000 invoices from a CSV: read, judge, post, cover, receipt, in one go.

Floor: COPY of the very same receivables and ledger entries into the same tables with the same
indexes and checks, and nothing else (no line of the remittance, no cover, no trigger).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from stdnum import luhn

from cessio.contracts import Product, product_defaults, sign_contract
from cessio.parties import CompanyDetails, register_client
from cessio.plumbing.database import transaction
from cessio.receivables import operations
from cessio.receivables.rules import RemittanceState

LINES, DEBTORS, WARM_UP = 100_000, 5_000, 1_000
AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
BY = "job:bench"
TARGET = 2.5

_TABLES = ("receivable", "ledger_entry")


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    with transaction(engine) as session:
        contract_id = _contract(session)
        sirens = _debtors(session, contract_id)
    _assign(engine, contract_id, _csv(sirens, "W", WARM_UP), WARM_UP)
    ours, floors = [], []
    for prefix in ("FA", "FAC"):
        data = _csv(sirens, prefix, LINES)
        ours.append(_timed(lambda data=data: _assign(engine, contract_id, data, LINES)))
        floors.append(_floor(engine))
    return [(f"assign {LINES:,} invoices from a CSV", min(floors), min(ours), TARGET)]


def _timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _assign(engine: Engine, contract_id: int, data: bytes, lines: int) -> None:
    """What a client's upload and confirmation do: draft and check, then submit."""
    with transaction(engine) as session:
        made = operations.draft_from_file(
            session, contract_id=contract_id, data=data, filename="ventes.csv", by=BY, at=AT
        )
        operations.check(session, remittance_id=made.remittance_id, on=AT.date(), by=BY, at=AT)
    with transaction(engine) as session:
        done = operations.submit(session, remittance_id=made.remittance_id, by=BY, at=AT)
    assert done.state is RemittanceState.ASSIGNED, done
    assert done.assignment is not None
    assert done.assignment.document_count == lines


def _contract(session: Session) -> int:
    client = register_client(
        session, details=CompanyDetails(name="Bench SAS", siren="812340016"), code="BENCH",
        by=BY, at=AT,
    )  # fmt: skip
    terms = product_defaults(Product.FULL, facility_limit_minor=10**12)
    return sign_contract(session, client_id=client.id, product=Product.FULL, terms=terms,
                         signed_on=date(2026, 1, 1), by=BY, at=AT)  # fmt: skip


def _debtors(session: Session, contract_id: int) -> list[str]:
    """Known debtors, each with a cover limit; two in five send more than theirs."""
    sirens = list(_sirens(DEBTORS))
    session.execute(
        text("INSERT INTO company (name, name_key, siren, country)"
             " SELECT 'Debiteur ' || siren, 'debiteur ' || siren, siren, 'FR'"
             "   FROM unnest(CAST(:sirens AS text[])) AS siren"), {"sirens": sirens},
    )  # fmt: skip
    session.execute(
        text("INSERT INTO debtor (company_id, created_at, created_by)"
             " SELECT id, :at, :by FROM company WHERE name LIKE 'Debiteur %'"),
        {"at": AT, "by": BY},
    )  # fmt: skip
    session.execute(
        text("INSERT INTO credit_limit (contract_id, debtor_id, kind, amount_minor, valid_from,"
             " decided_at, decided_by)"
             " SELECT :contract_id, id, 'cover', 4000000 * (1 + id % 5), '2026-01-01', :at, :by"
             "   FROM debtor"),
        {"contract_id": contract_id, "at": AT, "by": BY},
    )  # fmt: skip
    return sirens


def _sirens(count: int) -> Iterator[str]:
    for n in range(count):
        body = f"{41_000_000 + n * 7:08d}"
        yield body + luhn.calc_check_digit(body)


def _csv(sirens: list[str], prefix: str, lines: int) -> bytes:
    """An export as a French accounting package writes it."""
    rows = ["N° facture;Date facture;Échéance;SIREN;Raison sociale;Montant TTC;Dont TVA\r\n"]
    start = date(2026, 10, 20)
    for n in range(lines):
        issued = start + timedelta(days=n % 25)
        due = issued + timedelta(days=30 + n % 30)
        minor = 10_000 + (n * 7919) % 900_000 + len(prefix)
        vat = minor // 6
        siren = sirens[n % len(sirens)]
        amount, tax = _french(minor), _french(vat)
        dates = f"{issued:%d/%m/%Y};{due:%d/%m/%Y}"
        rows.append(f"{prefix}-2026-{n:07d};{dates};{siren};Debiteur {siren};{amount};{tax}\r\n")
    return "".join(rows).encode()


def _french(minor: int) -> str:
    return f"{minor // 100:,}".replace(",", "\u202f") + f",{minor % 100:02d}"


def _floor(engine: Engine) -> float:
    """COPY the rows just made into empty twins of their tables, committed."""
    with transaction(engine) as session:
        rows = {table: _rows(session, table) for table in _TABLES}
        for table in _TABLES:
            session.execute(text(f"DROP TABLE IF EXISTS floor_{table}"))
            session.execute(text(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)"))
    with engine.connect() as connection:
        start = perf_counter()
        driver: Any = connection.connection.driver_connection
        for table, data in rows.items():
            with driver.cursor().copy(f"COPY floor_{table} FROM STDIN (FORMAT binary)") as copy:
                copy.write(data)
        driver.commit()
        return perf_counter() - start


def _rows(session: Session, table: str) -> bytes:
    buffer = BytesIO()
    last = f"SELECT * FROM {table} ORDER BY id DESC LIMIT {LINES}"
    with _driver(session).cursor().copy(f"COPY ({last}) TO STDOUT (FORMAT binary)") as copy:
        for chunk in copy:
            buffer.write(chunk)
    return buffer.getvalue()


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection
