"""Reading drawdowns: one, a contract's, the work queues, and what the bank still owes an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cessio.banking import Address
from cessio.banking.models import BankLine, FactorAccount, PaymentOrder
from cessio.contracts.models import Contract
from cessio.funding.models import Drawdown, DrawdownState
from cessio.funding.rules import DrawdownStateName, RefusalCode, RefusalReason
from cessio.kernel.errors import NotFound
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger.queries import lock_accounts
from cessio.parties.models import Client, Company, PartyAccount


@dataclass(frozen=True, slots=True)
class DrawdownView:
    """A drawdown as people see it.

    ``reasons`` are its refusal's, ``facts`` the figures it was decided on.
    """

    drawdown_id: int
    contract_id: int
    contract_reference: str
    client_id: int
    client_name: str
    amount_minor: int
    currency: str
    state: DrawdownStateName
    requested_at: datetime
    requested_on: date
    requested_by: str
    reasons: tuple[dict[str, Any], ...]
    facts: dict[str, Any]
    iban: str | None
    bic: str | None
    creditor_name: str | None
    end_to_end_id: str | None
    order_id: int | None
    order_message_id: str | None
    order_sent_at: datetime | None
    commission_minor: int = 0

    @property
    def refusals(self) -> tuple[RefusalReason, ...]:
        """Why it was refused, as reasons with their values."""
        return tuple(
            RefusalReason(RefusalCode(one["code"]), {key: one[key] for key in one if key != "code"})
            for one in self.reasons
        )


@dataclass(frozen=True, slots=True)
class StateView:
    """A state a drawdown entered: who, when, why."""

    state: DrawdownStateName
    at: datetime
    by: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Payee:
    """The confirmed account that a client's payouts go to."""

    iban: str
    bic: str | None
    holder: str
    confirmed_on: date


@dataclass(frozen=True, slots=True)
class OpenBankLine:
    """A bank line with money not yet applied; signed, money in positive."""

    line_id: int
    account_id: int
    open_minor: int
    value_date: date
    return_code: str | None


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """A bank line and the payouts it is: one, or a whole order booked as a batch."""

    line: OpenBankLine
    drawdowns: tuple[Drawdown, ...]
    is_return: bool


def drawdown_view(
    session: Session, *, drawdown_id: int, client_id: int | None = None
) -> DrawdownView:
    """One drawdown; ``client_id`` limits what may be seen. Raises ``NotFound``."""
    query = views().where(Drawdown.id == drawdown_id)
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("drawdown_unknown", "there is no such drawdown")
    return view_of(row)


def first_drawdown(session: Session, *, contract_id: int, after: datetime) -> DrawdownView | None:
    """The first drawdown asked for under a contract after an instant that was not refused."""
    row = session.execute(
        views()
        .where(Drawdown.contract_id == contract_id, Drawdown.requested_at > after,
               Drawdown.state.not_in(("refused", "cancelled", "rejected")))
        .order_by(Drawdown.requested_at, Drawdown.id)
        .limit(1)
    ).one_or_none()  # fmt: skip
    return view_of(row) if row is not None else None


def drawdowns(
    session: Session, *, contract_id: int | None = None, client_id: int | None = None,
    states: Sequence[DrawdownStateName] = (), before_id: int | None = None, limit: int = 50,
) -> list[DrawdownView]:  # fmt: skip
    """Drawdowns, latest first; ``before_id`` continues a list (keyset)."""
    query = views().order_by(Drawdown.id.desc()).limit(limit)
    if contract_id is not None:
        query = query.where(Drawdown.contract_id == contract_id)
    if client_id is not None:
        query = query.where(Contract.client_id == client_id)
    if states:
        query = query.where(Drawdown.state.in_([state.value for state in states]))
    if before_id is not None:
        query = query.where(Drawdown.id < before_id)
    return [view_of(row) for row in session.execute(query)]


def orders_drawdowns(session: Session, *, order_id: int) -> list[DrawdownView]:
    """The payouts of a payment order, in its order."""
    query = views().where(Drawdown.order_id == order_id).order_by(Drawdown.id)
    return [view_of(row) for row in session.execute(query)]


def states_of(session: Session, *, drawdown_id: int) -> list[StateView]:
    """A drawdown's life, oldest first."""
    model = DrawdownState
    rows = session.execute(
        select(model.state, model.at, model.by, model.reason)
        .where(model.drawdown_id == drawdown_id)
        .order_by(model.id)
    )
    return [StateView(DrawdownStateName(row[0]), row[1], row[2], row[3]) for row in rows]


def lock_contract(session: Session, *, contract_id: int, currency: str) -> None:
    """Make decisions on one contract's money come one after another.

    The contract's row is locked, and its current account if there is one already.
    """
    session.execute(select(Contract.id).where(Contract.id == contract_id).with_for_update())
    lock_accounts(session, [AccountKey(AccountKind.CLIENT_CURRENT, currency, contract_id)])


def payee_of(session: Session, *, client_id: int) -> Payee | None:
    """The client's confirmed payout account, the latest confirmed if there are several."""
    model = PartyAccount
    row = session.execute(
        select(model.iban, model.bic, model.holder, func.date(model.confirmed_at))
        .join(Client, Client.company_id == model.company_id)
        .where(Client.id == client_id, model.is_payout, model.ended_at.is_(None))
        .where(model.confirmed_at.is_not(None))
        .order_by(model.confirmed_at.desc())
        .limit(1)
    ).first()
    return Payee(row[0], row[1], row[2], row[3]) if row else None


def payee_address(session: Session, *, contract_id: int) -> Address | None:
    """The client's address in parts (SEPA, since November 2026); None without a town."""
    row = session.execute(
        select(Company.street, Company.post_code, Company.city, Company.country)
        .join(Client, Client.company_id == Company.id)
        .join(Contract, Contract.client_id == Client.id)
        .where(Contract.id == contract_id)
    ).one()
    street, post_code, city, country = row
    if city is None:
        return None
    return Address(street=street, post_code=post_code, city=city, country=country)


def payout_text(session: Session, *, contract_id: int) -> str:
    """What the client reads on its bank statement."""
    reference = session.scalar(select(Contract.reference).where(Contract.id == contract_id))
    return f"FINANCEMENT {reference}"


def drawdown_for_update(
    session: Session, *, drawdown_id: int, client_id: int | None = None
) -> Drawdown | None:
    """A drawdown's row, locked."""
    query = select(Drawdown).where(Drawdown.id == drawdown_id).with_for_update(of=Drawdown)
    if client_id is not None:
        query = query.join(Contract, Contract.id == Drawdown.contract_id)
        query = query.where(Contract.client_id == client_id)
    return session.scalar(query)


def granted_for_update(
    session: Session, *, account_id: int, ids: Sequence[int] | None = None
) -> list[Drawdown]:
    """Granted drawdowns in the currency of one of our accounts, locked, oldest first."""
    query = (
        select(Drawdown)
        .join(FactorAccount, FactorAccount.currency == Drawdown.currency)
        .where(FactorAccount.id == account_id, Drawdown.state == "granted")
        .order_by(Drawdown.id)
        .with_for_update(of=Drawdown)
    )
    if ids is not None:
        query = query.where(Drawdown.id.in_(ids))
    return list(session.scalars(query))


def ordered_for_update(session: Session, *, order_id: int, end_to_end_id: str) -> Drawdown | None:
    """The payout of an order that the bank answers about, locked; None when it is settled."""
    return session.scalar(
        select(Drawdown)
        .where(Drawdown.order_id == order_id, Drawdown.end_to_end_id == end_to_end_id)
        .where(Drawdown.state == "ordered")
        .with_for_update()
    )


def payout_lines(session: Session) -> list[PayoutLine]:
    """Bank lines not applied yet that are our payouts, or returns of them.

    By the payout's own reference, or by the order's message id when the bank booked it as one
    amount; the amounts must be equal, else the line waits for a person.
    """
    lines = session.execute(
        select(
            BankLine.id, BankLine.account_id, BankLine.amount_minor - BankLine.applied_minor,
            BankLine.value_date, BankLine.return_code, Drawdown,
        )
        .join(Drawdown, Drawdown.end_to_end_id == BankLine.end_to_end_id)
        .where(BankLine.applied_minor == 0)
        .where(func.abs(BankLine.amount_minor) == Drawdown.amount_minor)
        .where(Drawdown.state.in_(["ordered", "paid"]))
        .order_by(BankLine.id)
        .with_for_update(of=[BankLine, Drawdown])
    )  # fmt: skip
    found = [PayoutLine(OpenBankLine(*row[:5]), (row[5],), is_return=row[2] > 0) for row in lines]
    return found + _batch_lines(session)


def _batch_lines(session: Session) -> list[PayoutLine]:
    rows = session.execute(
        select(
            BankLine.id, BankLine.account_id, BankLine.amount_minor, BankLine.value_date,
            BankLine.return_code, PaymentOrder.id,
        )
        .join(PaymentOrder, PaymentOrder.account_id == BankLine.account_id)
        .where(BankLine.applied_minor == 0, BankLine.amount_minor == -PaymentOrder.total_minor)
        .where(PaymentOrder.payment_count > 1, BankLine.end_to_end_id.is_(None))
        .where(
            func.concat_ws(
                " ", BankLine.bank_ref, BankLine.remittance_text,
                func.array_to_string(BankLine.references, " "),
            ).contains(PaymentOrder.message_id)
        )
        .order_by(BankLine.id)
    )  # fmt: skip
    found = []
    for row in rows:
        payouts = session.scalars(
            select(Drawdown).where(Drawdown.order_id == row[5]).order_by(Drawdown.id)
        ).all()
        if all(payout.state in ("ordered", "paid") for payout in payouts):
            found.append(PayoutLine(OpenBankLine(*row[:5]), tuple(payouts), is_return=False))
    return found


def client_of_contract(session: Session, contract_id: int) -> int:
    """The client of a contract that is known to be there."""
    return session.execute(
        select(Contract.client_id).where(Contract.id == contract_id)
    ).scalar_one()


@cache
def views() -> Select[*tuple[Any, ...]]:
    """A row of what ``view_of`` reads, for each drawdown."""
    return (
        select(Drawdown, Contract.reference, Contract.client_id, Company.name,
               PaymentOrder.message_id, PaymentOrder.sent_at)
        .join(Contract, Contract.id == Drawdown.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .join(Company, Company.id == Client.company_id)
        .outerjoin(PaymentOrder, PaymentOrder.id == Drawdown.order_id)
    )  # fmt: skip


def view_of(row: Any) -> DrawdownView:
    """The view of a row of ``views``."""
    drawdown, reference, client_id, client_name, message_id, sent_at = row
    return DrawdownView(
        drawdown_id=drawdown.id, contract_id=drawdown.contract_id, contract_reference=reference,
        client_id=client_id, client_name=client_name, amount_minor=drawdown.amount_minor,
        currency=drawdown.currency, state=DrawdownStateName(drawdown.state),
        requested_at=drawdown.requested_at, requested_on=drawdown.requested_on,
        requested_by=drawdown.requested_by, reasons=tuple(drawdown.reasons),
        facts=drawdown.facts, iban=drawdown.iban, bic=drawdown.bic,
        creditor_name=drawdown.creditor_name, end_to_end_id=drawdown.end_to_end_id,
        order_id=drawdown.order_id, order_message_id=message_id, order_sent_at=sent_at,
        commission_minor=drawdown.commission_minor,
    )  # fmt: skip
