"""What the matcher knows of a bank line and of the receivables it may pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cessio.cash.rules.references import Said


class AllocationKind(StrEnum):
    """What a part of an application does to a receivable.

    PAYMENT settles it with money; DIFFERENCE writes a short payment or discount off to the
    client's account; ON_ACCOUNT holds the money as a credit of the debtor.
    """

    PAYMENT = "payment"
    DIFFERENCE = "difference"
    ON_ACCOUNT = "on_account"


class OwnMeans(StrEnum):
    """What the house itself works with: its capital, what banks lend to it, what that costs.

    A transfer leaves one of its accounts and reaches another: together they are nothing.
    """

    CAPITAL = "capital"
    REFINANCING = "refinancing"
    COST = "cost"
    TRANSFER = "transfer"


class LossCash(StrEnum):
    """Money about a loss that was indemnified: from or to the insurer, or recovered late."""

    INSURER = "insurer"
    RECOVERY = "recovery"


#: Applications that are taken back where they were made, and pay no invoice.
APART = frozenset({*(one.value for one in OwnMeans), *(one.value for one in LossCash)})


class ReasonCode(StrEnum):
    """Why a proposal is made; each has a sentence at the edge."""

    REFERENCE = "match_reference"
    STRUCTURED_REFERENCE = "match_structured_reference"
    EXACT_AMOUNT = "match_exact_amount"
    SUM_OF_INVOICES = "match_sum"
    CREDIT_NOTES_NETTED = "match_credit_notes"
    PAYER_IBAN = "match_payer_iban"
    PAYER_NAME = "match_payer_name"
    PAYER_SHARED = "match_payer_shared"
    OLDEST_FIRST = "match_oldest_first"
    WHOLE_BALANCE = "match_whole_balance"
    ONLY_COMBINATION = "match_only_combination"
    SOME_COMBINATION = "match_some_combination"
    SHORT = "match_short"
    OVER = "match_over"
    DISCOUNT = "match_discount"
    TOLERATED = "match_tolerated"
    PARTIAL = "match_partial"
    AMBIGUOUS_NUMBER = "match_ambiguous_number"
    SEVERAL_SAME_AMOUNT = "match_same_amount"
    AMOUNT_ONLY = "match_amount_only"
    PAYER_ONLY = "match_payer_only"
    PAYER_DIFFERS = "match_payer_differs"
    KEPT_COVER = "match_kept_cover"
    OWN_MEANS = "own_means_reference"


@dataclass(frozen=True, slots=True)
class MatchReason:
    """One reason and the values its sentence speaks of (amounts in minor units)."""

    code: ReasonCode
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The stored form: the code beside its values."""
        return {"code": self.code.value, **self.params}


@dataclass(frozen=True, slots=True)
class Slot:
    """Part of an invoice in the order that unreferenced payments follow; see ``rules.kept``."""

    receivable_id: int
    number: str
    amount_minor: int
    is_covered: bool


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Money that came in and is not applied: ``amount_minor`` > 0 is what is left of it.

    ``by_iban`` and ``by_name`` are the debtors known under the payer's account and name. ``order``
    is what unreferenced payments pay first, of debtors whose invoices kept cover. ``said`` is what
    the payer calls a payment that may be short.
    """

    line_id: int
    amount_minor: int
    by_iban: frozenset[int] = frozenset()
    by_name: frozenset[int] = frozenset()
    order: Mapping[int, tuple[Slot, ...]] = field(default_factory=dict)
    said: Said | None = None

    @property
    def payers(self) -> frozenset[int]:
        """The debtors that may have paid; the account decides where it is known."""
        return self.by_iban or self.by_name


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open receivable the line may pay; ``open_minor`` is negative for credits.

    ``mentioned`` is the text in which the line names it, None when it does not.
    """

    receivable_id: int
    contract_id: int
    debtor_id: int
    number: str
    open_minor: int
    due_date: date
    mentioned: str | None = None
    structured: bool = False

    @property
    def order(self) -> tuple[date, str, int]:
        """Oldest first: due date, then number."""
        return (self.due_date, self.number, self.receivable_id)


@dataclass(frozen=True, slots=True)
class Allocation:
    """A part of the money for one receivable, signed as the receivable is.

    ``kept_minor`` of it uses up cover that the invoice kept.
    """

    receivable_id: int
    amount_minor: int
    kind: AllocationKind = AllocationKind.PAYMENT
    kept_minor: int = 0

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        return {
            "receivable_id": self.receivable_id, "amount_minor": self.amount_minor,
            "kind": self.kind.value, "kept_minor": self.kept_minor,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to do with a line. ``rest_minor`` of it stays unallocated."""

    allocations: tuple[Allocation, ...]
    rest_minor: int
    confidence: Decimal
    reasons: tuple[MatchReason, ...]

    @property
    def payment_minor(self) -> int:
        """The part of the line's money the allocations use."""
        return sum(
            allocation.amount_minor for allocation in self.allocations
            if allocation.kind is not AllocationKind.DIFFERENCE
        )  # fmt: skip
