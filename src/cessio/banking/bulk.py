"""The lines of a statement in one COPY."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg.errors import UniqueViolation
from sqlalchemy.orm import Session

from cessio.banking.rules import StatementLine
from cessio.plumbing.database import copy_rows

_COLUMNS = {
    "statement_id": "int8", "account_id": "int8", "position": "int8", "fingerprint": "bytea",
    "occurrence": "int8", "amount_minor": "int8", "booked_on": "date", "value_date": "date",
    "is_reversal": "bool", "bank_ref": "text", "end_to_end_id": "text",
    "transaction_code": "text", "party_name": "text", "party_iban": "text",
    "remittance_text": "text", "structured_references": "text[]", "return_code": "text",
}  # fmt: skip


def insert_lines(
    session: Session, statement_id: int, account_id: int, lines: Iterable[StatementLine]
) -> bool:
    """Insert the lines of a statement; False, and none of them, if some are there already."""
    rows = (
        (
            statement_id, account_id, line.position, line.fingerprint, line.occurrence,
            line.amount_minor, line.booked_on, line.value_date, line.is_reversal, line.bank_ref,
            line.end_to_end_id, line.transaction_code, line.party_name, line.party_iban,
            line.remittance_text, line.references, line.return_code,
        )
        for line in lines
    )  # fmt: skip
    types = list(_COLUMNS.values())
    try:
        with session.begin_nested():
            copy_rows(session, "bank_line", list(_COLUMNS), rows, types=types)
    except UniqueViolation:
        return False
    return True
