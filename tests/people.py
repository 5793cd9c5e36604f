"""The people and firms of every test: who works where, who checks whom, who must see nothing.

At the factor: Alice looks after the clients; Chloé decides limits; Denis applies cash; Inès
prepares payments and Bruno releases them; Jules collects; Karine audits; Eva gives access.
Alpha Métallerie sells its invoices: Fanny is its CFO and signs, Gilles prepares remittances.
Bravo Textile is another client: Hélène is its CFO and must never see anything of Alpha's.
Both sell to Distribution Durand; the other debtors buy from whom a test says.

``settle_in(session, at=...)`` puts them all there through the real operations and gives their ids.
Nobody has a password until ``give_password``; ``let_in`` opens a session without one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio import identity, parties
from cessio.identity import Role, passwords
from cessio.identity.models import Person
from cessio.identity.operations import SignedIn
from cessio.parties import CompanyDetails, ContactDetails
from cessio.parties.operations import add_contact

SETUP = "system:setup"
PASSWORD = "un cheval violet sur le toit"
ADDRESS = "192.0.2.10"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Firm:
    """A company as the world knows it, with the account it is paid on or pays from."""

    details: CompanyDetails
    iban: str
    bic: str
    code: str = ""

    @property
    def name(self) -> str:
        return self.details.name

    @property
    def siren(self) -> str:
        """The SIREN; empty for a foreign firm."""
        return self.details.siren or ""

    @property
    def vat_number(self) -> str:
        return self.details.vat_number or ""


ALPHA = Firm(
    CompanyDetails(
        name="Alpha Métallerie SAS", trade_name="Alpha Métal", legal_form="SAS",
        siren="812340016", siret="81234001600011", vat_number="FR14812340016",
        rcs_city="Lyon", activity_code="25.11Z", founded_on=date(2009, 3, 2),
        share_capital_minor=25_000_000, street="14 rue des Forges", post_code="69007", city="Lyon",
    ),
    iban="FR7630004008120001012345640", bic="BNPAFRPPXXX", code="ALPHA",
)  # fmt: skip
BRAVO = Firm(
    CompanyDetails(
        name="Bravo Textile SARL", legal_form="SARL",
        siren="834560021", siret="83456002100018", vat_number="FR77834560021",
        rcs_city="Roubaix", activity_code="13.20Z", founded_on=date(2014, 9, 15),
        share_capital_minor=5_000_000, street="3 quai des Tisserands", post_code="59100",
        city="Roubaix",
    ),
    iban="FR7630003036200002098765495", bic="SOGEFRPPXXX", code="BRAVO",
)  # fmt: skip
DURAND = Firm(
    CompanyDetails(
        name="Distribution Durand SA", legal_form="SA",
        siren="456780014", siret="45678001400019", vat_number="FR05456780014",
        rcs_city="Nanterre", street="200 avenue de la République", post_code="92000",
        city="Nanterre",
    ),
    iban="FR3330002005500000157841Z25", bic="CRLYFRPPXXX",
)  # fmt: skip
MERCIER = Firm(
    CompanyDetails(
        name="Établissements Mercier & Fils", legal_form="SARL",
        siren="501234025", siret="50123402500010", vat_number="FR36501234025",
        rcs_city="Dijon", street="8 place du Marché", post_code="21000", city="Dijon",
    ),
    iban="FR7610278060000002045670135", bic="CMCIFR2AXXX",
)  # fmt: skip
LEROY = Firm(
    CompanyDetails(
        name="Garages Leroy", legal_form="SAS",
        siren="523456036", siret="52345603600012", vat_number="FR06523456036",
        rcs_city="Nantes", street="51 boulevard de l'Atlantique", post_code="44000", city="Nantes",
    ),
    iban="FR1420041010050500013M02606", bic="PSSTFRPPXXX",
)  # fmt: skip
SOCIETE_OCEANE = Firm(
    CompanyDetails(
        name="Société Océane de Levage", legal_form="SAS",
        siren="411223043", siret="41122304300018", vat_number="FR55411223043",
        rcs_city="Brest", street="1 quai du Commerce", post_code="29200", city="Brest",
    ),
    iban="FR7630006000011234567890189", bic="AGRIFRPPXXX",
)  # fmt: skip
NORDBAU = Firm(
    CompanyDetails(
        name="Nordbau GmbH", legal_form="GmbH", country="DE", vat_number="DE136695976",
        registration_number="HRB 12345 HAMBURG", street="Hafenstraße 7", post_code="20359",
        city="Hamburg",
    ),
    iban="DE89370400440532013000", bic="COBADEFFXXX",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody there: ``by`` is who the books name when they act."""

    id: int
    name: str
    email: str
    role: Role

    @property
    def by(self) -> str:
        return f"person:{self.id}"


@dataclass(frozen=True, slots=True)
class SettledClient:
    """A client there, with its confirmed payout account."""

    id: int
    company_id: int
    code: str
    account_id: int
    firm: Firm


@dataclass(frozen=True, slots=True)
class SettledDebtor:
    """A debtor there."""

    id: int
    company_id: int
    firm: Firm


@dataclass(frozen=True, slots=True)
class People:
    """Everybody, by first name, and the firms."""

    alice: Named
    bruno: Named
    chloe: Named
    denis: Named
    eva: Named
    ines: Named
    jules: Named
    karine: Named
    fanny: Named
    gilles: Named
    helene: Named
    alpha: SettledClient
    bravo: SettledClient
    durand: SettledDebtor
    mercier: SettledDebtor
    leroy: SettledDebtor
    oceane: SettledDebtor
    nordbau: SettledDebtor

    @property
    def staff(self) -> tuple[Named, ...]:
        return tuple(each for each in _of_type(self, Named) if each.role in _STAFF_ROLES)

    @property
    def debtors(self) -> tuple[SettledDebtor, ...]:
        return _of_type(self, SettledDebtor)


_STAFF = {
    "alice": ("Alice Martin", Role.ACCOUNT_MANAGER),
    "bruno": ("Bruno Petit", Role.TREASURY),
    "chloe": ("Chloé Bernard", Role.CREDIT_ANALYST),
    "denis": ("Denis Moreau", Role.CASH_CLERK),
    "eva": ("Eva Laurent", Role.ADMIN),
    "ines": ("Inès Garcia", Role.TREASURY),
    "jules": ("Jules Robert", Role.COLLECTOR),
    "karine": ("Karine Simon", Role.AUDITOR),
}
_STAFF_ROLES = {role for _, role in _STAFF.values()}
_USERS = {
    "fanny": ("Fanny Dubois", Role.SIGNATORY, "alpha"),
    "gilles": ("Gilles Roux", Role.OPERATOR, "alpha"),
    "helene": ("Hélène Fontaine", Role.SIGNATORY, "bravo"),
}
_CLIENTS = {"alpha": ALPHA, "bravo": BRAVO}
_DEBTORS = {
    "durand": DURAND,
    "mercier": MERCIER,
    "leroy": LEROY,
    "oceane": SOCIETE_OCEANE,
    "nordbau": NORDBAU,
}


def settle_in(session: Session, *, at: datetime) -> People:
    """Everybody and every firm, through the real operations, in the caller's transaction."""
    staff = {key: _hire(session, key, *who, at=at) for key, who in _STAFF.items()}
    clients = {key: _client(session, firm, staff, at) for key, firm in _CLIENTS.items()}
    users = {
        key: _hire(session, key, name, role, client=clients[of], at=at)
        for key, (name, role, of) in _USERS.items()
    }
    debtors = {key: debtor(session, firm, at=at) for key, firm in _DEBTORS.items()}
    everybody: dict[str, Any] = {**staff, **users, **clients, **debtors}
    return People(**everybody)


def _hire(
    session: Session,
    key: str,
    name: str,
    role: Role,
    *,
    client: SettledClient | None = None,
    at: datetime,
) -> Named:
    email = f"{key}@{'cessio' if client is None else client.code.lower()}.example"
    person_id = identity.add_person(
        session, email=email, name=name, role=role, by=SETUP, at=at,
        client_id=None if client is None else client.id,
    )  # fmt: skip
    return Named(person_id, name, email, role)


def _client(session: Session, firm: Firm, staff: dict[str, Named], at: datetime) -> SettledClient:
    registered = parties.register_client(
        session, details=firm.details, code=firm.code, account_manager_id=staff["alice"].id,
        collector_id=staff["jules"].id, by=staff["alice"].by, at=at,
    )  # fmt: skip
    account_id = parties.add_account(
        session, company_id=registered.company_id, iban=firm.iban, bic=firm.bic, is_payout=True,
        by=staff["alice"].by, at=at,
    )  # fmt: skip
    parties.confirm_account(
        session, account_id=account_id, why="seen on the bank's letter", by=staff["bruno"].by, at=at
    )
    return SettledClient(registered.id, registered.company_id, registered.code, account_id, firm)


def debtor(session: Session, firm: Firm, *, at: datetime) -> SettledDebtor:
    """One debtor, with its bank account and an accounts payable contact."""
    registered = parties.register_debtor(session, details=firm.details, by=SETUP, at=at)
    if registered.created:
        parties.add_account(
            session, company_id=registered.company_id, iban=firm.iban, bic=firm.bic, by=SETUP, at=at
        )
        contact = ContactDetails("Comptabilité fournisseurs", email="compta@debiteur.example")
        add_contact(session, company_id=registered.company_id, contact=contact, by=SETUP, at=at)
    return SettledDebtor(registered.id, registered.company_id, firm)


def give_password(session: Session, person: Named) -> str:
    """Set the person's password and tell it; the slow hash is made once a process."""
    session.execute(update(Person).where(Person.id == person.id).values(password_hash=_hashed()))
    return PASSWORD


@cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)


def let_in(session: Session, person: Named, *, at: datetime) -> SignedIn:
    """A session of this person's browser, without asking for a password."""
    return identity.open_session(
        session, person_id=person.id, address=ADDRESS, user_agent="tests", at=at
    )


def _of_type(people: People, kind: type[T]) -> tuple[T, ...]:
    values = (getattr(people, each.name) for each in fields(people))
    return tuple(value for value in values if isinstance(value, kind))
