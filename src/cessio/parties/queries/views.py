"""What readers of parties get: frozen views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cessio.audit import Event
from cessio.parties.rules import Segment


@dataclass(frozen=True, slots=True)
class CompanyView:
    """The legal identity of a company; ``version`` is given back to change it."""

    id: int
    name: str
    country: str
    siren: str | None
    siret: str | None
    vat_number: str | None
    registration_number: str | None
    trade_name: str | None
    legal_form: str | None
    rcs_city: str | None
    activity_code: str | None
    founded_on: date | None
    share_capital_minor: int | None
    street: str | None
    post_code: str | None
    city: str | None
    group_id: int | None
    group_name: str | None
    version: int


@dataclass(frozen=True, slots=True)
class AccountView:
    """A bank account of a company, open or ended."""

    id: int
    company_id: int
    iban: str
    bic: str | None
    holder: str
    is_payout: bool
    added_at: datetime
    added_by: str
    confirmed_at: datetime | None
    confirmed_by: str | None
    ended_at: datetime | None
    ended_by: str | None

    @property
    def state(self) -> str:
        """``unconfirmed``, ``confirmed`` or ``ended``."""
        if self.ended_at is not None:
            return "ended"
        return "unconfirmed" if self.confirmed_at is None else "confirmed"


@dataclass(frozen=True, slots=True)
class ContactView:
    """Somebody to write to or call at a company."""

    id: int
    company_id: int
    name: str
    function: str | None
    email: str | None
    phone: str | None
    language: str
    added_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client in a list."""

    id: int
    code: str
    company_id: int
    name: str
    name_key: str
    siren: str | None
    city: str | None
    country: str
    segment: str | None
    account_manager_id: int | None
    account_manager: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DebtorRow:
    """A debtor in a list."""

    id: int
    company_id: int
    name: str
    name_key: str
    siren: str | None
    vat_number: str | None
    city: str | None
    country: str
    segment: Segment
    insolvent_on: date | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ClientFile:
    """All there is to know of a client's identity, for its own page."""

    id: int
    code: str
    segment: str | None
    account_manager_id: int | None
    account_manager: str | None
    collector_id: int | None
    collector: str | None
    credit_analyst_id: int | None
    credit_analyst: str | None
    created_at: datetime
    created_by: str
    company: CompanyView
    accounts: tuple[AccountView, ...]
    contacts: tuple[ContactView, ...]
    history: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class DebtorFile:
    """All there is to know of a debtor's identity. The history is for staff only."""

    id: int
    segment: Segment
    payment_terms_days: int | None
    language: str
    insolvent_on: date | None
    created_at: datetime
    created_by: str
    company: CompanyView
    accounts: tuple[AccountView, ...]
    contacts: tuple[ContactView, ...]
    history: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class PartyHit:
    """A company found, and the parts it plays; ``matched`` names what was recognised."""

    company_id: int
    name: str
    siren: str | None
    city: str | None
    client_id: int | None
    client_code: str | None
    debtor_id: int | None
    matched: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """Companies under one control."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in a list, with how many companies it has."""

    id: int
    name: str
    member_count: int
