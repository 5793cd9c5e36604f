"""A client hears of its money and of what is contested, unless it chose not to."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session
from tests.banking.test_formats_pain002 import payment, report
from tests.funding.test_operations import settle
from tests.funding.test_payment_run import sent
from tests.receivables.books import assigned, invoice, open_book
from tests.receivables.test_credit_notes import receivable

from cessio import funding
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.kernel.calendar import Period
from cessio.kernel.paging import PageRequest
from cessio.notifications import Channel, choose
from cessio.notifications import queries as notifications
from cessio.receivables import operations
from cessio.receivables.operations.marking import dispute_many
from cessio.receivables.rules import DisputeReason
from cessio.statements.operations import make_period
from cessio.statements.rules.rhythm import Rhythm
from cessio.web.words.notifications import said


def told(session: Session, person_id: int) -> list[str]:
    rows = notifications.notifications(session, PageRequest(9), person_id=person_id).rows
    return [said(one) for one in rows]


@pytest.mark.parametrize(
    ("word", "sentence"), [("ACSC", "Nous vous avons versé 1 000,00 €"),
                           ("RJCT", "La banque a renvoyé 1 000,00 €")],
)  # fmt: skip
def test_whoever_may_draw_hears_that_it_was_paid_or_came_back(
    session: Session, now: datetime, word: str, sentence: str
) -> None:
    book = settle(session, now)
    order_id = sent(session, book, now, 1_000_00)
    (one,) = queries.orders_drawdowns(session, order_id=order_id)
    data = report(payment(one.end_to_end_id or "", word),
                  name=bank.order(session, order_id=order_id).message_id)  # fmt: skip
    funding.receive_bank_answer(session, order_id=order_id, data=data, filename="a.xml",
                                by=book.people.bruno.by, at=now)  # fmt: skip
    (line,) = told(session, book.people.fanny.id)
    assert line.replace("\u202f", " ").replace("\xa0", " ").startswith(sentence)


def test_what_is_contested_at_once_is_one_line_a_debtor(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    assigned(session, book, now, *(invoice(book, f"F-{n}", 100_00) for n in range(4)),
             invoice(book, "M-1", 70_00, debtor="mercier"))  # fmt: skip
    numbers = [receivable(session, number)[0] for number in ("F-0", "F-1", "F-2", "F-3", "M-1")]
    dispute_many(session, receivable_ids=numbers, reason=DisputeReason.PRICE,
                            by=book.by, at=now)  # fmt: skip
    mercier, durand = sorted(told(session, book.people.fanny.id), key=len)
    for line, parts in ((mercier, ("70,00", "M-1")), (durand, ("400,00", "F-0, F-1, F-2, …"))):
        assert all(part in line for part in parts), line


def test_who_chose_not_to_hear_of_disputes_hears_nothing_and_who_opens_one_knows(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    fanny = book.people.fanny
    assigned(session, book, now, invoice(book, "F-1", 100_00), invoice(book, "F-2", 100_00))
    operations.open_dispute(session, receivable_id=receivable(session, "F-1")[0],
                            reason=DisputeReason.PRICE, by=fanny.by, at=now)  # fmt: skip
    choose(session, person_id=fanny.id, channels={"dispute_opened": Channel.NONE}, at=now)
    operations.open_dispute(session, receivable_id=receivable(session, "F-2")[0],
                            reason=DisputeReason.PRICE, by=book.by, at=now)  # fmt: skip
    assert told(session, fanny.id) == []


def test_who_reads_statements_hears_once_that_the_months_is_ready(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    for _ in range(2):
        make_period(
            session, contract_id=book.alpha, rhythm=Rhythm.MONTHLY, by="job:statements", at=now,
            period=Period(date(2026, 10, 1), date(2026, 10, 31)),
        )  # fmt: skip
    (line,) = told(session, book.people.fanny.id)
    assert line.startswith("Le relevé du contrat CT-")
    assert line.endswith("jusqu’au 31/10/2026 est prêt")
    assert told(session, book.people.gilles.id) == [line]
