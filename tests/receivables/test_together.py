"""The database refuses a row that hangs on another client's, however it came."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.books import BY, EARLY, Pair, new_invoice, new_pair

from cessio.ledger.models import LedgerAccount, LedgerTransaction
from cessio.receivables.models import Dispute

TODAY = date(2026, 11, 16)


def test_a_dispute_is_of_the_contract_of_its_invoice(session: Session) -> None:
    one, other = new_pair(session), new_pair(session)
    invoice = new_invoice(session, one, "F-1", 100_00, due_date=TODAY)
    with pytest.raises(IntegrityError, match="not of its contract"), session.begin_nested():
        session.add(_dispute(invoice, other.contract_id))
    session.add(_dispute(invoice, one.contract_id))
    session.flush()


def _dispute(receivable_id: int, contract_id: int) -> Dispute:
    return Dispute(
        receivable_id=receivable_id, contract_id=contract_id, amount_minor=1_00, reason="quality",
        opened_at=EARLY, opened_on=TODAY, opened_by=BY,
    )  # fmt: skip


def test_an_invoice_never_moves_to_another_client(session: Session) -> None:
    one, other = new_pair(session), new_pair(session)
    invoice = new_invoice(session, one, "F-1", 100_00, due_date=TODAY)
    for column, value in (("contract_id", other.contract_id), ("client_id", other.client_id)):
        with pytest.raises(IntegrityError, match="whose it is never changes"), \
                session.begin_nested():  # fmt: skip
            session.execute(
                text(f"UPDATE receivable SET {column} = :value WHERE id = :id"),
                {"value": value, "id": invoice},
            )


def test_an_invoice_is_under_a_contract_of_its_client(session: Session) -> None:
    one, other = new_pair(session), new_pair(session)
    mixed = Pair(one.contract_id, other.client_id, one.debtor_id)
    with pytest.raises(IntegrityError, match="not of its client_id"), session.begin_nested():
        new_invoice(session, mixed, "F-1", 100_00, due_date=TODAY)


def test_an_entry_is_on_the_account_of_its_invoice(session: Session) -> None:
    one, other = new_pair(session), new_pair(session)
    invoice = new_invoice(session, one, "F-1", 100_00, due_date=TODAY)
    with pytest.raises(IntegrityError, match="not on the account of its receivable"):
        _post(session, other, invoice)


def _post(session: Session, pair: Pair, receivable_id: int) -> None:
    """Two entries of an invoice on a pair's account, as a program that errs would write them."""
    account = LedgerAccount(
        kind="RECEIVABLE", contract_id=pair.contract_id, debtor_id=pair.debtor_id, currency="EUR",
        balance_minor=0, version=0,
    )  # fmt: skip
    head = LedgerTransaction(
        kind="CASH_APPLICATION", contract_id=pair.contract_id, booked_on=TODAY, value_date=TODAY,
        recorded_at=EARLY, recorded_by=BY, source_kind="test", source_id=1, effect="test",
    )  # fmt: skip
    session.add_all([account, head])
    session.flush()
    session.execute(
        text("INSERT INTO ledger_entry (transaction_id, account_id, amount_minor,"
             " balance_after_minor, account_version, receivable_id)"
             " SELECT :head, :account, sign, greatest(sign, 0), place, :receivable"
             " FROM (VALUES (1, 1), (-1, 2)) AS said (sign, place)"),
        {"head": head.id, "account": account.id, "receivable": receivable_id},
    )  # fmt: skip
