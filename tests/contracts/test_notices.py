"""A debtor is told where to pay, once, on paper, and only where the contract says so."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session
from tests.books import BY, SIGNED, new_client, new_contract, new_debtor

from cessio import documents
from cessio.contracts import operations, queries
from cessio.contracts.operations import DebtorNotTold, PayTo, notify_debtor
from cessio.contracts.rules import NotificationMode
from cessio.correspondence import messages_about

PAY_TO = PayTo("FR7630004008120001012345640", "BNPAFRPPXXX", "Atlas Factor")


def test_the_notice_names_the_account_and_is_printed_once_a_day(
    session: Session, now: datetime
) -> None:
    contract_id = new_contract(session, new_client(session, "Alpha Industrie"))
    debtor_id = new_debtor(session)
    _mode(session, contract_id, NotificationMode.NOTIFIED, now)
    first = notify_debtor(session, contract_id=contract_id, debtor_id=debtor_id, pay_to=PAY_TO,
                          by=BY, at=now)  # fmt: skip
    again = notify_debtor(session, contract_id=contract_id, debtor_id=debtor_id, pay_to=PAY_TO,
                          by=BY, at=now)  # fmt: skip
    assert first == again
    (kept,) = messages_about(session, kind="debtor", id=debtor_id)
    assert kept.subject == "Cession des créances d’Alpha Industrie"
    assert "FR76\u00a03000\u00a04008" in kept.body
    assert kept.document_id is not None
    assert documents.read(session, kept.document_id).content.startswith(b"%PDF")


@pytest.mark.parametrize("mode", [NotificationMode.CONFIDENTIAL, NotificationMode.SEMI])
def test_a_debtor_of_a_confidential_contract_is_told_nothing(
    session: Session, now: datetime, mode: NotificationMode
) -> None:
    contract_id = new_contract(session, new_client(session))
    _mode(session, contract_id, mode, now)
    with pytest.raises(DebtorNotTold):
        notify_debtor(session, contract_id=contract_id, debtor_id=new_debtor(session),
                      pay_to=PAY_TO, by=BY, at=now)  # fmt: skip


def _mode(session: Session, contract_id: int, mode: NotificationMode, now: datetime) -> None:
    terms = queries.terms_in_force(session, contract_id, SIGNED)
    if terms.notification_mode is not mode:
        operations.change_terms(
            session, contract_id=contract_id, terms=replace(terms, notification_mode=mode),
            effective_from=SIGNED, reason="test", by=BY, at=now,
        )  # fmt: skip
