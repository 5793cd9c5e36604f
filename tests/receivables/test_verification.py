"""Verification before funding: who must be, why, that nothing gets round it, and how it ends."""

from __future__ import annotations

import hashlib
import random
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, draft, invoice, open_book

from cessio import vigilance
from cessio.contracts import queries as contracts
from cessio.contracts.rules import IneligibleReason, Terms
from cessio.correspondence import Recipient
from cessio.funding import operations as funding
from cessio.funding import queries as availability
from cessio.kernel.errors import CessioError, Invalid
from cessio.kernel.paging import PageRequest
from cessio.receivables import operations, queries
from cessio.receivables.operations import marking
from cessio.receivables.queries import verification as reads
from cessio.receivables.queries.verification import VerificationFilter
from cessio.receivables.rules import DisputeReason
from cessio.receivables.rules.verification import (
    Answer,
    VerificationFacts,
    VerificationMethod,
    VerificationReason,
    VerificationState,
    reasons_to_verify,
)

DEBTORS = ("durand", "mercier", "leroy")
ASK = Recipient("compta@durand.example", "Comptabilité", "fr")
PAGE = "https://cessio.example/confirm"


def reasons_of(session: Session) -> dict[str, list[str]]:
    rows = session.execute(
        text("SELECT number, reasons FROM verification v JOIN receivable r ON r.id = receivable_id")
    )
    return {row.number: row.reasons for row in rows}


def waiting(session: Session, number: str) -> int:
    return int(session.execute(
        text("SELECT coalesce(max(v.id), 0) FROM verification v"
             " JOIN receivable r ON r.id = receivable_id WHERE number = :number"),
        {"number": number},
    ).scalar_one())  # fmt: skip


def receivable(session: Session, number: str) -> int:
    found = session.execute(text("SELECT id FROM receivable WHERE number = :n"), {"n": number})
    return int(found.scalar_one())


def answered(session: Session, number: str, answer: Answer, book: Book, at: datetime,
             minor: int | None = None) -> VerificationState:  # fmt: skip
    return operations.answer_verification(
        session, verification_id=waiting(session, number), answer=answer,
        method=VerificationMethod.CALL, confirmed_minor=minor, contact="Mme Petit",
        by=book.people.alice.by, at=at,
    )  # fmt: skip


def test_every_reason_to_verify_is_told() -> None:
    terms = Terms(verification_min_minor=100, verification_first_invoices=2,
                  verification_sample_rate=Decimal("0.1"),
                  verification_risk_rate=Decimal("0.5"))  # fmt: skip
    nothing = VerificationFacts(99, before=2, is_risky=False, has_signal=False, drawn=6_554)
    assert reasons_to_verify(nothing, terms) == ()
    everything = VerificationFacts(100, before=1, is_risky=True, has_signal=True, drawn=32_767)
    assert reasons_to_verify(everything, terms) == (
        VerificationReason.SIGNAL, VerificationReason.ABOVE_AMOUNT, VerificationReason.NEW_DEBTOR,
        VerificationReason.SAMPLE,
    )  # fmt: skip
    risky = VerificationFacts(99, before=2, is_risky=True, has_signal=False, drawn=32_768)
    assert reasons_to_verify(risky, terms) == ()


def test_a_sample_is_replayed_with_its_seed_and_not_without(session: Session) -> None:
    prints = [number.to_bytes(32, "big") for number in range(20_000)]

    def drawn(seed: bytes) -> list[int]:
        session.execute(
            text(
                "INSERT INTO verification_seed (value, set_at, set_by) VALUES (:seed, now(), 'i')"
            ),
            {"seed": hashlib.sha256(seed).digest()},
        )
        asked = {"prints": prints}
        return list(session.scalars(text("SELECT verification_draws(:prints)"), asked))

    first, other = drawn(b"one"), drawn(b"two")
    assert first == drawn(b"one")
    share = sum(each < 65_536 * Decimal("0.05") for each in first) / len(first)
    assert abs(share - 0.05) < 0.006
    same = sum(a < 3_277 and b < 3_277 for a, b in zip(first, other, strict=True))
    assert same < 2 * 0.05 * sum(
        each < 3_277 for each in other
    )  # one seed tells nothing of another


@pytest.mark.parametrize("seed", range(6))
def test_what_was_foreseen_is_what_is_held_and_what_the_rules_say(
    session: Session, now: datetime, seed: int
) -> None:
    """The statement that assigns, the preview and the pure rule agree on every invoice."""
    rng = random.Random(seed)
    terms = {"verification_min_minor": rng.choice([None, 5_000_00]),
             "verification_first_invoices": rng.randrange(4),
             "verification_sample_rate": Decimal(rng.choice(["0", "0.2"])),
             "verification_risk_rate": Decimal(rng.choice(["0", "0.5"]))}  # fmt: skip
    book = open_book(session, now, **terms)
    session.execute(text("UPDATE debtor SET segment = 'regular' WHERE id = :id"),
                    {"id": book.people.mercier.id})  # fmt: skip
    number = 0
    for _ in range(3):
        rows = []
        for _ in range(rng.randrange(1, 7)):
            number += 1
            rows.append(invoice(book, f"F-{number}", rng.randrange(100, 9_000_00),
                                debtor=rng.choice(DEBTORS)))  # fmt: skip
        remittance = draft(session, book, now, *rows)
        operations.check(session, remittance_id=remittance, on=now.date(), by=book.by, at=now)
        signs = {row.receivable_id for row in queries.planned(session, remittance).documents
                 if rng.random() < 0.2}  # fmt: skip
        operations.mark_lines(session, remittance_id=remittance, receivable_ids=signs)
        documents = queries.planned(session, remittance).documents
        agreed = contracts.terms_in_force(session, book.alpha, now.date())
        expected = reads.foreseen(session, documents, contract_id=book.alpha, terms=agreed,
                                  currency="EUR")  # fmt: skip
        operations.assign(session, remittance_id=remittance, by=book.by, at=now)
        held = session.execute(
            text("SELECT receivable_id, reasons FROM verification WHERE receivable_id = ANY(:ids)"),
            {"ids": [one.receivable_id for one in documents]},
        )  # fmt: skip
        assert {key: tuple(found) for key, found in held} == expected
        holds = session.scalars(
            text("SELECT receivable_id FROM hold WHERE receivable_id = ANY(:ids)"
                 " AND reason = 'not_verified'"),
            {"ids": [one.receivable_id for one in documents]},
        )  # fmt: skip
        assert set(holds) == set(expected)


@pytest.mark.parametrize("seed", range(5))
def test_no_draw_is_possible_on_an_unverified_invoice_above_the_threshold(
    session: Session, now: datetime, seed: int
) -> None:
    """A model against the book: whatever people try, what is drawn was verified or is small."""
    rng = random.Random(seed)
    least = 5_000_00
    book = open_book(session, now, verification_min_minor=least, blanket_cover_minor=10**12,
                     payout_approval_threshold_minor=10**9)  # fmt: skip
    amounts: dict[str, int] = {}
    unverified: set[str] = set()
    for step in range(40):
        number = rng.choice(sorted(amounts)) if amounts else ""
        act = rng.randrange(8)
        with suppress(CessioError), session.begin_nested():
            if act <= 1 or not amounts:
                number = f"F-{step}"
                minor = rng.randrange(1_000_00, 9_000_00)
                assigned(session, book, now, invoice(book, number, minor))
                amounts[number] = minor
                unverified |= {number} if minor >= least else set()
            elif act == 2:
                answered(session, number, Answer.YES, book, now)
                unverified -= {number}
            elif act == 3:
                answered(session, number, Answer.NO, book, now)
            elif act == 4:
                operations.verify_again(session, verification_id=waiting(session, number),
                                        by=book.people.alice.by, at=now)  # fmt: skip
            elif act == 5:
                _lift(session, book, number, now)
            elif act == 6:
                marking.take_back_holds(session, by=book.people.alice.by, at=now,
                                        hold_ids=range(1, 200))  # fmt: skip
            else:
                found = availability.availability(session, contract_id=book.alpha, on=now.date())
                funding.request_drawdown(
                    session, contract_id=book.alpha, by=book.people.fanny.by, at=now,
                    amount_minor=max(1, found.payable_now_minor + rng.choice([0, 1, 700_00])),
                )  # fmt: skip
        _assert_withheld(session, book, now, sum(amounts[each] for each in unverified))


def _lift(session: Session, book: Book, number: str, now: datetime) -> None:
    hold = session.scalar(
        text("SELECT min(h.id) FROM hold h JOIN receivable r ON r.id = receivable_id"
             " WHERE number = :number AND ended_at IS NULL"), {"number": number}
    )  # fmt: skip
    operations.lift_hold(session, hold_id=hold or 0, by=book.people.alice.by, at=now)


def _assert_withheld(session: Session, book: Book, now: datetime, expected: int) -> None:
    found = availability.availability(session, contract_id=book.alpha, on=now.date())
    withheld = -sum(line.amount_minor for line in found.lines
                    if line.reason == IneligibleReason.NOT_VERIFIED)  # fmt: skip
    assert withheld == expected
    drawn = session.scalar(text(
        "SELECT coalesce(sum(amount_minor), 0) FROM drawdown"
        " WHERE state IN ('requested', 'granted', 'ordered', 'paid')"
    ))  # fmt: skip
    total = session.scalar(text("SELECT coalesce(sum(open_minor), 0) FROM receivable"))
    assert drawn is not None
    assert total is not None
    assert drawn <= total - expected


def test_the_database_itself_refuses_to_end_the_hold_of_an_unverified_invoice(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now, verification_min_minor=1)
    assigned(session, book, now, invoice(book, "F-1", 80_00))
    with pytest.raises(IntegrityError, match="is not verified"), session.begin_nested():
        session.execute(text("UPDATE hold SET ended_at = :at, ended_by = 'x'"), {"at": now})
    answered(session, "F-1", Answer.NO, book, now)
    with pytest.raises(IntegrityError, match="is not verified"), session.begin_nested():
        session.execute(text("UPDATE hold SET ended_at = :at, ended_by = 'x'"), {"at": now})


def test_a_debtor_asked_answers_by_its_code_and_the_hold_ends(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now, verification_min_minor=1)
    assigned(session, book, now, invoice(book, "F-1", 80_00))
    code = operations.ask_debtor(session, verification_id=waiting(session, "F-1"), to=ASK,
                                 page=PAGE, by=book.people.alice.by, at=now)  # fmt: skip
    mail = session.execute(text("SELECT body, address FROM message")).one()
    assert f"{PAGE}/{code}" in mail.body
    assert mail.address == ASK.email
    found = reads.verification_by_code(session, code)
    assert found is not None
    assert found.state is VerificationState.ASKED
    assert reads.verification_by_code(session, code.lower()) is None
    later = now + timedelta(hours=1)
    again = operations.ask_debtor(session, verification_id=found.id, to=ASK, page=PAGE,
                                  by=book.people.alice.by, at=later)  # fmt: skip
    assert reads.verification_by_code(session, code) is None  # the code before is worthless
    assert reads.verification_by_code(session, again) is not None
    assert answered(session, "F-1", Answer.YES, book, now) is VerificationState.CONFIRMED
    assert session.scalar(text("SELECT count(*) FROM hold WHERE ended_at IS NULL")) == 0
    with pytest.raises(operations.VerificationEnded):
        operations.ask_debtor(session, verification_id=found.id, to=ASK, page=PAGE,
                              by=book.people.alice.by, at=later)  # fmt: skip


def test_what_a_debtor_confirms_in_part_disputes_the_rest(session: Session, now: datetime) -> None:
    book = open_book(session, now, verification_min_minor=1)
    assigned(session, book, now, invoice(book, "F-1", 80_00))
    for wrong in (None, 0, 80_00, 90_00):
        with pytest.raises(Invalid):
            answered(session, "F-1", Answer.PARTLY, book, now, wrong)
    answered(session, "F-1", Answer.PARTLY, book, now, 55_00)
    view = queries.receivable(session, receivable(session, "F-1"))
    assert [one.amount_minor for one in view.disputes] == [25_00]
    assert [one.ended_at is None for one in view.holds] == [False]


def test_an_invoice_denied_stays_held_may_be_disputed_and_verified_again(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now, verification_min_minor=1)
    assigned(session, book, now, invoice(book, "F-1", 80_00))
    failed = waiting(session, "F-1")
    operations.answer_verification(
        session, verification_id=failed, answer=Answer.NO, method=VerificationMethod.CALL,
        dispute=DisputeReason.EXISTENCE, note="Unknown order.", by=book.people.alice.by, at=now,
    )  # fmt: skip
    view = queries.receivable(session, receivable(session, "F-1"))
    assert [one.reason for one in view.disputes] == [DisputeReason.EXISTENCE]
    assert [one.ended_at for one in view.holds] == [None]
    with pytest.raises(operations.NotVerified):
        _lift(session, book, "F-1", now)
    fresh = operations.verify_again(session, verification_id=failed, by=book.by, at=now)
    assert fresh != failed
    assert len(reads.verifications(session, _page(), VerificationFilter()).rows) == 1
    answered(session, "F-1", Answer.YES, book, now)
    assert not reads.is_unverified(session, view.row.id)


def _page() -> PageRequest:
    return PageRequest()


def test_a_high_signal_asks_for_verification_and_takes_it_back_once_explained(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    first = invoice(book, "F-1", 900_10)
    assigned(session, book, now, first)
    again = draft(session, book, now, invoice(book, "F-1", 900_10, on=date(2026, 11, 5)))
    operations.check(session, remittance_id=again, on=now.date(), by=book.by, at=now)
    vigilance.scan_remittance(session, remittance_id=again, by="job:test", at=now)
    operations.assign(session, remittance_id=again, by=book.by, at=now)
    assert reasons_of(session) == {"F-1": ["signal"]}
    [signal] = vigilance.signals_about(session, vigilance.SignalFilter(remittance_id=again))
    vigilance.look(session, signal_id=signal.id, outcome=vigilance.Outcome.EXPLAINED,
                   note="Two deliveries.", by=book.people.alice.by, at=now)  # fmt: skip
    assert session.scalar(text("SELECT state FROM verification")) == "dropped"
    assert session.scalar(text("SELECT count(*) FROM hold WHERE ended_at IS NULL")) == 0


def test_a_reversal_ends_what_waits_for_verification(session: Session, now: datetime) -> None:
    book = open_book(session, now, verification_min_minor=1)
    done = assigned(session, book, now, invoice(book, "F-1", 80_00))
    operations.reverse(session, remittance_id=done.remittance_id, reason="wrong", by="system:setup",
                       at=now)  # fmt: skip
    assert session.scalar(text("SELECT state FROM verification")) == "dropped"
