"""Limits: which one is in force on a date, and when an unused one lapses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from cessio.contracts.rules import Terms


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """A named decision on a debtor; an amount of zero is a refusal.

    It holds from ``valid_from`` to ``valid_to`` included, and no more from ``ended_on`` on.
    """

    amount_minor: int
    valid_from: date
    valid_to: date | None = None
    ended_on: date | None = None
    is_temporary: bool = False

    def holds(self, on: date) -> bool:
        """Whether the decision is in force on a date."""
        started = self.valid_from <= on
        expired = self.valid_to is not None and on > self.valid_to
        ended = self.ended_on is not None and on >= self.ended_on
        return started and not expired and not ended


def limit_in_force(decisions: Iterable[LimitDecision], on: date, *, blanket_minor: int = 0) -> int:
    """A debtor's limit on a date: the higher of the permanent and the temporary one.

    Blanket cover is for a debtor that was never named; a refusal or a cancellation names it.
    """
    named = [decision for decision in decisions if decision.valid_from <= on]
    if not named:
        return blanket_minor
    return max((decision.amount_minor for decision in named if decision.holds(on)), default=0)


def with_decision(
    decisions: Iterable[LimitDecision], new: LimitDecision
) -> tuple[LimitDecision, ...]:
    """The decisions once a new one is taken: what it replaces ends on the day it starts.

    A temporary decision replaces nothing; zero ends temporary ones too.
    """
    ended = (
        decision
        if new.is_temporary
        or (decision.is_temporary and new.amount_minor)
        or (decision.ended_on is not None and decision.ended_on <= new.valid_from)
        else replace(decision, ended_on=new.valid_from)
        for decision in decisions
    )
    return (*ended, new)


class UnusedApproval(StrEnum):
    """What to do with an approval that no assignment has used for a while."""

    KEEP = "keep"
    NOTIFY = "notify"
    CANCEL = "cancel"


def unused_approval(terms: Terms, *, last_used_on: date, on: date) -> UnusedApproval:
    """Cancel after so many days without use, tell the client some days before (never after).

    ``last_used_on`` is the last assignment under the approval, or its start.
    """
    if terms.auto_cancel_unused_approval_days is None:
        return UnusedApproval.KEEP
    cancel_on = last_used_on + timedelta(days=terms.auto_cancel_unused_approval_days)
    if on >= cancel_on:
        return UnusedApproval.CANCEL
    notify_on = cancel_on - timedelta(days=terms.unused_approval_notice_days)
    return UnusedApproval.NOTIFY if on >= notify_on else UnusedApproval.KEEP
