"""Lists of clients and debtors, and the file of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from cessio import audit
from cessio.audit import Event
from cessio.identity.models import Person
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest
from cessio.parties import rules
from cessio.parties.models import Client, Company, Debtor, PartyAccount
from cessio.parties.queries import lookups
from cessio.parties.queries.views import ClientFile, ClientRow, DebtorFile, DebtorRow
from cessio.plumbing.keyset import sorted_page


def clients(
    session: Session,
    *,
    page: PageRequest | None = None,
    text: str | None = None,
    account_manager_id: int | None = None,
    segment: str | None = None,
    sort: str | None = None,
    sorts: Mapping[str, Any] | None = None,
) -> Page[ClientRow]:
    """Clients by name. ``text`` keeps names, codes, SIRENs, or the holders of an IBAN.

    ``sort`` is another column to order by; ``sorts`` are orders that the caller knows besides.
    """
    query = (
        select(
            Client.id, Client.code, Company.id, Company.name, Company.name_key, Company.siren,
            Company.city, Company.country, Client.segment, Client.account_manager_id, Person.name,
            Client.created_at,
        )
        .join(Company, Company.id == Client.company_id)
        .outerjoin(Person, Person.id == Client.account_manager_id)
        .where(*clients_found(text, account_manager_id, segment))
    )  # fmt: skip
    return sorted_page(
        session, query, page or PageRequest(), sort=sort, sorts={**_CLIENT_SORTS, **(sorts or {})},
        default="name", unique=Client.id, read=lambda row: ClientRow(*row),
    )  # fmt: skip


def clients_found(
    text: str | None, account_manager_id: int | None, segment: str | None = None
) -> list[ColumnElement[bool]]:
    """What the filters of the clients ask, of ``Client`` and its ``Company``."""
    found: list[ColumnElement[bool]] = []
    if text and text.strip():
        found.append(or_(_like(text), Client.code.like(f"%{_escaped(text.upper())}%")))
    if account_manager_id is not None:
        found.append(Client.account_manager_id == account_manager_id)
    if segment is not None:
        found.append(Client.segment == segment)
    return found


def debtors(
    session: Session,
    *,
    page: PageRequest | None = None,
    text: str | None = None,
    segment: str | None = None,
    insolvent: bool | None = None,
    sort: str | None = None,
    sorts: Mapping[str, Any] | None = None,
) -> Page[DebtorRow]:
    """Debtors by name. ``text`` keeps names and SIRENs, or the holders of an IBAN."""
    query = select(
        Debtor.id, Company.id, Company.name, Company.name_key, Company.siren, Company.vat_number,
        Company.city, Company.country, Debtor.segment, Debtor.insolvent_on, Debtor.created_at,
    ).join(Company, Company.id == Debtor.company_id)  # fmt: skip
    return sorted_page(
        session, query.where(*debtors_found(text, segment, insolvent)), page or PageRequest(),
        sort=sort, sorts={**_DEBTOR_SORTS, **(sorts or {})}, default="name", unique=Debtor.id,
        read=_debtor_row,
    )  # fmt: skip


def debtors_found(
    text: str | None, segment: str | None, insolvent: bool | None
) -> list[ColumnElement[bool]]:
    """What the filters of the debtors ask, of ``Debtor`` and its ``Company``."""
    found: list[ColumnElement[bool]] = []
    if text and text.strip():
        found.append(_like(text))
    if segment is not None:
        found.append(Debtor.segment == segment)
    if insolvent is not None:
        found.append(Debtor.insolvent_on.is_not(None) == insolvent)
    return found


def _debtor_row(values: tuple[Any, ...]) -> DebtorRow:
    row = DebtorRow(*values)
    return replace(row, segment=rules.Segment(row.segment))


_CLIENT_SORTS: dict[str, Any] = {
    "name": Company.name_key, "code": Client.code, "siren": func.coalesce(Company.siren, ""),
    "town": func.coalesce(Company.city, ""), "manager": func.coalesce(Person.name, ""),
}  # fmt: skip
_DEBTOR_SORTS: dict[str, Any] = {
    "name": Company.name_key, "town": func.coalesce(Company.city, ""), "country": Company.country,
    "siren": func.coalesce(Company.siren, Company.vat_number, ""), "segment": Debtor.segment,
}  # fmt: skip


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
