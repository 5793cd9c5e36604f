"""Cover and availability of a book of 1,000,000 open receivables, from scratch.

5,000 debtors, 1,000 contracts. Floor: one sequential read of the same rows that sums the exposure
of each debtor.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from time import perf_counter

from sqlalchemy import Engine, text

from cessio.contracts import Product, product_defaults
from cessio.contracts.models import ContractTerms
from cessio.contracts.queries.terms import columns_of
from cessio.funding import queries as funding
from cessio.plumbing.database import transaction
from cessio.receivables.bulk.cover import recompute_cover

RECEIVABLES, DEBTORS, CONTRACTS = 1_000_000, 5_000, 1_000
ON = date(2026, 11, 16)
AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)

_PARTIES = (
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
)
#: Twenty debtors a contract, fifty open invoices a pair; one pair in ten is above its limit.
_BOOK = """
    INSERT INTO receivable (contract_id, client_id, debtor_id, kind, number, number_key,
                            issue_date, due_date, amount_minor, open_minor, assigned_on,
                            assigned_at)
    SELECT 1 + i % :contracts, 1 + i % :contracts,
           1 + ((i % :contracts) * 5 + (i / :contracts) % 20) % :debtors, 'invoice',
           'FA-' || i, 'fa' || i, date '2026-08-15' + (i % 90)::int,
           date '2026-09-30' + (i % 90)::int, 10000 + (i * 37) % 400000,
           10000 + (i * 37) % 400000, '2026-09-15', :at
      FROM generate_series(1::bigint, :receivables) AS i
"""
_LIMITS = """
    INSERT INTO credit_limit (contract_id, debtor_id, kind, amount_minor, valid_from, decided_at,
                              decided_by)
    SELECT DISTINCT contract_id, debtor_id, 'cover',
           CASE WHEN (contract_id + debtor_id) % 10 = 0 THEN 5000000 ELSE 50000000 END,
           date '2026-01-01', CAST(:at AS timestamptz), 'job:bench'
      FROM receivable
"""
_FLOOR = "SELECT debtor_id, sum(open_minor) FROM receivable WHERE closed_on IS NULL GROUP BY 1"


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    _fill(engine)
    floor = min(_timed(engine, _FLOOR) for _ in range(3))
    with transaction(engine) as session:
        recompute_cover(session, on=ON, at=AT)
    start = perf_counter()
    with transaction(engine) as session:
        recompute_cover(session, on=ON, at=AT)
        found = funding.book_availability(session, on=ON)
    both = perf_counter() - start
    assert len(found) == CONTRACTS
    start = perf_counter()
    with transaction(engine) as session:
        funding.availability(session, contract_id=1, on=ON)
    one = perf_counter() - start
    return [
        (f"cover and availability of {RECEIVABLES:,} receivables", floor, both, 6.0),
        ("availability of one contract of 1,000 receivables (30 ms)", 0.03, one, 1.0),
    ]


def _fill(engine: Engine) -> None:
    facts = {"debtors": DEBTORS, "contracts": CONTRACTS, "receivables": RECEIVABLES, "at": AT}
    with transaction(engine) as session:
        for statement in _PARTIES:
            session.execute(text(statement), facts)
        terms = columns_of(product_defaults(Product.FULL, facility_limit_minor=10**10))
        session.add_all(
            ContractTerms(
                contract_id=number, version=1, effective_from=date(2026, 1, 1), decided_at=AT,
                decided_by="job:bench", **terms,
            )
            for number in range(1, CONTRACTS + 1)
        )  # fmt: skip
        session.flush()
        session.execute(text(_BOOK), facts)
        session.execute(text(_LIMITS), facts)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _timed(engine: Engine, query: str) -> float:
    with engine.connect() as connection:
        start = perf_counter()
        connection.execute(text(query)).all()
        return perf_counter() - start
