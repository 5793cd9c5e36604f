"""Signs that an old invoice is kept young: billed again, or due later and later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from cessio.vigilance.rules.kinds import Sign, SignalKind

#: A due date pushed back by so much in all, or so often, keeps an old invoice young.
PUSHED_DAYS = 30
PUSHED_TIMES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebilled:
    """An invoice credited in full, and another of its amount billed about then, due later."""

    client_id: int
    contract_id: int
    debtor_id: int
    currency: str
    original_id: int
    note_id: int
    again_id: int
    original_number: str
    again_number: str
    original_due_on: date
    again_due_on: date
    amount_minor: int


def rebilled_later(facts: Rebilled) -> Sign | None:
    """An invoice made young again: credited, and billed anew with a later due date."""
    if facts.again_due_on <= facts.original_due_on + timedelta(days=5):
        return None
    return Sign(
        kind=SignalKind.REBILLED_LATER, key=f"receivable:{facts.original_id}",
        client_id=facts.client_id, contract_id=facts.contract_id, debtor_id=facts.debtor_id,
        amount_minor=facts.amount_minor, currency=facts.currency,
        document_ids=(facts.original_id, facts.note_id, facts.again_id),
        figures={"number": facts.original_number, "again_number": facts.again_number,
                 "due_on": facts.original_due_on, "again_due_on": facts.again_due_on,
                 "days": (facts.again_due_on - facts.original_due_on).days},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedBack:
    """An invoice whose due date moved: the one it was assigned with, the one it has, how often.

    ``was_late``: it was overdue when the date moved.
    """

    client_id: int
    contract_id: int
    debtor_id: int
    currency: str
    receivable_id: int
    number: str
    amount_minor: int
    first_due_on: date
    due_on: date
    times: int
    was_late: bool


def pushed_back(facts: PushedBack) -> Sign | None:
    """An invoice kept young: due much later than assigned, again and again, or once overdue."""
    days = (facts.due_on - facts.first_due_on).days
    odd = days >= PUSHED_DAYS or facts.times >= PUSHED_TIMES or facts.was_late
    if days <= 0 or not odd:
        return None
    return Sign(
        kind=SignalKind.DUE_DATE_PUSHED, key=f"receivable:{facts.receivable_id}",
        client_id=facts.client_id, contract_id=facts.contract_id, debtor_id=facts.debtor_id,
        amount_minor=facts.amount_minor, currency=facts.currency,
        document_ids=(facts.receivable_id,),
        figures={"number": facts.number, "first_due_on": facts.first_due_on,
                 "due_on": facts.due_on, "days": days, "count": facts.times},
    )  # fmt: skip
