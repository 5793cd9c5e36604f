"""Payments without a reference, once a debtor's limit is cancelled (domain.md C4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from tests.cash.books import Desk, Payment, desk
from tests.people import DURAND
from tests.receivables.books import assigned, invoice

from cessio import cash
from cessio.cash import queries
from cessio.cash.operations import take_back
from cessio.cash.operations.undoing import CannotUndo
from cessio.cash.queries import StoredProposal
from cessio.cash.rules import Candidate, LineFacts, ReasonCode, Slot, propose
from cessio.closing.bulk import prove
from cessio.limits import NewLimit
from cessio.receivables.operations.limits import decide_limit

INVOICES = {
    "F-01": (20_000_00, date(2026, 11, 30)), "F-02": (25_000_00, date(2026, 12, 15)),
    "F-03": (15_000_00, date(2026, 12, 28)), "F-04": (10_000_00, date(2027, 1, 10)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """Durand owes F-01 to F-04 under a limit of 50,000, which is then cancelled."""

    desk: Desk

    @property
    def session(self) -> Session:
        return self.desk.session

    def limit(self, euros: int) -> None:
        limit = NewLimit(
            contract_id=self.desk.book.alpha, debtor_id=self.desk.book.people.durand.id,
            amount_minor=euros * 100, reason="revue",
        )  # fmt: skip
        decide_limit(self.session, limit=limit, by="person:1", at=self.desk.at)

    def receive(
        self, euros: int, words: str = "VIREMENT", *, iban: str | None = DURAND.iban
    ) -> int:
        (line,) = self.desk.receive(Payment(euros * 100, words, payer=DURAND.name, iban=iban))
        return line

    def match(self, *, sure_from: str = "0.90") -> cash.MatchRun:
        cash.set_matching(
            self.session, auto_apply_from=Decimal(sure_from), tolerance_minor=0, by="job:setup",
            at=self.desk.at,
        )  # fmt: skip
        return cash.match_open_lines(self.session, by="job:cash.match", at=self.desk.at)

    def proposals(self, line: int) -> list[StoredProposal]:
        return list(queries.proposals_of(self.session, line_id=line))

    def undo(self) -> None:
        ((application_id,),) = self.desk.rows(
            "SELECT id FROM cash_application WHERE undone_at IS NULL"
        )
        cash.undo_application(
            self.session, application_id=application_id, reason="erreur", by="person:1",
            at=self.desk.at,
        )  # fmt: skip

    def covered(self) -> dict[str, int]:
        return self._euros("coalesce(cover.covered_minor, 0)")

    def opened(self) -> dict[str, int]:
        return self._euros("invoice.open_minor")

    def _euros(self, what: str) -> dict[str, int]:
        rows = self.desk.rows(f"""
            SELECT invoice.number, {what} / 100 FROM receivable AS invoice
              LEFT JOIN invoice_cover AS cover ON cover.receivable_id = invoice.id
             WHERE invoice.kind = 'invoice' AND invoice.open_minor > 0 ORDER BY 1
        """)
        return {number: int(euros) for number, euros in rows}


@pytest.fixture
def story(session: Session, now: datetime) -> Iterator[Story]:
    with desk(session, now) as here:
        told = Story(here)
        told.limit(50_000)
        assigned(session, here.book, now, *(
            invoice(here.book, number, minor, on=date(2026, 11, 2),
                    days=(due - date(2026, 11, 2)).days)
            for number, (minor, due) in INVOICES.items()
        ))  # fmt: skip
        yield told


def test_c4_an_unreferenced_payment_goes_to_covered_amounts_first(story: Story) -> None:
    story.limit(0)
    assert story.covered() == {"F-01": 20_000, "F-02": 25_000, "F-03": 5_000, "F-04": 0}
    story.receive(30_000)
    assert story.match().applied == 1
    assert story.opened() == {"F-02": 15_000, "F-03": 15_000, "F-04": 10_000}
    assert story.covered() == {"F-02": 15_000, "F-03": 5_000, "F-04": 0}
    story.receive(20_000)
    assert story.match().applied == 1
    assert story.opened() == {"F-03": 10_000, "F-04": 10_000}
    assert story.covered() == {"F-03": 0, "F-04": 0}
    _prove(story)


def test_c4_undoing_gives_the_kept_cover_back(story: Story) -> None:
    story.limit(0)
    kept, opened = story.covered(), story.opened()
    story.receive(48_000)
    story.match()
    assert story.covered() == {"F-03": 2_000, "F-04": 0}
    story.undo()
    assert (story.covered(), story.opened()) == (kept, opened)
    _prove(story)


def test_an_application_is_undone_once_and_anothers_only_with_a_reason(story: Story) -> None:
    story.receive(20_000)
    story.match()
    ((application_id,),) = story.desk.rows("SELECT id FROM cash_application")
    which = {"application_id": application_id, "by": "person:1", "at": story.desk.at}
    with pytest.raises(CannotUndo) as refused:
        take_back(story.session, **which)
    assert refused.value.code == "take_back_not_own"
    story.undo()
    opened = story.opened()
    with pytest.raises(CannotUndo) as refused:
        cash.undo_application(story.session, reason="encore", **which)
    assert refused.value.code == "application_undone"
    assert story.opened() == opened
    _prove(story)


def test_c4_beyond_what_is_covered_the_rest_is_paid_in_order(story: Story) -> None:
    story.limit(0)
    story.receive(57_000)
    story.match()
    assert story.opened() == {"F-03": 3_000, "F-04": 10_000}
    assert story.covered() == {"F-03": 0, "F-04": 0}


def test_with_a_limit_in_force_the_order_is_the_usual_one(story: Story) -> None:
    line = story.receive(30_000)
    assert story.match().applied == 0
    assert ReasonCode.KEPT_COVER not in _codes(story.proposals(line)[0])


def test_a_payment_that_names_its_invoice_pays_it_all_the_same(story: Story) -> None:
    story.limit(0)
    story.receive(10_000, "FACTURE F-04")
    story.match()
    assert story.opened() == {"F-01": 20_000, "F-02": 25_000, "F-03": 15_000}
    assert story.covered() == {"F-01": 20_000, "F-02": 25_000, "F-03": 5_000}


def test_an_amount_that_fits_another_invoice_waits_for_a_person(story: Story) -> None:
    """10,000 is exactly F-04, but it is not F-04's turn; the first in turn is another matter."""
    story.limit(0)
    line = story.receive(10_000)
    assert story.match(sure_from="0.95").applied == 0
    first, second, *_ = story.proposals(line)
    assert ReasonCode.KEPT_COVER in _codes(first)
    assert [a.amount_minor for a in first.proposal.allocations] == [10_000_00]
    assert first.receivables[0].number == "F-01"
    assert second.receivables[0].number == "F-04"
    assert second.proposal.confidence <= Decimal("0.60")
    story.receive(20_000)
    assert story.match(sure_from="0.95").applied == 1
    assert "F-01" not in story.opened()


def test_a_person_confirms_the_order_and_the_kept_cover_is_used(story: Story) -> None:
    story.limit(0)
    line = story.receive(48_000, iban=None)
    assert story.match().applied == 0
    best = story.proposals(line)[0]
    assert ReasonCode.KEPT_COVER in _codes(best)
    cash.apply_proposal(
        story.session, proposal_id=best.proposal_id, by="person:1", at=story.desk.at
    )
    assert story.covered() == {"F-03": 2_000, "F-04": 0}


def test_two_payments_in_one_file_never_use_the_same_kept_cover(story: Story) -> None:
    story.limit(0)
    story.receive(45_000)
    story.match()
    assert story.covered() == {"F-03": 5_000, "F-04": 0}
    story.desk.receive(
        Payment(3_000_00, payer=DURAND.name, iban=DURAND.iban),
        Payment(3_000_01, payer=DURAND.name, iban=DURAND.iban),
    )
    assert story.match().applied == 1
    assert story.covered() == {"F-03": 2_000, "F-04": 0}
    assert story.match().applied == 1
    assert story.covered() == {"F-03": 0, "F-04": 0}
    _prove(story)


SLOTS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 500_00), st.booleans()), min_size=1, max_size=6
)


@given(slots=SLOTS, paid=st.integers(1, 1_000_00))
def test_the_order_is_followed_to_the_cent(slots: list[tuple[int, int, bool]], paid: int) -> None:
    order = tuple(Slot(i, f"F-{i}", minor, covered) for i, minor, covered in slots)
    due = date(2026, 12, 1)
    book = [
        Candidate(
            i, 1, 1, f"F-{i}", sum(s.amount_minor for s in order if s.receivable_id == i), due
        )
        for i in {slot.receivable_id for slot in order}
    ]
    line = LineFacts(1, paid, frozenset({1}), order={1: order})
    for proposal in propose(line, book):
        assert proposal.payment_minor + proposal.rest_minor == paid
        if ReasonCode.KEPT_COVER not in {reason.code for reason in proposal.reasons}:
            assert proposal.confidence <= Decimal("0.60")
            continue
        left = paid
        for slot in order:
            left -= min(left, slot.amount_minor)
        assert proposal.rest_minor == left
        for a in proposal.allocations:
            covered = sum(
                s.amount_minor for s in order if s.receivable_id == a.receivable_id and s.is_covered
            )
            assert 0 <= a.kept_minor <= min(a.amount_minor, covered)


def _codes(stored: StoredProposal) -> set[ReasonCode]:
    return {reason.code for reason in stored.proposal.reasons}


def _prove(story: Story) -> None:
    assert [finding for proof in prove(story.session) for finding in proof.findings] == []
