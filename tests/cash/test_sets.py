"""Applying a whole statement as a set gives what its lines give one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.cash.books import Desk, Payment, desk
from tests.people import MERCIER
from tests.receivables.books import assigned, invoice

from cessio import cash
from cessio.cash.operations import matching
from cessio.closing.bulk import prove
from cessio.receivables.rules import number_key

ONE_BY_ONE, AS_A_SET = 10**9, 1
DEBTORS = ("durand", "mercier", "leroy")
#: Numbers that are parts of others, that look alike, that a year or an amount may be taken for.
NUMBERS = ("FA-1042", "FA-104", "1042", "FA-10421", "2026-01", "2026", "FA 2026/01", "77-5", "775",
           "AV-1042", "É-90")  # fmt: skip
AMOUNTS = (100_00, 150_00, 250_00, 250_01, 400_00)

owed = st.tuples(
    st.sampled_from(NUMBERS), st.sampled_from(AMOUNTS), st.sampled_from(("alpha", "bravo")),
    st.sampled_from(DEBTORS), st.sampled_from((1, 1, 1, -1)), st.integers(0, 5),
)  # fmt: skip
paid = st.tuples(
    st.lists(st.integers(0, 9), min_size=0, max_size=3),
    st.sampled_from((0, 0, 0, 0, -1, 1, -5_00, 30_00)),
    st.sampled_from(("", "REGLT FACT {} DU 3/10", "VIR SEPA {}\nMERCI", "{}")),
    st.booleans(),
    st.sampled_from((None, None, "payer", "other", "unknown")),
    st.booleans(),
)
books = st.lists(owed, min_size=1, max_size=10)
statements = st.lists(paid, min_size=1, max_size=8)
thresholds = st.sampled_from((Decimal("0.80"), Decimal("0.95"), Decimal("0.99"), Decimal(1)))


@given(book=books, payments=statements, threshold=thresholds, tolerance=st.sampled_from((0, 1_00)))
@settings(max_examples=60)
def test_a_set_settles_what_line_by_line_settles(
    session: Session, now: datetime, book: list[Any], payments: list[Any], threshold: Decimal,
    tolerance: int,
) -> None:  # fmt: skip
    with desk(session, now) as here:
        receivables = _owe(here, book)
        here.receive(*(_payment(here, receivables, one) for one in payments))
        cash.set_matching(
            session, auto_apply_from=threshold, tolerance_minor=tolerance, by="job:setup", at=now
        )
        slow, fast = _outcome(here, ONE_BY_ONE), _outcome(here, AS_A_SET)
    for what, expected in slow.items():
        assert fast[what] == expected, what


CASES = {
    "an invoice paid to the cent": [(Payment(100_00, "FA-11"), 0)],
    "two invoices of two clients in one payment": [(Payment(150_00, "FA-11 B-70"), 0)],
    "an invoice less its credit note, both named": [(Payment(80_00, "FA-11 AV-10"), 0)],
    "a short payment": [(Payment(60_00, "FA-11"), 1)],
    "an over payment": [(Payment(130_00, "FA-11"), 1)],
    "the same invoice twice in one file": [(Payment(100_00, "FA-11"), 0),
                                           (Payment(100_00, "REGLT FA-11"), 1)],
    "an invoice named by a sum and alone": [(Payment(150_00, "FA-11 B-70"), 0),
                                            (Payment(50_00, "B-70"), 1)],
    "a number inside a longer one": [(Payment(300_00, "FA-110"), 0)],
    "a number two clients use": [(Payment(70_00, "C-90"), 1)],
    "a disputed invoice": [(Payment(40_00, "D-40"), 0)],
    "paid by somebody else": [(Payment(100_00, "FA-11", payer=MERCIER.name), 1)],
    "more invoices than a reason names": [
        (Payment(700, " ".join(f"E-2{n}" for n in range(7))), 0)],
    "a structured reference": [(Payment(100_00, "RIEN", references=["FA-11"]), 0)],
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_happens_to(session: Session, now: datetime, name: str) -> None:
    """The count beside each payment is 0 when it applies by itself and 1 when it waits."""
    with desk(session, now) as here:
        _owe(here, [
            ("FA-11", 100_00, "alpha", "durand", 1, 0), ("FA-110", 300_00, "alpha", "durand", 1, 1),
            ("B-70", 50_00, "bravo", "durand", 1, 0), ("AV-10", 20_00, "alpha", "durand", -1, 0),
            ("C-90", 70_00, "alpha", "durand", 1, 0), ("C-90", 70_00, "bravo", "mercier", 1, 0),
            ("D-40", 40_00, "alpha", "leroy", 1, 0),
            *((f"E-2{n}", 100, "alpha", "leroy", 1, n) for n in range(7)),
        ])  # fmt: skip
        _dispute(here, "D-40")
        lines = here.receive(*(payment for payment, _ in CASES[name]))
        slow, fast = _outcome(here, ONE_BY_ONE), _outcome(here, AS_A_SET)
        assert slow == fast
        applied = {line for line, *_ in slow["applications"]}
        assert [int(line not in applied) for line in lines] == [w for _, w in CASES[name]]


def test_a_payment_that_fits_nothing_any_more_waits_and_a_person_sees_why(
    session: Session, now: datetime
) -> None:
    with desk(session, now) as here:
        _owe(here, [("FA-11", 100_00, "alpha", "durand", 1, 0)])
        first, second = here.receive(Payment(100_00, "FA-11"), Payment(100_00, "FACTURE FA-11"))
        with _from(AS_A_SET):
            run = cash.match_open_lines(session, by="job:cash.match", at=now)
        assert (run.lines, run.applied, run.proposed) == (2, 1, 1)
        assert here.rows("SELECT bank_line_id FROM cash_application") == [(first,)]
        assert here.rows("SELECT bank_line_id FROM match_proposal") == [(second,)]


def test_a_line_of_another_currency_is_not_matched(session: Session, now: datetime) -> None:
    with desk(session, now) as here:
        _owe(here, [("FA-11", 100_00, "alpha", "durand", 1, 0)])
        session.execute(text("UPDATE contract SET currency = 'USD' WHERE id = :id"),
                        {"id": here.book.alpha})  # fmt: skip
        here.receive(Payment(100_00, "FA-11", payer="Distribution Durand"), Payment(100_00, "X"))
        for many in (ONE_BY_ONE, AS_A_SET):
            with _from(many):
                run = cash.match_open_lines(session, by="job:cash.match", at=now)
            assert (run.applied, run.proposed, run.unknown) == (0, 0, 2)


@pytest.mark.parametrize("many", [ONE_BY_ONE, AS_A_SET])
def test_undoing_what_a_set_applied_gives_the_state_before_back(
    session: Session, now: datetime, many: int
) -> None:
    with desk(session, now) as here:
        assigned(session, here.book, now, *(
            invoice(here.book, f"FA-2{n}", n * 100_00, on=here.on, debtor=DEBTORS[n % 3])
            for n in range(1, 10)
        ))  # fmt: skip
        assigned(session, here.book, now, invoice(here.book, "B-15", 70_00, on=here.on),
                 contract=here.book.bravo)  # fmt: skip
        here.receive(
            *(Payment(n * 100_00, f"FACT FA-2{n}") for n in range(1, 7)),
            Payment(770_00, "FA-27 B-15"), Payment(800_00, "FA-28"), Payment(850_00, "FA-29"),
        )  # fmt: skip
        before = _money(here)
        with _from(many):
            run = cash.match_open_lines(session, by="job:cash.match", at=now)
        assert (run.applied, run.proposed) == (8, 1)
        assert here.open_of("FA-27") == here.open_of("B-15") == here.open_of("FA-28") == 0
        assert here.open_of("FA-29") == 900_00
        _prove(session)
        for (application_id,) in here.rows("SELECT id FROM cash_application ORDER BY id DESC"):
            cash.undo_application(
                session, application_id=application_id, reason="mauvais lettrage", by="person:1",
                at=now,
            )  # fmt: skip
        assert _money(here) == before
        _prove(session)


def _owe(here: Desk, book: list[Any]) -> list[tuple[int, str, int, str]]:
    """Enter what is owed as if assigned earlier: (id, number, open, debtor)."""
    found = []
    for number, minor, client, debtor, sign, days in book:
        row = here.session.execute(
            text("""
                INSERT INTO receivable (contract_id, client_id, debtor_id, kind, number,
                  number_key, issue_date, due_date, amount_minor, open_minor, assigned_on,
                  assigned_at)
                VALUES (:contract, :client, :debtor, :kind, :number, :key, :issued, :due, :minor,
                  :minor, :issued, :at) RETURNING id
            """),
            {
                "contract": getattr(here.book, client),
                "client": getattr(here.book.people, client).id,
                "debtor": getattr(here.book.people, debtor).id, "number": number,
                "kind": "invoice" if sign > 0 else "credit_note", "key": number_key(number),
                "issued": date(2026, 9, 1), "due": date(2026, 10, 1) + timedelta(days=days),
                "minor": sign * minor, "at": here.at,
            },
        )  # fmt: skip
        found.append((row.scalar_one(), number, sign * minor, debtor))
    return found


def _dispute(here: Desk, number: str) -> None:
    here.session.execute(
        text("""
            INSERT INTO dispute (receivable_id, contract_id, amount_minor, reason, opened_at,
              opened_on, opened_by)
            SELECT id, contract_id, open_minor, 'price', :at, :on, 'person:1'
              FROM receivable WHERE number = :number
        """),
        {"at": here.at, "on": here.on, "number": number},
    )


def _payment(here: Desk, book: list[tuple[int, str, int, str]], drawn: Any) -> Payment:
    which, off, words, structured, payer, by_iban = drawn
    named = [book[place % len(book)] for place in which]
    minor = max(1, sum(one[2] for one in named) + off)
    numbers = " ".join(one[1] for one in named)
    people = {
        "payer": getattr(here.book.people, named[0][3] if named else "durand"),
        "other": here.book.people.mercier,
    }
    firm = people.get(payer)
    return Payment(
        minor, words.format(numbers) or "VIREMENT",
        [one[1] for one in named] if structured else [],
        firm.firm.name if firm else "Zorglub Industries" if payer else None,
        firm.firm.iban if firm and by_iban else None,
    )  # fmt: skip


@contextmanager
def _from(many: int) -> Iterator[None]:
    """Sets from so many lines on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "MANY", many)
        yield


def _outcome(here: Desk, many: int) -> dict[str, Any]:
    """What a run does, taken back afterwards."""
    trial = here.session.begin_nested()
    try:
        with _from(many):
            run = cash.match_open_lines(here.session, by="job:cash.match", at=here.at)
        return {"run": run, **_applied(here), **_money(here)}
    finally:
        trial.rollback()


def _applied(here: Desk) -> dict[str, Any]:
    return {
        "applications": here.rows("""
            SELECT bank_line_id, kind, amount_minor, applied_on, at, by, confidence, reasons,
                   contract_id FROM cash_application ORDER BY bank_line_id
        """),
        "allocations": here.rows("""
            SELECT one.bank_line_id, part.receivable_id, part.amount_minor, part.kind
              FROM cash_allocation AS part JOIN cash_application AS one ON one.id = application_id
             ORDER BY one.bank_line_id, part.id
        """),
        "proposals": here.rows("""
            SELECT bank_line_id, rank, confidence, reasons, allocations, rest_minor
              FROM match_proposal ORDER BY bank_line_id, rank
        """),
        "postings": here.rows("""
            SELECT one.bank_line_id, head.kind, head.effect, head.contract_id, head.value_date,
                   account.kind, account.contract_id, account.debtor_id, account.bank_id,
                   entry.amount_minor, entry.receivable_id
              FROM ledger_transaction AS head
              JOIN cash_application AS one ON one.id = head.source_id
              JOIN ledger_entry AS entry ON entry.transaction_id = head.id
              JOIN ledger_account AS account ON account.id = entry.account_id
             WHERE head.source_kind = 'cash_application'
             ORDER BY one.bank_line_id, head.effect, entry.id
        """),
    }


def _money(here: Desk) -> dict[str, Any]:
    return {
        "open": here.rows("SELECT id, open_minor, closed_on FROM receivable ORDER BY id"),
        "lines": here.rows("SELECT id, applied_minor FROM bank_line ORDER BY id"),
        "cover": here.rows("SELECT * FROM invoice_cover ORDER BY receivable_id"),
        "accounts": here.rows("""
            SELECT kind, contract_id, debtor_id, bank_id, balance_minor FROM ledger_account
             WHERE balance_minor <> 0 ORDER BY 1, 2, 3, 4
        """),
    }


def _prove(session: Session) -> None:
    assert [finding for proof in prove(session) for finding in proof.findings] == []
