"""Reading a statement of account from the ledger's entries."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.errors import NotFound
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.parties.models import Client, Company
from cessio.statements.rules import (
    Section,
    SectionKind,
    Statement,
    StatementLine,
    check_period,
    with_balances,
)

#: The ledger account behind each section, and the sign that makes it the client's.
_ACCOUNTS = {
    SectionKind.CURRENT: (AccountKind.CLIENT_CURRENT, -1),
    SectionKind.RETENTION: (AccountKind.RETENTION_FUND, -1),
    SectionKind.OUTSTANDING: (AccountKind.RECEIVABLE, 1),
}


def contract_statement(
    session: Session, *, contract_id: int, from_on: date, to_on: date
) -> Statement:
    """The statement of a contract for a period; ``NotFound``, ``PeriodError``."""
    check_period(from_on, to_on)
    row = session.execute(
        select(Contract.reference, Contract.currency, Company.name)
        .join(Client, Client.id == Contract.client_id)
        .join(Company, Company.id == Client.company_id)
        .where(Contract.id == contract_id)
    ).one_or_none()
    if row is None:
        raise NotFound("contract_unknown", "there is no such contract")
    sections = {
        kind: _section(session, kind, contract_id=contract_id, from_on=from_on, to_on=to_on)
        for kind in SectionKind
    }
    return Statement(
        contract_id=contract_id, reference=row[0], currency=row[1], client_name=row[2],
        from_on=from_on, to_on=to_on, current=sections[SectionKind.CURRENT],
        retention=sections[SectionKind.RETENTION], outstanding=sections[SectionKind.OUTSTANDING],
    )  # fmt: skip


def _section(
    session: Session, kind: SectionKind, *, contract_id: int, from_on: date, to_on: date
) -> Section:
    account, sign = _ACCOUNTS[kind]
    opening, moves = ledger.contract_movements(
        session, contract_id=contract_id, account=account, from_on=from_on, to_on=to_on
    )
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
