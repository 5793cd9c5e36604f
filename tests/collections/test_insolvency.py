"""A debtor's insolvency: what declaring it does, its claims to the cent, its end."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import collections, documents, settlement
from cessio.collections.operations import insolvency
from cessio.collections.operations.recovery import hand_over
from cessio.collections.queries import insolvencies as queries
from cessio.collections.rules.insolvency import (
    InsolvencyEnd,
    Judgment,
    Procedure,
    claims_due_on,
)
from cessio.contracts import record_fixing
from cessio.contracts.rules import CoverReductionMode, IndexName
from cessio.funding import queries as funding
from cessio.kernel.errors import Conflict, Invalid, Problems
from cessio.limits.queries import open_limits
from cessio.receivables.models import Receivable
from cessio.receivables.operations.limits import NewLimit, decide_limit
from cessio.receivables.queries import cover

PAPER = ("12 rue du Palais", "92000 Nanterre")


def judged(now: datetime, **more: object) -> Judgment:
    told = {"procedure": Procedure.LIQUIDATION, "judged_on": now.date(),
            "representative": "Me Roche", "address": PAPER, **more}  # fmt: skip
    return Judgment(**told)  # type: ignore[arg-type]


def book_of(session: Session, now: datetime, **terms: object) -> Book:
    """Durand owes Alpha 10 000, of which 6 000 are covered at 80 %, and promised to pay."""
    book = open_book(session, now, **terms)
    people = book.people
    decide_limit(
        session, by=people.chloe.by, at=now,
        limit=NewLimit(contract_id=book.alpha, debtor_id=people.durand.id, amount_minor=6_000_00,
                       cover_rate=Decimal("0.80")),
    )  # fmt: skip
    assigned(session, book, now, invoice(book, "FA-1", 10_000_00))
    collections.note_promise(
        session, debtor_id=people.durand.id, receivable_ids=[], amount_minor=1_000_00,
        due_on=now.date() + timedelta(days=5), by=people.jules.by, at=now,
    )  # fmt: skip
    return book


def declared(session: Session, book: Book, now: datetime, **more: object) -> None:
    insolvency.declare_insolvency(
        session, debtor_id=book.people.durand.id, judgment=judged(now, **more),
        by=book.people.chloe.by, at=now,
    )  # fmt: skip


def test_two_months_from_the_publication_and_never_later() -> None:
    assert claims_due_on(date(2026, 10, 12)) == date(2026, 12, 12)  # a Saturday is not put off
    assert claims_due_on(date(2026, 12, 31)) == date(2027, 2, 28)
    assert claims_due_on(None) is None


@pytest.mark.parametrize("mode", list(CoverReductionMode))
def test_declaring_stops_and_keeps_what_is_covered(
    session: Session, now: datetime, mode: CoverReductionMode
) -> None:
    book = book_of(session, now, cover_reduction_mode=mode)
    durand = book.people.durand.id
    before = funding.availability(session, contract_id=book.alpha, on=now.date())
    declared(session, book, now)
    [pair] = [one for one in cover.pair_covers(session, debtor_id=durand)
              if one.contract_id == book.alpha]  # fmt: skip
    assert (pair.covered_minor, pair.free_minor) == (6_000_00, 0)
    after = funding.availability(session, contract_id=book.alpha, on=now.date())
    assert after.available_minor < before.available_minor
    assert after.fundable_minor == 0
    assert queries.open_promise_ids(session, durand) == ()
    assert [row.cover_rate for row in open_limits(session, debtor_id=durand)] == [Decimal("0.80")]
    [due] = settlement.settle_every_unpaid(session, on=now.date(), by="job:x", at=now)
    assert (due.indemnity_minor, due.own_share_minor) == (4_800_00, 1_200_00)
    with pytest.raises(Conflict):
        declared(session, book, now)


def test_what_is_wrong_with_a_judgment_is_said_at_once(session: Session, now: datetime) -> None:
    book = book_of(session, now)
    tomorrow = now.date() + timedelta(days=1)
    with pytest.raises(Problems) as told:
        declared(session, book, now, judged_on=tomorrow, published_on=now.date())
    assert len(told.value.problems) == 2


def test_the_claim_is_what_is_owed_from_before_the_judgment(
    session: Session, now: datetime
) -> None:
    book = book_of(session, now)
    durand, chloe = book.people.durand.id, book.people.chloe.by
    for index, rate in ((IndexName.ECB_REFI, "0.0215"), (IndexName.LEGAL, "0.0262")):
        record_fixing(session, index=index, fixed_on=date(2026, 7, 1), rate=Decimal(rate),
                      source="test", by="system:setup", at=now)  # fmt: skip
    assigned(session, book, now, invoice(book, "FA-2", 1_000_00, on=date(2026, 8, 3), days=30))
    declared(session, book, now, published_on=now.date())
    late = next(one for one in insolvency.claimed(session, debtor_id=durand, judged_on=now.date())
                if one.number == "FA-2")  # fmt: skip
    days = (now.date() - date(2026, 9, 2)).days
    expected = (Decimal(1_000_00) * days * Decimal("0.1215") / 365).quantize(Decimal(1))
    assert (late.late.penalty_minor, late.late.indemnity_minor) == (int(expected), 40_00)
    insolvency.write_claim(session, debtor_id=durand, by=chloe, at=now)
    [view] = queries.insolvencies_of(session, durand)
    assert view.document_id is not None
    pdf = PdfReader(io.BytesIO(documents.read(session, view.document_id).content))
    words = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for said in ("Me Roche", "FA-1", "FA-2", "L622-24", "liquidation judiciaire"):
        assert said in words
    with pytest.raises(Invalid):
        insolvency.note_claimed(session, debtor_id=durand, on=now.date() + timedelta(days=1),
                                by=chloe, at=now)  # fmt: skip
    insolvency.note_claimed(session, debtor_id=durand, on=now.date(), by=chloe, at=now)
    with pytest.raises(Conflict):
        insolvency.note_claimed(session, debtor_id=durand, on=now.date(), by=chloe, at=now)


def test_noted_by_mistake_the_debtor_is_solvent_again_and_limits_stay_down(
    session: Session, now: datetime
) -> None:
    book = book_of(session, now)
    durand, chloe = book.people.durand.id, book.people.chloe.by
    declared(session, book, now)
    insolvency.end_insolvency(session, debtor_id=durand, reason=InsolvencyEnd.MISTAKE,
                              why="homonyme", by=chloe, at=now)  # fmt: skip
    held = session.execute(text("SELECT insolvent_on FROM debtor WHERE id = :id"), {"id": durand})
    assert held.scalar_one() is None
    assert [row.amount_minor for row in open_limits(session, debtor_id=durand)] == [0]
    declared(session, book, now)
    assert len(queries.insolvencies_of(session, durand)) == 2


def test_nobody_is_sued_for_what_is_older_than_the_judgment(
    session: Session, now: datetime
) -> None:
    book = book_of(session, now)
    durand, by = book.people.durand.id, book.people.jules.by
    [older] = session.scalars(select(Receivable.id).where(Receivable.debtor_id == durand))
    declared(session, book, now)
    for chosen in ([older], None):
        with pytest.raises((Conflict, Invalid)) as refused:
            hand_over(session, debtor_id=durand, given_to="Me Huissier", receivable_ids=chosen,
                      by=by, at=now)  # fmt: skip
        assert refused.value.code == ("proceedings_stopped" if chosen else "nothing_to_hand_over")
