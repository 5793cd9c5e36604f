"""The big book: 1,000,000 open receivables, and one contract of 20,000 more with its ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime
from time import perf_counter

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio.contracts import Product, product_defaults
from cessio.contracts.models import ContractTerms
from cessio.contracts.queries.terms import columns_of
from cessio.plumbing.database import transaction

RECEIVABLES, DEBTORS, CONTRACTS = 1_000_000, 5_000, 1_000
#: One more contract, with as many debtors as a large client has.
LARGE, LARGE_RECEIVABLES, LARGE_DEBTORS = CONTRACTS + 1, 20_000, 400
ON = date(2026, 11, 16)
AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)

_FACTS = {
    "debtors": DEBTORS, "contracts": CONTRACTS, "large": LARGE, "receivables": RECEIVABLES,
    "large_receivables": LARGE_RECEIVABLES, "large_debtors": LARGE_DEBTORS, "at": AT,
    "companies": DEBTORS + LARGE,
}  # fmt: skip

_PARTIES = (
    """
    INSERT INTO company (id, name, name_key, siren, country)
    SELECT i, 'Durand ' || i, 'durand ' || i, lpad(i::text, 9, '0'), 'FR'
      FROM generate_series(1, :companies) AS i
    """,
    """
    INSERT INTO debtor (id, company_id, created_at, created_by)
    SELECT i, i, :at, 'job:bench' FROM generate_series(1, :debtors) AS i
    """,
    """
    INSERT INTO client (id, company_id, code, created_at, created_by)
    SELECT i, :debtors + i, 'C' || i, :at, 'job:bench' FROM generate_series(1, :large) AS i
    """,
    """
    INSERT INTO contract (id, client_id, reference, product, signed_on, starts_on, created_at,
                          created_by)
    SELECT i, i, 'CT-' || i, 'full', '2026-01-01', '2026-01-01', :at, 'job:bench'
      FROM generate_series(1, :large) AS i
    """,
)

_COLUMNS = """
    INSERT INTO receivable (contract_id, client_id, debtor_id, kind, number, number_key,
                            issue_date, due_date, amount_minor, open_minor, assigned_on,
                            assigned_at)
"""
#: Twenty debtors a contract, fifty open invoices a pair; one pair in ten is above its limit.
_OPEN = (
    f"""{_COLUMNS}
    SELECT 1 + i % :contracts, 1 + i % :contracts,
           1 + ((i % :contracts) * 5 + (i / :contracts) % 20) % :debtors, 'invoice',
           'FA-' || i, 'fa' || i, date '2026-08-15' + (i % 90)::int,
           date '2026-09-30' + (i % 90)::int, 10000 + (i * 37) % 400000,
           10000 + (i * 37) % 400000, '2026-09-15', :at
      FROM generate_series(1::bigint, :receivables) AS i
    """,
    f"""{_COLUMNS}
    SELECT :large, :large, 1 + i % :large_debtors, 'invoice', 'FB-' || i, 'fb' || i,
           date '2026-08-15' + (i % 90)::int, date '2026-09-30' + (i % 90)::int,
           10000 + (i * 37) % 400000, 10000 + (i * 37) % 400000, '2026-09-15', :at
      FROM generate_series(1::bigint, :large_receivables) AS i
    """,
    """
    INSERT INTO credit_limit (contract_id, debtor_id, kind, amount_minor, valid_from, decided_at,
                              decided_by)
    SELECT DISTINCT contract_id, debtor_id, 'cover',
           CASE WHEN (contract_id + debtor_id) % 10 = 0 THEN 5000000 ELSE 50000000 END,
           date '2026-01-01', CAST(:at AS timestamptz), 'job:bench'
      FROM receivable
    """,
    """
    INSERT INTO dispute (receivable_id, contract_id, amount_minor, reason, opened_at, opened_on,
                         opened_by)
    SELECT id, contract_id, 5000, 'quality', :at, '2026-11-10', 'job:bench'
      FROM receivable WHERE id % 200 = 0
    """,
    """
    INSERT INTO hold (receivable_id, contract_id, reason, placed_at, placed_by)
    SELECT id, contract_id, 'not_verified', :at, 'job:bench' FROM receivable WHERE id % 500 = 7
    """,
)

#: Fifty invoices a remittance: assigned, charged and withheld from in three transactions each.
_LEDGER = (
    """
    CREATE TEMP TABLE line ON COMMIT DROP AS
    SELECT remittance, kind, minor, debtor_id, receivable_id, effect
      FROM (SELECT id / 50 AS remittance, id AS receivable_id, debtor_id, open_minor AS minor,
                   'RECEIVABLE' AS kind, 'ASSIGNMENT' AS effect
              FROM receivable WHERE contract_id = :large
             UNION ALL
            SELECT id / 50, NULL, NULL, -sum(open_minor), 'CLIENT_CURRENT', 'ASSIGNMENT'
              FROM receivable WHERE contract_id = :large GROUP BY 1
             UNION ALL
            SELECT id / 50, NULL, NULL, sum(open_minor) / 200, 'CLIENT_CURRENT', 'COMMISSION'
              FROM receivable WHERE contract_id = :large GROUP BY 1
             UNION ALL
            SELECT id / 50, NULL, NULL, -(sum(open_minor) / 200), 'FEE_INCOME', 'COMMISSION'
              FROM receivable WHERE contract_id = :large GROUP BY 1
             UNION ALL
            SELECT id / 50, NULL, NULL, sum(open_minor) / 10, 'CLIENT_CURRENT', 'RETENTION_CALL'
              FROM receivable WHERE contract_id = :large GROUP BY 1
             UNION ALL
            SELECT id / 50, NULL, NULL, -(sum(open_minor) / 10), 'RETENTION_FUND', 'RETENTION_CALL'
              FROM receivable WHERE contract_id = :large GROUP BY 1) AS every_line
    """,
    """
    INSERT INTO ledger_transaction (kind, source_kind, source_id, effect, contract_id, value_date,
                                    booked_on, recorded_at, recorded_by)
    SELECT DISTINCT effect, 'bench', remittance, effect, CAST(:large AS bigint),
           date '2026-09-15', date '2026-09-15', CAST(:at AS timestamptz), 'job:bench'
      FROM line
    """,
    """
    INSERT INTO ledger_account (kind, contract_id, debtor_id, currency, balance_minor, version)
    SELECT kind, CASE WHEN kind <> 'FEE_INCOME' THEN CAST(:large AS bigint) END, debtor_id, 'EUR',
           sum(minor), count(*)
      FROM line GROUP BY kind, debtor_id
    """,
    """
    INSERT INTO ledger_entry (transaction_id, account_id, amount_minor, balance_after_minor,
                              account_version, receivable_id)
    SELECT head.id, account.id, minor, sum(minor) OVER so_far, count(*) OVER so_far, receivable_id
      FROM line
      JOIN ledger_transaction AS head
        ON head.source_kind = 'bench' AND head.source_id = remittance AND head.effect = line.effect
      JOIN ledger_account AS account
        ON account.kind = line.kind AND coalesce(account.debtor_id, 0) = coalesce(line.debtor_id, 0)
    WINDOW so_far AS (PARTITION BY account.id ORDER BY head.id, receivable_id
                      ROWS UNBOUNDED PRECEDING)
    """,
)


def fill(engine: Engine) -> None:
    """Write the book into an empty database, with the statistics that a running one has."""
    with transaction(engine) as session:
        for statement in _PARTIES:
            session.execute(text(statement), _FACTS)
        _sign_terms(session)
        for statement in (*_OPEN, *_LEDGER):
            session.execute(text(statement), _FACTS)
        for table in ("company", "debtor", "client", "contract"):
            session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
            )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _sign_terms(session: Session) -> None:
    terms = columns_of(product_defaults(Product.FULL, facility_limit_minor=10**10))
    session.add_all(
        ContractTerms(
            contract_id=number, version=1, effective_from=date(2026, 1, 1), decided_at=AT,
            decided_by="job:bench", **terms,
        )
        for number in range(1, LARGE + 1)
    )  # fmt: skip
    session.flush()


def timed(engine: Engine, query: str) -> float:
    """Seconds of one statement, its rows fetched."""
    with engine.connect() as connection:
        start = perf_counter()
        connection.execute(text(query)).all()
        return perf_counter() - start
