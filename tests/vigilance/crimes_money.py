"""Frauds in receipts, in who is who, in accounts, and in how a whole contract behaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import parties
from cessio.kernel.errors import CessioError
from cessio.parties import CompanyDetails, ContactDetails
from cessio.parties.operations import add_contact, change_company
from cessio.parties.queries import company
from cessio.receivables.rules import DocumentKind
from cessio.vigilance import SignalKind as K
from tests.vigilance import world
from tests.vigilance.crimes import Crimes
from tests.vigilance.planted import receipt, siren
from tests.vigilance.world import Trader, instant


def debtor_of(session: Session, number: int) -> tuple[int, int]:
    """A debtor and its company by the stem of its SIREN."""
    row = session.execute(text(
        """SELECT debtor.id, company.id FROM company JOIN debtor ON debtor.company_id = company.id
            WHERE siren = :siren"""), {"siren": siren(number)}).one()  # fmt: skip
    return int(row[0]), int(row[1])


def receipts(session: Session, crimes: Crimes, on: date, left: int) -> None:
    """Debtors' invoices paid by others: with an advance, by the client, by nobody known."""
    trade, rng = crimes.trade, crimes.trade.rng
    for kind in ("recycled advance", "receipt diverted", "stranger pays"):
        for number in range(crimes.some(kind, left)):
            trader = rng.choice(trade.traders)
            receivable, bill = trade.earlier(trader, least=20, most=80, on=on)
            booked = on - timedelta(days=rng.randrange(6))
            paid, account = bill.amount_minor, trader.iban
            stranger = f"FR76{rng.randrange(10**22):023d}"
            if kind == "recycled advance":
                drawn = paid * rng.randrange(1_000, 1_045) // 1_000
                session.execute(text(
                    """INSERT INTO drawdown (contract_id, amount_minor, currency, state,
                         requested_at, requested_on, requested_by, facts)
                       VALUES (:contract, :minor, 'EUR', 'granted', :at, :on, 'person:1', '{}')"""),
                    {"contract": trader.contract_id, "minor": drawn, "at": instant(booked),
                     "on": booked - timedelta(days=rng.randrange(10))})  # fmt: skip
                account = stranger if number % 5 == 4 else trader.iban
            if kind == "receipt diverted":  # collected by the client, and some of it handed on
                paid = paid * rng.choice((100, 100, 60, 35)) // 100
            if kind == "stranger pays":
                account = stranger
            line = receipt(session, receivable, max(1, paid), account, on=booked)
            debtor = debtor_of(session, int((bill.debtor_siren or "")[:8]))[0]
            crimes.new(kind, K.UNKNOWN_PAYER, K.PAID_BY_CLIENT, K.RECYCLED_ADVANCE,
                       keys=[f"line:{line}/debtor:{debtor}", f"line:{line}"])  # fmt: skip


def one_house(session: Session, crimes: Crimes, on: date, left: int) -> None:
    """A client and a debtor of paper that are reached, paid or housed in one place."""
    trade, rng = crimes.trade, crimes.trade.rng
    ways: tuple[Callable[[Session, Crimes, Trader, int, date], None], ...] = (
        _same_account, _same_phone, _same_mail, _same_address,
    )  # fmt: skip
    for number in range(crimes.some("client and debtor one house", left)):
        trader = rng.choice(trade.traders)
        stem = int((trade.earlier(trader, least=1, most=90, on=on)[1].debtor_siren or "")[:8])
        debtor, company_id = debtor_of(session, stem)
        ways[(number + left) % len(ways)](session, crimes, trader, company_id, on)
        crimes.new("client and debtor one house", K.SHARED_DETAILS,
                   keys=[f"client:{trader.client_id}/debtor:{debtor}"])  # fmt: skip


def _same_account(session: Session, crimes: Crimes, trader: Trader, owner: int, on: date) -> None:
    known = session.execute(
        text("SELECT count(*) FROM party_account WHERE company_id = :id AND iban = :iban"),
        {"id": owner, "iban": trader.iban},
    ).scalar_one()
    if not known:
        parties.add_account(session, company_id=owner, iban=trader.iban, by="person:1",
                            at=instant(on))  # fmt: skip


def _same_phone(session: Session, crimes: Crimes, trader: Trader, owner: int, on: date) -> None:
    digits = f"472 10 {trader.index:02d} 5{trader.index % 10}"
    written = crimes.trade.rng.choice(("04 {}", "+33 {}", "0033{}", "04.{}"))
    written = written.format(digits[:2] + " " + digits[2:] if "+" in written else digits)
    written = written.replace("04 4", "04 ").replace("04.4", "04.").replace("0033 ", "0033")
    add_contact(session, company_id=owner, by="person:1", at=instant(on),
                contact=ContactDetails(name="Achats", phone=written))  # fmt: skip


def _same_mail(session: Session, crimes: Crimes, trader: Trader, owner: int, on: date) -> None:
    host = crimes.trade.rng.choice(("{}", "{}", "mail.{}", "compta.{}"))
    email = f"achats@{host.format(f'atelier{trader.index}.fr')}"
    add_contact(session, company_id=owner, by="person:1", at=instant(on),
                contact=ContactDetails(name="Achats", email=email))  # fmt: skip


def _same_address(session: Session, crimes: Crimes, trader: Trader, owner: int, on: date) -> None:
    now = company(session, owner)
    street = crimes.trade.rng.choice(("{} rue des Forges", "{}, RUE DES FORGES",
                                      "{} r. des forges", "{} rue des Forges, bât. B"))  # fmt: skip
    change_company(
        session, company_id=owner, version=now.version, by="person:1", at=instant(on),
        details=CompanyDetails(name=now.name, siren=now.siren, city="Lyon",
                               street=street.format(trader.index + 3),
                               post_code=f"{69001 + trader.index}"),
    )  # fmt: skip


def circles(session: Session, crimes: Crimes, on: date, left: int) -> None:
    """Clients that sell to each other, two or three in a circle: the same goods, or none."""
    trade, rng = crimes.trade, crimes.trade.rng
    for _ in range(crimes.some("sold in a circle", left)):
        ring = rng.sample(trade.traders, rng.choice((2, 3)) if len(trade.traders) > 2 else 2)
        fraud = crimes.new("sold in a circle", K.SOLD_IN_A_CIRCLE)
        minor = trade.amount(ring[0])
        for seller, buyer in zip(ring, ring[1:] + ring[:1], strict=True):
            crimes.add(fraud, seller, trade.bill(
                seller, 51_000_000 + buyer.index, on - timedelta(days=rng.randrange(9)),
                amount_minor=minor * rng.randrange(100, 112) // 100))  # fmt: skip


def accounts(session: Session, crimes: Crimes, on: date, left: int) -> None:
    """Somebody writes that a client is paid elsewhere from now on, and presses."""
    trade, rng, people = crimes.trade, crimes.trade.rng, crimes.trade.people
    for number in range(crimes.some("account changed", left)):
        trader = rng.choice(trade.traders)
        fraud = crimes.new("account changed")
        at = instant(on)
        with session.begin_nested() as saved:
            account = parties.add_account(
                session, company_id=trader.company_id, iban=world.iban(60_000_000 + number + left),
                is_payout=True, by=people.alice.by, at=at)  # fmt: skip
            accomplice = add_contact(
                session, company_id=trader.company_id, by=people.alice.by, at=at,
                contact=ContactDetails(name="M. Pressé", phone="06 99 88 77 66"),
            )  # fmt: skip
            by, called = rng.choice((
                (people.alice.by, None), (people.bruno.by, None), (people.bruno.by, accomplice),
            ))  # fmt: skip
            try:
                parties.confirm_account(session, account_id=account, contact_id=called,
                                        why="the voice said so", by=by, at=at)  # fmt: skip
            except CessioError:
                fraud.stopped = True
            saved.rollback()


def contracts(session: Session, crimes: Crimes, on: date, left: int) -> None:
    """Whole contracts go wrong, each in its way; in the last fortnight, on what came before."""
    if left > 1:
        return
    trade, rng = crimes.trade, crimes.trade.rng
    order = rng.sample(trade.traders, len(trade.traders))
    for place, kind in enumerate(_contract_kinds(crimes)):
        if place >= len(order):
            break
        _CONTRACTS[kind](session, crimes, order[place], on)


def _contract_kinds(crimes: Crimes) -> list[str]:
    kinds = [kind for kind in _CONTRACTS for _ in range(crimes.some(kind, 1))]
    crimes.trade.rng.shuffle(kinds)
    return kinds


_WORTH = """
    SELECT coalesce(sum(amount_minor), 0) FROM receivable
     WHERE kind = 'invoice' AND contract_id = :contract AND assigned_on > :since
"""


def _worth(session: Session, trader: Trader, on: date, days: int) -> int:
    facts = {"contract": trader.contract_id, "since": on - timedelta(days=days)}
    return int(session.execute(text(_WORTH), facts).scalar_one())


def _grows(session: Session, crimes: Crimes, trader: Trader, on: date) -> None:
    trade, rng = crimes.trade, crimes.trade.rng
    stem = trader.debtors[-3]
    total = round(_worth(session, trader, on, 30) * rng.uniform(0.8, 2))
    rows = [trade.bill(trader, stem, on, amount_minor=max(1, round(total / 8)) + n)
            for n in range(8)]  # fmt: skip
    made = world.send(session, trade, trader, on, rows)
    debtor, _ = debtor_of(session, stem)
    about = f"contract:{trader.contract_id}/{on:%Y-%m}/debtor:{debtor}"
    crimes.new("debtor grows suddenly", K.CONCENTRATION_JUMP, keys=[about])
    crimes.trade.sent[trader.index] += zip(made.ids, rows, strict=True)


def _dilutes(session: Session, crimes: Crimes, trader: Trader, on: date) -> None:
    trade, rng = crimes.trade, crimes.trade.rng
    total = _worth(session, trader, on, 90) * rng.randrange(9, 20) // 100
    rows = [trade.bill(trader, trade.someone(trader), on, kind=DocumentKind.CREDIT_NOTE,
                       amount_minor=max(1, total // 10) + n) for n in range(10)]  # fmt: skip
    world.send(session, trade, trader, on, rows)
    crimes.new("dilution", K.DILUTION_RISING, keys=[f"contract:{trader.contract_id}/{on:%Y-%m}"])


def _hollow(session: Session, crimes: Crimes, trader: Trader, on: date) -> None:
    """Twice as much is assigned as ever, of sales that nobody made and nobody will pay."""
    trade, rng = crimes.trade, crimes.trade.rng
    total = round(_worth(session, trader, on, 90) * rng.uniform(1.0, 2.0))
    rows = [trade.bill(trader, trade.someone(trader), on - timedelta(days=rng.randrange(9)),
                       amount_minor=max(1, round(total / 60 * rng.uniform(0.6, 1.4))))
            for n in range(60)]  # fmt: skip
    world.send(session, trade, trader, on, rows)
    crimes.new("turnover without cash", K.TURNOVER_WITHOUT_CASH,
               keys=[f"contract:{trader.contract_id}/{on:%Y-%m}"])  # fmt: skip


_CONTRACTS = {
    "debtor grows suddenly": _grows, "dilution": _dilutes, "turnover without cash": _hollow,
}  # fmt: skip
