"""A bank account of the factor, and a process that knows its reactions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import text
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


@pytest.fixture(autouse=True)
def treasurers(session: Session) -> None:
    """Two of the treasury, who alone may sign: ``person:1`` and ``person:2``."""
    session.execute(
        text(
            "INSERT INTO person (id, email, name, audience, role, password_hash, created_at,"
            " created_by) SELECT n, n || '@cessio.example', 'Treasurer', 'staff', 'treasury', '!',"
            " now(), 'system:setup' FROM generate_series(1, 2) AS n"
        )
    )
