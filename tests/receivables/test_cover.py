from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Event
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests.books import (
    BY,
    EARLY,
    Pair,
    dispute,
    new_contract,
    new_debtor,
    new_invoice,
    new_pair,
    pair_under,
    pay,
)

from cessio.contracts import change_terms, terms_in_force
from cessio.contracts.rules import CoverOrderKey, CoverReductionMode
from cessio.kernel.errors import Conflict, Problems
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind, post
from cessio.limits import (
    announce_idle_approvals,
    ask_for_limit,
    effective_limits,
    record_limit,
)
from cessio.limits.models import CoverFloor, CreditLimit
from cessio.limits.operations import NewLimit
from cessio.limits.queries import idle_approvals, limit_history
from cessio.limits.queries import request as limit_request
from cessio.limits.rules import (
    CoverInvoice,
    LimitKind,
    RequestAnswer,
    allocate_cover,
    floors_after_cut,
    insurer_pays,
)
from cessio.limits.rules import preview_limit as preview_by_rule
from cessio.plumbing.database import transaction
from cessio.receivables.bulk.cover import CoverChange, recompute_cover, sets, use_kept_cover
from cessio.receivables.jobs import limits_day
from cessio.receivables.models import Dispute, Receivable
from cessio.receivables.operations.limits import (
    LimitDecided,
    Standing,
    answer_limit_request,
    cancel_idle_approvals,
    decide_limit,
    end_limit,
    expire_limits,
    preview_limit,
)
from cessio.receivables.queries.cover import (
    DebtorCover,
    PaymentSlot,
    debtor_cover,
    pair_covers,
    receivables_in_payment_order,
)

TODAY = date(2026, 2, 1)
NOW = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)


def covers(session: Session) -> dict[int, int]:
    """Covered amount of every receivable that has any."""
    return _by_receivable(
        session, "SELECT receivable_id, covered_minor FROM invoice_cover WHERE covered_minor <> 0"
    )


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

scopes = st.sampled_from(["pair", "debtor", "contract", "book"])


def named(pair: Pair, scope: str) -> dict[str, Any]:
    """The arguments that make a computation take in a pair by itself, or with others."""
    contract, debtors = {"contract_id": pair.contract_id}, {"debtor_ids": [pair.debtor_id]}
    return {"pair": contract | debtors, "debtor": debtors, "contract": contract, "book": {}}[scope]


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
    return pair_under(session, contract_id, new_debtor(session))


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
@given(laid=st.lists(books, min_size=1, max_size=3), scope=scopes, by_pair=st.booleans())
def test_any_book_is_covered_as_the_rule_says(
    session: Session, laid: list[Book], scope: str, by_pair: bool
) -> None:
    """Whether the invoices of pairs beyond their limit are sought pair by pair or all read."""
    shelves(session)
    way = patch.object(sets, "_MOST_ARE_FULL", f"SELECT {by_pair}")
    with way, session.begin_nested() as savepoint:
        expected: dict[int, int] = {}
        for book in laid:
            pair = shelf(session, book)
            found = lay_down(session, pair, book)
            limit = BLANKET if book.limit is None else book.limit
            expected |= allocate_cover(limit, found, book.order_key).by_receivable()
            recompute_cover(session, **named(pair, scope), on=TODAY, at=NOW)
        assert covers(session) == nonzero(expected)
        assert recompute_cover(session, on=TODAY, at=NOW).invoice_count == 0
        savepoint.rollback()
        session.expunge_all()


@settings(max_examples=60)
@given(book=books, before=st.integers(0, 150), after=st.integers(0, 150), scope=scopes)
def test_a_change_of_limit_does_what_the_rule_previews(
    session: Session, book: Book, before: int, after: int, scope: str
) -> None:
    shelves(session)
    with session.begin_nested() as savepoint:
        pair = shelf(session, book)
        found = lay_down(session, pair, replace(book, limit=before))
        recompute_cover(session, **named(pair, scope), on=TODAY, at=NOW)
        session.execute(text("ALTER TABLE credit_limit DISABLE TRIGGER sealed_fact"))
        session.execute(text("UPDATE credit_limit SET amount_minor = :a"), {"a": after})
        recompute_cover(session, **named(pair, scope), on=TODAY, at=NOW)
        preview = preview_by_rule(
            found, before_minor=before, after_minor=after, order_key=book.order_key, mode=book.mode
        )
        assert covers(session) == nonzero(preview.after.by_receivable())
        still_open = {one.receivable_id for one in found if one.open_minor}
        kept = {k: v for k, v in floors(session).items() if k in still_open}
        assert kept == {k: v for k, v in preview.floors.items() if k in still_open}
        savepoint.rollback()
        session.expunge_all()


# -- C1 to C7 of domain.md through the operations -------------------------------------------


@dataclass(frozen=True)
class Story:
    """The invoices F1 to F4 of domain.md section 3 under a limit of 50,000, quotité 90 %."""

    session: Session
    pair: Pair
    ids: dict[str, int]

    def decide(self, amount: int, on: date = TODAY, **more: Any) -> LimitDecided:
        limit = self.new(amount, **more)
        return decide_limit(self.session, limit=limit, by=BY, at=noon(on))

    def new(self, amount: int, **more: Any) -> NewLimit:
        return NewLimit(
            contract_id=self.pair.contract_id, debtor_id=self.pair.debtor_id,
            amount_minor=amount * 100, **{"reason": "review", **more},
        )  # fmt: skip

    def recompute(self, on: date = TODAY) -> None:
        recompute_cover(
            self.session, contract_id=self.pair.contract_id, debtor_ids=[self.pair.debtor_id],
            on=on, at=noon(on),
        )  # fmt: skip

    def pay(self, number: str, euros: int, on: date = TODAY) -> None:
        pay(self.session, self.ids[number], euros * 100, on)
        self.recompute(on)

    def add(self, number: str, euros: int, due_date: date, on: date = TODAY) -> None:
        self.ids[number] = new_invoice(
            self.session, self.pair, number, euros * 100, due_date=due_date, assigned_on=on
        )
        self.recompute(on)

    def cover(self, on: date = TODAY, as_of: date | None = None) -> DebtorCover:
        return debtor_cover(
            self.session, contract_id=self.pair.contract_id, debtor_id=self.pair.debtor_id,
            on=on, as_of=as_of,
        )  # fmt: skip

    def euros(self, on: date = TODAY) -> dict[str, int]:
        """Covered euros by number, in cover order."""
        return {i.number: i.covered_minor // 100 for i in self.cover(on).invoices}


def noon(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 11, 0, tzinfo=UTC)


@pytest.fixture
def story(session: Session) -> Story:
    return tell(session)


def tell(session: Session, **terms: Any) -> Story:
    pair = new_pair(session, cover_rate_default=Decimal("0.90"), **terms)
    told = Story(session, pair, {})
    decide_limit(session, limit=told.new(50_000), by=BY, at=noon(date(2026, 1, 5)))
    for number, euros, due_date in (
        ("F1", 20_000, date(2026, 1, 31)), ("F2", 25_000, date(2026, 2, 15)),
        ("F3", 15_000, date(2026, 2, 28)), ("F4", 10_000, date(2026, 3, 10)),
    ):  # fmt: skip
        told.add(number, euros, due_date, on=date(2026, 1, 5))
    return told


def test_c1_chronological_cover(story: Story) -> None:
    start = story.cover()
    assert story.euros() == {"F1": 20_000, "F2": 25_000, "F3": 5_000, "F4": 0}
    assert (start.used_minor, start.queued_minor, start.free_minor) == (50_000_00, 20_000_00, 0)
    assert start.indemnity.paid_minor == 45_000_00
    story.pay("F1", 20_000)
    assert story.euros() == {"F2": 25_000, "F3": 15_000, "F4": 10_000}
    assert (story.cover().used_minor, story.cover().queued_minor) == (50_000_00, 0)
    story.pay("F2", 10_000)
    after = story.cover()
    assert (after.used_minor, after.queued_minor, after.free_minor) == (40_000_00, 0, 10_000_00)
    assert after.indemnity.paid_minor == 36_000_00


def test_c2_limit_raised(story: Story) -> None:
    done = story.decide(60_000)
    assert (done.cover.invoice_count, done.cover.gained_minor) == (1, 10_000_00)
    assert story.euros() == {"F1": 20_000, "F2": 25_000, "F3": 15_000, "F4": 0}


def test_c3_limit_cut_keeps_existing_cover(story: Story) -> None:
    assert story.decide(30_000).cover.invoice_count == 0
    story.add("F5", 5_000, date(2026, 3, 31))
    assert story.euros() == {"F1": 20_000, "F2": 25_000, "F3": 5_000, "F4": 0, "F5": 0}
    assert story.cover().used_minor == 50_000_00
    story.pay("F1", 20_000)
    assert story.euros() == {"F2": 25_000, "F3": 5_000, "F4": 0, "F5": 0}
    story.pay("F2", 25_000)
    assert story.euros() == {"F3": 15_000, "F4": 10_000, "F5": 5_000}


def test_c3_a_contract_may_say_that_a_cut_takes_cover_at_once(session: Session) -> None:
    story = tell(session, cover_reduction_mode=CoverReductionMode.IMMEDIATE)
    done = story.decide(30_000)
    assert (done.cover.invoice_count, done.cover.lost_minor) == (2, 20_000_00)
    assert story.euros() == {"F1": 20_000, "F2": 10_000, "F3": 0, "F4": 0}


def test_c4_limit_cancelled_and_covered_amounts_paid_first(story: Story) -> None:
    session = story.session
    before = [slot.number for slot in story_slots(story)]
    assert before == ["F1", "F2", "F3", "F4"]
    assert not any(slot.is_covered for slot in story_slots(story))
    story.decide(0)
    kept = {"F1": 20_000, "F2": 25_000, "F3": 5_000, "F4": 0}
    assert story.euros() == kept
    slots = story_slots(story)
    assert [(s.number, s.amount_minor // 100, s.is_covered) for s in slots] == [
        ("F1", 20_000, True), ("F2", 25_000, True), ("F3", 5_000, True),
        ("F3", 10_000, False), ("F4", 10_000, False),
    ]  # fmt: skip
    use_kept_cover(session, paid={story.ids["F1"]: 20_000_00, story.ids["F2"]: 10_000_00})
    pay(session, story.ids["F1"], 20_000_00, TODAY)
    story.pay("F2", 10_000)
    assert story.cover().used_minor == 20_000_00
    assert story.euros() == {"F2": 15_000, "F3": 5_000, "F4": 0}
    use_kept_cover(session, paid={story.ids["F3"]: 5_000_00})
    story.pay("F3", 5_000)
    assert story.euros() == {"F2": 15_000, "F3": 0, "F4": 0}


def test_c4_undoing_payments_gives_back_the_cover_that_was_kept(story: Story) -> None:
    story.decide(0)
    kept = story.euros()
    paid = {story.ids["F1"]: 20_000_00, story.ids["F3"]: 5_000_00}
    for sign in (1, -1):
        use_kept_cover(story.session, paid={i: sign * minor for i, minor in paid.items()})
        pay(story.session, story.ids["F1"], sign * 20_000_00, TODAY)
        story.pay("F3", sign * 5_000)
    assert story.euros() == kept


def story_slots(story: Story) -> tuple[PaymentSlot, ...]:
    return receivables_in_payment_order(
        story.session, contract_id=story.pair.contract_id, debtor_id=story.pair.debtor_id, on=TODAY
    )


def test_c5_quotite(story: Story) -> None:
    loss = story.cover().indemnity
    assert (loss.paid_minor, loss.own_share_minor) == (45_000_00, 5_000_00)
    story.decide(50_000, cover_rate=Decimal(1))
    whole = story.cover().indemnity
    assert (whole.paid_minor, whole.own_share_minor) == (50_000_00, 0)


def test_c6_an_unused_approval_is_announced_then_cancelled(session: Session) -> None:
    pair = new_pair(session, auto_cancel_unused_approval_days=180, unused_approval_notice_days=15)
    granted = date(2026, 1, 5)
    limit = NewLimit(contract_id=pair.contract_id, debtor_id=pair.debtor_id, amount_minor=9_00)
    done = decide_limit(session, limit=limit, by=BY, at=noon(granted))

    def day(after: int) -> tuple[int, int]:
        """What the daily job announces and cancels so many days after the grant."""
        on = granted + timedelta(days=after)
        told = announce_idle_approvals(session, on=on, by="job:limits", at=noon(on))
        cancelled = cancel_idle_approvals(session, on=on, by="job:limits", at=noon(on))
        return len(told), len(cancelled)

    assert [day(after) for after in (164, 165, 166, 179)] == [(0, 0), (1, 0), (0, 0), (0, 0)]
    assert day(180) == (0, 1)
    assert day(181) == (0, 0)
    on = granted + timedelta(days=181)
    found = effective_limits(session, contract_id=pair.contract_id, debtor_id=pair.debtor_id, on=on)
    assert found.cover_minor == 0
    history = limit_history(session, contract_id=pair.contract_id, debtor_id=pair.debtor_id)
    assert [(row.amount_minor, row.end_reason) for row in history] == [(0, None), (9_00, "unused")]
    assert history[1].id == done.decided.limit_id


def test_c6_no_approval_lapses_before_its_client_was_told_in_time(session: Session) -> None:
    pair = new_pair(session, auto_cancel_unused_approval_days=180, unused_approval_notice_days=15)
    limit = NewLimit(contract_id=pair.contract_id, debtor_id=pair.debtor_id, amount_minor=9_00)
    decide_limit(session, limit=limit, by=BY, at=noon(date(2026, 1, 5)))
    late = date(2026, 9, 1)  # the job did not run for months
    assert cancel_idle_approvals(session, on=late, by=BY, at=noon(late)) == ()
    told = announce_idle_approvals(session, on=late, by=BY, at=noon(late))
    assert [idle.cancels_on for idle in told] == [date(2026, 9, 16)]
    on = date(2026, 9, 15)
    assert cancel_idle_approvals(session, on=on, by=BY, at=noon(on)) == ()
    on = date(2026, 9, 16)
    assert len(cancel_idle_approvals(session, on=on, by=BY, at=noon(on))) == 1


def test_c6_an_approval_that_covers_something_is_used(story: Story) -> None:
    on = date(2026, 12, 1)
    assert idle_approvals(story.session, on=on) == ()
    for number, euros in (("F1", 20_000), ("F2", 25_000), ("F3", 15_000), ("F4", 10_000)):
        story.pay(number, euros)
    assert [idle.last_used_on for idle in idle_approvals(story.session, on=on)] == [
        date(2026, 1, 5)
    ]


def test_c7_the_client_is_indemnified_whatever_the_insurer_bears(story: Story) -> None:
    story.decide(50_000, insurer="COFACE", insurer_reference="A-17")
    loss = story.cover().indemnity
    reimbursed = insurer_pays(loss.paid_minor, losses_before_minor=0, deductible_minor=10_000_00)
    assert (loss.paid_minor, reimbursed) == (45_000_00, 35_000_00)


# -- decisions, expiries, previews ----------------------------------------------------------


def test_a_preview_names_the_invoices_and_the_room(story: Story) -> None:
    found = preview_limit(story.session, limit=story.new(60_000), on=TODAY)
    assert [(c.number, c.before_minor, c.after_minor) for c in found.changes] == [
        ("F3", 5_000_00, 15_000_00)
    ]
    assert found.before == Standing(50_000_00, 50_000_00, 20_000_00, 50_000_00, 0)
    assert found.after == Standing(60_000_00, 60_000_00, 10_000_00, 60_000_00, 0)
    assert story.euros() == {"F1": 20_000, "F2": 25_000, "F3": 5_000, "F4": 0}
    wide = preview_limit(story.session, limit=story.new(90_000), on=TODAY)
    assert wide.after.funding_room_minor == 20_000_00
    funding = story.new(10_000, kind=LimitKind.FUNDING)
    capped = preview_limit(story.session, limit=funding, on=TODAY)
    assert (capped.changes, capped.after.funding_minor) == ((), 10_000_00)
    with pytest.raises(Problems):
        preview_limit(story.session, limit=story.new(-1), on=TODAY)


@settings(max_examples=40)
@given(
    first=st.integers(0, 90), then=st.integers(0, 90), mode=st.sampled_from(CoverReductionMode),
    temporary=st.booleans(), paid=st.integers(0, 25), disputed=st.integers(0, 25),
)  # fmt: skip
def test_what_a_preview_shows_is_what_happens(
    session: Session, first: int, then: int, mode: CoverReductionMode, temporary: bool,
    paid: int, disputed: int,
) -> None:  # fmt: skip
    with session.begin_nested() as savepoint:
        story = tell(session, cover_reduction_mode=mode)
        story.decide(first * 1000)
        if disputed:
            dispute(session, story.ids["F1"], disputed * 100_000, TODAY)
        story.pay("F2", paid * 1000)
        limit = story.new(
            then * 1000, is_temporary=temporary and then > 0,
            valid_to=TODAY + timedelta(days=9) if temporary and then else None,
        )  # fmt: skip
        before = covers(session)
        found = preview_limit(session, limit=limit, on=TODAY)
        decide_limit(session, limit=limit, by=BY, at=NOW)
        after = covers(session)
        seen = {c.receivable_id: (c.before_minor, c.after_minor) for c in found.changes}
        assert seen == {
            i: (before.get(i, 0), after.get(i, 0))
            for i in before.keys() | after.keys()
            if before.get(i, 0) != after.get(i, 0)
        }
        cover = story.cover()
        assert found.after.limit_minor == cover.limits.cover_minor
        assert found.after.covered_minor == cover.used_minor == sum(after.values())
        assert found.after.queued_minor == cover.queued_minor
        savepoint.rollback()
        session.expunge_all()


def test_a_limit_that_runs_out_is_a_cut_and_the_job_may_run_twice(story: Story) -> None:
    story.decide(70_000, is_temporary=True, valid_to=date(2026, 2, 10))
    assert story.euros()["F4"] == 10_000
    for on, ended in ((date(2026, 2, 10), 0), (date(2026, 2, 11), 1), (date(2026, 2, 11), 0)):
        done = expire_limits(story.session, on=on, by="job:limits", at=noon(on))
        assert (len(done.limit_ids), done.cover.invoice_count) == (ended, 0)
    after = date(2026, 2, 11)
    assert story.euros(after) == {"F1": 20_000, "F2": 25_000, "F3": 15_000, "F4": 10_000}
    assert story.cover(after).limits.cover_minor == 50_000_00
    story.add("F5", 5_000, date(2026, 3, 31), on=after)
    assert story.euros(after)["F5"] == 0


def test_whoever_computes_first_after_an_expiry_keeps_what_was_covered(story: Story) -> None:
    story.decide(70_000, is_temporary=True, valid_to=date(2026, 2, 10))
    story.pay("F1", 20_000, on=date(2026, 2, 11))  # before the daily job ran
    assert story.euros(date(2026, 2, 11)) == {"F2": 25_000, "F3": 15_000, "F4": 10_000}
    expire_limits(story.session, on=date(2026, 2, 12), by="job:limits", at=noon(date(2026, 2, 12)))
    assert story.cover(date(2026, 2, 12)).used_minor == 50_000_00


def test_a_limit_that_starts_later_takes_effect_by_the_daily_job(story: Story) -> None:
    start = date(2026, 2, 20)
    preview = preview_limit(story.session, limit=story.new(70_000, valid_from=start), on=TODAY)
    story.decide(70_000, valid_from=start)
    assert preview.effective_on == start
    assert story.euros()["F4"] == 0
    expire_limits(story.session, on=start, by="job:limits", at=noon(start))
    assert story.cover(start).used_minor == preview.after.covered_minor == 70_000_00


def test_new_terms_take_effect_by_the_daily_job(session: Session) -> None:
    story = Story(session, new_pair(session, blanket_cover_minor=15_000_00), {})
    story.add("F1", 10_000, date(2026, 3, 1), on=date(2026, 1, 5))
    story.add("F2", 10_000, date(2026, 2, 1), on=date(2026, 1, 6))
    assert story.euros() == {"F2": 10_000, "F1": 5_000}
    change_terms(
        session, contract_id=story.pair.contract_id, effective_from=TODAY, by=BY, at=NOW,
        terms=replace(
            terms_in_force(session, story.pair.contract_id, TODAY),
            blanket_cover_minor=12_000_00, cover_order_key=CoverOrderKey.ASSIGNMENT_DATE,
        ),
    )  # fmt: skip
    expire_limits(session, on=TODAY, by="job:limits", at=NOW)
    assert story.euros() == {"F1": 5_000, "F2": 10_000}
    assert pair_covers(session, contract_id=story.pair.contract_id)[0].kept_minor == 15_000_00


def test_a_request_is_answered_by_its_decision(story: Story) -> None:
    request_id = ask_for_limit(
        story.session, contract_id=story.pair.contract_id, debtor_id=story.pair.debtor_id,
        amount_minor=70_000_00, by="person:7", at=NOW,
    )  # fmt: skip
    done = answer_limit_request(
        story.session, request_id=request_id, limit=story.new(60_000), by=BY, at=NOW
    )
    assert done.cover.gained_minor == 10_000_00
    found = limit_request(story.session, request_id)
    assert (found.answer, found.limit_id) == (RequestAnswer.PARTLY, done.decided.limit_id)
    other = replace(story.new(1), debtor_id=new_debtor(story.session))
    with pytest.raises(Conflict):
        answer_limit_request(story.session, request_id=request_id, limit=other, by=BY, at=NOW)


def test_the_end_of_a_temporary_limit_keeps_what_it_covered(story: Story) -> None:
    done = story.decide(70_000, is_temporary=True, valid_to=date(2026, 3, 31))
    change = end_limit(
        story.session, limit_id=done.decided.limit_id, reason="insurer", by=BY, at=NOW
    )
    assert change.invoice_count == 0
    assert story.cover().limits.cover_minor == 50_000_00
    assert story.euros()["F4"] == 10_000


# -- disputes, closing, history ------------------------------------------------------------


def test_a_disputed_invoice_gives_its_cover_to_the_next_and_takes_it_back(story: Story) -> None:
    row = dispute(story.session, story.ids["F1"], 20_000_00, TODAY)
    story.recompute()
    found = story.cover()
    assert story.euros() == {"F1": 0, "F2": 25_000, "F3": 15_000, "F4": 10_000}
    assert (found.disputed_minor, found.queued_minor) == (20_000_00, 0)
    story.session.get_one(Dispute, row).ended_at = NOW
    story.session.flush()
    story.recompute()
    assert story.euros() == {"F1": 20_000, "F2": 25_000, "F3": 5_000, "F4": 0}


def test_a_credit_note_takes_no_cover_and_frees_none(story: Story) -> None:
    before = story.euros()
    new_invoice(story.session, story.pair, "A1", -5_000_00, due_date=TODAY, kind="credit_note")
    story.recompute()
    assert story.euros() == before


def test_undoing_a_payment_gives_back_the_cover_exactly(story: Story) -> None:
    before = covers(story.session)
    story.pay("F1", 20_000)
    assert story.ids["F1"] not in covers(story.session)
    story.pay("F1", -20_000)
    assert covers(story.session) == before


def test_cover_of_a_past_day_is_what_was_known_then(story: Story) -> None:
    contract_id, debtor_id = story.pair.contract_id, story.pair.debtor_id
    start = date(2026, 1, 5)

    def book(number: str, euros: int, on: date, effect: str) -> None:
        receivable = AccountKey(
            AccountKind.RECEIVABLE, "EUR", contract_id=contract_id, debtor_id=debtor_id
        )
        client = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", contract_id=contract_id)
        post(
            story.session,
            Posting(
                kind=TransactionKind.ASSIGNMENT, source_kind="test",
                source_id=story.ids[number], effect=effect, value_date=on,
                lines=(Line(receivable, euros * 100, story.ids[number]),
                       Line(client, -euros * 100)),
                contract_id=contract_id,
            ),
            by=BY, at=noon(on),
        )  # fmt: skip

    for number, euros in (("F1", 20_000), ("F2", 25_000), ("F3", 15_000), ("F4", 10_000)):
        book(number, euros, start, "assignment")
    then = story.cover()
    book("F1", -20_000, TODAY + timedelta(days=1), "paid")
    story.pay("F1", 20_000, on=TODAY + timedelta(days=1))
    story.decide(90_000, on=TODAY + timedelta(days=2))
    found = story.cover(as_of=TODAY)
    assert found == replace(then, invoices=found.invoices)
    assert [(i.number, i.open_minor, i.covered_minor) for i in found.invoices] == [
        (i.number, i.open_minor, i.covered_minor) for i in then.invoices
    ]
    next_day = story.cover(as_of=TODAY + timedelta(days=1))
    assert [(i.number, i.covered_minor // 100) for i in next_day.invoices] == [
        ("F2", 25_000), ("F3", 15_000), ("F4", 10_000),
    ]  # fmt: skip


def test_the_use_of_limits_is_listed_without_reading_invoices(story: Story) -> None:
    (found,) = pair_covers(story.session, contract_id=story.pair.contract_id)
    assert (found.limit_minor, found.covered_minor, found.queued_minor, found.free_minor) == (
        50_000_00, 50_000_00, 20_000_00, 0,
    )  # fmt: skip
    assert pair_covers(story.session, client_id=story.pair.client_id, queued_only=True) == (found,)
    assert pair_covers(story.session, debtor_id=10**9) == ()
    for number, euros in (("F1", 20_000), ("F2", 25_000), ("F3", 15_000), ("F4", 10_000)):
        story.pay(number, euros)
    (empty,) = pair_covers(story.session, contract_id=story.pair.contract_id)
    assert (empty.covered_minor, empty.queued_minor, empty.free_minor) == (0, 0, 50_000_00)


def test_computing_for_nobody_does_nothing(session: Session) -> None:
    assert recompute_cover(session, contract_id=1, debtor_ids=[], on=TODAY, at=NOW) == CoverChange(
        0, 0, 0
    )


def test_one_debtor_is_computed_over_all_its_contracts(session: Session) -> None:
    debtor_id, other = new_debtor(session), new_debtor(session)
    pairs = [
        pair_under(session, new_contract(session, blanket_cover_minor=10_00), which)
        for which in (debtor_id, debtor_id, other)
    ]
    for pair in pairs:
        new_invoice(session, pair, "F1", 15_00, due_date=TODAY)
    done = recompute_cover(session, debtor_ids=[debtor_id], on=TODAY, at=NOW)
    assert (done.invoice_count, done.gained_minor) == (2, 20_00)
    assert sorted(covers(session).values()) == [10_00, 10_00]


# -- a life of changes ---------------------------------------------------------------------

steps = st.one_of(
    st.tuples(st.just("assign"), st.integers(1, 40), st.integers(0, 5)),
    st.tuples(st.just("pay"), st.integers(0, 9), st.integers(1, 40)),
    st.tuples(st.just("undo"), st.integers(0, 9), st.integers(1, 40)),
    st.tuples(st.just("dispute"), st.integers(0, 9), st.integers(1, 40)),
    st.tuples(st.just("settle"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("limit"), st.integers(0, 90), st.just(0)),
)


class Life:
    """One pair living through changes, beside what the rules say of it."""

    def __init__(self, session: Session, pair: Pair, mode: CoverReductionMode) -> None:
        self.session, self.pair, self.mode = session, pair, mode
        self.limit, self.facts, self.paid = 0, list[CoverInvoice](), dict[int, int]()
        self.posted = 0

    def step(self, what: str, which: int, much: int, at: datetime) -> None:
        if what == "assign":
            due = TODAY + timedelta(days=much)
            new = new_invoice(self.session, self.pair, f"F{len(self.facts)}", which, due_date=due,
                              assigned_on=at.date(), assigned_at=at)  # fmt: skip
            self.facts.append(CoverInvoice(new, f"F{len(self.facts)}", due, which))
            self.book(new, which, at)
        elif what == "limit":
            limit = NewLimit(contract_id=self.pair.contract_id, debtor_id=self.pair.debtor_id,
                             amount_minor=which, reason="review")  # fmt: skip
            record_limit(self.session, limit=limit, by=BY, at=at)
            if which < self.limit:
                now = allocate_cover(self.limit, self.facts)
                floors = floors_after_cut(self.facts, now, self.mode)
                self.facts = [
                    replace(fact, floor_minor=floors.get(fact.receivable_id, 0))
                    for fact in self.facts
                ]
            self.limit = which
        elif self.facts:
            self.change(what, which % len(self.facts), much, at)

    def change(self, what: str, index: int, much: int, at: datetime) -> None:
        fact = self.facts[index]
        if what in ("pay", "undo"):
            paid = self.paid.get(index, 0)
            amount = min(much, fact.open_minor) if what == "pay" else -min(much, paid)
            if amount:
                self.paid[index] = paid + amount
                pay(self.session, fact.receivable_id, amount, at.date())
                self.book(fact.receivable_id, -amount, at)
                self.facts[index] = replace(fact, open_minor=fact.open_minor - amount)
        elif what == "dispute" and not fact.disputed_minor:
            dispute(self.session, fact.receivable_id, much, at.date(), at)
            self.facts[index] = replace(fact, disputed_minor=much)
        elif what == "settle":
            self.session.execute(
                text("UPDATE dispute SET ended_at = :at WHERE receivable_id = :id"
                     " AND ended_at IS NULL"),
                {"at": at, "id": fact.receivable_id},
            )  # fmt: skip
            self.facts[index] = replace(fact, disputed_minor=0)

    def book(self, receivable_id: int, amount: int, at: datetime) -> None:
        self.posted += 1
        contract_id = self.pair.contract_id
        receivable = AccountKey(
            AccountKind.RECEIVABLE, "EUR", contract_id=contract_id, debtor_id=self.pair.debtor_id
        )
        client = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", contract_id=contract_id)
        lines = (Line(receivable, amount, receivable_id), Line(client, -amount))
        posting = Posting(
            kind=TransactionKind.ASSIGNMENT, source_kind="test", source_id=self.posted,
            effect=f"life {self.pair.debtor_id}", value_date=at.date(), lines=lines,
            contract_id=contract_id,
        )  # fmt: skip
        post(self.session, posting, by=BY, at=at)

    def expected(self) -> dict[int, int]:
        return nonzero(allocate_cover(self.limit, self.facts).by_receivable())


@settings(max_examples=25)
@given(
    days=st.lists(st.lists(st.tuples(steps, scopes), max_size=5), min_size=2, max_size=5),
    mode=st.sampled_from(CoverReductionMode),
)
def test_cover_follows_every_change_and_every_past_day_stays_known(
    session: Session, days: list[list[Any]], mode: CoverReductionMode
) -> None:
    contract_id = shelves(session)[CoverOrderKey.DUE_DATE, mode]
    with session.begin_nested() as savepoint:
        pair = pair_under(session, contract_id, new_debtor(session))
        life = Life(session, pair, mode)
        life.step("limit", 30, 0, noon(date(2026, 1, 30)))
        known: dict[date, dict[int, int]] = {}
        for number, actions in enumerate(days):
            on = TODAY + timedelta(days=2 * number)
            for minute, ((what, which, much), scope) in enumerate(actions):
                at = noon(on) + timedelta(minutes=minute)
                life.step(what, which, much, at)
                recompute_cover(session, **named(pair, scope), on=on, at=at)
                assert covers(session) == life.expected()
            known[on] = known[on + timedelta(days=1)] = life.expected()
        for day, expected in known.items():
            seen = debtor_cover(session, contract_id=contract_id, debtor_id=pair.debtor_id,
                                on=day, as_of=day)  # fmt: skip
            assert {
                i.receivable_id: i.covered_minor for i in seen.invoices if i.covered_minor
            } == expected
        savepoint.rollback()
        session.expunge_all()


def test_an_invoice_that_lost_its_cover_twice_shows_it_on_each_day(session: Session) -> None:
    mode = CoverReductionMode.IMMEDIATE
    contract_id = shelves(session)[CoverOrderKey.DUE_DATE, mode]
    pair = pair_under(session, contract_id, new_debtor(session))
    life = Life(session, pair, mode)
    for number, amount in enumerate((20, 25, 15)):
        life.step("assign", amount, number, noon(TODAY))
    shown = []
    for number, limit in enumerate((50, 90, 20, 60)):
        on = TODAY + timedelta(days=number)
        life.step("limit", limit, 0, noon(on))
        recompute_cover(session, contract_id=pair.contract_id, on=on, at=noon(on))
    for number in range(4):
        day = TODAY + timedelta(days=number)
        seen = debtor_cover(session, contract_id=pair.contract_id, debtor_id=pair.debtor_id,
                            on=day, as_of=day)  # fmt: skip
        shown.append([invoice.covered_minor for invoice in seen.invoices])
    assert shown == [[20, 25, 5], [20, 25, 15], [20, 0, 0], [20, 25, 15]]


# -- at the same time, and day by day --------------------------------------------------------


def test_a_decision_and_an_assignment_at_the_same_time_leave_the_cover_of_both(
    engine: Engine,
) -> None:
    with transaction(engine) as session:
        story = tell(session)
    deciding = Event()

    def decide() -> None:
        with transaction(engine) as session:
            limit = story.new(60_000)
            deciding.set()
            decide_limit(session, limit=limit, by=BY, at=NOW)

    with ThreadPoolExecutor(1) as other, transaction(engine) as session:
        here = replace(story, session=session)
        here.add("F0", 8_000, date(2026, 1, 30))
        done = other.submit(decide)
        deciding.wait(10)
        with pytest.raises(TimeoutError):
            done.result(0.3)  # it waits for the pair
        session.commit()
        done.result(10)
    with transaction(engine) as session:
        found = replace(story, session=session).euros()
    assert found == {"F0": 8_000, "F1": 20_000, "F2": 25_000, "F3": 7_000, "F4": 0}


@dataclass
class Day:
    """What a job is given of its day, with the test's session for its transaction."""

    session: Session
    at: datetime
    by: str = "job:limits.day"
    result: dict[str, int] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        yield self.session

    def finish(self, session: Session, result: dict[str, int]) -> None:
        self.result = result


def test_the_daily_job_ends_tells_and_cancels_and_may_run_twice(story: Story) -> None:
    story.decide(70_000, is_temporary=True, valid_to=date(2026, 2, 10))
    idle = new_pair(story.session, auto_cancel_unused_approval_days=30,
                    unused_approval_notice_days=9)  # fmt: skip
    limit = NewLimit(contract_id=idle.contract_id, debtor_id=idle.debtor_id, amount_minor=9_00)
    decide_limit(story.session, limit=limit, by=BY, at=noon(date(2026, 1, 20)))
    results = []
    for on in (date(2026, 2, 11), date(2026, 2, 11), date(2026, 2, 20)):
        day = Day(story.session, noon(on))
        limits_day(day, on=on)  # type: ignore[arg-type]
        results.append(tuple((day.result or {}).values()))
    assert results == [(1, 1, 0), (0, 0, 0), (0, 0, 1)]
