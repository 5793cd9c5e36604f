"""Facts of the payment run: payouts with their account as it is now, limits, what today paid."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from cessio.banking.models import PaymentOrder
from cessio.contracts.models import Contract
from cessio.funding.models import Drawdown, DrawdownState, PayoutLimits
from cessio.funding.rules import DrawdownStateName, Limits, PayoutFacts
from cessio.kernel.ids import lock_key
from cessio.parties.models import Client, PartyAccount
from cessio.screening.models import ScreeningAlert


def limits_now(session: Session) -> Limits:
    """The limits that hold; the house's defaults while nobody set any."""
    row = session.scalar(select(PayoutLimits).order_by(PayoutLimits.id.desc()).limit(1))
    if row is None:
        return Limits()
    return Limits(
        row.per_payout_minor, row.per_payee_day_minor, row.per_person_day_minor,
        row.per_order_minor, row.cooling_hours,
    )  # fmt: skip


def payout_facts(session: Session, drawdown_ids: Collection[int]) -> list[PayoutFacts]:
    """Granted payouts with the account they were granted for, if it is still the client's."""
    account, asked, former = aliased(PartyAccount), aliased(PartyAccount), aliased(PartyAccount)
    granted_at = (
        select(func.max(DrawdownState.at))
        .where(DrawdownState.drawdown_id == Drawdown.id, DrawdownState.state == "granted")
        .correlate(Drawdown)
        .scalar_subquery()
    )
    asked_at = (
        select(func.max(asked.added_at))
        .where(asked.company_id == Client.company_id, asked.is_payout, asked.ended_at.is_(None))
        .where(asked.confirmed_at.is_(None))
        .correlate(Client)
        .scalar_subquery()
    )
    replaced = exists().where(
        former.company_id == account.company_id, former.id != account.id, former.is_payout,
        former.confirmed_at <= account.confirmed_at,
    )  # fmt: skip
    held = and_(
        account.company_id == Client.company_id, account.iban == Drawdown.iban, account.is_payout,
        account.ended_at.is_(None), account.confirmed_at.is_not(None),
    )  # fmt: skip
    checked = exists().where(
        ScreeningAlert.company_id == Client.company_id, ScreeningAlert.state.in_(["open", "hit"])
    )
    rows = session.execute(
        select(
            Drawdown.id, Drawdown.amount_minor, Drawdown.currency, Drawdown.iban, granted_at,
            account.confirmed_at, replaced, asked_at, checked,
        )
        .join(Contract, Contract.id == Drawdown.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .outerjoin(account, held)
        .where(Drawdown.id.in_(drawdown_ids))
        .order_by(Drawdown.id)
    )  # fmt: skip
    return [PayoutFacts(row[0], row[1], row[2], row[3] or "", *row[4:]) for row in rows]


def ordered_since(session: Session, *, ibans: Collection[str], since: datetime) -> dict[str, int]:
    """What orders sealed since an instant pay to accounts, over all contracts; given back not."""
    rows = session.execute(
        select(Drawdown.iban, func.sum(Drawdown.amount_minor))
        .join(PaymentOrder, PaymentOrder.id == Drawdown.order_id)
        .where(PaymentOrder.sealed_at >= since, Drawdown.iban.in_(ibans))
        .where(Drawdown.state.in_(["ordered", "paid"]))
        .group_by(Drawdown.iban)
    )
    return {row[0] or "": int(row[1]) for row in rows}


def one_signature_at_a_time(session: Session) -> None:
    """Wait for whoever seals or signs now: what is paid and signed in a day counts what they do."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key("payout limits"))))


def payee_frozen(session: Session, *, client_id: int) -> bool:
    """Whether a client is truly on a list: nothing is drawn any more."""
    query = select(ScreeningAlert.id).join(Client, Client.company_id == ScreeningAlert.company_id)
    hit = query.where(Client.id == client_id, ScreeningAlert.state == "hit").exists()
    return bool(session.scalar(select(hit)))


def payee_companies(session: Session, drawdown_ids: Collection[int]) -> set[int]:
    """The companies that payouts go to."""
    query = select(Client.company_id).join(Contract, Contract.client_id == Client.id)
    query = query.join(Drawdown, Drawdown.contract_id == Contract.id)
    return set(session.scalars(query.where(Drawdown.id.in_(drawdown_ids))))


def drawn_on(session: Session, *, contract_id: int, on: date, but: int | None = None) -> int:
    """What a contract's client asked for on a day, over its contracts in that currency.

    Neither refused nor withdrawn; ``but`` leaves one drawdown out.
    """
    this, other = aliased(Contract), aliased(Contract)
    query = (
        select(func.coalesce(func.sum(Drawdown.amount_minor), 0))
        .join(other, other.id == Drawdown.contract_id)
        .join(this, this.client_id == other.client_id)
        .where(this.id == contract_id, Drawdown.currency == this.currency)
        .where(Drawdown.requested_on == on)
        .where(Drawdown.state.in_(["requested", "granted", "ordered", "paid"]))
    )
    if but is not None:
        query = query.where(Drawdown.id != but)
    return int(session.scalar(query) or 0)


def payee_payable_from(session: Session, *, client_id: int) -> datetime | None:
    """When the client's payout account was confirmed, if it took the place of another."""
    account, former = aliased(PartyAccount), aliased(PartyAccount)
    replaced = exists().where(
        former.company_id == account.company_id, former.id != account.id, former.is_payout,
        former.confirmed_at <= account.confirmed_at,
    )  # fmt: skip
    return session.scalar(
        select(func.max(account.confirmed_at))
        .join(Client, Client.company_id == account.company_id)
        .where(Client.id == client_id, account.is_payout, account.ended_at.is_(None), replaced)
    )


def unreleased_for_update(session: Session, *, client_id: int) -> list[Drawdown]:
    """A client's payouts that did not leave for the bank, locked, oldest first."""
    waiting = [DrawdownStateName.REQUESTED.value, DrawdownStateName.GRANTED.value]
    unsent = exists().where(
        PaymentOrder.id == Drawdown.order_id, PaymentOrder.sent_at.is_(None),
        PaymentOrder.cancelled_at.is_(None),
    )  # fmt: skip
    query = (
        select(Drawdown)
        .join(Contract, Contract.id == Drawdown.contract_id)
        .where(Contract.client_id == client_id)
        .where(
            Drawdown.state.in_([*waiting, DrawdownStateName.ORDERED.value]),
            Drawdown.state.in_(waiting) | unsent,
        )
        .order_by(Drawdown.id)
        .with_for_update(of=Drawdown)
    )
    return list(session.scalars(query))


def of_order_for_update(session: Session, *, order_id: int) -> list[Drawdown]:
    """The payouts of an order, locked."""
    query = select(Drawdown).where(Drawdown.order_id == order_id).order_by(Drawdown.id)
    return list(session.scalars(query.with_for_update()))


def ordered_ids(session: Session, *, states: Sequence[str] = ("ordered",)) -> list[int]:
    """Orders that hold payouts in these states."""
    query = select(Drawdown.order_id).where(Drawdown.state.in_(states)).distinct()
    return [one for one in session.scalars(query) if one is not None]


def waiting_for_update(session: Session) -> list[Drawdown]:
    """Every payout that waits for an order, or for whoever approves it, locked."""
    waiting = [DrawdownStateName.REQUESTED.value, DrawdownStateName.GRANTED.value]
    query = select(Drawdown).where(Drawdown.state.in_(waiting)).order_by(Drawdown.id)
    return list(session.scalars(query.with_for_update()))


def payouts_in(session: Session, order_ids: Collection[int]) -> int:
    """How many payouts some orders hold."""
    query = select(func.count()).where(Drawdown.order_id.in_(order_ids))
    return session.execute(query).scalar_one()
