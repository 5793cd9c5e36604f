"""Assigning a remittance buys its documents, charges them once, and leaves balanced books."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import assigned, draft, invoice, open_book, reasons

from cessio.contracts.rules import RecourseMode
from cessio.ledger import AccountKind
from cessio.ledger import bulk as ledger_bulk
from cessio.ledger import queries as ledger
from cessio.receivables import operations, queries
from cessio.receivables.rules import RemittanceState


def test_an_assigned_invoice_is_bought_charged_and_withheld_for(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    done = assigned(session, book, now, invoice(book, "F-1", 1_200_000))
    assert (done.document_count, done.amount_minor) == (1, 1_200_000)
    assert (done.commission_minor, done.vat_minor, done.retention_minor) == (7200, 1440, 120_000)
    balances = queries.contract_balances(session, book.alpha)
    assert balances[AccountKind.RECEIVABLE] == 1_200_000
    assert balances[AccountKind.CLIENT_CURRENT] == -(1_200_000 - 8640 - 120_000)
    assert balances[AccountKind.RETENTION_FUND] == -120_000
    assert sum(ledger.trial_balance(session).values()) == 0
    assert ledger_bulk.verify(session) == []


def test_every_reason_of_a_line_is_told(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    remittance_id = draft(
        session, book, now,
        invoice(book, "F-1", 0),
        invoice(book, "F-2", 100, on=date(2026, 12, 1), days=-5),
        invoice(book, "F-3", 100, currency="USD"),
        invoice(book, "F-4", 100, debtor_id=None, debtor_siren="123456789"),
        invoice(book, "F-5", 100, debtor_id=None),
        invoice(book, "F-6", 100, debtor_id=book.people.durand.id),
        invoice(book, " f 6", 100),
        invoice(book, "---", 100),
    )  # fmt: skip
    operations.check(session, remittance_id=remittance_id, on=now.date(), by=book.by, at=now)
    told = reasons(session, remittance_id)
    assert "amount_zero" in told[1][1]
    assert {"due_before_issue", "issued_in_future"} <= set(told[2][1])
    assert "currency_mismatch" in told[3][1]
    assert "siren_invalid" in told[4][1]
    assert "debtor_missing" in told[5][1]
    assert told[6] == ("warning", ["no_cover"])
    assert "duplicate_in_file" in told[7][1]
    assert "number_missing" in told[8][1]
    assert [told[line][0] for line in (1, 2, 3, 4, 5, 7, 8)] == ["refused"] * 7


def test_what_turns_the_direction_or_is_not_seen_reaches_no_letter(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    hidden = {"order_ref": "\ufeffB\u200f7", "debtor_name": "Du\u00adrand"}
    draft(session, book, now, invoice(book, "F-\u202e12\u200b3\u2066", 100, **hidden))
    kept = session.execute(text("SELECT number, order_ref, debtor_name FROM remittance_line"))
    assert kept.one() == ("F-123", "B7", "Durand")


def test_only_a_guaranteed_contract_misses_cover(session: Session, now: datetime) -> None:
    book = open_book(session, now, recourse_mode=RecourseMode.WITH_RECOURSE)
    remittance_id = draft(session, book, now, invoice(book, "F-1", 100))
    operations.check(session, remittance_id=remittance_id, on=now.date(), by=book.by, at=now)
    assert reasons(session, remittance_id)[1] == ("accepted", [])


def test_a_credit_note_naming_an_invoice_is_set_off_at_once(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    assigned(session, book, now, invoice(book, "F-1", 1_000_00))
    assigned(
        session, book, now,
        invoice(book, "F-2", 500_00),
        invoice(book, "A-1", -300_00, original_number="F-1"),
        invoice(book, "A-2", -800_00, original_number="f1"),
        invoice(book, "A-3", -100_00, original_number="F-2"),
    )  # fmt: skip
    opened = dict(
        session.execute(text("SELECT number, open_minor FROM receivable ORDER BY id")).all()
    )
    assert opened == {"F-1": 0, "F-2": 400_00, "A-1": 0, "A-2": -100_00, "A-3": 0}
    total = queries.contract_balances(session, book.alpha)[AccountKind.RECEIVABLE]
    assert total == sum(opened.values()) == 300_00
    assert ledger_bulk.verify(session) == []


def test_commission_takes_the_minimum_per_invoice_and_vat_once(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now, commission_minimum_minor=10_00)
    done = assigned(
        session, book, now, invoice(book, "F-1", 24_000_00), invoice(book, "F-2", 1_000_00)
    )
    assert (done.commission_minor, done.vat_minor) == (154_00, 30_80)


def test_a_clean_remittance_is_accepted_by_rule_and_a_large_one_waits(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now, auto_accept_max_minor=1_000_00, blanket_cover_minor=10**9)
    small = draft(session, book, now, invoice(book, "F-1", 1_000_00))
    done = operations.submit(session, remittance_id=small, by=book.by, at=now)
    assert done.state is RemittanceState.ASSIGNED
    large = draft(session, book, now, invoice(book, "F-2", 1_000_01))
    held = operations.submit(session, remittance_id=large, by=book.by, at=now)
    assert (held.state, held.hold_reasons) == (RemittanceState.SUBMITTED, ("above_auto_accept",))
    alice = book.people.alice.by
    accepted = operations.accept(session, remittance_id=large, by=alice, at=now)
    assert accepted.document_count == 1
    with pytest.raises(operations.WrongState, match="is assigned"):
        operations.accept(session, remittance_id=large, by=alice, at=now)


def test_a_remittance_waiting_can_be_withdrawn_or_refused_with_its_reason(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now, auto_accept_max_minor=0)
    first, second = (draft(session, book, now, invoice(book, f"F-{n}", 1)) for n in (1, 2))
    for one in (first, second):
        operations.submit(session, remittance_id=one, by=book.by, at=now)
    operations.withdraw(session, remittance_id=first, by=book.by, at=now)
    operations.refuse(session, remittance_id=second, reason="no proof", by="person:1", at=now)
    kept = session.execute(
        text("SELECT remittance_id, state, reason FROM remittance_state ORDER BY id")
    ).all()
    assert kept[-2:] == [(first, "withdrawn", None), (second, "refused", "no proof")]
    with pytest.raises(operations.WrongState):
        operations.submit(session, remittance_id=first, by=book.by, at=now)


def test_a_line_left_out_by_hand_stays_refused(session: Session, now: datetime) -> None:
    book = open_book(session, now, auto_accept_max_minor=0)
    one = draft(session, book, now, invoice(book, "F-1", 100), invoice(book, "F-2", 200))
    operations.submit(session, remittance_id=one, by=book.by, at=now)
    done = operations.accept(session, remittance_id=one, leave_out=[2], by=book.by, at=now)
    assert (done.document_count, done.amount_minor, done.refused_count) == (1, 100, 1)
    assert "withheld" in reasons(session, one)[2][1]


def test_the_same_invoice_of_another_client_is_refused_without_saying_whose(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    assigned(session, book, now, invoice(book, "F-1", 100))
    again = draft(session, book, now, invoice(book, "f 001", 100), contract=book.bravo)
    operations.check(session, remittance_id=again, on=now.date(), by=book.by, at=now)
    assert "duplicate_assigned" not in reasons(session, again)[1][1]
    again = draft(session, book, now, invoice(book, "f/1", 100), contract=book.bravo)
    operations.check(session, remittance_id=again, on=now.date(), by=book.by, at=now)
    verdict, codes = reasons(session, again)[1]
    assert (verdict, "duplicate_assigned" in codes) == ("refused", True)
    with pytest.raises(operations.NothingToAssign):
        operations.submit(session, remittance_id=again, by=book.by, at=now)


def test_a_debtor_nobody_knew_is_created_when_its_invoice_is_assigned(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    row = invoice(book, "F-1", 100, debtor_id=None, debtor_siren="552 081 317",
                  debtor_name="Électricité de France")  # fmt: skip
    one = draft(session, book, now, row)
    operations.check(session, remittance_id=one, on=now.date(), by=book.by, at=now)
    assert reasons(session, one)[1] == ("warning", ["new_debtor"])
    done = operations.assign(session, remittance_id=one, by=book.by, at=now)
    assert done.document_count == 1
    names = session.scalars(
        text("SELECT c.name FROM receivable r JOIN debtor d ON d.id = debtor_id"
             " JOIN company c ON c.id = company_id")
    ).all()  # fmt: skip
    assert names == ["Électricité de France"]


def test_large_invoices_are_held_for_verification(session: Session, now: datetime) -> None:
    book = open_book(session, now, verification_min_minor=1_000_00)
    assigned(session, book, now, invoice(book, "F-1", 999_99), invoice(book, "F-2", 1_000_00))
    held = session.execute(
        text("SELECT number, reason FROM hold JOIN receivable r ON r.id = receivable_id")
    ).all()
    assert held == [("F-2", "not_verified")]


def test_the_receipt_says_what_was_bought_and_its_hash_proves_it(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    done = assigned(session, book, now, invoice(book, "F-1", 100), invoice(book, "F\t2", 250))
    content, same = session.execute(
        text("SELECT content, content_sha256 = sha256(content)"
             " FROM subrogation_receipt WHERE number = :number"), {"number": done.receipt_number},
    ).one()  # fmt: skip
    assert same
    lines = bytes(content).decode().splitlines()
    assert lines[0] == "format\tcessio-subrogation-receipt-1"
    assert lines[-1].split("\t")[2:] == [
        "F 2", "456780014", "Distribution Durand SA", "2026-11-02", "2026-12-17", "250"
    ]  # fmt: skip


def test_retention_builds_up_progressively_then_stops(session: Session, now: datetime) -> None:
    book = open_book(session, now, retention_rate=Decimal("0.10"), retention_max_minor=300_00)
    calls = [
        assigned(session, book, now, invoice(book, f"F-{n}", 2_000_00)).retention_minor
        for n in range(3)
    ]
    assert calls == [200_00, 100_00, 0]


def test_a_contract_that_ended_takes_no_invoices(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    session.execute(text("UPDATE contract SET ended_on = :on WHERE id = :id"),
                    {"on": date(2026, 11, 16), "id": book.alpha})  # fmt: skip
    with pytest.raises(operations.ContractNotOpen):
        draft(session, book, now, invoice(book, "F-1", 100))


def test_progress_only_moves_forward_to_the_last_line(session: Session, now: datetime) -> None:
    book = open_book(session, now)
    told: list[tuple[int, int]] = []
    one = draft(session, book, now, *(invoice(book, f"F-{n}", 100 + n) for n in range(10)))
    operations.submit(
        session, remittance_id=one, by=book.by, at=now,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == (10, 10)
