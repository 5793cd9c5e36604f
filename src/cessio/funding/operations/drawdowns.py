"""A drawdown from its request to the moment it may be paid.

The money leaves the availability when the request is accepted, in the same transaction and under
the lock of the contract's current account: what waits for a second person cannot be asked twice.
A rejection or cancellation reverses exactly that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cessio import approvals, audit, house, identity, ledger
from cessio.contracts import queries as contracts
from cessio.funding import queries
from cessio.funding.models import Drawdown, DrawdownState, PrepaidPart
from cessio.funding.operations import seconding
from cessio.funding.operations.seconding import DrawdownMoved
from cessio.funding.operations.telling import tell_payout
from cessio.funding.rules import (
    Availability,
    DrawdownFacts,
    DrawdownStateName,
    Granted,
    RefusalReason,
    Refused,
    decide_drawdown,
    needs_approval,
)
from cessio.funding.rules.payouts import payable_from
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Invalid, NotFound
from cessio.kernel.money import allocate
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.notifications import notify

State = DrawdownStateName


@dataclass(frozen=True, slots=True)
class DrawdownAnswer:
    """What became of a request: its state, and every reason when it was refused."""

    drawdown_id: int
    state: State
    reasons: tuple[RefusalReason, ...] = ()
    payable_minor: int = 0


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What asking for an amount would come to: the decision, its cost, where and when it is paid.

    ``needs_second`` says whether somebody of ours agrees first.
    """

    amount_minor: int
    currency: str
    found: Availability
    cost: queries.Quote
    payee: queries.Payee | None
    counts_on: date
    decision: Granted | Refused
    needs_second: bool

    @property
    def left_minor(self) -> int:
        """What can be drawn afterwards."""
        return max(0, self.found.payable_now_minor - self.cost.total_minor)


def foresee_drawdown(
    session: Session, *, contract_id: int, amount_minor: int, at: datetime
) -> Foreseen:
    """What ``request_drawdown`` would answer now; nothing is written.

    Raises ``NotFound``, ``FixingMissing``.
    """
    contract = contracts.contract(session, contract_id)
    on = business_date(at)
    terms = contracts.terms_in_force(session, contract_id, on)
    counts_on = house.counted_on(session, what=house.Counted.PAYOUT, at=at)
    found = queries.availability(session, contract_id=contract_id, on=on, counts_on=counts_on)
    payee = queries.payee_of(session, client_id=contract.client_id)
    cost = queries.quote(
        session, contract_id=contract_id, terms=terms, amount_minor=max(0, amount_minor),
        in_use_minor=found.funds_in_use_minor, on=on, counted_on=counts_on,
    )  # fmt: skip
    facts = DrawdownFacts(
        on=on, available_minor=found.available_minor,
        facility_room_minor=found.facility_room_minor, starts_on=contract.starts_on,
        ended_on=contract.ended_on, payee_confirmed=payee is not None,
        commission_minor=cost.commission_minor, most_minor=found.most_payable_minor,
        payable_after=_payable_after(session, contract.client_id, at),
        is_checked=queries.payee_frozen(session, client_id=contract.client_id),
    )  # fmt: skip
    decision = decide_drawdown(facts, amount_minor, terms=terms)
    whole = amount_minor + queries.drawn_on(session, contract_id=contract_id, on=on)
    second = isinstance(decision, Granted) and (
        needs_approval(terms, whole)
        or house.needs_second(session, act=house.Act.APPROVE_DRAWDOWN, amount_minor=whole)
    )
    return Foreseen(
        amount_minor, contract.currency, found, cost, payee, counts_on, decision, second
    )


def request_drawdown(
    session: Session, *, contract_id: int, amount_minor: int, by: str, at: datetime
) -> DrawdownAnswer:
    """Ask for money on a contract's availability, decided now against locked facts.

    Granted at once, or *requested* from the contract's approval threshold on (a second person
    decides; what the client drew on the day counts with it, so that parts are no way around),
    or refused with every reason; a refusal is kept and shown too. Where the financing
    commission is taken in advance, it leaves the availability with the amount. After the house's
    cut-off it counts for the next business day.
    Raises ``NotFound``, ``FixingMissing``.
    """
    contract = contracts.contract(session, contract_id)
    queries.lock_contract(session, contract_id=contract_id, currency=contract.currency)
    seen = foresee_drawdown(session, contract_id=contract_id, amount_minor=amount_minor, at=at)
    found, payee = seen.found, seen.payee
    if isinstance(seen.decision, Refused):
        return _refuse(
            session, contract_id, contract.currency, amount_minor, found, seen.decision, by=by,
            at=at,
        )  # fmt: skip
    drawdown = _new(contract_id, contract.currency, amount_minor, found, by=by, at=at)
    if payee is not None:
        drawdown.iban, drawdown.bic, drawdown.creditor_name = payee.iban, payee.bic, payee.holder
    session.add(drawdown)
    session.flush()
    drawdown.end_to_end_id = f"D{drawdown.id:010d}"
    _post(session, drawdown, seen.cost, by=by, at=at)
    second = seen.needs_second
    enter(session, drawdown, State.REQUESTED if second else State.GRANTED, by=by, at=at)
    if second:
        seconding.ask(session, drawdown_id=drawdown.id, by=by, at=at)
    return DrawdownAnswer(drawdown.id, State(drawdown.state), payable_minor=seen.left_minor)


def _payable_after(session: Session, client_id: int, at: datetime) -> date | None:
    """The first day an account that took the place of another is paid to, while that is ahead."""
    confirmed_at = queries.payee_payable_from(session, client_id=client_id)
    if confirmed_at is None:
        return None
    until = payable_from(confirmed_at, queries.limits_now(session))
    return business_date(until) if at < until else None


def _refuse(
    session: Session, contract_id: int, currency: str, amount_minor: int, found: Availability,
    decision: Refused, *, by: str, at: datetime,
) -> DrawdownAnswer:  # fmt: skip
    """Keep a refused request with its reasons; an amount that is none is only answered."""
    if amount_minor <= 0:
        raise Invalid("amount_not_positive", "ask for more than zero", field="amount")
    drawdown = _new(contract_id, currency, amount_minor, found, by=by, at=at)
    drawdown.reasons = [reason.as_json() for reason in decision.reasons]
    session.add(drawdown)
    enter(session, drawdown, State.REFUSED, by=by, at=at)
    return DrawdownAnswer(drawdown.id, State.REFUSED, decision.reasons, found.payable_now_minor)


def _new(
    contract_id: int, currency: str, amount_minor: int, found: Availability, *, by: str,
    at: datetime,
) -> Drawdown:  # fmt: skip
    return Drawdown(
        contract_id=contract_id, currency=currency, amount_minor=amount_minor,
        state=State.REFUSED.value, requested_at=at, requested_on=business_date(at),
        requested_by=by, reasons=[],
        facts=found.figures(),
    )  # fmt: skip


def approve_drawdown(
    session: Session, *, drawdown_id: int, seen_hash: bytes, by: str, at: datetime
) -> None:
    """A second person lets a requested drawdown go, on the figures they were shown.

    Raises ``NotFound``, ``DrawdownMoved``, ``FiguresMoved``, and the refusals of
    ``approvals.approve``: whatever was asked about, the contract's terms included, is as it was.
    """
    drawdown = _locked(session, drawdown_id, State.REQUESTED)
    queries.lock_contract(session, contract_id=drawdown.contract_id, currency=drawdown.currency)
    shown = seconding.shown(session, drawdown_id=drawdown_id, on=business_date(at))
    seconding.refuse_unseen(shown, seen_hash)
    others = queries.drawn_on(session, contract_id=drawdown.contract_id, but=drawdown.id,
                              on=drawdown.requested_on)  # fmt: skip
    house.check_authority(session, act=house.Act.APPROVE_DRAWDOWN, by=by, at=at,
                          amount_minor=drawdown.amount_minor + others,
                          currency=drawdown.currency)  # fmt: skip
    approvals.approve(session, approval_id=shown.asked.id, subject_hash=shown.subject_hash, by=by,
                      at=at)  # fmt: skip
    enter(session, drawdown, State.GRANTED, by=by, at=at)


def reject_drawdown(
    session: Session, *, drawdown_id: int, seen_hash: bytes, reason: str, by: str, at: datetime
) -> None:
    """A second person says no, with a reason; the amount is available again at once."""
    drawdown = _locked(session, drawdown_id, State.REQUESTED)
    shown = seconding.shown(session, drawdown_id=drawdown_id, on=business_date(at))
    seconding.refuse_unseen(shown, seen_hash)
    approvals.reject(
        session, approval_id=shown.asked.id, subject_hash=shown.asked.subject_hash,
        reason=reason, by=by, at=at,
    )  # fmt: skip
    give_back(session, drawdown, State.REFUSED, reason=reason, by=by, at=at)
    notify(
        session, person_ids=[identity.person_behind(session, drawdown.requested_by)],
        kind="drawdown_refused",
        values={"amount_minor": drawdown.amount_minor, "currency": drawdown.currency,
                "why": reason},
        href=f"/portal/funding/{drawdown_id}", at=at, key=f"drawdown/{drawdown_id}/refused",
    )  # fmt: skip


def cancel_drawdown(
    session: Session, *, drawdown_id: int, reason: str, by: str, at: datetime,
    client_id: int | None = None,
) -> None:  # fmt: skip
    """Withdraw a drawdown that is not yet in a payment order; everything is as before.

    ``client_id`` is who may see it, when a client asks. Raises ``NotFound``, ``DrawdownMoved``.
    """
    drawdown = _locked(session, drawdown_id, State.REQUESTED, State.GRANTED, client_id=client_id)
    if drawdown.state == State.REQUESTED:
        approvals.void(session, approval_id=seconding.approval_of(session, drawdown_id).id,
                       reason=reason, by=by, at=at)  # fmt: skip
    give_back(session, drawdown, State.CANCELLED, reason=reason, by=by, at=at)


def give_back(
    session: Session, drawdown: Drawdown, state: State, *, reason: str, by: str, at: datetime
) -> None:
    """Reverse a drawdown's entries, same value date, and end it in ``state``."""
    for posted in (drawdown.commission_transaction_id, drawdown.transaction_id):
        if posted is not None:
            ledger.reverse(session, transaction_id=posted, by=by, at=at, memo=reason)
    enter(session, drawdown, state, by=by, at=at, reason=reason)


def enter(
    session: Session, drawdown: Drawdown, state: State, *, by: str, at: datetime,
    reason: str | None = None,
) -> None:  # fmt: skip
    """Record that a drawdown is in a state from now on, who did it and why."""
    drawdown.state = state.value
    session.flush()
    session.execute(
        insert(DrawdownState).values(
            drawdown_id=drawdown.id, state=state.value, at=at, by=by, reason=reason
        )
    )
    client_id = queries.client_of_contract(session, drawdown.contract_id)
    audit.record(
        session, verb=f"drawdown_{state.value}", subject_kind="drawdown",
        subject_id=drawdown.id, after={"amount_minor": drawdown.amount_minor}, why=reason,
        by=by, at=at, client_id=client_id,
    )  # fmt: skip
    tell_payout(session, drawdown, state, client_id=client_id, at=at)


def _post(session: Session, drawdown: Drawdown, cost: queries.Quote, *, by: str, at: datetime) -> (
    None
):  # fmt: skip
    """The drawdown's entries, and those of the commission taken with it for its planned days."""
    contract_id, currency, amount = drawdown.contract_id, drawdown.currency, drawdown.amount_minor
    current = AccountKey(AccountKind.CLIENT_CURRENT, currency, contract_id)
    clearing = AccountKey(AccountKind.PAYOUT_CLEARING, currency, contract_id)
    posting = Posting(
        kind=TransactionKind.DRAWDOWN, source_kind="drawdown", source_id=drawdown.id,
        effect="drawdown", value_date=cost.from_on, contract_id=contract_id,
        memo=drawdown.end_to_end_id, lines=(Line(current, amount), Line(clearing, -amount)),
    )  # fmt: skip
    postings, taken = [posting], cost.commission_minor
    if taken:
        income = AccountKey(AccountKind.INTEREST_INCOME, currency)
        postings.append(
            replace(
                posting, kind=TransactionKind.FINANCING_COMMISSION, effect="pre_counted",
                lines=(Line(current, taken), Line(income, -taken)),
            )
        )  # fmt: skip
    posted = ledger.post_many(session, postings, by=by, at=at)
    drawdown.transaction_id = posted[0].transaction_id
    if taken:
        drawdown.commission_minor = taken
        drawdown.commission_transaction_id = posted[1].transaction_id
    _keep_parts(session, drawdown, cost)


def _keep_parts(session: Session, drawdown: Drawdown, cost: queries.Quote) -> None:
    """Keep until when each part is paid for; the commission is shared as it was computed."""
    running = [part for part in cost.parts if part.days(cost.from_on)]
    weights = [part.amount_minor * part.days(cost.from_on) for part in running]
    shares = allocate(cost.commission_minor, weights) if running else []
    session.add_all(
        PrepaidPart(
            drawdown_id=drawdown.id, amount_minor=part.amount_minor, commission_minor=share,
            from_on=cost.from_on, to_on=part.to_on, rate=cost.rate, day_basis=cost.day_basis,
        )
        for part, share in zip(running, shares, strict=True)
    )  # fmt: skip


def _locked(
    session: Session, drawdown_id: int, *states: State, client_id: int | None = None
) -> Drawdown:
    drawdown = queries.drawdown_for_update(session, drawdown_id=drawdown_id, client_id=client_id)
    if drawdown is None:
        raise NotFound("drawdown_unknown", "there is no such drawdown")
    if drawdown.state not in states:
        raise DrawdownMoved("drawdown_moved", "this drawdown is {state} now", state=drawdown.state)
    return drawdown
