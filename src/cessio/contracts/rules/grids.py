"""Fee grids: what each occurrence costs, flat or by rate, by amount from which it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cessio.contracts.rules.options import FeeKind
from cessio.kernel.errors import CessioError, Invalid
from cessio.kernel.money import MAX_MINOR, apply_rate

MAX_LINES = 60
#: Fees charged by themselves, because what they are for is known here. The others can be priced,
#: and are charged once what they are for is.
CHARGED = frozenset(
    {FeeKind.SETUP, FeeKind.ANNUAL, FeeKind.MONTHLY, FeeKind.DEBTOR_STUDY, FeeKind.COVER_REQUEST,
     FeeKind.REMITTANCE, FeeKind.PAYOUT, FeeKind.DISPUTE}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeeLine:
    """From a base of ``from_minor`` on, a fee costs ``flat_minor`` and ``rate`` of that base.

    Amounts before VAT, in the grid's currency. The line with the highest start that the base
    reaches holds for the whole of it: brackets, not slices.
    """

    kind: FeeKind
    from_minor: int = 0
    flat_minor: int = 0
    rate: Decimal = Decimal(0)

    def cost(self, base_minor: int) -> int:
        """What an occurrence of this base costs before VAT."""
        return self.flat_minor + apply_rate(base_minor, self.rate)


def line_for(lines: Sequence[FeeLine], kind: FeeKind, base_minor: int = 0) -> FeeLine | None:
    """The line that holds for an occurrence; None when the grid does not price it."""
    reached = [line for line in lines if line.kind is kind and line.from_minor <= base_minor]
    return max(reached, key=lambda one: one.from_minor, default=None)


def fee_of(lines: Sequence[FeeLine], kind: FeeKind, base_minor: int = 0) -> int | None:
    """What an occurrence costs before VAT; None when the grid does not price it."""
    line = line_for(lines, kind, base_minor)
    return None if line is None else line.cost(base_minor)


def in_order(lines: Sequence[FeeLine]) -> tuple[FeeLine, ...]:
    """Lines by kind as the trade lists them, then by start."""
    kinds = list(FeeKind)
    return tuple(sorted(lines, key=lambda one: (kinds.index(one.kind), one.from_minor)))


def grid_problems(lines: Sequence[FeeLine]) -> list[CessioError]:
    """Everything wrong with a grid."""
    faults: list[CessioError] = []
    if not lines:
        faults.append(Invalid("grid_empty", "a grid has at least one line"))
    if len(lines) > MAX_LINES:
        faults.append(Invalid("grid_long", "a grid has at most {most} lines", most=MAX_LINES))
    seen: set[tuple[FeeKind, int]] = set()
    for line in lines:
        if (line.kind, line.from_minor) in seen:
            faults.append(Invalid("tier_twice", "{kind} has two lines from {from_minor}",
                                  kind=line.kind, from_minor=line.from_minor))  # fmt: skip
        seen.add((line.kind, line.from_minor))
        amounts = (line.from_minor, line.flat_minor)
        if not all(0 <= one <= MAX_MINOR for one in amounts) or not 0 <= line.rate <= 1:
            faults.append(Invalid("tier_range", "a fee is zero or more, a rate at most 100 %"))
        if line.flat_minor == 0 and line.rate == 0 and line.from_minor == 0:
            faults.append(Invalid("tier_free", "{kind} costs nothing: leave it out",
                                  kind=line.kind))  # fmt: skip
    return faults
