from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.books import BY, EARLY, Pair, new_contract, new_debtor

from cessio.contracts.rules import CoverOrderKey, CoverReductionMode
from cessio.limits.models import CoverFloor, CreditLimit
from cessio.limits.rules import CoverInvoice, allocate_cover, preview_limit
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.models import Dispute, Receivable

TODAY = date(2026, 2, 1)
NOW = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)


def covers(session: Session) -> dict[int, int]:
    """Covered amount of every receivable that has any."""
    return _by_receivable(session, "SELECT receivable_id, covered_minor FROM receivable_cover")


def floors(session: Session) -> dict[int, int]:
    return _by_receivable(session, "SELECT receivable_id, floor_minor FROM cover_floor")


def _by_receivable(session: Session, query: str) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(text(query))}


# -- the set-based computation is the rule --------------------------------------------------


@dataclass(frozen=True)
class Book:
    """A random pair: its contract's choices, its limit if it is named, and its invoices."""

    order_key: CoverOrderKey
    mode: CoverReductionMode
    limit: int | None
    invoices: tuple[CoverInvoice, ...]
    credits: tuple[int, ...]


BLANKET = 15

near = st.dates(date(2026, 1, 1), date(2026, 1, 4))
amounts = st.integers(1, 40)
invoice = st.builds(
    CoverInvoice,
    receivable_id=st.just(0),
    number=st.sampled_from(["F1", "F10", "F2", "f2", "é", "É-1"]),
    due_date=near,
    issue_date=near,
    assigned_on=near,
    open_minor=st.just(0) | amounts,
    disputed_minor=st.just(0) | amounts,
    floor_minor=st.just(0) | amounts,
)
books = st.builds(
    Book,
    order_key=st.sampled_from(CoverOrderKey),
    mode=st.sampled_from(CoverReductionMode),
    limit=st.none() | st.integers(0, 150),
    invoices=st.lists(invoice, max_size=7).map(tuple),
    credits=st.lists(amounts, max_size=2).map(tuple),
)


def shelves(session: Session) -> dict[tuple[CoverOrderKey, CoverReductionMode], int]:
    """A contract of each kind, made once for all examples."""
    made = session.info.setdefault("contracts", {})
    for key in CoverOrderKey:
        for mode in CoverReductionMode:
            if (key, mode) not in made:
                made[key, mode] = new_contract(
                    session, cover_order_key=key, cover_reduction_mode=mode,
                    blanket_cover_minor=BLANKET,
                )  # fmt: skip
    return made


def shelf(session: Session, book: Book) -> Pair:
    contract_id = shelves(session)[book.order_key, book.mode]
    return Pair(contract_id, 1, new_debtor(session))


def lay_down(session: Session, pair: Pair, book: Book) -> list[CoverInvoice]:
    """The invoices of a random pair in the database, with their ids."""
    if book.limit is not None:
        set_limit(session, pair, book.limit)
    rows = [
        _row(pair, one.number, one.open_minor, one) for one in book.invoices
    ] + [_row(pair, "A", -credit, None) for credit in book.credits]  # fmt: skip
    session.add_all(rows)
    session.flush()
    found = [
        replace(one, receivable_id=row.id)
        for one, row in zip(book.invoices, rows[: len(book.invoices)], strict=True)
    ]
    for one in found:
        if one.disputed_minor:
            session.add(
                Dispute(receivable_id=one.receivable_id, contract_id=pair.contract_id,
                        amount_minor=one.disputed_minor, reason="quality", opened_at=EARLY,
                        opened_on=TODAY, opened_by=BY)
            )  # fmt: skip
        if one.floor_minor:
            session.add(
                CoverFloor(receivable_id=one.receivable_id, floor_minor=one.floor_minor, set_at=NOW)
            )
    session.flush()
    return found


def _row(pair: Pair, number: str, open_minor: int, one: CoverInvoice | None) -> Receivable:
    return Receivable(
        contract_id=pair.contract_id, client_id=pair.client_id, debtor_id=pair.debtor_id,
        kind="invoice" if one else "credit_note", number=number, number_key=number,
        issue_date=(one and one.issue_date) or TODAY, due_date=one.due_date if one else TODAY,
        amount_minor=open_minor + 1 if one else open_minor, open_minor=open_minor,
        assigned_on=(one and one.assigned_on) or TODAY, assigned_at=EARLY,
        closed_on=None if open_minor else TODAY,
    )  # fmt: skip


def set_limit(session: Session, pair: Pair, amount: int, **fields: Any) -> None:
    session.add(
        CreditLimit(
            contract_id=pair.contract_id, debtor_id=pair.debtor_id, kind="cover",
            amount_minor=amount, valid_from=date(2026, 1, 1), decided_at=EARLY, decided_by=BY,
            **fields,
        )
    )  # fmt: skip
    session.flush()


def nonzero(amounts: dict[int, int]) -> dict[int, int]:
    return {receivable_id: minor for receivable_id, minor in amounts.items() if minor}


@settings(max_examples=60)
@given(laid=st.lists(books, min_size=1, max_size=3), whole=st.booleans())
def test_any_book_is_covered_as_the_rule_says(
    session: Session, laid: list[Book], whole: bool
) -> None:
    shelves(session)
    with session.begin_nested() as savepoint:
        expected: dict[int, int] = {}
        for book in laid:
            pair = shelf(session, book)
            found = lay_down(session, pair, book)
            limit = BLANKET if book.limit is None else book.limit
            expected |= allocate_cover(limit, found, book.order_key).by_receivable()
            if not whole:
                recompute_cover(
                    session, contract_id=pair.contract_id, debtor_ids=[pair.debtor_id],
                    on=TODAY, at=NOW,
                )  # fmt: skip
        if whole:
            recompute_cover(session, on=TODAY, at=NOW)
        assert covers(session) == nonzero(expected)
        assert recompute_cover(session, on=TODAY, at=NOW).invoice_count == 0
        savepoint.rollback()
        session.expunge_all()


@settings(max_examples=60)
@given(book=books, before=st.integers(0, 150), after=st.integers(0, 150), whole=st.booleans())
def test_a_change_of_limit_does_what_the_rule_previews(
    session: Session, book: Book, before: int, after: int, whole: bool
) -> None:
    shelves(session)
    with session.begin_nested() as savepoint:
        pair = shelf(session, book)
        found = lay_down(session, pair, replace(book, limit=before))
        named = {} if whole else {"contract_id": pair.contract_id, "debtor_ids": [pair.debtor_id]}
        recompute_cover(session, **named, on=TODAY, at=NOW)  # type: ignore[arg-type]
        session.execute(text("UPDATE credit_limit SET amount_minor = :a"), {"a": after})
        recompute_cover(session, **named, on=TODAY, at=NOW)  # type: ignore[arg-type]
        preview = preview_limit(
            found, before_minor=before, after_minor=after, order_key=book.order_key, mode=book.mode
        )
        assert covers(session) == nonzero(preview.after.by_receivable())
        still_open = {one.receivable_id for one in found if one.open_minor}
        kept = {k: v for k, v in floors(session).items() if k in still_open}
        assert kept == {k: v for k, v in preview.floors.items() if k in still_open}
        savepoint.rollback()
        session.expunge_all()
