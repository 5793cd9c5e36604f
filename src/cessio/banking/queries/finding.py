"""Finding a bank movement from a reference, an account or an amount."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine, FactorAccount


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A movement as a search shows it; signed, money in positive."""

    line_id: int
    account_name: str
    currency: str
    amount_minor: int
    open_minor: int
    booked_on: date
    party_name: str | None
    party_iban: str | None
    text: str | None


def lines_found(
    session: Session, *, reference: str | None = None, iban: str | None = None,
    amount_minor: int | None = None, limit: int = 8,
) -> tuple[FoundLine, ...]:  # fmt: skip
    """Movements of an end-to-end reference, from or to an IBAN, or of an amount either way.

    Latest first. Each way of asking reads its own index, whatever the size of the table.
    """
    asked = [
        (BankLine.end_to_end_id, reference), (BankLine.party_iban, iban),
        (BankLine.amount_minor, amount_minor),
        (BankLine.amount_minor, None if amount_minor is None else -amount_minor),
    ]  # fmt: skip
    parts = [
        select(select(BankLine.id).where(column == value).order_by(BankLine.id.desc())
               .limit(limit).subquery().c.id)
        for column, value in asked if value is not None
    ]  # fmt: skip
    if not parts:
        return ()
    ids = session.scalars(union(*parts)).all()
    rows = session.execute(
        select(BankLine, FactorAccount.name, FactorAccount.currency)
        .join(FactorAccount, FactorAccount.id == BankLine.account_id)
        .where(BankLine.id.in_(ids))
        .order_by(BankLine.id.desc())
        .limit(limit)
    )
    return tuple(
        FoundLine(
            line_id=row.id, account_name=name, currency=currency, amount_minor=row.amount_minor,
            open_minor=row.amount_minor - row.applied_minor, booked_on=row.booked_on,
            party_name=row.party_name, party_iban=row.party_iban, text=row.remittance_text,
        )
        for row, name, currency in rows
    )  # fmt: skip
