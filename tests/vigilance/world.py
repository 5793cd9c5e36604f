"""An honest trade of many clients over half a year, made by rule and seed alone.

Nothing here knows what the detectors look for: no threshold of theirs is read. What honest people
do that looks odd is in it at its everyday rate: bills of one amount each month, two deliveries on
a day, wrong invoices billed again, debtors with a second account, works on Saturdays, a name plate
shared in a business centre. Documents go through the real operations, receipts by sets.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import parties, vigilance
from cessio.contracts import Product, product_defaults, sign_contract
from cessio.kernel.calendar import is_business_day
from cessio.parties import CompanyDetails, ContactDetails
from cessio.receivables import NewDocument, operations
from cessio.receivables.operations.due_dates import DueDateMoved, move_due_date
from cessio.receivables.rules import DocumentKind
from cessio.receivables.rules.due_dates import DueDateReason
from tests.people import People, settle_in
from tests.vigilance.planted import siren

FIRST = date(2026, 2, 20)  # a Friday
BY = "system:trade"


def instant(on: date) -> datetime:
    return datetime.combine(on, time(9), tzinfo=UTC)


def iban(number: int) -> str:
    """A French account with its right check digits."""
    bban = f"{30004:05d}{number % 100_000:05d}{number:011d}"
    bban += f"{97 - (89 * 30004 + 15 * (number % 100_000) + 3 * number) % 97:02d}"
    return f"FR{98 - int(bban + '152700') % 97:02d}{bban}"


@dataclass
class Trader:
    """A client: how it numbers and bills, and whom it sells to, the biggest first."""

    index: int
    client_id: int
    company_id: int
    contract_id: int
    iban: str
    median: float
    saturdays: float
    rounding: float
    debtors: list[int]
    issued: int = 0

    def number(self) -> str:
        self.issued += 1
        n = self.issued
        forms = (f"F{self.index}-{n:06d}", f"2026/{self.index:02d}/{n:05d}",
                 f"FA2026{self.index:02d}{n:04d}", f"{self.index + 10}{n:05d}")  # fmt: skip
        return forms[self.index % 4]


@dataclass
class Trade:
    """Everybody, and what was billed: ``sent`` keeps each document with its receivable's id."""

    people: People
    rng: random.Random
    traders: list[Trader]
    per_round: int
    clean: int = 0
    newcomers: int = 0
    moved: set[int] = field(default_factory=set)
    sent: dict[int, list[tuple[int, NewDocument]]] = field(default_factory=dict)
    paid_to: date = FIRST

    def net(self, trader: Trader) -> int:
        """Lines of cents, or of whole hundreds where the trade bills by the day."""
        minor = round(self.rng.lognormvariate(trader.median, 0.9) * 100)
        return max(1, minor // 100_00) * 100_00 if self.rng.random() < trader.rounding else minor

    def amount(self, trader: Trader) -> int:
        net = self.net(trader) + 1
        return net + net // 5

    def bill(self, trader: Trader, debtor: int, on: date, **more: Any) -> NewDocument:
        fields = {
            "number": trader.number(), "issue_date": on, "debtor_siren": siren(debtor),
            "due_date": on + timedelta(days=(30, 45, 60)[debtor % 3]),
            "amount_minor": self.amount(trader), "debtor_name": f"Débiteur {debtor}",
        }  # fmt: skip
        return NewDocument(**{**fields, **more})

    def someone(self, trader: Trader) -> int:
        """A debtor, the first ones more often."""
        return trader.debtors[min(self.rng.randrange(len(trader.debtors)) for _ in range(2))]

    def earlier(
        self, trader: Trader, *, least: int, most: int, on: date
    ) -> tuple[int, NewDocument]:
        """An invoice of the trader, so many days old."""
        return self.rng.choice([
            one for one in self.sent[trader.index]
            if least <= (on - one[1].issue_date).days <= most
            and one[1].kind is DocumentKind.INVOICE
        ])  # fmt: skip


def open_trade(session: Session, *, seed: int, clients: int, per_round: int) -> Trade:
    """Clients with their contracts, papers and customers; a fifth of all debtors buy from many."""
    at, rng = instant(FIRST - timedelta(days=60)), random.Random(seed)
    people = settle_in(session, at=at)
    trade = Trade(people, rng, [], per_round)
    shared = [41_000_000 + n for n in range(6 * clients)]
    terms = product_defaults(Product.FULL, facility_limit_minor=10_000_000_00,
                             blanket_cover_minor=1_000_000_00,
                             verification_min_minor=30_000_00)  # fmt: skip
    for index in range(clients):
        number = 51_000_000 + index
        made = parties.register_client(
            session, by=people.alice.by, at=at, code=f"TRADE{index:02d}",
            details=CompanyDetails(
                name=f"Atelier {index}", siren=siren(number), street=f"{index + 3} rue des Forges",
                post_code=f"{69001 + index}", city="Lyon"),
        )  # fmt: skip
        account = parties.add_account(session, company_id=made.company_id, iban=iban(number),
                                      is_payout=True, by=people.alice.by, at=at)  # fmt: skip
        parties.confirm_account(session, account_id=account, by=people.bruno.by, at=at)
        parties.operations.add_contact(
            session, company_id=made.company_id, by=people.alice.by, at=at,
            contact=ContactDetails(name="Comptabilité", email=f"compta@atelier{index}.fr",
                                   phone=f"04 72 10 {index:02d} 5{index % 10}"),
        )  # fmt: skip
        contract = sign_contract(session, client_id=made.id, product=Product.FULL, terms=terms,
                                 signed_on=date(2026, 1, 1), by="system:setup", at=at)  # fmt: skip
        own = [42_000_000 + 1_000 * index + n for n in range(40)]
        debtors = own + rng.sample(shared, min(len(shared), 20))
        rng.shuffle(debtors)
        trade.traders.append(Trader(
            index, made.id, made.company_id, contract, iban(number), rng.uniform(6.3, 7.9),
            rng.choice((0.02, 0.02, 0.3)), rng.choice((0.0, 0.02, 0.12)), debtors))  # fmt: skip
        trade.sent[index] = []
    return trade


def fortnight(trade: Trade, trader: Trader, friday: date) -> Iterator[NewDocument]:
    """What a client bills in two weeks: its work, its monthly bills, notes and slips."""
    rng = trade.rng
    for _ in range(rng.randrange(0, 2)):
        trade.newcomers += 1
        trader.debtors.append(44_000_000 + trade.newcomers)
    for _ in range(trade.per_round):
        on = friday - timedelta(days=rng.randrange(14))
        if not is_business_day(on) and rng.random() > trader.saturdays:
            on = friday
        bill = trade.bill(trader, trade.someone(trader), on)
        yield bill
        if rng.random() < 0.001:  # two deliveries of the same on one day
            yield trade.bill(trader, _debtor(bill), on, amount_minor=bill.amount_minor)
            trade.clean += 1
    trade.clean += trade.per_round
    if friday.day <= 14:
        for debtor in trader.debtors[:5]:
            yield trade.bill(
                trader,
                debtor,
                friday,
                amount_minor=310_00 + (debtor * 7 + trader.index * 13) % 29 * 37_00,
            )
            trade.clean += 1
    for _ in range(trade.per_round // 60):
        if trade.sent[trader.index]:
            _, old = trade.earlier(trader, least=0, most=400, on=friday)
            yield _note(trade, trader, old, friday - timedelta(days=rng.randrange(20)), 10)
    if rng.random() < trade.per_round / 2_000 and trade.sent[trader.index]:
        _, old = trade.earlier(trader, least=0, most=400, on=friday)
        yield _note(trade, trader, old, friday, 1)
        yield trade.bill(trader, _debtor(old), friday, amount_minor=old.amount_minor,
                         due_date=max(friday, old.due_date or friday))  # fmt: skip
        trade.clean += 1


def _debtor(bill: NewDocument) -> int:
    return int((bill.debtor_siren or "")[:8])


def _note(trade: Trade, trader: Trader, old: NewDocument, on: date, part: int) -> NewDocument:
    return trade.bill(trader, _debtor(old), on, kind=DocumentKind.CREDIT_NOTE,
                      amount_minor=max(1, old.amount_minor // part),
                      original_number=old.number)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A remittance that went in: the ids and verdicts of its lines, in order."""

    id: int
    ids: list[int]
    verdicts: list[str]


def send(session: Session, trade: Trade, trader: Trader, on: date, rows: Sequence[NewDocument],
         *, file: bytes | None = None) -> Sent:  # fmt: skip
    """Check, look, assign and look again, as the jobs do; by rows, or as a file."""
    at = instant(on)
    remittance = operations.draft_from_rows(
        session, contract_id=trader.contract_id, rows=rows, by=BY, at=at
    ) if file is None else operations.draft_from_file(
        session, contract_id=trader.contract_id, data=file, filename="bordereau.csv", by=BY, at=at
    ).remittance_id  # fmt: skip
    operations.check(session, remittance_id=remittance, on=on, by=BY, at=at)
    vigilance.scan_remittance(session, remittance_id=remittance, by=BY, at=at)
    lines = session.execute(text(
        """SELECT receivable_id, verdict FROM remittance_line WHERE remittance_id = :id
            ORDER BY line"""), {"id": remittance}).all()  # fmt: skip
    if any(verdict != "refused" for _, verdict in lines):
        operations.assign(session, remittance_id=remittance, by=BY, at=at)
        vigilance.scan_remittance(session, remittance_id=remittance, by=BY, at=at)
    return Sent(remittance, [row[0] for row in lines], [row[1] for row in lines])


def trade_on(
    session: Session,
    trade: Trade,
    friday: date,
    more: Callable[[Trader], Sequence[NewDocument]] = lambda _: (),
) -> dict[int, Sent]:
    """A fortnight of everybody; ``more`` are documents mixed in at the end. Debtors pay, too."""
    sent = {}
    for trader in trade.traders:
        rows = [*fortnight(trade, trader, friday)]
        extra = [*more(trader)]
        made = send(session, trade, trader, friday, [*rows, *extra])
        trade.sent[trader.index] += zip(made.ids, rows, strict=False)
        sent[trader.index] = Sent(made.id, made.ids[len(rows) :], made.verdicts[len(rows) :])
    pay(session, trade, friday)
    for trader in trade.traders:
        if trade.rng.random() < trade.per_round / 1_500:
            wait(session, trade, trader, friday, days=trade.rng.randrange(3, 14))
    return sent


def wait(session: Session, trade: Trade, trader: Trader, on: date, *, days: int
         ) -> tuple[int, DueDateMoved]:  # fmt: skip
    """A debtor is given some days more for an invoice nobody moved or paid yet."""
    while True:
        receivable, _ = trade.earlier(trader, least=1, most=25, on=on)
        if receivable not in trade.moved:
            return receivable, push(session, trade, receivable, on, days=days)


def push(session: Session, trade: Trade, receivable: int, on: date, *, days: int) -> DueDateMoved:
    trade.moved.add(receivable)
    due = session.execute(text("SELECT due_date FROM receivable WHERE id = :id"),
                          {"id": receivable}).scalar_one()  # fmt: skip
    return move_due_date(
        session, receivable_id=receivable, to_on=due + timedelta(days=days),
        reason=DueDateReason.AGREED, comment="agreed by mail", by=trade.people.alice.by,
        at=instant(on),
    )  # fmt: skip


def look(session: Session, on: date) -> None:
    """The night's look at the book."""
    vigilance.scan_book(session, on=on, by=BY, at=instant(on))


_ACCOUNTS = """
    INSERT INTO party_account (company_id, iban, holder, added_at, added_by)
    SELECT company.id, 'FR76' || lpad(company.id::text, 23, '3'), company.name,
           debtor.created_at, 'system:setup'
      FROM debtor JOIN company ON company.id = debtor.company_id
     WHERE NOT EXISTS (SELECT FROM party_account WHERE company_id = company.id)
"""

#: One debtor in twenty pays from a second account for some months; a person says whose it is.
_PAID = """
    WITH paid AS (
      SELECT invoice.id, invoice.debtor_id, invoice.amount_minor,
             invoice.due_date + (invoice.id % 9)::int AS paid_on
        FROM receivable AS invoice
       WHERE kind = 'invoice' AND reversed_at IS NULL AND invoice.id % 50 <> 7
         AND due_date + (invoice.id % 9)::int > :since
         AND due_date + (invoice.id % 9)::int <= :until
    ), line AS (
      INSERT INTO bank_line (statement_id, account_id, position, fingerprint, occurrence,
                             amount_minor, booked_on, value_date, party_name, party_iban,
                             structured_references)
      SELECT 1, 1, paid.id, sha256(paid.id::text::bytea), 1, paid.amount_minor, paid_on, paid_on,
             'payer', CASE WHEN debtor_id % 20 = 3 AND paid_on > '2026-07-01'
                           THEN 'FR76' || lpad(debtor_id::text, 23, '8') ELSE account.iban END,
             ARRAY[paid.id::text, paid.debtor_id::text]
        FROM paid JOIN debtor ON debtor.id = paid.debtor_id
        JOIN LATERAL (SELECT iban FROM party_account
                       WHERE company_id = debtor.company_id ORDER BY id LIMIT 1) AS account ON true
      RETURNING id, booked_on, amount_minor, party_iban, structured_references
    ), application AS (
      INSERT INTO cash_application (bank_line_id, kind, amount_minor, applied_on, at, by, reasons)
      SELECT id, 'line', amount_minor, booked_on, booked_on + time '09:00', 'job:match', '[]'
        FROM line RETURNING id, bank_line_id, amount_minor
    ), learned AS (
      INSERT INTO payer_alias (debtor_id, kind, key, seen, learned_at, learned_by)
      SELECT structured_references[2]::bigint, 'iban', party_iban, party_iban,
             min(booked_on) + time '09:00', 'person:1'
        FROM line WHERE party_iban LIKE 'FR76888%'
       GROUP BY 1, 2, 3, 4 ON CONFLICT DO NOTHING
    )
    INSERT INTO cash_allocation (application_id, receivable_id, amount_minor, kind)
    SELECT application.id, structured_references[1]::bigint, application.amount_minor, 'payment'
      FROM application JOIN line ON line.id = application.bank_line_id
"""


def pay(session: Session, trade: Trade, until: date) -> None:
    """What fell due is paid, from accounts that are known; the book is looked at each week."""
    session.execute(text(_ACCOUNTS))
    session.execute(text("ANALYZE receivable, remittance_line, debtor, company, bank_line"))
    session.execute(text("ANALYZE cash_application, cash_allocation, party_account"))
    while trade.paid_to < until:
        week = min(until, trade.paid_to + timedelta(days=7))
        session.execute(text(_PAID), {"since": trade.paid_to, "until": week})
        trade.paid_to = week
        look(session, week)
