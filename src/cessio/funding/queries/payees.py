"""What banks said of those who are paid."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from cessio.funding.models import Drawdown, PayeeAcceptance, PayeeCheck
from cessio.funding.rules import DrawdownStateName
from cessio.funding.rules.payees import Payee, PayeeOutcome, PayeeSource
from cessio.parties.models import PartyAccount


def payees(session: Session, pairs: Collection[tuple[str, str]]) -> tuple[Payee, ...]:
    """Each name and account once, with the latest word on the two together."""
    rows = session.execute(
        select(PayeeCheck, PayeeAcceptance.accepted_by, PayeeAcceptance.reason)
        .outerjoin(PayeeAcceptance, PayeeAcceptance.check_id == PayeeCheck.id)
        .where(tuple_(PayeeCheck.name, PayeeCheck.iban).in_(list(pairs)))
        .order_by(PayeeCheck.id)
    )
    found = {(name, iban): Payee(name, iban) for name, iban in sorted(set(pairs))}
    for check, accepted_by, reason in rows:
        found[check.name, check.iban] = Payee(
            check.name, check.iban, check.id, PayeeOutcome(check.outcome), check.returned_name,
            check.checked_at, check.checked_by, accepted_by, reason, PayeeSource(check.source),
        )  # fmt: skip
    return tuple(found.values())


def payees_of(session: Session, drawdown_ids: Collection[int]) -> tuple[Payee, ...]:
    """Those whom payouts go to."""
    rows = session.execute(
        select(Drawdown.creditor_name, Drawdown.iban)
        .where(Drawdown.id.in_(drawdown_ids), Drawdown.iban.is_not(None))
    )  # fmt: skip
    return payees(session, {(row[0] or "", row[1] or "") for row in rows})


def payees_of_order(session: Session, order_id: int) -> tuple[Payee, ...]:
    """Those whom an order pays."""
    return payees_of(session, list(
        session.scalars(select(Drawdown.id).where(Drawdown.order_id == order_id))
    ))  # fmt: skip


def all_payees(session: Session) -> tuple[Payee, ...]:
    """Whom we pay or may pay: payout accounts in use, and those of orders that did not leave."""
    accounts = session.execute(
        select(PartyAccount.holder, PartyAccount.iban)
        .where(PartyAccount.is_payout, PartyAccount.ended_at.is_(None))
    )  # fmt: skip
    waiting = session.execute(
        select(Drawdown.creditor_name, Drawdown.iban)
        .where(Drawdown.state.in_((DrawdownStateName.GRANTED, DrawdownStateName.ORDERED)),
               Drawdown.creditor_name.is_not(None), Drawdown.iban.is_not(None))
    )  # fmt: skip
    return payees(session, {(str(row[0]), str(row[1])) for row in (*accounts, *waiting)})


def names_checked(session: Session, ibans: Collection[str]) -> dict[str, str]:
    """The name that each account was last verified under, whoever holds it now."""
    rows = session.execute(
        select(PayeeCheck.iban, PayeeCheck.name).where(PayeeCheck.iban.in_(list(ibans)))
        .order_by(PayeeCheck.id)
    )  # fmt: skip
    return {row.iban: row.name for row in rows}


def latest_check(session: Session, check_id: int) -> PayeeCheck | None:
    """A check, if no later one of the same name and account took its place."""
    row = session.get(PayeeCheck, check_id)
    if row is None:
        return None
    [now] = payees(session, [(row.name, row.iban)])
    return row if now.check_id == check_id else None
