"""Set-based posting: stage lines with SQL, post them in five statements.

A caller fills two temporary tables, made by ``stage``: ``posting_staged`` (a row per
transaction; ``transaction_id`` fills itself) and ``posting_line_staged`` (a row per line, naming
its transaction's ``ref``), then calls ``post_staged``. The database's own triggers check balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.kernel.calendar import business_date
from cessio.ledger.rules import CHARGES

_STAGE = (
    """
    CREATE TEMP TABLE posting_staged (
      ref bigint PRIMARY KEY,
      transaction_id bigint NOT NULL
        DEFAULT nextval('ledger_transaction_id_seq'),
      kind text NOT NULL, source_kind text NOT NULL, source_id bigint NOT NULL,
      effect text NOT NULL, contract_id bigint, value_date date NOT NULL, memo text,
      reverses_id bigint
    ) ON COMMIT DROP
    """,
    """
    CREATE TEMP TABLE posting_line_staged (
      ref bigint NOT NULL, position bigint NOT NULL, kind text NOT NULL, currency text NOT NULL,
      contract_id bigint, debtor_id bigint, bank_id bigint,
      amount_minor bigint NOT NULL, receivable_id bigint
    ) ON COMMIT DROP
    """,
)

_POST = (
    "ANALYZE posting_staged, posting_line_staged",
    """
    CREATE TEMP TABLE posting_account ON COMMIT DROP AS
    SELECT DISTINCT kind, currency, contract_id, debtor_id, bank_id FROM posting_line_staged
    """,
    """
    INSERT INTO ledger_account (kind, currency, contract_id, debtor_id, bank_id)
    SELECT kind, currency, contract_id, debtor_id, bank_id FROM posting_account
     ORDER BY kind, currency, contract_id, debtor_id, bank_id
    ON CONFLICT ON CONSTRAINT uq_ledger_account_identity DO NOTHING
    """,
    # Each kind of account by the columns that identify it, so that its index is used.
    """
    CREATE TEMP TABLE posting_account_locked ON COMMIT DROP AS
    SELECT account.id, account.kind, account.currency,
           coalesce(account.contract_id, 0) AS contract_id,
           coalesce(account.debtor_id, 0) AS debtor_id,
           coalesce(account.bank_id, 0) AS bank_id, account.balance_minor, account.version
      FROM ledger_account AS account
     WHERE account.id IN (
       SELECT one.id FROM posting_account AS wanted JOIN ledger_account AS one
           ON one.kind = wanted.kind AND one.contract_id = wanted.contract_id
          AND one.debtor_id = wanted.debtor_id AND one.currency = wanted.currency
        UNION ALL
       SELECT one.id FROM posting_account AS wanted JOIN ledger_account AS one
           ON one.kind = wanted.kind AND one.contract_id = wanted.contract_id
          AND one.currency = wanted.currency
        WHERE wanted.debtor_id IS NULL AND one.debtor_id IS NULL
        UNION ALL
       SELECT one.id FROM posting_account AS wanted JOIN ledger_account AS one
           ON one.kind = wanted.kind AND one.currency = wanted.currency
          AND coalesce(one.bank_id, 0) = coalesce(wanted.bank_id, 0)
        WHERE wanted.contract_id IS NULL AND one.contract_id IS NULL
     )
     ORDER BY account.id
       FOR UPDATE
    """,
    "ANALYZE posting_account_locked",
    """
    INSERT INTO ledger_transaction (id, kind, source_kind, source_id, effect, contract_id,
                                    value_date, booked_on, recorded_at, recorded_by, memo,
                                    reverses_id)
    SELECT transaction_id, kind, source_kind, source_id, effect, contract_id,
           value_date, :booked_on, :at, :by, memo, reverses_id
      FROM posting_staged ORDER BY ref
    """,
    """
    INSERT INTO ledger_entry (transaction_id, account_id, amount_minor, balance_after_minor,
                              account_version, receivable_id)
    SELECT head.transaction_id, account.id, line.amount_minor,
           account.balance_minor + sum(line.amount_minor) OVER so_far,
           account.version + count(*) OVER so_far, line.receivable_id
      FROM posting_line_staged AS line
      JOIN posting_staged AS head USING (ref)
      JOIN posting_account_locked AS account
        ON account.kind = line.kind AND account.currency = line.currency
       AND account.contract_id = coalesce(line.contract_id, 0)
       AND account.debtor_id = coalesce(line.debtor_id, 0)
       AND account.bank_id = coalesce(line.bank_id, 0)
    WINDOW so_far AS (PARTITION BY account.id ORDER BY line.ref, line.position
                      ROWS UNBOUNDED PRECEDING)
     ORDER BY line.ref, line.position
    """,
    """
    UPDATE ledger_account AS account
       SET balance_minor = account.balance_minor + moved.amount_minor,
           version = account.version + moved.lines
      FROM (SELECT kind, currency, contract_id, debtor_id, bank_id,
                   sum(amount_minor) AS amount_minor, count(*) AS lines
              FROM posting_line_staged GROUP BY 1, 2, 3, 4, 5) AS moved
      JOIN posting_account_locked AS locked
        ON locked.kind = moved.kind AND locked.currency = moved.currency
       AND locked.contract_id = coalesce(moved.contract_id, 0)
       AND locked.debtor_id = coalesce(moved.debtor_id, 0)
       AND locked.bank_id = coalesce(moved.bank_id, 0)
     WHERE account.id = locked.id
    """,
    "DROP TABLE posting_account, posting_account_locked, posting_line_staged, posting_staged",
)


#: A new entry: transaction, account, amount, balance after it, version after it, receivable.
EntryRow = tuple[int, int, int, int, int, int | None]

_INSERT_ENTRIES = text("""
    INSERT INTO ledger_entry (transaction_id, account_id, amount_minor, balance_after_minor,
                              account_version, receivable_id)
    SELECT transaction_id, account_id, amount_minor, balance_after_minor, account_version,
           receivable_id
      FROM unnest(CAST(:transactions AS bigint[]), CAST(:accounts AS bigint[]),
                  CAST(:amounts AS bigint[]), CAST(:balances AS bigint[]),
                  CAST(:versions AS bigint[]), CAST(:receivables AS bigint[]))
           WITH ORDINALITY AS line (transaction_id, account_id, amount_minor,
                                    balance_after_minor, account_version, receivable_id, position)
     ORDER BY position
""")


def insert_entries(session: Session, rows: Sequence[EntryRow]) -> None:
    """Insert the entries of whole transactions in one statement, which the balance is checked on.

    One text whatever their number, so that neither side compiles it twice.
    """
    columns = list(zip(*rows, strict=True))
    names = ("transactions", "accounts", "amounts", "balances", "versions", "receivables")
    session.execute(
        _INSERT_ENTRIES, {name: list(column) for name, column in zip(names, columns, strict=True)}
    )


def stage(session: Session) -> None:
    """Make the two empty staging tables of this database transaction."""
    for statement in _STAGE:
        session.execute(text(statement))


_STAGE_REVERSALS = (
    """
    INSERT INTO posting_staged (ref, kind, source_kind, source_id, effect, contract_id, value_date,
                                memo, reverses_id)
    SELECT coalesce((SELECT max(ref) FROM posting_staged), 0) + row_number() OVER (ORDER BY id),
           'REVERSAL', source_kind, source_id, 'reverse:' || effect, contract_id, value_date,
           CAST(:memo AS text), id
      FROM ledger_transaction WHERE id = ANY(:ids) AND kind <> 'REVERSAL'
    """,
    """
    INSERT INTO posting_line_staged (ref, position, kind, currency, contract_id, debtor_id,
                                     bank_id, amount_minor, receivable_id)
    SELECT head.ref, entry.id, account.kind, account.currency, account.contract_id,
           account.debtor_id, account.bank_id, -entry.amount_minor, entry.receivable_id
      FROM posting_staged AS head
      JOIN ledger_entry AS entry ON entry.transaction_id = head.reverses_id
      JOIN ledger_account AS account ON account.id = entry.account_id
     WHERE head.reverses_id = ANY(:ids)
    """,
)


def stage_reversals(
    session: Session, transaction_ids: Sequence[int], *, memo: str | None = None
) -> None:
    """Stage the exact opposite of posted transactions, linked to them, with their value dates.

    ``stage`` came before, ``post_staged`` comes after; the database refuses a second reversal of
    the same transaction, and reversals themselves are left alone.
    """
    for statement in _STAGE_REVERSALS:
        session.execute(text(statement), {"ids": list(transaction_ids), "memo": memo})


def post_staged(session: Session, *, by: str, at: datetime) -> None:
    """Post everything staged. The database refuses an imbalance or a repeated (source, effect).

    ``posting_staged.transaction_id`` was readable by the caller until now; the staging tables are
    gone afterwards.
    """
    facts = {"booked_on": business_date(at), "at": at, "by": by}
    for statement in _POST:
        session.execute(text(statement), facts if ":at" in statement else {})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in the books: what rule, which row first, and a sentence."""

    rule: str
    subject: str
    detail: str


_CHARGED = (
    "account.kind = 'CLIENT_CURRENT' AND coalesce(undone.kind, head.kind) IN ("
    + ", ".join(f"'{kind}'" for kind in CHARGES) + ")"
)  # fmt: skip

_PROOFS = {
    "transaction_balances": """
        SELECT 'ledger transaction ' || entry.transaction_id,
               'its entries in ' || account.currency || ' sum to ' || sum(entry.amount_minor)
          FROM ledger_entry AS entry JOIN ledger_account AS account ON account.id = account_id
         GROUP BY entry.transaction_id, account.currency HAVING sum(entry.amount_minor) <> 0
         ORDER BY entry.transaction_id LIMIT 1
    """,
    "transaction_has_entries": """
        SELECT 'ledger transaction ' || head.id, 'it has no entry'
          FROM ledger_transaction AS head LEFT JOIN ledger_entry AS entry
            ON entry.transaction_id = head.id
         WHERE entry.id IS NULL ORDER BY head.id LIMIT 1
    """,
    "entry_has_home": """
        SELECT 'ledger entry ' || entry.id, 'its transaction or its account is not there'
          FROM ledger_entry AS entry
          LEFT JOIN ledger_transaction AS head ON head.id = entry.transaction_id
          LEFT JOIN ledger_account AS account ON account.id = entry.account_id
         WHERE head.id IS NULL OR account.id IS NULL ORDER BY entry.id LIMIT 1
    """,
    "running_balance": """
        SELECT 'ledger entry ' || id, 'the balance after it is ' || balance_after_minor
               || ' at version ' || account_version || ', its predecessors say ' || expected_minor
               || ' at version ' || expected_version
          FROM (SELECT id, balance_after_minor, account_version,
                       sum(amount_minor) OVER so_far AS expected_minor,
                       count(*) OVER so_far AS expected_version
                  FROM ledger_entry
                WINDOW so_far AS (PARTITION BY account_id ORDER BY account_version
                                  ROWS UNBOUNDED PRECEDING)) AS walked
         WHERE balance_after_minor <> expected_minor OR account_version <> expected_version
         ORDER BY id LIMIT 1
    """,
    "account_balance": """
        SELECT 'ledger account ' || account.id || ' (' || account.kind || ')',
               'its balance is ' || account.balance_minor || ', its entries sum to '
               || coalesce(sum(entry.amount_minor), 0)
          FROM ledger_account AS account LEFT JOIN ledger_entry AS entry
            ON entry.account_id = account.id
         GROUP BY account.id
        HAVING account.balance_minor <> coalesce(sum(entry.amount_minor), 0)
            OR account.version <> count(entry.id)
         ORDER BY account.id LIMIT 1
    """,
    "account_charges": f"""
        SELECT 'ledger account ' || account.id || ' (' || account.kind || ')',
               account.charged_minor || ' of it are charges, their entries sum to '
               || coalesce(sum(entry.amount_minor) FILTER (WHERE {_CHARGED}), 0)
          FROM ledger_account AS account
          LEFT JOIN ledger_entry AS entry ON entry.account_id = account.id
          LEFT JOIN ledger_transaction AS head ON head.id = entry.transaction_id
          LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
         WHERE account.kind = 'CLIENT_CURRENT' OR account.charged_minor <> 0
         GROUP BY account.id
        HAVING account.charged_minor
            <> coalesce(sum(entry.amount_minor) FILTER (WHERE {_CHARGED}), 0)
         ORDER BY account.id LIMIT 1
    """,  # noqa: S608
    "reversal_mirrors": """
        SELECT 'ledger transaction ' || head.id,
               'it does not mirror transaction ' || head.reverses_id || ' which it reverses'
          FROM ledger_transaction AS head JOIN ledger_entry AS entry
            ON entry.transaction_id IN (head.id, head.reverses_id)
         WHERE head.reverses_id IS NOT NULL
         GROUP BY head.id, head.reverses_id, entry.account_id, coalesce(entry.receivable_id, 0)
        HAVING sum(entry.amount_minor) <> 0
         ORDER BY head.id LIMIT 1
    """,
}


def verify(session: Session) -> list[Finding]:
    """Prove the ledger whole by reading all of it; each broken rule names its first wrong row."""
    findings = []
    for rule, proof in _PROOFS.items():
        row = session.execute(text(proof)).first()
        if row is not None:
            findings.append(Finding(rule, row[0], row[1]))
    return findings
