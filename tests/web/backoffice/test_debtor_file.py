"""Debtor 360: what a company owes over all clients, as the ledger has it, and how it pays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from cessio.cash import record_direct_payment
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from cessio.receivables.operations import open_dispute
from cessio.receivables.queries import behaviour
from cessio.receivables.rules import DisputeReason
from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office

OWED = """
SELECT sum(entry.amount_minor) FROM ledger_entry AS entry
  JOIN receivable ON receivable.id = entry.receivable_id WHERE receivable.debtor_id = %s
"""


def paid(office: Office, number: str, minor: int) -> None:
    with transaction(office.engine) as session:
        record_direct_payment(session, receivable_id=office.id_of(number), amount_minor=minor,
                              paid_on=office.now.date(), by=office.book.people.alice.by,
                              at=office.now)  # fmt: skip


def test_what_it_owes_is_what_the_ledger_says(office: Office) -> None:
    durand = office.book.people.durand.id
    paid(office, "F-1", 200_00)
    with office.engine.connect() as connection:
        owed = int(connection.exec_driver_sql(OWED, (durand,)).scalar_one())
    with office.sits(office.book.people.chloe) as chloe, counted(office.engine) as statements:
        page = chloe.get(f"/backoffice/debtors/{durand}").text
    assert len(statements) <= MOST_STATEMENTS
    shown = {formats.money(owed, "EUR", code=code) for code in ("fr", "en")}
    assert any(words in page for words in shown)


def test_its_requests_and_disputes_are_at_hand(office: Office) -> None:
    mercier = office.book.people.mercier.id
    with transaction(office.engine) as session:
        open_dispute(session, receivable_id=office.id_of("F-3"), reason=DisputeReason.PRICE,
                     by=office.book.people.alice.by, at=office.now)  # fmt: skip
    with office.sits(office.book.people.chloe) as chloe:
        page = chloe.get(f"/backoffice/debtors/{mercier}").text
    assert f"/backoffice/limits/decide?request={office.request}" in page
    assert f"/backoffice/receivables/{office.id_of('F-3')}" in page


def test_lateness_is_told_by_the_size_of_the_invoice(office: Office) -> None:
    paid(office, "F-1", 900_00)
    paid(office, "F-2", 100_00)
    since = office.now.date() - timedelta(days=30)
    with transaction(office.engine) as session:
        found = behaviour.payment_behaviour(
            session, debtor_id=office.book.people.durand.id, since=since
        )
        days = {
            row.number: (office.now.date() - row.due_date).days
            for row in session.connection().exec_driver_sql(
                "SELECT number, due_date FROM receivable WHERE number IN ('F-1', 'F-2')"
            )
        }
    (small,) = found.brackets
    assert (small.from_minor, small.upto_minor, small.invoice_count) == (0, 1_000_00, 2)
    assert small.paid_minor == 1_000_00
    weighted = Decimal(days["F-1"] * 900 + days["F-2"] * 100) / 1000
    assert small.days_late == round(weighted, 1)
