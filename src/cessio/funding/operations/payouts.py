"""Payouts: granted drawdowns gathered in one sealed order, then answered by the bank.

An order's bytes are sealed once. What the bank has not said is *unknown*, and only the bank or a
person ends that: nothing here sends or fails a payment by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import banking, ledger
from cessio.banking.rules import PayoutOutcome
from cessio.funding import queries
from cessio.funding.models import Drawdown
from cessio.funding.operations import drawdowns
from cessio.funding.operations.run import refuse_held, screened_facts
from cessio.funding.operations.unknowns import bank_spoke
from cessio.funding.rules import DrawdownStateName as State
from cessio.funding.rules import holds
from cessio.funding.rules.payees import digest
from cessio.kernel.errors import Conflict, Invalid
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind


class NothingToPay(Conflict):
    """No granted drawdown waits for payment in the account's currency."""


class PayoutsMoved(Conflict):
    """Some of the chosen drawdowns are no longer waiting for payment."""


@dataclass(frozen=True, slots=True)
class OrderSealed:
    """A payment order whose bytes exist and will never change."""

    order_id: int
    message_id: str
    payment_count: int
    total_minor: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class BankAnswered:
    """What an answer or a statement of the bank settled, by drawdown."""

    paid: tuple[int, ...] = ()
    rejected: tuple[int, ...] = ()
    pending: tuple[int, ...] = ()


def seal_payouts(
    session: Session, *, account_id: int, execute_on: date, by: str, at: datetime,
    drawdown_ids: Sequence[int] | None = None,
) -> OrderSealed:  # fmt: skip
    """Gather granted drawdowns (all, or those named) in one sealed payment order.

    Without names, those that are held wait for the next run. Who seals signs first. Raises
    ``NothingToPay``; ``PayoutsMoved`` when a named one is no longer granted; ``PayoutHeld``.
    """
    waiting = queries.granted_for_update(session, account_id=account_id, ids=drawdown_ids)
    if drawdown_ids is not None and len(waiting) != len(set(drawdown_ids)):
        raise PayoutsMoved(
            "payouts_moved", "some of these payouts are no longer waiting: reload the list"
        )
    if drawdown_ids is None:
        waiting = _not_held(session, waiting, by=by, at=at)
    if not waiting:
        raise NothingToPay("nothing_to_pay", "no granted drawdown waits for payment")
    refuse_held(session, waiting, by=by, at=at)
    sealed = banking.seal_payment_order(
        session, account_id=account_id, execute_on=execute_on, by=by, at=at,
        payments=[_payment(session, drawdown) for drawdown in waiting],
        payees=digest(queries.payees_of(session, [drawdown.id for drawdown in waiting])),
    )  # fmt: skip
    for drawdown in waiting:
        drawdown.order_id = sealed.order_id
        drawdowns.enter(session, drawdown, State.ORDERED, by=by, at=at)
    return OrderSealed(
        sealed.order_id, sealed.message_id, len(waiting),
        sum(drawdown.amount_minor for drawdown in waiting), sealed.sha256,
    )  # fmt: skip


def receive_bank_answer(
    session: Session, *, order_id: int, data: bytes, filename: str, by: str, at: datetime
) -> BankAnswered:
    """Read a pain.002 for an order: final acceptances are paid, rejections given back exactly."""
    answer = banking.record_bank_answer(
        session, order_id=order_id, data=data, filename=filename, by=by, at=at
    )
    paid, rejected, pending = [], [], []
    for payment in answer.payments:
        drawdown = queries.ordered_for_update(
            session, order_id=order_id, end_to_end_id=payment.end_to_end_id
        )
        if drawdown is None:
            continue
        if payment.outcome in (PayoutOutcome.CONFIRMED, PayoutOutcome.REJECTED):
            bank_spoke(session, drawdown_id=drawdown.id, by=by, at=at)
        if payment.outcome is PayoutOutcome.CONFIRMED:
            drawdowns.enter(session, drawdown, State.PAID, by=by, at=at)
            paid.append(drawdown.id)
        elif payment.outcome is PayoutOutcome.REJECTED:
            reason = payment.reason_code or "rejected"
            drawdowns.give_back(session, drawdown, State.REJECTED, reason=reason, by=by, at=at)
            rejected.append(drawdown.id)
        else:
            pending.append(drawdown.id)
    return BankAnswered(tuple(paid), tuple(rejected), tuple(pending))


def settle_payout_lines(session: Session, *, by: str, at: datetime) -> BankAnswered:
    """Match what left or came back to our accounts to payouts, by reference, and post it.

    A debit line naming a payout, or one line of a whole order, confirms it (clearing against
    suspense). A credit line returning a payout gives the drawdown back. Safe to run twice.
    """
    paid, rejected = [], []
    for match in queries.payout_lines(session):
        for drawdown in match.drawdowns:
            bank_spoke(session, drawdown_id=drawdown.id, by=by, at=at)
            if match.is_return:
                _returned(session, drawdown, match.line, by=by, at=at)
                rejected.append(drawdown.id)
            else:
                _left(session, drawdown, match.line, by=by, at=at)
                paid.append(drawdown.id)
        banking.use_line(session, line_id=match.line.line_id, amount_minor=match.line.open_minor)
    return BankAnswered(tuple(paid), tuple(rejected))


def _not_held(
    session: Session, waiting: list[Drawdown], *, by: str, at: datetime
) -> list[Drawdown]:
    limits = queries.limits_now(session)
    facts = screened_facts(session, [one.id for one in waiting], by=by, at=at)
    free = {one.drawdown_id for one in facts if not holds(one, limits, at=at)}
    return [one for one in waiting if one.id in free]


def _payment(session: Session, drawdown: Drawdown) -> banking.Payment:
    if drawdown.iban is None or drawdown.creditor_name is None or drawdown.end_to_end_id is None:
        raise Invalid(
            "payee_incomplete", "drawdown {id} has no payee account", id=drawdown.id, field="iban"
        )
    address = queries.payee_address(session, contract_id=drawdown.contract_id)
    return banking.Payment(
        end_to_end_id=drawdown.end_to_end_id, amount_minor=drawdown.amount_minor,
        currency=drawdown.currency, creditor_name=drawdown.creditor_name, iban=drawdown.iban,
        bic=drawdown.bic, address=address,
        text=queries.payout_text(session, contract_id=drawdown.contract_id),
    )  # fmt: skip


def _left(
    session: Session, drawdown: Drawdown, line: queries.OpenBankLine, *, by: str, at: datetime
) -> None:
    clearing = AccountKey(AccountKind.PAYOUT_CLEARING, drawdown.currency, drawdown.contract_id)
    suspense = AccountKey(AccountKind.SUSPENSE_CASH, drawdown.currency, bank_id=line.account_id)
    posting = Posting(
        kind=TransactionKind.PAYOUT_CONFIRMED, source_kind="drawdown", source_id=drawdown.id,
        effect=f"paid:{line.line_id}", value_date=line.value_date,
        contract_id=drawdown.contract_id, memo=drawdown.end_to_end_id,
        lines=(
            Line(clearing, drawdown.amount_minor), Line(suspense, -drawdown.amount_minor),
        ),
    )  # fmt: skip
    ledger.post(session, posting, by=by, at=at)
    drawdown.debited_line_id = line.line_id
    session.flush()
    if drawdown.state != State.PAID:
        drawdowns.enter(session, drawdown, State.PAID, by=by, at=at)


def _returned(
    session: Session, drawdown: Drawdown, line: queries.OpenBankLine, *, by: str, at: datetime
) -> None:
    clearing = AccountKey(AccountKind.PAYOUT_CLEARING, drawdown.currency, drawdown.contract_id)
    suspense = AccountKey(AccountKind.SUSPENSE_CASH, drawdown.currency, bank_id=line.account_id)
    posting = Posting(
        kind=TransactionKind.PAYOUT_CONFIRMED, source_kind="drawdown", source_id=drawdown.id,
        effect=f"returned:{line.line_id}", value_date=line.value_date,
        contract_id=drawdown.contract_id, memo=line.return_code,
        lines=(
            Line(suspense, drawdown.amount_minor), Line(clearing, -drawdown.amount_minor),
        ),
    )  # fmt: skip
    ledger.post(session, posting, by=by, at=at)
    reason = line.return_code or "returned"
    drawdowns.give_back(session, drawdown, State.REJECTED, reason=reason, by=by, at=at)
