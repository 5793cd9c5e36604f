"""Applying a bank file of 20,000 entries against 200,000 open receivables.

Floor: parsing the same file with the fastest walk of lxml that keeps what matching needs.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from time import perf_counter

from lxml import etree
from sqlalchemy import Engine, text

from cessio import banking, cash
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.contracts import Product, product_defaults
from cessio.contracts.models import ContractTerms
from cessio.contracts.queries.terms import columns_of
from cessio.plumbing.database import transaction
from cessio.receivables.bulk.cover import recompute_cover

ENTRIES, RECEIVABLES, DEBTORS, CONTRACTS = 20_000, 200_000, 5_000, 50
ON = date(2026, 11, 16)
AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
IBAN = "FR7630006000011234567890189"
TARGET = 3.0
#: Files applied one after the other: the best of the rounds counts, on both sides.
ROUNDS = 2

_BOOK = (
    """
    INSERT INTO company (id, name, name_key, siren, country)
    SELECT i, 'Durand ' || i, 'durand ' || i, lpad(i::text, 9, '0'), 'FR'
      FROM generate_series(1, :debtors + :contracts) AS i
    """,
    """
    INSERT INTO debtor (id, company_id, created_at, created_by)
    SELECT i, i, :at, 'job:bench' FROM generate_series(1, :debtors) AS i
    """,
    """
    INSERT INTO client (id, company_id, code, created_at, created_by)
    SELECT i, :debtors + i, 'C' || i, :at, 'job:bench' FROM generate_series(1, :contracts) AS i
    """,
    """
    INSERT INTO contract (id, client_id, reference, product, signed_on, starts_on, created_at,
                          created_by)
    SELECT i, i, 'CT-' || i, 'full', '2026-01-01', '2026-01-01', :at, 'job:bench'
      FROM generate_series(1, :contracts) AS i
    """,
    """
    INSERT INTO receivable (contract_id, client_id, debtor_id, kind, number, number_key,
                            issue_date, due_date, amount_minor, open_minor, assigned_on,
                            assigned_at)
    SELECT 1 + i % :contracts, 1 + i % :contracts, 1 + i % :debtors, 'invoice',
           'FA-2026-' || lpad(i::text, 7, '0'), 'fa2026' || lpad(i::text, 7, '0'),
           date '2026-09-01' + (i % 40)::int, date '2026-10-15' + (i % 40)::int,
           10000 + (i * 37) % 900000, 10000 + (i * 37) % 900000, '2026-09-15', :at
      FROM generate_series(1::bigint, :receivables) AS i
    """,
    "ANALYZE",
)


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    _fill(engine)
    files = [_file(which) for which in range(ROUNDS)]
    floor = min(_floor(data) for data in files for _ in range(2))
    ours = min(_apply(engine, data) for data in files)
    return [(f"apply a camt.053 of {ENTRIES:,} entries", floor, ours, TARGET)]


def _apply(engine: Engine, data: bytes) -> float:
    start = perf_counter()
    with transaction(engine) as session:
        (done,) = banking.import_statement(
            session, data=data, filename="big.xml", by="job:bench", at=AT
        )
        run = cash.match_open_lines(session, statement_id=done.statement_id, by="job:bench", at=AT)
    spent = perf_counter() - start
    assert run.applied >= 0.9 * ENTRIES, run
    return spent


def _fill(engine: Engine) -> None:
    facts = {"debtors": DEBTORS, "contracts": CONTRACTS, "receivables": RECEIVABLES, "at": AT}
    with transaction(engine) as session:
        for statement in _BOOK[:4]:
            session.execute(text(statement), facts)
        terms = columns_of(product_defaults(Product.FULL, blanket_cover_minor=5_000_000))
        session.add_all(
            ContractTerms(
                contract_id=number, version=1, effective_from=date(2026, 1, 1), decided_at=AT,
                decided_by="job:bench", **terms,
            )
            for number in range(1, CONTRACTS + 1)
        )  # fmt: skip
        for statement in _BOOK[4:]:
            session.execute(text(statement), facts)
        banking.open_account(
            session, name="Bench", iban=IBAN, bic="AGRIFRPPXXX", holder="Cessio", by="job:bench",
            at=AT,
        )  # fmt: skip
        recompute_cover(session, on=ON, at=AT)


def _file(which: int = 0) -> bytes:
    """Nine in ten name their invoice and pay it exactly; the others are short or say nothing.

    ``which`` makes it another statement, which pays other invoices.
    """
    entries = []
    for i in range(1, ENTRIES + 1):
        number = i * 9 - which
        minor = 10000 + (number * 37) % 900000
        words = f"REGLEMENT FACTURE FA-2026-{number:07d} DURAND {1 + number % DEBTORS}"
        if i % 10 == 0:
            words, minor = "VIREMENT", minor - (i % 3)
        entries.append(
            ParsedEntry(
                amount_minor=minor, currency="EUR", booked_on=ON, value_date=ON,
                bank_ref=f"BK{which}{i:07d}",
                details=(
                    ParsedDetail(
                        end_to_end_id="NOTPROVIDED",
                        debtor=Party(name=f"DURAND {1 + number % DEBTORS}"),
                        remittance=(words,),
                    ),
                ),
            )
        )  # fmt: skip
    total = sum(entry.amount_minor for entry in entries)
    opening, closing = Balance("OPBD", 0, ON), Balance("CLBD", total, ON)
    statement = ParsedStatement(
        kind="camt.053", statement_ref=f"BENCH{which}", currency="EUR", iban=IBAN, from_on=ON,
        to_on=ON,
        opening=opening, closing=closing, balances=(opening, closing), entries=tuple(entries),
    )  # fmt: skip
    return camt053_bytes([statement], message_id="BENCH", created_at=AT)


def _floor(data: bytes) -> float:
    """Walk the entries with iterparse and keep amount, dates, names and remittance text."""
    start = perf_counter()
    kept = []
    wanted = {"Amt", "Dt", "Nm", "Ustrd", "EndToEndId", "AcctSvcrRef", "CdtDbtInd", "IBAN"}
    for _, entry in etree.iterparse(io.BytesIO(data), tag="{*}Ntry"):
        kept.append(
            [child.text for child in entry.iter() if child.tag.rpartition("}")[2] in wanted]
        )
        entry.clear()
    assert len(kept) == ENTRIES
    return perf_counter() - start
