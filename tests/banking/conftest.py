"""A bank account of the factor, and a process that knows its reactions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from cessio import banking
from cessio.plumbing import outbox
from tests.banking.camt_samples import IBAN


@pytest.fixture(autouse=True)
def _no_reactions() -> Iterator[None]:
    """Events are published to nobody."""
    with outbox.reactions({}):
        yield


@pytest.fixture
def account_id(session: Session, now: datetime) -> int:
    """The factor's account on which debtors pay and from which payouts leave."""
    return banking.open_account(
        session, name="Encaissements", iban=IBAN, bic="AGRIFRPPXXX", holder="Factor SA",
        is_payout=True, by="system:setup", at=now,
    )  # fmt: skip
