"""The database refuses a row that hangs on another client's, however it came."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.books import BY, EARLY, new_invoice, new_pair

from cessio.receivables.models import Dispute

TODAY = date(2026, 11, 16)


def test_a_dispute_is_of_the_contract_of_its_invoice(session: Session) -> None:
    one, other = new_pair(session), new_pair(session)
    invoice = new_invoice(session, one, "F-1", 100_00, due_date=TODAY)

    def dispute(contract_id: int) -> Dispute:
        return Dispute(receivable_id=invoice, contract_id=contract_id, amount_minor=1_00,
                       reason="quality", opened_at=EARLY, opened_on=TODAY, opened_by=BY)  # fmt: skip

    with pytest.raises(IntegrityError, match=r"names receivable \d+, which is not of its contract"):
        with session.begin_nested():
            session.add(dispute(other.contract_id))
    session.add(dispute(one.contract_id))
    session.flush()


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
    mixed = type(one)(one.contract_id, other.client_id, one.debtor_id)
    with pytest.raises(IntegrityError, match="not of its client_id"), session.begin_nested():
        new_invoice(session, mixed, "F-1", 100_00, due_date=TODAY)


def test_an_entry_is_on_the_account_of_its_invoice(session: Session) -> None:
    one, other = new_pair(session), new_pair(session)
    invoice = new_invoice(session, one, "F-1", 100_00, due_date=TODAY)
    accounts = [
        session.execute(
            text("INSERT INTO ledger_account (kind, contract_id, debtor_id, currency, balance_minor,"
                 " version, charged_minor) VALUES ('RECEIVABLE', :contract, :debtor, 'EUR', 0, 0, 0)"
                 " RETURNING id"),
            {"contract": pair.contract_id, "debtor": pair.debtor_id},
        ).scalar_one()
        for pair in (one, other)
    ]  # fmt: skip
    assert accounts[0] != accounts[1]
    with pytest.raises(IntegrityError, match="not on the account of its receivable"), \
            session.begin_nested():  # fmt: skip
        _post(session, other.contract_id, invoice, accounts[1])


def _post(session: Session, contract_id: int, receivable_id: int, account_id: int) -> None:
    head = session.execute(
        text("INSERT INTO ledger_transaction (kind, contract_id, booked_on, value_date, recorded_at,"
             " source_kind, source_id, effect, recorded_by) VALUES ('CASH_APPLICATION', :contract, :on, :on,"
             " :at, 'test', 1, 'test', :by) RETURNING id"),
        {"contract": contract_id, "on": TODAY, "at": EARLY, "by": BY},
    ).scalar_one()  # fmt: skip
    session.execute(
        text("INSERT INTO ledger_entry (transaction_id, account_id, amount_minor,"
             " balance_after_minor, account_version, receivable_id)"
             " VALUES (:head, :account, 1, 1, 1, :receivable), (:head, :account, -1, 0, 2, :receivable)"),
        {"head": head, "account": account_id, "receivable": receivable_id},
    )  # fmt: skip
