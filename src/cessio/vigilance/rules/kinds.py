"""The kinds of signals, how much each weighs, and what a look may find."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class SignalKind(StrEnum):
    """What looks odd. The first fifteen are of documents, the others of behaviour."""

    SAME_BUT_NUMBER = "same_but_number"
    SAME_BUT_DATE = "same_but_date"
    SAME_BUT_AMOUNT = "same_but_amount"  # by at most one percent
    NEARLY_SAME = "nearly_same"  # two of number, date and amount a little different
    OTHER_CLIENT = "other_client"  # another client assigned what looks like it
    NUMBER_REUSED = "number_reused"  # the client's number, on another debtor
    ROUND_AMOUNTS = "round_amounts"
    JUST_BELOW = "just_below"  # amounts that stop short of a threshold
    SPLIT_BELOW = "split_below"  # one debtor's, each below the threshold, above it together
    OFF_DAYS = "off_days"  # dated on weekends or holidays, in bulk
    NEW_DEBTOR_BURST = "new_debtor_burst"
    NEW_DEBTOR_LARGE = "new_debtor_large"  # one or two new debtors carry much of a remittance
    BEFORE_DELIVERY = "before_delivery"
    LATE_CREDIT_NOTES = "late_credit_notes"
    REBILLED_LATER = "rebilled_later"  # credited and billed again: an older invoice made young
    DUE_DATE_PUSHED = "due_date_pushed"  # due later and later: an old invoice kept young
    UNKNOWN_PAYER = "unknown_payer"
    PAID_BY_CLIENT = "paid_by_client"
    RECYCLED_ADVANCE = "recycled_advance"
    DILUTION_RISING = "dilution_rising"
    TURNOVER_WITHOUT_CASH = "turnover_without_cash"
    CONCENTRATION_JUMP = "concentration_jump"
    SHARED_DETAILS = "shared_details"
    SOLD_IN_A_CIRCLE = "sold_in_a_circle"  # clients that sell to each other
    OTHER_ACCOUNT = "other_account"  # a debtor was told to pay to an account that is not ours


class Level(StrEnum):
    """How much a signal weighs; the invoices of a high one are verified before their funding."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class SignalState(StrEnum):
    """Open until somebody looked."""

    OPEN = "open"
    EXPLAINED = "explained"
    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"


class Outcome(StrEnum):
    """What looking found."""

    EXPLAINED = "explained"
    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"


LEVELS: dict[SignalKind, Level] = {
    SignalKind.SAME_BUT_NUMBER: Level.MEDIUM,
    SignalKind.SAME_BUT_DATE: Level.HIGH,
    SignalKind.SAME_BUT_AMOUNT: Level.HIGH,
    SignalKind.NEARLY_SAME: Level.MEDIUM,
    SignalKind.OTHER_CLIENT: Level.HIGH,
    SignalKind.NUMBER_REUSED: Level.MEDIUM,
    SignalKind.ROUND_AMOUNTS: Level.LOW,
    SignalKind.JUST_BELOW: Level.MEDIUM,
    SignalKind.SPLIT_BELOW: Level.MEDIUM,
    SignalKind.OFF_DAYS: Level.LOW,
    SignalKind.NEW_DEBTOR_BURST: Level.MEDIUM,
    SignalKind.NEW_DEBTOR_LARGE: Level.MEDIUM,
    SignalKind.BEFORE_DELIVERY: Level.MEDIUM,
    SignalKind.LATE_CREDIT_NOTES: Level.MEDIUM,
    SignalKind.REBILLED_LATER: Level.HIGH,
    SignalKind.DUE_DATE_PUSHED: Level.MEDIUM,
    SignalKind.UNKNOWN_PAYER: Level.LOW,
    SignalKind.PAID_BY_CLIENT: Level.HIGH,
    SignalKind.RECYCLED_ADVANCE: Level.HIGH,
    SignalKind.DILUTION_RISING: Level.MEDIUM,
    SignalKind.TURNOVER_WITHOUT_CASH: Level.HIGH,
    SignalKind.CONCENTRATION_JUMP: Level.MEDIUM,
    SignalKind.SHARED_DETAILS: Level.HIGH,
    SignalKind.SOLD_IN_A_CIRCLE: Level.HIGH,
    SignalKind.OTHER_ACCOUNT: Level.HIGH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Something odd: its kind, the one thing it is about (``key``), and the figures that say so.

    ``amount_minor`` is what is at stake, positive; figures are what its sentence speaks of.
    """

    kind: SignalKind
    key: str
    client_id: int
    amount_minor: int
    currency: str
    figures: dict[str, Any] = field(default_factory=dict)
    contract_id: int | None = None
    debtor_id: int | None = None
    remittance_id: int | None = None
    document_ids: tuple[int, ...] = ()

    @property
    def level(self) -> Level:
        """How much its kind weighs."""
        return LEVELS[self.kind]
