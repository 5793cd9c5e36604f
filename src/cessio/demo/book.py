"""The demonstration while it is lived: who is who, what was sent, what debtors will pay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from cessio.banking.formats.statement import ParsedEntry
from cessio.contracts.rules import NotificationMode, Product, RecourseMode, Terms
from cessio.demo.cast import ClientCast
from cessio.demo.firms import Firm
from cessio.kernel.calendar import PARIS
from cessio.plumbing.database import transaction
from cessio.receivables import NewDocument

#: The part of the history in which clients send every week and the bank every day.
LATELY = timedelta(days=46)


@dataclass(eq=False, slots=True)
class Debtor:
    """A debtor and how it pays: how late, in which words, on which days of the month."""

    id: int
    firm: Firm
    habit: int
    style: str
    paydays: tuple[int, ...]
    discount: int = 0  # hundredths of a percent it takes for paying early
    insolvent: bool = False


@dataclass(eq=False, slots=True)
class Client:
    """A client with its contract and the debtors it sells to, the largest first."""

    cast: ClientCast
    id: int
    contract_id: int
    terms: Terms
    starts_on: date
    signatory: str
    operator: str
    manager: str
    debtors: list[Debtor]
    numbered: int = 0
    pending: list[tuple[Owed, NewDocument]] = field(default_factory=list)  # for its next remittance
    rng: Random = field(default_factory=Random)

    @property
    def confidential(self) -> bool:
        return self.terms.notification_mode is not NotificationMode.NOTIFIED

    @property
    def insured(self) -> bool:
        """Whether the factor bears its debtors' insolvency, and so decides cover limits."""
        return self.terms.recourse_mode is RecourseMode.WITHOUT_RECOURSE

    def next_number(self, on: date) -> str:
        self.numbered += 1
        return self.cast.numbering.format(y=on.year, yy=on.year % 100, n=self.numbered)


@dataclass(eq=False, slots=True)
class Owed:
    """An assigned document and when its debtor means to pay it; None: not for now."""

    client: Client
    debtor: Debtor
    number: str
    amount_minor: int
    issue_date: date
    due_date: date
    pay_on: date | None
    left_minor: int = 0
    disputed: bool = False

    def __post_init__(self) -> None:
        self.left_minor = self.amount_minor


@dataclass(slots=True)
class Truth:
    """What a payer meant by a payment, which the factor does not know."""

    items: tuple[tuple[Owed, int], ...]
    mystery: bool = False


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """A dispute and the day it will be settled."""

    dispute_id: int
    item: Owed
    ends_on: date


@dataclass(slots=True)
class Staff:
    """Actor of each of the factor's people, by first name."""

    actors: dict[str, str]
    ids: dict[str, int]

    def __getitem__(self, key: str) -> str:
        return self.actors[key]


@dataclass(eq=False, slots=True)
class Account:
    """One of the factor's bank accounts, as its bank keeps it."""

    id: int
    iban: str
    name: str
    balance_minor: int = 0
    arrived: list[ParsedEntry] = field(default_factory=list)  # not on a statement yet
    statements: int = 0
    references: int = 0


@dataclass(slots=True)
class Refinancing:
    """What the treasury has of its bank, and whether the partners paid."""

    drawn_minor: int = 0
    is_founded: bool = False


@dataclass(eq=False, slots=True)
class Book:
    """Everything the demonstration remembers between two days."""

    connection: Connection
    seed: str
    until: date
    staff: Staff
    main: Account
    collection: Account
    clients: list[Client]
    debtors: list[Debtor]
    start: date
    volume: int = 1
    refinancing: Refinancing = field(default_factory=Refinancing)
    owed: dict[int, list[Owed]] = field(default_factory=dict)  # by debtor
    credits: dict[int, list[Owed]] = field(default_factory=dict)
    truths: dict[str, Truth] = field(default_factory=dict)
    payouts: list[tuple[str, str, str, int]] = field(default_factory=list)  # to be debited
    waiting: list[tuple[Client, int, tuple[Owed, ...]]] = field(default_factory=list)
    disputes: list[OpenDispute] = field(default_factory=list)
    return_next: bool = False  # the bank gives the next payout back
    promised: list[Owed] = field(default_factory=list)  # by debtors, on the telephone
    unanswered: int = 0  # so many next payouts the bank says nothing about
    offers: dict[Product, tuple[int, int]] = field(default_factory=dict)  # and their fee grid
    fixed: list[date] = field(default_factory=list)  # days whose rates are not recorded yet

    def lately(self, on: date) -> bool:
        """Whether a day is lived in full; before, clients and bank are seen less often."""
        return on > self.until - LATELY

    def rng(self, stream: str) -> Random:
        """A generator of its own for each subject, so that one does not disturb another."""
        return Random(f"{self.seed}/{stream}")

    @contextmanager
    def act(self) -> Iterator[Session]:
        """One transaction, of one person or job."""
        with transaction(self.connection) as session:
            yield session

    def analyze(self) -> None:
        """Tell the database what its tables hold now, as it would find out by itself in time."""
        with self.act() as session:
            session.execute(text("ANALYZE"))


def instant(on: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of a business date, in Paris time."""
    return datetime.combine(on, time(hour, minute, second), PARIS).astimezone(UTC)
