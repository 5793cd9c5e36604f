"""Finding companies, clients, debtors and accounts by what identifies them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from cessio.identity import Permission
from cessio.identity.models import Person
from cessio.identity.queries import PersonView, people, person, person_behind
from cessio.identity.rules import may
from cessio.kernel.errors import NotFound
from cessio.parties import rules
from cessio.parties.models import (
    AccountAgreement,
    Client,
    Company,
    CompanyGroup,
    Contact,
    Debtor,
    PartyAccount,
)
from cessio.parties.queries.views import AccountView, CompanyView, ContactView, PartyHit
from cessio.parties.rules import CompanyDetails
from cessio.plumbing import formats


def address_of(company: Company | CompanyView) -> tuple[str, ...]:
    """The lines under a company's name on an envelope."""
    town = " ".join(part for part in (company.post_code, company.city) if part)
    abroad = formats.postal_country(company.country)
    return tuple(part for part in (company.street, town, abroad) if part)


def company(session: Session, company_id: int) -> CompanyView:
    """One company. Raises ``NotFound``."""
    found = session.execute(
        select(Company, CompanyGroup.name)
        .outerjoin(CompanyGroup, CompanyGroup.id == Company.group_id)
        .where(Company.id == company_id)
    ).one_or_none()
    if found is None:
        raise NotFound("company_not_found", "There is no such company")
    row, group_name = found
    return CompanyView(
        id=row.id,
        group_id=row.group_id,
        group_name=group_name,
        version=row.version,
        **{name: getattr(row, name) for name in CompanyDetails.__slots__},
    )


def account_manager_id(session: Session, client_id: int) -> int | None:
    """The person who looks after a client, if somebody does."""
    return session.scalar(select(Client.account_manager_id).where(Client.id == client_id))


def collector_id(session: Session, client_id: int) -> int | None:
    """Who chases a client's debtors, if somebody does."""
    return session.scalar(select(Client.collector_id).where(Client.id == client_id))


def companies_identified_by(session: Session, details: CompanyDetails) -> tuple[int, ...]:
    """Ids of the companies that these (checked) details identify: none, one, or a contradiction.

    A SIREN decides alone; else the VAT number and the registration number of the country.
    """
    same: list[ColumnElement[bool]] = []
    if details.siren is not None:
        same.append(Company.siren == details.siren)
    else:
        if details.vat_number is not None:
            same.append(Company.vat_number == details.vat_number)
        if details.registration_number is not None:
            same.append(
                and_(
                    Company.country == details.country,
                    Company.registration_number == details.registration_number,
                )
            )
    return tuple(session.scalars(select(Company.id).where(or_(*same)).order_by(Company.id)))


def find_by_siren(session: Session, siren: str) -> PartyHit | None:
    """The company of a SIREN (or of the SIRET it begins), with the parts it plays."""
    digits = "".join(each for each in siren if each.isdecimal())[:9]
    return next(iter(hits(session, Company.siren == digits, matched="siren")), None)


def hits(
    session: Session, condition: ColumnElement[bool], *, matched: str, limit: int = 50
) -> tuple[PartyHit, ...]:
    """Companies under a condition with the parts they play, by name."""
    rows = session.execute(
        select(
            Company.id, Company.name, Company.siren, Company.city, Client.id, Client.code, Debtor.id
        )
        .outerjoin(Client, Client.company_id == Company.id)
        .outerjoin(Debtor, Debtor.company_id == Company.id)
        .where(condition)
        .order_by(Company.name_key, Company.id)
        .limit(limit)
    )
    return tuple(PartyHit(*row, matched) for row in rows)


def client_of_company(session: Session, company_id: int) -> int | None:
    """The client this company is, if it is one."""
    return session.scalar(select(Client.id).where(Client.company_id == company_id))


def debtor_of_company(session: Session, company_id: int) -> int | None:
    """The debtor this company is, if it is one."""
    return session.scalar(select(Debtor.id).where(Debtor.company_id == company_id))


def company_of_client(session: Session, client_id: int) -> int:
    """The company of a client. Raises ``NotFound``."""
    found = session.scalar(select(Client.company_id).where(Client.id == client_id))
    if found is None:
        raise NotFound("client_not_found", "There is no such client")
    return found


def company_of_debtor(session: Session, debtor_id: int) -> int:
    """The company of a debtor. Raises ``NotFound``."""
    found = session.scalar(select(Debtor.company_id).where(Debtor.id == debtor_id))
    if found is None:
        raise NotFound("debtor_not_found", "There is no such debtor")
    return found


def client_by_code(session: Session, code: str) -> int | None:
    """The client of a code, in any case."""
    return session.scalar(select(Client.id).where(Client.code == code.strip().upper()))


def client_names(session: Session, client_ids: Iterable[int]) -> dict[int, str]:
    """Company names of clients, by client id."""
    return _names(session, Client, client_ids)


def debtor_names(session: Session, debtor_ids: Iterable[int]) -> dict[int, str]:
    """Company names of debtors, by debtor id."""
    return _names(session, Debtor, debtor_ids)


def _names(
    session: Session, part: type[Client] | type[Debtor], ids: Iterable[int]
) -> dict[int, str]:
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(part.id, Company.name)
        .join(Company, Company.id == part.company_id)
        .where(part.id.in_(wanted))
    )
    return dict(rows.all())


def accounts(session: Session, company_id: int, *, ended: bool = False) -> tuple[AccountView, ...]:
    """The bank accounts of a company, latest first; with ``ended``, also those no longer theirs."""
    query = select(PartyAccount).where(PartyAccount.company_id == company_id)
    if not ended:
        query = query.where(PartyAccount.ended_at.is_(None))
    rows = session.scalars(query.order_by(PartyAccount.id.desc()))
    return tuple(map(account_view, rows))


def had_payout_account(session: Session, company_id: int, *, but: int) -> bool:
    """Whether the company was ever paid on another account than this one."""
    other = exists().where(
        PartyAccount.company_id == company_id, PartyAccount.id != but, PartyAccount.is_payout,
        PartyAccount.confirmed_at.is_not(None),
    )  # fmt: skip
    return bool(session.scalar(select(other)))


def account(session: Session, account_id: int) -> AccountView:
    """One bank account. Raises ``NotFound``."""
    row = session.get(PartyAccount, account_id)
    if row is None:
        raise NotFound("account_not_found", "There is no such bank account")
    return account_view(row)


def account_view(row: PartyAccount) -> AccountView:
    """The view of a stored account."""
    return AccountView(**{name: getattr(row, name) for name in AccountView.__slots__})


def payout_account(session: Session, client_id: int) -> AccountView | None:
    """Where a client is paid: its open payout account confirmed last; ``None`` before there is one.

    An account added but not confirmed by a second person never receives money.
    """
    row = session.scalar(
        select(PartyAccount)
        .join(Client, Client.company_id == PartyAccount.company_id)
        .where(
            Client.id == client_id,
            PartyAccount.is_payout,
            PartyAccount.ended_at.is_(None),
            PartyAccount.confirmed_at.is_not(None),
        )
        .order_by(PartyAccount.confirmed_at.desc(), PartyAccount.id.desc())
        .limit(1)
    )
    return None if row is None else account_view(row)


def agreement(session: Session, account_id: int) -> tuple[datetime, str] | None:
    """When and by whom of the client another's request for an account was agreed to."""
    row = session.execute(
        select(AccountAgreement.agreed_at, AccountAgreement.agreed_by).where(
            AccountAgreement.account_id == account_id
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def who_agrees(session: Session, account: AccountView) -> tuple[PersonView, ...]:
    """Who else of the client may agree to an account that one of its own people asked for."""
    client_id = client_of_company(session, account.company_id)
    asked_by = person_behind(session, account.added_by)
    if client_id is None or asked_by is None or not account.is_payout:
        return ()
    if person(session, asked_by).client_id != client_id:
        return ()
    return tuple(
        one for one in people(session, client_id=client_id)
        if one.id != asked_by and may(one.role, Permission.OWN_CHANGE_ACCOUNT)
    )  # fmt: skip


def accounts_to_confirm(session: Session) -> tuple[tuple[AccountView, str], ...]:
    """Open payout accounts that wait for a second person, oldest first, with the company's name."""
    rows = session.execute(
        select(PartyAccount, Company.name)
        .join(Company, Company.id == PartyAccount.company_id)
        .where(
            PartyAccount.is_payout,
            PartyAccount.ended_at.is_(None),
            PartyAccount.confirmed_at.is_(None),
        )
        .order_by(PartyAccount.id)
    )
    return tuple((account_view(row), name) for row, name in rows)


def companies_with_iban(session: Session, iban: str) -> tuple[int, ...]:
    """Companies that hold an account now: more than one is worth an alert."""
    return tuple(
        session.scalars(
            select(PartyAccount.company_id)
            .where(PartyAccount.iban == rules.iban_key(iban), PartyAccount.ended_at.is_(None))
            .order_by(PartyAccount.company_id)
        )
    )


def contacts(session: Session, company_id: int, *, ended: bool = False) -> tuple[ContactView, ...]:
    """The contacts of a company by name; with ``ended``, also the former ones."""
    query = select(Contact).where(Contact.company_id == company_id)
    if not ended:
        query = query.where(Contact.ended_at.is_(None))
    return tuple(
        ContactView(**{name: getattr(row, name) for name in ContactView.__slots__})
        for row in session.scalars(query.order_by(Contact.name, Contact.id))
    )


def group_members(session: Session, group_id: int) -> tuple[PartyHit, ...]:
    """The companies under one control."""
    return hits(session, Company.group_id == group_id, matched="group", limit=1000)


def staff_name(session: Session, person_id: int | None) -> str | None:
    """The name of a member of staff, for a file."""
    if person_id is None:
        return None
    return session.scalar(select(Person.name).where(Person.id == person_id))
