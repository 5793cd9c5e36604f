"""What a row names belongs to whom the row belongs to: read off the catalogue of the database."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

#: Whose a row is. A debtor alone is nobody's: many clients sell to one.
OWNERS = ("client_id", "contract_id")
#: Column → the table it names, where the name of the column does not say so.
NAMED = {
    "invoice_id": "receivable", "credit_id": "receivable", "limit_id": "credit_limit",
    "request_id": "limit_request", "transaction_id": "ledger_transaction",
    "commission_transaction_id": "ledger_transaction", "reversal_id": "ledger_transaction",
    "indemnity_transaction_id": "ledger_transaction",
    "transfer_transaction_id": "ledger_transaction", "reverses_id": "ledger_transaction",
}  # fmt: skip
#: Why a column is not held to its row's owner.
ARGUED = {
    ("message", "document_id"): "a letter to a debtor is the house's paper, in a client's matter",
    ("message", "mail_id"): "made in the same statement by the one who sends",
    ("message", "sms_id"): "made in the same statement by the one who sends",
    ("approval", "maker_id"): "the house's people decide about a client's",
    ("approval", "checker_id"): "the house's people decide about a client's",
    ("approval", "for_id"): "the house's people decide about a client's",
    ("debtor_reply", "code_id"): "a code may be of a letter about several contracts",
    ("share", "person_id"): "a guest belongs to nobody",
    ("ledger_transaction", "reverses_id"): "a reversal is read with what it reverses: its entries"
    " are the same accounts, and those are held to their contract",
    ("receivable", "original_id"): "the invoice of another contract may be credited",
}  # fmt: skip


def _pairs(session: Session) -> set[tuple[str, str, str, str]]:
    """(table, column, table it names, owner's column both have), by foreign keys and by names."""
    columns: dict[str, set[str]] = {}
    for table, column in session.execute(text(
        "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0"
        " AND NOT attisdropped"
    )):  # fmt: skip
        columns.setdefault(table, set()).add(column)
    keys = {
        (table, column): parent for table, column, parent in session.execute(text(
            "SELECT child.relname, attname, parent.relname FROM pg_constraint"
            " JOIN pg_class AS child ON child.oid = conrelid"
            " JOIN pg_class AS parent ON parent.oid = confrelid"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f'"
        ))
    }  # fmt: skip
    found = set()
    for table, own in columns.items():
        for column in own:
            guess = column.removesuffix("_id") if column.endswith("_id") else ""
            parent = keys.get((table, column)) or NAMED.get(column) or guess
            for owner in OWNERS:
                if parent in columns and owner in own & columns[parent] and column != owner:
                    found.add((table, column, parent, owner))
    return found


def _held(session: Session) -> dict[str, set[tuple[str, str, str, str]]]:
    """What triggers hold, by their names."""
    held: dict[str, set[tuple[str, str, str, str]]] = {}
    for name, table, said in session.execute(text(
        "SELECT tgname, relname, tgargs FROM pg_trigger"
        " JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname LIKE 'no_strangers%'"
        " AND tgenabled <> 'D'"
    )):  # fmt: skip
        words = bytes(said).decode().split("\0")[:-1]
        held.setdefault(name, set()).update(
            (table, *words[place : place + 3]) for place in range(0, len(words), 3)
        )
    return held


def test_what_a_row_names_is_held_to_its_owner(session: Session) -> None:
    held = _held(session)["no_strangers"]
    pairs = {one for one in _pairs(session) if (one[0], one[1]) not in ARGUED}
    assert not pairs - held, "say SELECT keep_together(…), as sql/98_together_rules.sql does"
    assert len(pairs) > 20


def test_what_is_named_later_is_held_as_well(session: Session) -> None:
    """A column that may be empty at first is given later; of rows that never change it is not."""
    later = _held(session)["no_strangers_later"]
    assert {(table, column) for table, column, _, _ in later} == {
        ("unpaid_settlement", "indemnity_transaction_id"),
        ("unpaid_settlement", "transfer_transaction_id"), ("drawdown", "transaction_id"),
        ("drawdown", "commission_transaction_id"), ("fee_charge", "transaction_id"),
        ("fee_charge", "reversal_id"), ("limit_request", "limit_id"),
        ("limit_proposal", "limit_id"), ("limit_proposal", "request_id"),
    }  # fmt: skip


def test_whose_a_named_row_is_never_changes(session: Session) -> None:
    held = set(session.execute(text(
        "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE tgname = 'same_owner'"
    )).scalars())  # fmt: skip
    parents = {parent for table, column, parent, _ in _pairs(session)
               if (table, column) not in ARGUED}  # fmt: skip
    assert parents - {"ledger_transaction"} == held  # that one never changes in any way
