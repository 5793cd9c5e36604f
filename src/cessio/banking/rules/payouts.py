"""What the bank's word on a payment order means for each payment of it.

*Unknown* is a state: only the bank or a person ends it. A final word needs a status that says
so; everything on the way there is *pending*, whatever is unclear or contradictory is *unknown*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cessio.banking.formats.pain002 import PaymentStatus, StatusReason, StatusReport


class PayoutOutcome(StrEnum):
    """CONFIRMED and REJECTED are final."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    PENDING = "pending"
    UNKNOWN = "unknown"


#: ISO external payment status codes. ACSC/ACCC: settled; RJCT/CANC: nothing will leave.
_OUTCOMES = {
    "ACSC": PayoutOutcome.CONFIRMED,
    "ACCC": PayoutOutcome.CONFIRMED,
    "RJCT": PayoutOutcome.REJECTED,
    "CANC": PayoutOutcome.REJECTED,
    **dict.fromkeys(
        ["ACCP", "ACTC", "ACSP", "ACWC", "ACWP", "ACFC", "ACPD", "PATC", "PDNG", "PRES", "RCVD",
         "BLCK"],
        PayoutOutcome.PENDING,
    ),
}  # fmt: skip
_FINAL = frozenset({PayoutOutcome.CONFIRMED, PayoutOutcome.REJECTED})


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """What one report says of one of our payments, and why if it says."""

    end_to_end_id: str
    outcome: PayoutOutcome
    status: str | None = None
    reason_code: str | None = None
    reason_text: str | None = None

    @property
    def reason(self) -> str | None:
        """What the reason code means, as a key that the edge puts into words."""
        return REASONS.get(self.reason_code or "")


def outcome_of(status: str | None) -> PayoutOutcome:
    """The outcome of one status; PART, codes we do not know and silence are unknown."""
    return _OUTCOMES.get(status or "", PayoutOutcome.UNKNOWN)


def answers(report: StatusReport, end_to_end_ids: Iterable[str]) -> list[PaymentAnswer]:
    """What the report says of each of these payments, in their order.

    A payment's own status counts before its batch's and the batch's before the order's; when the
    levels contradict each other about a rejection the payment is unknown. A payment named twice
    counts as last named.
    """
    told = {status.end_to_end_id: status for status in report.payments if status.end_to_end_id}
    return [_answer(report, name, told.get(name)) for name in end_to_end_ids]


def _answer(report: StatusReport, name: str, told: PaymentStatus | None) -> PaymentAnswer:
    levels = [(told.status, told.reasons)] if told is not None else []
    batches = [
        batch
        for batch in report.batches
        if told is None or batch.payment_info_id == told.payment_info_id
    ]
    if len(batches) == 1:
        levels.append((batches[0].status, batches[0].reasons))
    levels.append((report.group_status, report.group_reasons))
    given = [(status, reasons) for status, reasons in levels if status is not None]
    if not given:
        return PaymentAnswer(name, PayoutOutcome.UNKNOWN)
    status, reasons = given[0]
    outcome = outcome_of(status)
    final = {outcome_of(level) for level, _ in given} & _FINAL
    if len(final | {outcome}) > 1 and PayoutOutcome.REJECTED in final:
        outcome = PayoutOutcome.UNKNOWN
    code, words = _why(reasons or next((more for _, more in levels if more), ()))
    return PaymentAnswer(name, outcome, status, code, words)


def _why(reasons: tuple[StatusReason, ...]) -> tuple[str | None, str | None]:
    code = next((reason.code for reason in reasons if reason.code), None)
    return code, " ".join(reason.text for reason in reasons if reason.text) or None


#: Meaning of the reason codes a factor meets, as keys; the words are at the edge.
REASONS = {
    "AC01": "account_number_wrong",
    "AC03": "creditor_account_wrong",
    "AC04": "account_closed",
    "AC06": "account_blocked",
    "AC13": "debtor_account_of_a_consumer",
    "AC14": "creditor_account_type_wrong",
    "AG01": "transaction_forbidden",
    "AG02": "transaction_code_wrong",
    "AG03": "transaction_type_unsupported",
    "AGNT": "agent_incorrect",
    "AM01": "amount_zero",
    "AM02": "amount_not_allowed",
    "AM03": "currency_not_allowed",
    "AM04": "funds_insufficient",
    "AM05": "duplicate",
    "AM06": "amount_too_low",
    "AM07": "amount_blocked",
    "AM09": "amount_wrong",
    "AM10": "control_sum_wrong",
    "AM14": "agreed_amount_exceeded",
    "AM18": "payment_count_wrong",
    "BE01": "creditor_name_differs",
    "BE04": "creditor_address_missing",
    "BE05": "initiator_unknown",
    "BE06": "creditor_unknown",
    "BE07": "debtor_address_missing",
    "CNOR": "creditor_bank_not_registered",
    "CURR": "currency_wrong",
    "CUST": "asked_by_customer",
    "CUTA": "cancelled_unable_to_apply",
    "DNOR": "debtor_bank_not_registered",
    "DT01": "date_wrong",
    "DT06": "date_changed",
    "DUPL": "duplicate",
    "ED05": "settlement_failed",
    "ERIN": "payer_reference_wrong",
    "FF01": "file_format_wrong",
    "FF03": "payment_type_wrong",
    "FF05": "local_instrument_wrong",
    "FOCR": "following_cancellation_request",
    "FR01": "fraud",
    "FRAD": "fraud",
    "MD07": "holder_deceased",
    "MS02": "refused_by_customer",
    "MS03": "refused_by_bank_without_reason",
    "NARR": "see_text",
    "NOAS": "no_answer_from_customer",
    "RC01": "bank_code_wrong",
    "RC04": "creditor_bank_code_wrong",
    "RF01": "reference_not_unique",
    "RR01": "debtor_account_missing",
    "RR02": "debtor_name_or_address_missing",
    "RR03": "creditor_name_or_address_missing",
    "RR04": "regulatory_reason",
    "SL01": "bank_service",
    "TD03": "file_incomplete",
    "TECH": "technical_problem",
    "TM01": "after_cut_off",
    "UPAY": "payment_unjustified",
}
