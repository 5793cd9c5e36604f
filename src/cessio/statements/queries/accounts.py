"""Reading a statement of account from the ledger's entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.banking.models import FactorAccount
from cessio.contracts.models import Contract
from cessio.contracts.queries import TermsMissing
from cessio.correspondence.queries import issuer
from cessio.funding import queries as funding
from cessio.funding.rules import Availability
from cessio.kernel.errors import NotFound
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.parties.models import Client, Company
from cessio.parties.queries import address_of
from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext
from cessio.statements.formats.files import Parties
from cessio.statements.models import IssuedStatement
from cessio.statements.rules import (
    Section,
    SectionKind,
    Statement,
    StatementLine,
    check_period,
    with_balances,
)


@dataclass(frozen=True, slots=True)
class IssuedView:
    """A statement that was issued: what its verification code vouches for."""

    reference: str
    currency: str
    from_on: date
    to_on: date
    opening_minor: int
    closing_minor: int
    issued_at: datetime


#: The ledger account behind each section, and the sign that makes it the client's.
_ACCOUNTS = {
    SectionKind.CURRENT: (AccountKind.CLIENT_CURRENT, -1),
    SectionKind.RETENTION: (AccountKind.RETENTION_FUND, -1),
    SectionKind.OUTSTANDING: (AccountKind.RECEIVABLE, 1),
}


def contract_statement(
    session: Session, *, contract_id: int, from_on: date, to_on: date, client_id: int | None = None
) -> Statement:
    """The statement of a contract for a period; ``client_id`` is who may see it.

    Raises ``NotFound``, ``PeriodError``.
    """
    check_period(from_on, to_on)
    query = (
        select(Contract.reference, Contract.currency, Company.name, Contract.client_id)
        .join(Client, Client.id == Contract.client_id)
        .join(Company, Company.id == Client.company_id)
        .where(Contract.id == contract_id)
    )
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("contract_unknown", "there is no such contract")
    moved = ledger.movements_by_kind(
        session, contract_id=contract_id, accounts=[one for one, _ in _ACCOUNTS.values()],
        from_on=from_on, to_on=to_on,
    )  # fmt: skip
    sections = {kind: _section(kind, *moved[_ACCOUNTS[kind][0]]) for kind in SectionKind}
    return Statement(
        contract_id=contract_id, client_id=row[3], reference=row[0], currency=row[1],
        client_name=row[2], from_on=from_on, to_on=to_on, current=sections[SectionKind.CURRENT],
        retention=sections[SectionKind.RETENTION], outstanding=sections[SectionKind.OUTSTANDING],
    )  # fmt: skip


def _section(kind: SectionKind, opening: int, moves: Sequence[ledger.ContractMovement]) -> Section:
    sign = _ACCOUNTS[kind][1]
    balances = with_balances(sign * opening, [sign * move.amount_minor for move in moves])
    return Section(
        kind,
        sign * opening,
        tuple(
            StatementLine(
                transaction_id=move.transaction_id, booked_on=move.booked_on,
                value_date=move.value_date, kind=move.kind.value,
                reversed_kind=move.reversed_kind.value if move.reversed_kind else None,
                source_kind=move.source_kind, source_id=move.source_id, memo=move.memo,
                amount_minor=sign * move.amount_minor, balance_minor=balance,
            )
            for move, balance in zip(moves, balances, strict=True)
        ),
    )  # fmt: skip


def parties_of(session: Session, *, contract_id: int) -> Parties:
    """Who a contract's statements are from and for, as printed."""
    company = session.scalars(
        select(Company)
        .join(Client, Client.company_id == Company.id)
        .join(Contract, Contract.client_id == Client.id)
        .where(Contract.id == contract_id)
    ).one()
    factor = session.scalars(select(FactorAccount).order_by(FactorAccount.id).limit(1)).first()
    known = issuer(session, otherwise=factor.holder if factor else "Cessio")
    return Parties(
        factor_name=known.name, factor_legal=known.legal, factor_address=known.address,
        factor_bic=factor.bic if factor else None,
        client_name=company.name,
        client_address=address_of(company),
        client_siren=company.siren,
    )  # fmt: skip


def closing_figures(session: Session, statement: Statement) -> list[tuple[str, str]]:
    """What the client could draw at the end of the period, and on what, as known then.

    None of a day on which the contract's terms were not known yet.
    """
    kept = funding.kept_on(session, on=statement.to_on, contract_ids=[statement.contract_id])
    found = kept.get(statement.contract_id) or _computed(session, statement)
    if found is None:
        return []
    currency = statement.currency
    return [
        (gettext("Available at the end of the period"),
         formats.money(found.available_minor, currency)),
        (gettext("Assigned invoices still open"), formats.money(found.outstanding_minor, currency)),
        (gettext("Fundable"), formats.money(found.fundable_minor, currency)),
        (gettext("Funds in use"), formats.money(found.funds_in_use_minor, currency)),
        (gettext("Facility left"), formats.money(found.facility_room_minor, currency)),
    ]  # fmt: skip


def _computed(session: Session, statement: Statement) -> Availability | None:
    """The same figures from the entries themselves, of a day that nobody has kept yet."""
    try:
        return funding.availability(
            session, contract_id=statement.contract_id, on=statement.to_on, as_of=statement.to_on
        )
    except TermsMissing:
        return None


def code_of_file(session: Session, *, sha256: bytes) -> str | None:
    """The verification code of the statement or journal that a file is, byte for byte."""
    query = select(IssuedStatement.verification_code).where(IssuedStatement.file_sha256 == sha256)
    return session.scalar(query.order_by(IssuedStatement.id).limit(1))


def issued(session: Session, *, code: str) -> IssuedView | None:
    """The first statement issued under a verification code, for those who hold one."""
    row = session.execute(
        select(IssuedStatement, Contract.reference, Contract.currency)
        .join(Contract, Contract.id == IssuedStatement.contract_id)
        .where(IssuedStatement.verification_code == code)
        .order_by(IssuedStatement.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    one, reference, currency = row
    return IssuedView(
        reference, currency, one.from_on, one.to_on, one.opening_minor, one.closing_minor,
        one.issued_at,
    )  # fmt: skip
