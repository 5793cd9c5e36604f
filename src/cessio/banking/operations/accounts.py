"""The factor's own bank accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cessio import audit
from cessio.banking import queries
from cessio.banking.models import BankLine, FactorAccount, FactorIdentity
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
        name=name, iban=iban, bic=bic, holder=holder, currency=currency, is_payout=is_payout
    )
    session.add(row)
    session.flush()
    audit.record(
        session, verb="opened_account", subject_kind="factor_account", subject_id=row.id,
        after={"name": name, "iban": iban}, by=by, at=at,
    )  # fmt: skip
    return row.id


def set_identity(
    session: Session, *, name: str, legal: str, siren: str, street: str, post_code: str,
    city: str, by: str, at: datetime,
) -> None:  # fmt: skip
    """Say who the factor is, from now on; what was said before stays on record as ended."""
    before = queries.factor_identity(session)
    session.execute(
        update(FactorIdentity).where(FactorIdentity.ended_at.is_(None)).values(ended_at=at)
    )
    told = {
        "name": name, "legal": legal, "siren": siren, "street": street, "post_code": post_code,
        "city": city,
    }  # fmt: skip
    row = FactorIdentity(**told, set_at=at, set_by=by)
    session.add(row)
    session.flush()
    audit.record(
        session, verb="set_identity", subject_kind="factor", subject_id=row.id,
        before={key: getattr(before, key) for key in told} if before else None, after=told,
        by=by, at=at,
    )  # fmt: skip


def use_line(session: Session, *, line_id: int, amount_minor: int) -> None:
    """Count an amount of a bank line as applied, in the line's sign; the opposite gives it back.

    The database refuses more than the line holds.
    """
    session.execute(
        update(BankLine)
        .where(BankLine.id == line_id)
        .values(applied_minor=BankLine.applied_minor + amount_minor)
    )
