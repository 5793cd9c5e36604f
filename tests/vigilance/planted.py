"""A clean book made by rule, and frauds of every kind planted in it, each known by its name.

The clean part is what an honest business does: invoices with cents and VAT on working days, a
few invoices on a Saturday, monthly bills of one amount, a rare late credit note, debtors that pay
from their own account and sometimes from their group's. Deterministic: a seed makes one book.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import vigilance
from cessio.kernel.calendar import is_business_day, is_weekend
from cessio.receivables import NewDocument, operations
from cessio.receivables.operations.due_dates import move_due_date
from cessio.receivables.rules import DocumentKind
from cessio.receivables.rules.due_dates import DueDateReason
from cessio.vigilance import SignalKind
from tests.people import ALPHA
from tests.receivables.books import Book, open_book

TODAY = date(2026, 11, 16)
WEEKS = 34


def instant(on: date) -> datetime:
    return datetime.combine(on, time(9), tzinfo=UTC)


def siren(number: int) -> str:
    """A valid SIREN by its Luhn digit."""
    digits = f"{number:08d}"
    total = sum(sum(divmod(2 * int(d), 10)) if i % 2 == 0 else int(d)
                for i, d in enumerate(reversed(digits)))  # fmt: skip
    return digits + str(-total % 10)


@dataclass
class Planted:
    """The book, what was planted (kind and what it is about), and how many clean invoices."""

    book: Book
    rng: random.Random
    clean: int = 0
    frauds: set[tuple[SignalKind, str]] = field(default_factory=set)
    numbers: dict[int, int] = field(default_factory=dict)
    dead_numbers: int = 0

    def next_number(self, contract: int) -> str:
        self.numbers[contract] = self.numbers.get(contract, 0) + 1
        return f"F{contract}-{self.numbers[contract]:06d}"

    def amount(self) -> int:
        """An amount of an honest invoice: net lines with cents, and their VAT."""
        net = round(self.rng.lognormvariate(7.3, 0.8) * 100) + self.rng.randrange(1, 99)
        return net + net // 5

    def document(self, contract: int, debtor: int, on: date, **more: Any) -> NewDocument:
        fields = {
            "number": self.next_number(contract), "issue_date": on,
            "due_date": on + timedelta(days=30 + 15 * (debtor % 3)), "amount_minor": self.amount(),
            "debtor_siren": siren(30_000_000 + debtor), "debtor_name": f"Débiteur {debtor}",
        }  # fmt: skip
        return NewDocument(**{**fields, **more})


def fill(session: Session, *, seed: int, per_week: int = 15) -> Planted:
    """Two contracts that assign every week for eight months, and everything planted in the end."""
    book = open_book(session, instant(date(2026, 1, 2)), blanket_cover_minor=100_000_000,
                     verification_min_minor=30_000_00)  # fmt: skip
    made = Planted(book, random.Random(seed))
    for week in range(WEEKS):
        friday = TODAY - timedelta(days=7 * (WEEKS - week) + 3)
        for contract in (book.alpha, book.bravo):
            send(session, made, contract, friday, list(honest(made, contract, friday, per_week)))
    pay(session, made)
    return made


def honest(made: Planted, contract: int, friday: date, count: int) -> Iterator[NewDocument]:
    """A week of one client: its invoices, a credit note now and then."""
    rng = made.rng
    first = 0 if contract == made.book.alpha else 20
    for _ in range(count):
        on = friday - timedelta(days=rng.randrange(6))
        if is_weekend(on) and rng.random() < 0.9:
            on = friday
        yield made.document(contract, first + min(rng.randrange(30), rng.randrange(30)), on)
    made.clean += count
    if friday.day <= 7:  # rent and maintenance: one amount each month
        for debtor in range(first, first + 4):
            yield made.document(contract, debtor, friday, amount_minor=1_200_00 + debtor * 100_00)
        made.clean += 4
    if rng.random() < 0.3:
        yield made.document(
            contract, first + rng.randrange(20), friday - timedelta(days=rng.randrange(12)),
            kind=DocumentKind.CREDIT_NOTE, amount_minor=made.amount() // 10,
        )  # fmt: skip


def send(session: Session, made: Planted, contract: int, on: date, rows: list[NewDocument],
         *, known_since: date | None = None) -> int:  # fmt: skip
    """Assign documents on a day and look at them, as the jobs do; returns the remittance."""
    at = instant(on)
    remittance = operations.draft_from_rows(
        session, contract_id=contract, rows=rows, by=made.book.by, at=at
    )
    operations.check(session, remittance_id=remittance, on=on, by=made.book.by, at=at)
    vigilance.scan_remittance(session, remittance_id=remittance, by="job:test", at=at)
    operations.assign(session, remittance_id=remittance, by=made.book.by, at=at)
    vigilance.scan_remittance(session, remittance_id=remittance, by="job:test", at=at)
    return remittance


def pay(session: Session, made: Planted) -> None:
    """Debtors pay what is due, from an account of their own that is known; some by their group."""
    session.execute(text(
        """INSERT INTO party_account (company_id, iban, holder, added_at, added_by)
           SELECT company.id, 'FR76' || lpad(company.id::text, 23, '3'), company.name,
                  debtor.created_at, 'system:setup'
             FROM debtor JOIN company ON company.id = debtor.company_id
            WHERE NOT EXISTS (SELECT FROM party_account WHERE company_id = company.id)"""
    ))  # fmt: skip
    session.execute(text(
        """WITH paid AS (
             SELECT invoice.id, invoice.debtor_id, invoice.amount_minor,
                    invoice.due_date + (invoice.id % 9)::int AS paid_on
               FROM receivable AS invoice
              WHERE kind = 'invoice' AND closed_on IS NULL
                AND due_date + (invoice.id % 9)::int <= :today
           ), line AS (
             INSERT INTO bank_line (statement_id, account_id, position, fingerprint, occurrence,
                                    amount_minor, booked_on, value_date, party_name, party_iban,
                                    structured_references)
             SELECT 1, 1, paid.id, sha256(paid.id::text::bytea), 1, paid.amount_minor, paid_on,
                    paid_on, 'payer', account.iban, ARRAY[paid.id::text]
               FROM paid JOIN debtor ON debtor.id = paid.debtor_id
               JOIN LATERAL (SELECT iban FROM party_account
                              WHERE company_id = debtor.company_id ORDER BY id LIMIT 1) AS account
                 ON true
             RETURNING id, booked_on, amount_minor, structured_references
           ), application AS (
             INSERT INTO cash_application (bank_line_id, kind, amount_minor, applied_on, at, by,
                                           reasons)
             SELECT id, 'line', amount_minor, booked_on, booked_on + time '09:00', 'job:match',
                    '[]' FROM line RETURNING id, bank_line_id, amount_minor
           )
           INSERT INTO cash_allocation (application_id, receivable_id, amount_minor, kind)
           SELECT application.id, structured_references[1]::bigint, application.amount_minor,
                  'payment'
             FROM application JOIN line ON line.id = application.bank_line_id"""
    ), {"today": TODAY})  # fmt: skip


def receipt(session: Session, receivable: int, minor: int, iban: str, *, on: date) -> int:
    """A payment of an invoice from an account; returns the bank line."""
    facts = {"receivable": receivable, "minor": minor, "iban": iban, "on": on, "at": instant(on)}
    line = session.scalar(text(
        """INSERT INTO bank_line (statement_id, account_id, position, fingerprint, occurrence,
                                  amount_minor, booked_on, value_date, party_name, party_iban,
                                  structured_references)
           VALUES (2, 1, :receivable, sha256((:iban || :receivable)::bytea), 1, :minor, :on, :on,
                   'odd', :iban, '{}') RETURNING id"""), facts)  # fmt: skip
    session.execute(
        text(
            """WITH made AS (
             INSERT INTO cash_application (bank_line_id, kind, amount_minor, applied_on, at, by,
                                           reasons)
             VALUES (:line, 'line', :minor, :on, :at, 'person:1', '[]') RETURNING id)
           INSERT INTO cash_allocation (application_id, receivable_id, amount_minor, kind)
           SELECT id, :receivable, :minor, 'payment' FROM made"""
        ),
        {**facts, "line": line},
    )
    assert line is not None
    return int(line)


def of_debtor(session: Session, contract: int, debtor: int, *, most: int = 1) -> list[Any]:
    """Open invoices of a debtor, latest first."""
    return list(session.execute(text(
        """SELECT receivable.* FROM receivable JOIN debtor ON debtor.id = receivable.debtor_id
             JOIN company ON company.id = debtor.company_id
            WHERE siren = :siren AND contract_id = :contract AND kind = 'invoice'
              AND closed_on IS NULL
            ORDER BY receivable.id DESC LIMIT :most"""
    ), {"siren": siren(30_000_000 + debtor), "contract": contract, "most": most}))  # fmt: skip


def assigned_lately(session: Session, contract: int) -> int:
    """What a contract assigned in the ninety days that dilution is told of."""
    return session.execute(text(
        """SELECT sum(amount_minor)::bigint FROM receivable WHERE contract_id = :contract
             AND kind = 'invoice' AND assigned_on >= :since"""
    ), {"contract": contract, "since": TODAY - timedelta(days=90)}).scalar_one()  # fmt: skip


def plant(session: Session, made: Planted) -> None:
    """A fraud of every kind, on top of the clean book."""
    alpha, bravo = made.book.alpha, made.book.bravo
    on = next(day for day in (TODAY - timedelta(days=n) for n in range(1, 9))
              if is_business_day(day))  # fmt: skip
    _plant_look_alikes(session, made, alpha, bravo, on)
    _plant_patterns(session, made, alpha, on)
    _plant_behaviour(session, made, alpha, bravo, on)


def _again(made: Planted, old: Any, **change: Any) -> NewDocument:
    fields = {"number": old.number, "issue_date": old.issue_date, "due_date": old.due_date,
              "amount_minor": old.amount_minor, "debtor_id": old.debtor_id}  # fmt: skip
    return NewDocument(**{**fields, **change})


def _plant_look_alikes(session: Session, made: Planted, alpha: int, bravo: int, on: date) -> None:
    old = [of_debtor(session, alpha, debtor)[0] for debtor in range(6)]
    rows = [
        (SignalKind.SAME_BUT_NUMBER, _again(made, old[0], number=made.next_number(alpha))),
        (SignalKind.SAME_BUT_DATE,
         _again(made, old[1], issue_date=on, due_date=on + timedelta(days=30))),
        (SignalKind.SAME_BUT_AMOUNT, _again(made, old[2], amount_minor=old[2].amount_minor - 7)),
        (SignalKind.NUMBER_REUSED, made.document(alpha, 9, on, number=old[3].number)),
    ]  # fmt: skip
    send(session, made, alpha, on, [row for _, row in rows])
    made.frauds |= {(kind, row.number) for kind, row in rows}
    other = _again(made, old[4], issue_date=old[4].issue_date + timedelta(days=1))
    send(session, made, bravo, on, [other])
    made.frauds.add((SignalKind.OTHER_CLIENT, other.number))


def _plant_patterns(session: Session, made: Planted, alpha: int, on: date) -> None:
    rounds = [made.document(alpha, n, on, amount_minor=(20 + n) * 1_000_00) for n in range(6)]
    first = send(session, made, alpha, on, rounds)
    made.frauds.add((SignalKind.ROUND_AMOUNTS, f"remittance:{first}"))
    short = [made.document(alpha, n, on, amount_minor=29_500_00 + 37 * n + 13) for n in range(4)]
    second = send(session, made, alpha, on, short)
    made.frauds.add((SignalKind.JUST_BELOW, f"remittance:{second}"))
    sunday = on - timedelta(days=on.isoweekday() % 7 or 7)
    third = send(session, made, alpha, on,
                 [made.document(alpha, n, sunday) for n in range(7)])  # fmt: skip
    made.frauds.add((SignalKind.OFF_DAYS, f"remittance:{third}"))
    fresh = [made.document(alpha, 900 + n, on) for n in range(5)]
    fourth = send(session, made, alpha, on, fresh)
    made.frauds.add((SignalKind.NEW_DEBTOR_BURST, f"remittance:{fourth}"))


def _plant_behaviour(session: Session, made: Planted, alpha: int, bravo: int, on: date) -> None:
    frauds = made.frauds
    stranger, paid, recycled = (of_debtor(session, alpha, n, most=2)[1] for n in (6, 7, 8))
    line = receipt(session, stranger.id, stranger.amount_minor, "FR7699990000001111111111188",
                   on=on)  # fmt: skip
    frauds.add((SignalKind.UNKNOWN_PAYER, f"line:{line}/debtor:{stranger.debtor_id}"))
    line = receipt(session, paid.id, paid.amount_minor, ALPHA.iban, on=on)
    frauds.add((SignalKind.PAID_BY_CLIENT, f"line:{line}/debtor:{paid.debtor_id}"))
    session.execute(text(
        """INSERT INTO drawdown (contract_id, amount_minor, currency, state, requested_at,
                                 requested_on, requested_by, facts)
           VALUES (:contract, :minor, 'EUR', 'granted', :at, :on, 'person:1', '{}')"""),
        {"contract": alpha, "minor": recycled.amount_minor + 100, "at": instant(on),
         "on": on - timedelta(days=2)})  # fmt: skip
    line = receipt(session, recycled.id, recycled.amount_minor, ALPHA.iban, on=on)
    frauds.add((SignalKind.PAID_BY_CLIENT, f"line:{line}/debtor:{recycled.debtor_id}"))
    frauds.add((SignalKind.RECYCLED_ADVANCE, f"line:{line}"))
    kept = made.document(alpha, 3, on - timedelta(days=70), kind=DocumentKind.CREDIT_NOTE,
                         amount_minor=900_00)  # fmt: skip
    old = of_debtor(session, bravo, 25)[0]
    credited = _again(made, old, number=made.next_number(bravo), kind=DocumentKind.CREDIT_NOTE,
                      issue_date=on, due_date=on, original_number=old.number)  # fmt: skip
    young = _again(made, old, number=made.next_number(bravo), issue_date=on,
                   due_date=on + timedelta(days=60))  # fmt: skip
    send(session, made, alpha, on, [kept])
    send(session, made, bravo, on, [credited, young])
    frauds.add((SignalKind.LATE_CREDIT_NOTES, f"contract:{alpha}/{on.replace(day=1)}"))
    frauds.add((SignalKind.REBILLED_LATER, f"receivable:{old.id}"))
    pushed = of_debtor(session, bravo, 26)[0]
    for days in (7, 14):
        move_due_date(session, receivable_id=pushed.id, to_on=pushed.due_date + timedelta(days),
                      reason=DueDateReason.OTHER, comment="asked by phone", by="job:test",
                      at=instant(on))  # fmt: skip
    frauds.add((SignalKind.DUE_DATE_PUSHED, f"receivable:{pushed.id}"))
    monthly = f"contract:{bravo}/{TODAY:%Y-%m}"
    turnover = assigned_lately(session, bravo)
    size = max(250_000_00, turnover // 6)  # nine of them: half as much again as the honest book
    each = (turnover + 9 * size) * 8 // 100 // 12
    notes = [made.document(bravo, 22 + n % 9, on, kind=DocumentKind.CREDIT_NOTE,
                           amount_minor=each + 11 * n) for n in range(12)]  # fmt: skip
    send(session, made, bravo, on, notes)
    frauds.add((SignalKind.DILUTION_RISING, monthly))
    big = [made.document(bravo, 49, on, amount_minor=size + 731 * n) for n in range(9)]
    send(session, made, bravo, on, big)
    debtor = of_debtor(session, bravo, 49)[0].debtor_id
    frauds.add((SignalKind.CONCENTRATION_JUMP, f"{monthly}/debtor:{debtor}"))
    frauds.add((SignalKind.TURNOVER_WITHOUT_CASH, monthly))
    house = of_debtor(session, alpha, 5)[0].debtor_id
    session.execute(text(
        """UPDATE company SET street = other.street, post_code = other.post_code
             FROM company AS other, debtor WHERE debtor.id = :debtor
              AND company.id = debtor.company_id AND other.siren = :siren"""),
        {"debtor": house, "siren": ALPHA.siren})  # fmt: skip
    client = made.book.people.alpha.id
    frauds.add((SignalKind.SHARED_DETAILS, f"client:{client}/debtor:{house}"))
