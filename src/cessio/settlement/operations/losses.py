"""After an indemnity: declared to the insurer, reimbursed by it, recovered from the debtor late.

What the insurer agrees to is its debt to us from that day; what comes in afterwards is ours, the
insurer's and the client's in the proportion in which each bears the loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, ledger
from cessio.cash.operations import apart
from cessio.cash.operations.undoing import give_back
from cessio.cash.rules import LossCash
from cessio.contracts import queries as contracts
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.limits.rules import insurer_pays
from cessio.settlement import queries
from cessio.settlement.models import InsurerClaim, LossMovement, UnpaidSettlement
from cessio.settlement.rules import Borne, borne_by, split_recovery


class NoLoss(Conflict):
    """Nothing was indemnified, or the indemnity was undone."""


class ClaimAnswered(Conflict):
    """The insurer answered before, or there is no claim to answer."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim, and what the insurer should reimburse by the year's deductible."""

    claim_id: int
    claimed_minor: int


def declare_to_insurer(
    session: Session, *, settlement_id: int, insurer: str, reference: str | None = None,
    deductible_minor: int = 0, by: str, at: datetime,
) -> Claimed:  # fmt: skip
    """Declare an indemnity to our insurer.

    ``deductible_minor`` is what the year's policy leaves with us; the losses declared to the same
    insurer earlier in the year used it up first. Raises ``NoLoss``, ``Conflict``, ``Invalid``.
    """
    made = _loss(session, settlement_id)
    if queries.open_claim(session, settlement_id) is not None:
        raise Conflict("claim_declared", "this indemnity was declared to an insurer before")
    if deductible_minor < 0:
        raise Invalid("deductible_negative", "a deductible is not negative", field="deductible")
    name, on = insurer.strip(), business_date(at)
    if not name:
        raise Invalid("insurer_missing", "say which insurer", field="insurer")
    currency = contracts.contract(session, made.contract_id).currency
    before = queries.losses_of_year(session, insurer=name, currency=currency, on=on)
    claim = InsurerClaim(
        settlement_id=settlement_id, insurer=name, reference=(reference or "").strip() or None,
        currency=currency, loss_minor=made.indemnity_minor, deductible_minor=deductible_minor,
        before_minor=before, declared_on=on, declared_at=at, declared_by=by,
        claimed_minor=insurer_pays(made.indemnity_minor, losses_before_minor=before,
                                   deductible_minor=deductible_minor),
    )  # fmt: skip
    session.add(claim)
    session.flush()
    _record(session, "claim.declare", made, by, at,
            {"insurer": name, "claimed_minor": claim.claimed_minor})  # fmt: skip
    return Claimed(claim.id, claim.claimed_minor)


def answer_claim(
    session: Session, *, settlement_id: int, agreed_minor: int, by: str, at: datetime
) -> None:
    """Note what the insurer agrees to reimburse, nothing included: its debt to us from today.

    Raises ``ClaimAnswered``, ``Invalid`` for more than the loss.
    """
    made = _loss(session, settlement_id)
    claim = queries.open_claim(session, settlement_id)
    if claim is None or claim.agreed_minor is not None:
        raise ClaimAnswered("claim_answered", "no claim on an insurer waits for an answer here")
    if not 0 <= agreed_minor <= claim.loss_minor:
        raise Invalid("agreed_above_loss", "an insurer reimburses {loss_minor} at most",
                      field="agreed", loss_minor=claim.loss_minor,
                      currency=claim.currency)  # fmt: skip
    claim.agreed_minor, claim.agreed_on, claim.agreed_at, claim.agreed_by = (
        agreed_minor, business_date(at), at, by
    )  # fmt: skip
    if agreed_minor:
        posting = Posting(
            kind=TransactionKind.INSURER_CLAIM, source_kind="insurer_claim", source_id=claim.id,
            effect="agreed", value_date=business_date(at), contract_id=made.contract_id,
            memo=claim.insurer,
            lines=(
                Line(AccountKey(AccountKind.INSURER_RECEIVABLE, claim.currency), agreed_minor),
                Line(AccountKey(AccountKind.IMPAIRMENT_EXPENSE, claim.currency), -agreed_minor),
            ),
        )  # fmt: skip
        claim.transaction_id = ledger.post(session, posting, by=by, at=at).transaction_id
    session.flush()
    _record(session, "claim.answer", made, by, at, {"agreed_minor": agreed_minor})


def withdraw_claim(session: Session, *, settlement_id: int, by: str, at: datetime) -> None:
    """Take a claim back, with the insurer's debt. Raises ``NotFound``, ``Conflict`` once money
    moved by it."""
    made = _loss(session, settlement_id)
    claim = queries.open_claim(session, settlement_id)
    if claim is None:
        raise NotFound("claim_unknown", "nothing was declared to an insurer here")
    if queries.loss_movements(session, settlement_id, standing=True):
        raise Conflict("claim_moved", "take back the money booked on this loss first")
    claim.withdrawn_at, claim.withdrawn_by = at, by
    if claim.transaction_id is not None:
        ledger.reverse(session, transaction_id=claim.transaction_id, by=by, at=at)
    session.flush()
    _record(session, "claim.withdraw", made, by, at, {"insurer": claim.insurer})


def book_insurer_cash(
    session: Session, *, settlement_id: int, line_id: int, reference: str,
    amount_minor: int | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Book what the insurer paid on a claim, or what we passed on to it; returns the movement.

    Money in reduces its debt to us, money out ours to it. Raises ``ClaimAnswered``, ``Invalid``
    for more than is owed, and what ``apart.book`` raises.
    """
    made = _loss(session, settlement_id)
    claim = queries.open_claim(session, settlement_id)
    if claim is None or not claim.agreed_minor:
        raise ClaimAnswered("claim_not_agreed", "the insurer has agreed to nothing here yet")

    def lines(line: apart.OpenLine, minor: int) -> tuple[Line, ...]:
        _same_currency(line, claim.currency)
        owed = AccountKind.INSURER_RECEIVABLE if minor > 0 else AccountKind.INSURER_PAYABLE
        return (Line(AccountKey(owed, claim.currency), -minor),)

    booked = apart.book(
        session, line_id=line_id, kind=LossCash.INSURER.value, reference=reference,
        transaction=TransactionKind.INSURER_CLAIM, amount_minor=amount_minor, lines=lines,
        contract_id=made.contract_id, by=by, at=at,
    )  # fmt: skip
    paid, passed_on, due = _with_insurer(session, settlement_id)
    if booked.amount_minor > 0 and paid + booked.amount_minor > claim.agreed_minor:
        raise Invalid("insurer_above_agreed", "the insurer still owes {left_minor} here",
                      field="amount", left_minor=claim.agreed_minor - paid,
                      currency=claim.currency)  # fmt: skip
    if booked.amount_minor < 0 and passed_on - booked.amount_minor > due:
        raise Invalid("insurer_above_due", "we still owe the insurer {left_minor} here",
                      field="amount", left_minor=due - passed_on,
                      currency=claim.currency)  # fmt: skip
    whole = Borne(0, booked.amount_minor, 0)
    return _moved(session, made, LossCash.INSURER, booked, whole, by, at)


def book_recovery(
    session: Session, *, settlement_id: int, line_id: int, reference: str,
    amount_minor: int | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Book what the debtor (or its liquidator) paid after the indemnity; returns the movement.

    Our part reduces the loss, the insurer's is owed to it, the client's goes to its account.
    Raises ``NoLoss``, ``Invalid`` for more than was lost, and what ``apart.book`` raises.
    """
    made = _loss(session, settlement_id)
    claim = queries.open_claim(session, settlement_id)
    currency = contracts.contract(session, made.contract_id).currency
    borne = borne_by(made.indemnity_minor, made.own_share_minor,
                     (claim.agreed_minor or 0) if claim else 0)  # fmt: skip
    before = sum(one.amount_minor for one in queries.loss_movements(
        session, settlement_id, standing=True) if one.kind == LossCash.RECOVERY.value)  # fmt: skip
    split: list[Borne] = []

    def lines(line: apart.OpenLine, minor: int) -> tuple[Line, ...]:
        _same_currency(line, currency)
        split.append(split_recovery(minor, borne, before_minor=before, currency=currency))
        parts = (
            (AccountKey(AccountKind.IMPAIRMENT_EXPENSE, currency), split[0].factor_minor),
            (AccountKey(AccountKind.INSURER_PAYABLE, currency), split[0].insurer_minor),
            (AccountKey(AccountKind.CLIENT_CURRENT, currency, made.contract_id),
             split[0].client_minor),
        )  # fmt: skip
        return tuple(Line(account, -part) for account, part in parts if part)

    booked = apart.book(
        session, line_id=line_id, kind=LossCash.RECOVERY.value, reference=reference,
        transaction=TransactionKind.LATE_RECOVERY, amount_minor=amount_minor, lines=lines,
        contract_id=made.contract_id, by=by, at=at,
    )  # fmt: skip
    return _moved(session, made, LossCash.RECOVERY, booked, split[0], by, at)


def undo_loss_movement(
    session: Session, *, movement_id: int, reason: str, by: str, at: datetime
) -> None:
    """Take a booking back: the bank line waits again. Only the last one of a loss, so that the
    parts of the others stay what they are. Raises ``NotFound``, ``Conflict``."""
    made = queries.loss_movement_for_update(session, movement_id)
    if made is None:
        raise NotFound("movement_unknown", "there is no such booking")
    standing = queries.loss_movements(session, made.settlement_id, standing=True)
    if not standing or standing[-1].id != made.id:
        raise Conflict("movement_not_last", "take back what was booked on this loss later first")
    give_back(session, application_id=made.application_id, reason=reason, by=by, at=at)
    made.undone_at, made.undone_by = at, by
    session.flush()


def _loss(session: Session, settlement_id: int) -> UnpaidSettlement:
    """The settlement of a loss, locked: what is done with it is done one after the other."""
    made = queries.settlement_for_update(session, settlement_id)
    if made is None:
        raise NotFound("settlement_unknown", "there is no such settlement", id=settlement_id)
    if made.undone_at is not None or not made.indemnity_minor:
        raise NoLoss("no_loss", "nothing was indemnified here, or it was undone")
    return made


def _with_insurer(session: Session, settlement_id: int) -> tuple[int, int, int]:
    """What the insurer paid, what we passed on to it, and what of recoveries is its part."""
    paid = passed_on = due = 0
    for one in queries.loss_movements(session, settlement_id, standing=True):
        if one.kind == LossCash.RECOVERY.value:
            due += one.insurer_minor
        elif one.amount_minor > 0:
            paid += one.amount_minor
        else:
            passed_on -= one.amount_minor
    return paid, passed_on, due


def _same_currency(line: apart.OpenLine, currency: str) -> None:
    if line.currency != currency:
        raise Invalid("line_other_currency", "this bank line is in {given}, the loss in {wanted}",
                      field="line", given=line.currency, wanted=currency)  # fmt: skip


def _moved(
    session: Session, made: UnpaidSettlement, kind: LossCash, booked: apart.Booked, parts: Borne,
    by: str, at: datetime,
) -> int:  # fmt: skip
    moved = LossMovement(
        settlement_id=made.id, application_id=booked.application_id, kind=kind.value,
        amount_minor=booked.amount_minor, factor_minor=parts.factor_minor,
        insurer_minor=parts.insurer_minor, client_minor=parts.client_minor,
        on=booked.value_date, at=at, by=by,
    )  # fmt: skip
    session.add(moved)
    session.flush()
    _record(session, f"loss.{kind.value}", made, by, at,
            {"amount_minor": booked.amount_minor})  # fmt: skip
    return moved.id


def _record(
    session: Session, verb: str, made: UnpaidSettlement, by: str, at: datetime,
    after: dict[str, object],
) -> None:  # fmt: skip
    audit.record(
        session, verb=verb, subject_kind="receivable", subject_id=made.receivable_id,
        after=after, by=by, at=at,
    )  # fmt: skip
