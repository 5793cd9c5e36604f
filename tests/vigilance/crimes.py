"""Five hundred frauds of two dozen kinds, planted in an honest trade, each with varied traits.

Each is told of as those who deceive factors do it, not as a detector looks for it. A fraud is
*stopped* when an operation refuses it, or *told* when a signal speaks of its very documents,
receipt, pair of companies or contract; ``tells`` are the kinds that speak of such a thing.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from cessio import vigilance
from cessio.receivables import NewDocument
from cessio.receivables.rules import DocumentKind
from cessio.vigilance import SignalKind as K
from tests.vigilance import world
from tests.vigilance.planted import siren
from tests.vigilance.world import Sent, Trade, Trader, instant

LIKE = frozenset({K.SAME_BUT_NUMBER, K.SAME_BUT_DATE, K.SAME_BUT_AMOUNT, K.NUMBER_REUSED,
                  K.OTHER_CLIENT, K.NEARLY_SAME})  # fmt: skip
#: Kind of fraud → how many of five hundred and more.
SHARES = {
    "sent again": 45, "assigned by two clients": 30, "sent again as a file": 25,
    "retyped number": 40, "another date": 30, "altered amount": 40,
    "another client's, changed": 30, "number on another debtor": 20, "billed before delivery": 40,
    "fictitious debtors": 25, "credited and billed again": 25, "due date pushed": 25,
    "credit notes hidden": 25, "recycled advance": 25, "receipt diverted": 20,
    "stranger pays": 15, "client and debtor one house": 20, "sold in a circle": 8,
    "round amounts": 10, "split below the threshold": 12, "account changed": 10,
    "debtor grows suddenly": 8, "dilution": 6, "turnover without cash": 6,
}  # fmt: skip
EXACT = ("sent again", "assigned by two clients", "sent again as a file")


@dataclass
class Fraud:
    """One planted fraud: what it is about, and whether an operation refused it."""

    kind: str
    tells: frozenset[K]
    documents: set[int] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    stopped: bool = False


@dataclass
class Crimes:
    """What is planted, what is still to come of each kind, and the rows that wait for sending."""

    trade: Trade
    wanted: dict[str, int]
    done: list[Fraud] = field(default_factory=list)
    waiting: dict[int, list[tuple[Fraud, NewDocument]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def some(self, kind: str, rounds: int) -> int:
        """How many of a kind to plant now, with so many rounds left."""
        count = -(-self.wanted[kind] // rounds)
        self.wanted[kind] -= count
        return count

    def new(self, kind: str, *tells: K, keys: Sequence[str] = ()) -> Fraud:
        made = Fraud(kind, frozenset(tells) or LIKE, keys=set(keys))
        self.done.append(made)
        return made

    def add(self, fraud: Fraud, trader: Trader, *rows: NewDocument) -> None:
        self.waiting[trader.index] += [(fraud, row) for row in rows]

    def rows(self, trader: Trader) -> list[NewDocument]:
        return [row for _, row in self.waiting[trader.index]]

    def sent(self, sent: dict[int, Sent]) -> None:
        """Note the ids of what was planted, and what was refused at the door."""
        for index, made in sent.items():
            pairs = zip(self.waiting.pop(index, []), made.ids, made.verdicts, strict=True)
            for (fraud, _), receivable, verdict in pairs:
                fraud.documents.add(receivable)
                fraud.stopped |= verdict == "refused"

    def two(self) -> tuple[Trader, Trader]:
        one, other = self.trade.rng.sample(self.trade.traders, 2)
        return one, other


def plan(scale: int) -> dict[str, int]:
    """How many of each kind: all of them, or one in ``scale``."""
    return {kind: max(1, count // scale) for kind, count in SHARES.items()}


def documents(crimes: Crimes, on: date, left: int) -> None:
    """Frauds in documents that go in with honest ones."""
    for kind, plant in _DOCUMENTS.items():
        for _ in range(crimes.some(kind, left)):
            plant(crimes, kind, on)


def retyped(crimes: Crimes, number: str) -> str:
    """A number as somebody types it so that it is another."""
    rng = crimes.trade.rng
    at = rng.randrange(len(number) - 4, len(number) - 1)
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    forms = (number + rng.choice(("bis", "-A", "/2", " R", "-1")), rng.choice(("FAC", "INV-", "26"))
             + number, number.replace("0", "O", 1), number[:-1] + "X", swapped)  # fmt: skip
    return rng.choice([one for one in forms if one != number])


def _old(crimes: Crimes, on: date, trader: Trader | None = None, least: int = 10, most: int = 90
         ) -> tuple[Trader, NewDocument]:  # fmt: skip
    chosen = trader or crimes.trade.rng.choice(crimes.trade.traders)
    return chosen, crimes.trade.earlier(chosen, least=least, most=most, on=on)[1]


def _sent_again(crimes: Crimes, kind: str, on: date) -> None:
    trader, old = _old(crimes, on)
    # People write a number differently; it is the same invoice.
    number = crimes.trade.rng.choice((old.number, old.number.lower(), old.number.replace("-", " "),
                                      f" {old.number}", old.number.replace("/", ".")))  # fmt: skip
    crimes.add(crimes.new(kind), trader, replace(old, number=number))


def _by_two(crimes: Crimes, kind: str, on: date) -> None:
    one, other = crimes.two()
    crimes.add(crimes.new(kind), other, _old(crimes, on, one)[1])


def _retyped(crimes: Crimes, kind: str, on: date) -> None:
    trader, old = _old(crimes, on)
    rng = crimes.trade.rng
    change = rng.choice(("only", "only", "date", "amount"))
    moved = timedelta(days=rng.randrange(1, 16)) if change == "date" else timedelta()
    minor = old.amount_minor * (1_000 + rng.choice((-4, 3, 6))) // 1_000 \
        if change == "amount" else old.amount_minor  # fmt: skip
    crimes.add(crimes.new(kind), trader, replace(
        old, number=retyped(crimes, old.number), amount_minor=minor,
        issue_date=min(on, old.issue_date + moved), due_date=None))  # fmt: skip


def _another_date(crimes: Crimes, kind: str, on: date) -> None:
    trader, old = _old(crimes, on)
    later = old.issue_date + timedelta(days=crimes.trade.rng.randrange(1, 80))
    crimes.add(crimes.new(kind), trader, replace(old, issue_date=min(on, later), due_date=None))


def _altered(crimes: Crimes, kind: str, on: date) -> None:
    trader, old = _old(crimes, on)
    part = crimes.trade.rng.choice((1, 5, 12, 30, 100, 350, 900, 9_000))
    moved = timedelta(days=crimes.trade.rng.choice((0, 0, 3, 12)))
    crimes.add(crimes.new(kind), trader, replace(
        old, amount_minor=old.amount_minor + max(1, old.amount_minor * part // 1_000),
        issue_date=min(on, old.issue_date + moved), due_date=None))  # fmt: skip


def _other_changed(crimes: Crimes, kind: str, on: date) -> None:
    one, other = crimes.two()
    _, old = _old(crimes, on, one)
    rng = crimes.trade.rng
    how = rng.choice(("number", "number and date", "amount", "date"))
    crimes.add(crimes.new(kind), other, replace(
        old,
        number=other.number() if "number" in how else old.number,
        issue_date=min(on, old.issue_date + timedelta(days=rng.randrange(1, 5)))
        if "date" in how else old.issue_date,
        amount_minor=old.amount_minor * (1_000 + rng.choice((-5, 7))) // 1_000
        if how == "amount" else old.amount_minor, due_date=None))  # fmt: skip


def _number_reused(crimes: Crimes, kind: str, on: date) -> None:
    trader, old = _old(crimes, on)
    other = next(one for one in iter(lambda: crimes.trade.someone(trader), None)
                 if siren(one) != old.debtor_siren)  # fmt: skip
    more = {} if crimes.trade.rng.random() < 0.5 else {"amount_minor": old.amount_minor}
    crimes.add(crimes.new(kind), trader,
               crimes.trade.bill(trader, other, on, number=old.number, **more))  # fmt: skip


def _fictitious(crimes: Crimes, kind: str, on: date) -> None:
    """Companies of paper that nobody heard of, with a good part of the fortnight's turnover."""
    trade, rng = crimes.trade, crimes.trade.rng
    trader = rng.choice(trade.traders)
    count, part = rng.randrange(1, 7), rng.uniform(0.15, 0.6)
    worth = sum(row.amount_minor for _, row in trade.sent[trader.index][-trade.per_round :])
    fraud = crimes.new(kind, K.NEW_DEBTOR_BURST, K.NEW_DEBTOR_LARGE)
    for _ in range(count):
        trade.newcomers += 1
        bills = rng.randrange(1, 4)
        each = round(worth * part / (1 - part) / count / bills)
        for _ in range(bills):
            crimes.add(fraud, trader, trade.bill(
                trader, 47_000_000 + trade.newcomers, on - timedelta(days=rng.randrange(9)),
                amount_minor=max(1, round(each * rng.uniform(0.8, 1.2)))))  # fmt: skip


def _billed_again(crimes: Crimes, kind: str, on: date) -> None:
    """Credited because it is old, and billed anew with months to come."""
    trade, rng = crimes.trade, crimes.trade.rng
    trader = rng.choice(trade.traders)
    receivable, old = trade.earlier(trader, least=20, most=80, on=on)
    fraud = crimes.new(kind, K.REBILLED_LATER)
    fraud.documents.add(receivable)
    debtor = int((old.debtor_siren or "")[:8])
    parts = rng.choice((1, 1, 1, 2))
    again = old.amount_minor * (1_000 + rng.choice((0, 0, 4, -6))) // 1_000
    crimes.add(fraud, trader, trade.bill(
        trader, debtor, on - timedelta(days=2), kind=DocumentKind.CREDIT_NOTE,
        amount_minor=old.amount_minor, original_number=old.number))  # fmt: skip
    for part in range(parts):
        minor = again // parts + (again % parts if part == 0 else 0)
        crimes.add(fraud, trader, trade.bill(
            trader, debtor, on, amount_minor=minor,
            due_date=max(on, old.due_date or on)
            + timedelta(days=rng.randrange(15, 61))))  # fmt: skip


def _hidden_notes(crimes: Crimes, kind: str, on: date) -> None:
    trade, rng = crimes.trade, crimes.trade.rng
    trader, old = _old(crimes, on, least=40, most=120)
    days = rng.randrange(31, 1 + (on - old.issue_date).days) if (on - old.issue_date).days > 31 \
        else 31  # fmt: skip
    crimes.add(crimes.new(kind, K.LATE_CREDIT_NOTES), trader, trade.bill(
        trader, int((old.debtor_siren or "")[:8]), on - timedelta(days=days),
        kind=DocumentKind.CREDIT_NOTE, original_number=old.number,
        amount_minor=max(600_00, old.amount_minor * rng.randrange(30, 101) // 100)))  # fmt: skip


def _split(crimes: Crimes, kind: str, on: date) -> None:
    """One large sale in pieces, none of which reaches the amount from which somebody looks."""
    trade, rng = crimes.trade, crimes.trade.rng
    trader = rng.choice(trade.traders)
    debtor, pieces = trade.someone(trader), rng.randrange(2, 6)
    fraud = crimes.new(kind, K.JUST_BELOW, K.SPLIT_BELOW)
    for _ in range(pieces):
        crimes.add(fraud, trader, trade.bill(
            trader, debtor, on - timedelta(days=rng.choice((0, 0, 1))),
            amount_minor=round(30_000_00 * rng.uniform(0.62, 0.995))))  # fmt: skip


_DOCUMENTS = {
    "sent again": _sent_again, "assigned by two clients": _by_two, "retyped number": _retyped,
    "another date": _another_date, "altered amount": _altered,
    "another client's, changed": _other_changed, "number on another debtor": _number_reused,
    "fictitious debtors": _fictitious, "credited and billed again": _billed_again,
    "credit notes hidden": _hidden_notes, "split below the threshold": _split,
}  # fmt: skip


def as_files(session: Session, crimes: Crimes, on: date, left: int) -> None:
    """Old invoices as a file: other headings, dates and amounts as the French write them."""
    for _ in range(crimes.some("sent again as a file", left)):
        trader, old = _old(crimes, on)
        paper, due = io.StringIO(), old.due_date or old.issue_date
        line = csv.writer(paper, delimiter=";")
        line.writerow(["N° facture", "SIRET client", "Client", "Date facture", "Échéance",
                       "Montant TTC"])  # fmt: skip
        whole = f"{old.amount_minor // 100:,}".replace(",", " ")
        line.writerow([old.number.replace("-", " ").lower(), _siret(old.debtor_siren or ""),
                       old.debtor_name, f"{old.issue_date:%d/%m/%Y}", f"{due:%d/%m/%Y}",
                       f"{whole},{old.amount_minor % 100:02d} €"])  # fmt: skip
        fraud = crimes.new("sent again as a file")
        made = world.send(session, crimes.trade, trader, on, [],
                          file=paper.getvalue().encode("utf-8"))  # fmt: skip
        fraud.documents |= set(made.ids)
        fraud.stopped = bool(made.verdicts) and set(made.verdicts) == {"refused"}


def _siret(number: str) -> str:
    """The SIRET of the head office, by its Luhn digit."""
    digits = number + "0001"
    total = sum(sum(divmod(2 * int(each), 10)) if place % 2 == 0 else int(each)
                for place, each in enumerate(reversed(digits)))  # fmt: skip
    return digits + str(-total % 10)


def remittances(session: Session, crimes: Crimes, on: date, left: int) -> None:
    """Whole remittances that are invented."""
    trade, rng = crimes.trade, crimes.trade.rng
    for _ in range(crimes.some("round amounts", left)):
        trader = rng.choice(trade.traders)
        count = rng.randrange(5, 15)
        rows = [trade.bill(trader, trade.someone(trader), on - timedelta(days=rng.randrange(10)))
                for _ in range(count)]  # fmt: skip
        rows = [replace(row, amount_minor=max(1, round(row.amount_minor / 500_00)) * 500_00)
                if rng.random() < 0.85 else row for row in rows]  # fmt: skip
        made = world.send(session, trade, trader, on, rows)
        crimes.new("round amounts", K.ROUND_AMOUNTS, keys=[f"remittance:{made.id}"]).documents |= \
            set(made.ids)  # fmt: skip


def deliveries(session: Session, crimes: Crimes, on: date, left: int) -> None:
    """What was billed is delivered weeks later, as the proof says that somebody asked for."""
    trade, rng = crimes.trade, crimes.trade.rng
    for _ in range(crimes.some("billed before delivery", left)):
        receivable, old = trade.earlier(rng.choice(trade.traders), least=1, most=40, on=on)
        fraud = crimes.new("billed before delivery", K.BEFORE_DELIVERY)
        fraud.documents.add(receivable)
        vigilance.delivered(
            session,
            receivable_id=receivable,
            by="person:1",
            at=instant(on),
            delivered_on=old.issue_date + timedelta(days=rng.randrange(3, 50)),
        )


def pushes(session: Session, crimes: Crimes, on: date, left: int) -> None:
    """An invoice that nobody pays is due later, and later again; or so late that two decide."""
    trade, rng = crimes.trade, crimes.trade.rng
    for _ in range(crimes.some("due date pushed", left)):
        fraud = crimes.new("due date pushed", K.DUE_DATE_PUSHED)
        first, *others = rng.choice(((8, 6), (5, 5, 4), (40,), (13, 2)))
        trader = rng.choice(trade.traders)
        receivable, moved = world.wait(session, trade, trader, on, days=first)
        fraud.documents.add(receivable)
        for days in others:
            if not moved.waits:
                moved = world.push(session, trade, receivable, on, days=days)
        fraud.stopped = moved.waits
