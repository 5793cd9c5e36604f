"""What an availability is computed from, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cessio.contracts.rules import IneligibleReason, ReserveKind


@dataclass(frozen=True, slots=True)
class DebtorFacts:
    """One debtor under one contract.

    ``outstanding_minor`` is signed: open invoices less credit notes and credits on account.
    ``ineligible`` sums its receivables' ineligible euros by reason, in the contract's order.
    ``funding_limit_minor`` None means unlimited.
    """

    debtor_id: int
    outstanding_minor: int
    ineligible: tuple[tuple[IneligibleReason, int], ...] = ()
    funding_limit_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """An amount withheld from the contract as a whole."""

    kind: ReserveKind
    amount_minor: int


@dataclass(frozen=True, slots=True)
class AvailabilityFacts:
    """One contract's book on a date.

    ``current_account_minor`` is positive when we owe the client; ``retention_minor`` is what the
    fund holds; ``drawings_net_minor`` are drawdowns less debtors' payments. All three follow from
    the ledger.
    """

    current_account_minor: int
    retention_minor: int
    drawings_net_minor: int
    debtors: tuple[DebtorFacts, ...]
    reserves: tuple[Reserve, ...] = ()


class LineKind(StrEnum):
    """A step from the outstanding to the availability, in order of display."""

    OUTSTANDING = "outstanding"
    CURRENT_ACCOUNT = "current_account"
    CREDIT_BALANCE = "credit_balance"  # debtors we owe: they lend no room to others
    INELIGIBLE = "ineligible"
    OVER_LIMIT = "over_limit"
    CONCENTRATION = "concentration"
    ADVANCE_MARGIN = "advance_margin"
    RESERVE = "reserve"
    RETENTION_FUND = "retention_fund"
    CHARGES = "charges"  # commissions, interest and what else was debited
    DRAWINGS = "drawings"


#: Lines that receivables stand behind: opened debtor by debtor, then invoice by invoice.
BY_RECEIVABLE = frozenset(
    {LineKind.CREDIT_BALANCE, LineKind.INELIGIBLE, LineKind.OVER_LIMIT, LineKind.CONCENTRATION}
)


@dataclass(frozen=True, slots=True)
class Part:
    """A debtor's share of a line."""

    debtor_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """A signed step of the explanation; ``parts`` add up to it where debtors stand behind it."""

    kind: LineKind
    amount_minor: int
    reason: IneligibleReason | ReserveKind | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class DebtorAvailability:
    """How much of a debtor may be funded, and what takes the rest away."""

    debtor_id: int
    outstanding_minor: int
    ineligible: tuple[tuple[IneligibleReason, int], ...]
    eligible_minor: int
    within_limit_minor: int
    fundable_minor: int
    funding_limit_minor: int | None

    @property
    def ineligible_minor(self) -> int:
        """Ineligible euros that credits did not already take out of the outstanding."""
        return sum(amount for _, amount in self.ineligible)

    @property
    def over_limit_minor(self) -> int:
        """Eligible beyond the funding limit."""
        return self.eligible_minor - self.within_limit_minor

    @property
    def concentration_minor(self) -> int:
        """Within the limit and beyond the share one debtor may have."""
        return self.within_limit_minor - self.fundable_minor

    @property
    def credit_minor(self) -> int:
        """What we owe this debtor when its credits exceed its invoices."""
        return max(0, -self.outstanding_minor)


@dataclass(frozen=True, slots=True)
class Availability:
    """What a client may draw now, and every line that leads to it. Names as in domain.md §2."""

    outstanding_minor: int
    current_account_minor: int
    eligible_minor: int
    within_limits_minor: int
    concentration_cap_minor: int | None
    fundable_minor: int
    advance_minor: int
    reserves_minor: int
    retention_minor: int
    drawings_net_minor: int
    facility_room_minor: int
    debtors: tuple[DebtorAvailability, ...]
    lines: tuple[Line, ...]
    most_payable_minor: int | None = None  # what leaves room for its own commission taken at once

    @property
    def funds_in_use_minor(self) -> int:
        """FIU = O − CC: what the client has had, fees and retention fund included."""
        return self.outstanding_minor - self.current_account_minor

    @property
    def non_fundable_minor(self) -> int:
        """NF = O − F."""
        return self.outstanding_minor - self.fundable_minor

    @property
    def available_minor(self) -> int:
        """The disponible, advance view: what may be advanced − reserves − funds in use."""
        return self.advance_minor - self.reserves_minor - self.funds_in_use_minor

    @property
    def available_by_account_minor(self) -> int:
        """The disponible, account view: CC − NF − what the rate does not advance − reserves."""
        margin = self.fundable_minor - self.advance_minor
        return (self.current_account_minor - self.non_fundable_minor - margin
                - self.reserves_minor)  # fmt: skip

    @property
    def withheld_minor(self) -> int:
        """What invoices are withheld for, whatever the reason; each opens invoice by invoice."""
        return -sum(
            line.amount_minor for line in self.lines
            if line.kind in BY_RECEIVABLE and line.amount_minor < 0
        )  # fmt: skip

    @property
    def payable_now_minor(self) -> int:
        """What may be paid out now: the disponible within the facility, never negative.

        Less the commission that drawing it would cost at once, where the contract takes it then.
        """
        most = max(0, min(self.available_minor, self.facility_room_minor))
        return most if self.most_payable_minor is None else min(most, self.most_payable_minor)

    def figures(self) -> dict[str, int]:
        """The main amounts by name, to be stored with a decision or a snapshot."""
        return {
            "outstanding_minor": self.outstanding_minor,
            "current_account_minor": self.current_account_minor,
            "funds_in_use_minor": self.funds_in_use_minor,
            "fundable_minor": self.fundable_minor,
            "non_fundable_minor": self.non_fundable_minor,
            "advance_minor": self.advance_minor,
            "reserves_minor": self.reserves_minor,
            "available_minor": self.available_minor,
            "facility_room_minor": self.facility_room_minor,
            "payable_now_minor": self.payable_now_minor,
        }

    @property
    def account_lines(self) -> tuple[Line, ...]:
        """The same explanation from the current account's balance instead of the outstanding."""
        dropped = (LineKind.OUTSTANDING, LineKind.DRAWINGS, LineKind.CHARGES,
                   LineKind.RETENTION_FUND)  # fmt: skip
        start = Line(LineKind.CURRENT_ACCOUNT, self.current_account_minor)
        return (start, *(line for line in self.lines if line.kind not in dropped))
