"""Lists of clients and debtors, and the file of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import Session

from cessio import audit
from cessio.audit import Event
from cessio.identity.models import Person
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.parties import rules
from cessio.parties.models import Client, Company, Debtor, PartyAccount
from cessio.parties.queries import lookups
from cessio.parties.queries.views import ClientFile, ClientRow, DebtorFile, DebtorRow


def clients(
    session: Session,
    *,
    page: PageRequest | None = None,
    text: str | None = None,
    account_manager_id: int | None = None,
    segment: str | None = None,
) -> Page[ClientRow]:
    """Clients by name. ``text`` keeps names, codes, SIRENs, or the holders of an IBAN."""
    request = page or PageRequest()
    query = (
        select(
            Client.id, Client.code, Company.id, Company.name, Company.name_key, Company.siren,
            Company.city, Company.country, Client.segment, Client.account_manager_id, Person.name,
            Client.created_at,
        )
        .join(Company, Company.id == Client.company_id)
        .outerjoin(Person, Person.id == Client.account_manager_id)
    )  # fmt: skip
    if text and text.strip():
        query = query.where(or_(_like(text), Client.code.like(f"%{_escaped(text.upper())}%")))
    if account_manager_id is not None:
        query = query.where(Client.account_manager_id == account_manager_id)
    if segment is not None:
        query = query.where(Client.segment == segment)
    rows = [ClientRow(*row) for row in session.execute(_keyed(query, Client.id, request))]
    return page_of(rows, request, lambda row: (row.name_key, row.id))


def debtors(
    session: Session,
    *,
    page: PageRequest | None = None,
    text: str | None = None,
    segment: str | None = None,
    insolvent: bool | None = None,
) -> Page[DebtorRow]:
    """Debtors by name. ``text`` keeps names and SIRENs, or the holders of an IBAN."""
    request = page or PageRequest()
    query = select(
        Debtor.id, Company.id, Company.name, Company.name_key, Company.siren, Company.vat_number,
        Company.city, Company.country, Debtor.segment, Debtor.insolvent_on, Debtor.created_at,
    ).join(Company, Company.id == Debtor.company_id)  # fmt: skip
    if text and text.strip():
        query = query.where(_like(text))
    if segment is not None:
        query = query.where(Debtor.segment == segment)
    if insolvent is not None:
        query = query.where(Debtor.insolvent_on.is_not(None) == insolvent)
    rows = [
        replace(DebtorRow(*row), segment=rules.Segment(row.segment))
        for row in session.execute(_keyed(query, Debtor.id, request))
    ]
    return page_of(rows, request, lambda row: (row.name_key, row.id))


def _keyed(query: Select[*tuple[Any, ...]], id_column: Any, request: PageRequest) -> Any:
    key = tuple_(Company.name_key, id_column)
    if request.key is not None:
        beyond = tuple_(*request.key)
        query = query.where(key < beyond if request.backwards else key > beyond)
    order = (Company.name_key, id_column)
    if request.backwards:
        return query.order_by(*(column.desc() for column in order)).limit(request.fetch)
    return query.order_by(*order).limit(request.fetch)


def _like(text: str) -> ColumnElement[bool]:
    key = _escaped(rules.name_key(text))
    compact = rules.iban_key(text)
    if len(compact) >= 15 and compact[:2].isalpha() and compact[2:4].isdecimal():
        holders = select(PartyAccount.company_id).where(PartyAccount.iban == compact)
        return Company.id.in_(holders)
    digits = "".join(text.split())
    found = or_(Company.name_key.like(f"%{key}%"), Company.trade_key.like(f"%{key}%"))
    return or_(found, Company.siren.like(f"{digits[:9]}%")) if digits.isdecimal() else found


def _escaped(text: str) -> str:
    return text.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def client_file(session: Session, client_id: int) -> ClientFile:
    """A client with its company, accounts, contacts and history. Raises ``NotFound``."""
    row = session.get(Client, client_id)
    if row is None:
        raise NotFound("client_not_found", "There is no such client")
    return ClientFile(
        id=row.id,
        code=row.code,
        segment=row.segment,
        account_manager_id=row.account_manager_id,
        account_manager=lookups.staff_name(session, row.account_manager_id),
        collector_id=row.collector_id,
        collector=lookups.staff_name(session, row.collector_id),
        credit_analyst_id=row.credit_analyst_id,
        credit_analyst=lookups.staff_name(session, row.credit_analyst_id),
        created_at=row.created_at,
        created_by=row.created_by,
        company=lookups.company(session, row.company_id),
        accounts=lookups.accounts(session, row.company_id, ended=True),
        contacts=lookups.contacts(session, row.company_id),
        history=_history(session, ("client", row.id), ("company", row.company_id)),
    )


def debtor_file(session: Session, debtor_id: int) -> DebtorFile:
    """A debtor with its company, accounts, contacts and history. Raises ``NotFound``."""
    row = session.get(Debtor, debtor_id)
    if row is None:
        raise NotFound("debtor_not_found", "There is no such debtor")
    return DebtorFile(
        id=row.id,
        segment=rules.Segment(row.segment),
        payment_terms_days=row.payment_terms_days,
        language=row.language,
        insolvent_on=row.insolvent_on,
        created_at=row.created_at,
        created_by=row.created_by,
        company=lookups.company(session, row.company_id),
        accounts=lookups.accounts(session, row.company_id, ended=True),
        contacts=lookups.contacts(session, row.company_id),
        history=_history(session, ("debtor", row.id), ("company", row.company_id)),
    )


def _history(session: Session, *subjects: tuple[str, int]) -> tuple[Event, ...]:
    events = [event for kind, number in subjects for event in audit.history(session, kind, number)]
    return tuple(sorted(events, key=lambda event: event.id, reverse=True))
