"""The same invoice from many sessions is assigned once, and the others are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from sqlalchemy import Engine, text
from tests.receivables.books import draft, invoice, open_book, reasons

from cessio.ledger import bulk as ledger_bulk
from cessio.plumbing.database import transaction
from cessio.receivables import operations
from cessio.receivables.rules import RemittanceState

SESSIONS = 16


def test_the_same_invoice_from_sixteen_sessions_is_assigned_exactly_once(
    engine: Engine, now: datetime
) -> None:
    with transaction(engine) as session:
        book = open_book(session, now)
        made = [
            draft(session, book, now, invoice(book, "F-1", 100_00), invoice(book, "F-2", 50_00),
                  contract=(book.alpha, book.bravo)[n % 2])
            for n in range(SESSIONS)
        ]  # fmt: skip
        for one in made:
            operations.check(session, remittance_id=one, on=now.date(), by=book.by, at=now)
    together = Barrier(SESSIONS)

    def confirm(remittance_id: int) -> RemittanceState:
        with transaction(engine) as session:
            together.wait()
            return operations.submit(session, remittance_id=remittance_id, by=book.by, at=now).state

    with ThreadPoolExecutor(SESSIONS) as pool:
        states = list(pool.map(confirm, made))
    assert sorted(states) == ["assigned"] + ["refused"] * (SESSIONS - 1)
    with transaction(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM receivable")) == 2
        assert ledger_bulk.verify(session) == []
        for one, state in zip(made, states, strict=True):
            told = {code for _, codes in reasons(session, one).values() for code in codes}
            assert ("duplicate_assigned" in told) == (state == "refused")
