"""The first days: people, accounts, companies, contracts, limits, all by the real operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from cessio import audit, contracts, identity, parties
from cessio.agreeing.deeds.contracts import SignContract
from cessio.banking.operations import open_account
from cessio.contracts import product_defaults
from cessio.correspondence import set_identity
from cessio.demo.agreeing import agreed
from cessio.demo.book import Account, Book, Client, Debtor, Staff, instant
from cessio.demo.cast import CLIENTS, FACTOR, PASSWORD, STAFF, ClientCast
from cessio.demo.firms import Firm, firms
from cessio.demo.house import offered
from cessio.demo.lateness import habit
from cessio.demo.numbers import company_numbers, french_account, with_check_digit
from cessio.identity.operations import add_person
from cessio.kernel.calendar import add_months, next_business_day
from cessio.parties import CompanyDetails, ContactDetails, Segment
from cessio.parties.operations import add_contact
from cessio.plumbing.database import transaction

SETUP = "system:setup"

#: How payers word their payments, as often as they do.
STYLES = (
    *["numbers"] * 8, *["words"] * 5, "structured", "structured", "glued", "glued", "cut",
    "digits", "silent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How large a book: clients of the cast, debtors, months of history, invoices against usual."""

    clients: int = 12
    debtors: int = 150
    months: int = 18
    volume: int = 1


def size_of(scale: Decimal | int) -> Size:
    """The size of a scale: tenths of the usual book, or so many times it."""
    if scale >= 1:
        times = int(scale)
        return Size(debtors=150 * times, volume=times)
    tenths = max(1, int(scale * 10))
    return Size(
        clients=min(12, 2 + tenths), debtors=min(150, 40 + 15 * tenths), months=min(18, 1 + tenths)
    )


def found(connection: Connection, *, size: Size, seed: str, until: date) -> Book:
    """A book on its first day: everybody is there and nothing was assigned yet."""
    rng = Random(f"{seed}/setup")
    start = next_business_day(add_months(until.replace(day=1), -size.months))
    with transaction(connection) as session:
        staff = _staff(session, start)
        main, collection = _accounts(session, rng, start)
    book = Book(connection, seed, until, staff, main, collection, [], [], start, size.volume)
    with book.act() as session:
        book.debtors = [_debtor(session, rng, firm, start) for firm in firms(rng, size.debtors)]
    with book.act() as session:
        at = instant(start - timedelta(days=25), 9)
        book.offers = offered(
            session, on=start - timedelta(days=25), by=staff["eva"], second=staff["karine"], at=at
        )
    casts = CLIENTS[: size.clients]
    for cast in casts:
        with book.act() as session:
            book.clients.append(_client(session, rng, book, cast, start))
    return book


def mark(connection: Connection, verb: str, until: date) -> None:
    """Write in the audit trail that the demonstration began or ended."""
    with transaction(connection) as session:
        audit.record(
            session, verb=verb, subject_kind="demonstration", subject_id=0,
            after={"until": until}, by=SETUP, at=instant(until, 23),
        )  # fmt: skip


def _staff(session: Session, start: date) -> Staff:
    at = instant(start - timedelta(days=30), 9)
    ids = {
        actor.key: identity.add_person(
            session, email=actor.email("cessio"), name=actor.name, role=actor.role,
            password=PASSWORD, by=SETUP, at=at,
        )
        for actor in STAFF
    }  # fmt: skip
    return Staff({key: f"person:{number}" for key, number in ids.items()}, ids)


def _accounts(session: Session, rng: Random, start: date) -> tuple[Account, Account]:
    at = instant(start - timedelta(days=30), 10)
    set_identity(
        session, name=FACTOR, legal="Société anonyme au capital de 3 000 000 €",
        siren=with_check_digit("90123456"), street="18 rue de la République", post_code="69002",
        city="Lyon", by=SETUP, at=at,
    )  # fmt: skip
    opened = []
    for name, pays in (("Compte d'exploitation", True), ("Compte d'encaissement dédié", False)):
        iban, bic = french_account(rng)
        account_id = open_account(
            session, name=name, iban=iban, bic=bic, holder=FACTOR.upper(), is_payout=pays,
            by=SETUP, at=at,
        )  # fmt: skip
        opened.append(Account(account_id, iban, name))
    return opened[0], opened[1]


def _debtor(session: Session, rng: Random, firm: Firm, start: date) -> Debtor:
    at = instant(start - timedelta(days=20), 9)
    segment = rng.choice((Segment.REGULAR, Segment.REGULAR, Segment.REGULAR, Segment.NEW))
    registered = parties.register_debtor(
        session, details=firm.details, segment=segment, by=SETUP, at=at
    )
    parties.add_account(
        session, company_id=registered.company_id, iban=firm.iban, bic=firm.bic, by=SETUP, at=at
    )
    words = parties.name_key(firm.name).split()[0]
    contact = ContactDetails(
        "Comptabilité fournisseurs", email=f"compta@{words}-{registered.id}.example",
        phone=f"+33{rng.randrange(1, 6)}{rng.randrange(10**8):08d}",
    )  # fmt: skip
    add_contact(session, company_id=registered.company_id, contact=contact, by=SETUP, at=at)
    paydays = rng.choice(((), (), (10, 25), (15, 30), (5, 20), (10,), (30,)))
    discount = rng.choice((0,) * 12 + (100, 150, 200))
    return Debtor(registered.id, firm, habit(rng), rng.choice(STYLES), paydays, discount)


def _client(session: Session, rng: Random, book: Book, cast: ClientCast, start: date) -> Client:
    months = (book.until - start).days // 30
    starts_on = next_business_day(add_months(start, cast.joins * months // 18))
    signed = starts_on - timedelta(days=10)
    at, staff = instant(signed, 11), book.staff
    numbers = company_numbers(rng)
    registered = parties.register_client(
        session, code=cast.code, account_manager_id=staff.ids[cast.manager],
        collector_id=staff.ids["jules"], by=staff[cast.manager], at=at,
        details=CompanyDetails(
            name=cast.name, legal_form=cast.form, siren=numbers.siren, siret=numbers.siret,
            vat_number=numbers.vat_number, rcs_city=cast.court, activity_code=cast.activity,
            founded_on=cast.founded, share_capital_minor=cast.capital_minor, street=cast.street,
            post_code=cast.post_code, city=cast.city,
        ),
    )  # fmt: skip
    _contacts(session, book, cast, registered.company_id, at)
    account_id = parties.add_account(
        session, company_id=registered.company_id, iban=numbers.iban, bic=numbers.bic,
        is_payout=True, by=staff[cast.manager], at=at,
    )  # fmt: skip
    parties.confirm_account(
        session, account_id=account_id, why="RIB rapproché de l'attestation de la banque",
        by=staff["bruno"], at=at + timedelta(hours=2),
    )  # fmt: skip
    users = [
        f"person:{_user(session, cast, place, registered.id, staff, at)}"
        for place in range(len(cast.users))
    ]
    terms = product_defaults(cast.product, payment_terms_days_default=cast.days, **cast.terms)
    offer_id, grid_id = book.offers.get(cast.product, (None, None))
    contract_id = agreed(
        session, SignContract(
            client_id=registered.id, product=cast.product, terms=terms, currency="EUR",
            language="fr", signed_on=signed, starts_on=starts_on, offer_id=offer_id,
            fee_grid_id=grid_id,
        ),
        by=staff[cast.manager], second=staff["chloe"], at=at + timedelta(hours=3),
    )  # fmt: skip
    if cast.reserve is not None:
        kind, minor, reason = cast.reserve
        contracts.set_reserve(
            session, contract_id=contract_id, kind=kind, amount_minor=minor, reason=reason,
            by=staff[cast.manager], at=at + timedelta(hours=4),
        )  # fmt: skip
    return Client(
        cast=cast, id=registered.id, contract_id=contract_id, terms=terms, starts_on=starts_on,
        signatory=users[0], operator=users[-1], manager=staff[cast.manager],
        debtors=_buyers(rng, book, cast), rng=book.rng(f"client/{cast.code}"),
        numbered=rng.randrange(100, 900),
    )  # fmt: skip


def _contacts(
    session: Session, book: Book, cast: ClientCast, company_id: int, at: datetime
) -> None:
    """Whom to call at a client: who signs, and who keeps its books."""
    rng, house = book.rng(f"contacts/{cast.code}"), f"{cast.code.lower()}.example"
    first = cast.users[0]
    for name, function, email in (
        (first.name, "Dirigeant", first.email(cast.code.lower())),
        ("Comptabilité clients", "Service comptable", f"compta@{house}"),
    ):
        phone = f"+33{rng.randrange(1, 6)}{rng.randrange(10**8):08d}"
        contact = ContactDetails(name, function=function, email=email, phone=phone)
        add_contact(session, company_id=company_id, contact=contact, by=book.staff["eva"], at=at)


def _user(
    session: Session, cast: ClientCast, place: int, client_id: int, staff: Staff, at: datetime
) -> int:
    actor = cast.users[place]
    return add_person(
        session, email=actor.email(cast.code.lower()), name=actor.name, role=actor.role,
        client_id=client_id, password=PASSWORD, by=staff["eva"], at=at,
    )  # fmt: skip


def _buyers(rng: Random, book: Book, cast: ClientCast) -> list[Debtor]:
    """Who buys from a client: companies of its trades, some of them other clients' debtors too."""
    fitting = [debtor for debtor in book.debtors if debtor.firm.trade in cast.trades]
    count = min(cast.debtors * max(1, len(book.debtors) // 150), len(fitting))
    known = {debtor.id for client in book.clients for debtor in client.debtors}
    fresh = [debtor for debtor in fitting if debtor.id not in known]
    chosen = rng.sample(fresh, min(len(fresh), count * 4 // 5))
    others = [debtor for debtor in fitting if debtor not in chosen]
    chosen += rng.sample(others, count - len(chosen))
    rng.shuffle(chosen)
    return chosen
