"""The factor's own bank accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio import audit
from cessio.banking import queries
from cessio.banking.models import BankLine, FactorAccount
from cessio.kernel.errors import Conflict


class AccountKnown(Conflict):
    """The account is there already."""


def open_account(
    session: Session, *, name: str, iban: str, bic: str, holder: str, currency: str = "EUR",
    is_payout: bool = False, by: str, at: datetime,
) -> int:  # fmt: skip
    """Register a bank account of the factor; debtors pay to it, payouts may leave from it."""
    if queries.account_by_iban(session, iban=iban) is not None:
        raise AccountKnown("account_known", "{iban} is registered already", field="iban", iban=iban)
    row = FactorAccount(
        name=name, iban=iban, bic=bic, holder=holder, currency=currency, is_payout=is_payout,
        opened_at=at, opened_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="opened_account", subject_kind="factor_account", subject_id=row.id,
        after={"name": name, "iban": iban}, by=by, at=at,
    )  # fmt: skip
    return row.id


def use_line(session: Session, *, line_id: int, amount_minor: int) -> None:
    """Count an amount of a bank line as applied, in the line's sign; the opposite gives it back.

    The database refuses more than the line holds.
    """
    session.execute(
        update(BankLine)
        .where(BankLine.id == line_id)
        .values(applied_minor=BankLine.applied_minor + amount_minor)
    )
