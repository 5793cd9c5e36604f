"""Every ineligible euro of a debtor's groups to its first reason, in the contract's order.

The same answer as ``receivables.rules.attribute`` gives invoice by invoice (a test proves it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from cessio.contracts.rules import IneligibleReason, Terms

#: What dates alone decide, and its bit in a group's mask.
DATED = (
    IneligibleReason.OVERDUE,
    IneligibleReason.TOO_OLD,
    IneligibleReason.TERM_TOO_LONG,
    IneligibleReason.NOT_YET_DELIVERED,
)
_OVERDUE_BIT = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Open euros of one debtor alike in what is ineligible about them.

    ``invoices_minor`` > 0, ``credits_minor`` < 0; the mask's first bit is set past the contract's
    overdue days. A marked invoice (in dispute, held) is a group of its own.
    """

    debtor_id: int
    mask: int
    invoices_minor: int
    credits_minor: int
    disputed_minor: int = 0
    flags: frozenset[IneligibleReason] = frozenset()


def attribute_groups(
    groups: Sequence[Group],
    terms: Terms,
    *,
    debtor_flags: frozenset[IneligibleReason],
    contra_minor: int = 0,
) -> tuple[tuple[IneligibleReason, int], ...]:
    """One debtor's ineligible euros by reason, in the contract's order.

    ``debtor_flags`` are the reasons that catch the whole debtor (insolvent, excluded, related).
    """
    if not (debtor_flags or contra_minor or any(map(_may_be_caught, groups))):
        return ()  # most debtors
    caught: dict[IneligibleReason, int] = {}
    for reasons in attribute_each(
        groups, terms, debtor_flags=debtor_flags, contra_minor=contra_minor
    ):
        for reason, amount in reasons:
            caught[reason] = caught.get(reason, 0) + amount
    return tuple(
        (reason, caught[reason]) for reason in terms.ineligible_reasons if reason in caught
    )


def attribute_each(
    groups: Sequence[Group],
    terms: Terms,
    *,
    debtor_flags: frozenset[IneligibleReason],
    contra_minor: int = 0,
) -> Iterator[tuple[tuple[IneligibleReason, int], ...]]:
    """The ineligible euros of each group of one debtor; ``attribute_groups`` is their sum."""
    cross_aged = _is_cross_aged(groups, terms)
    overdue_counts = terms.overdue_days_ineligible is not None
    whole = bool(debtor_flags or cross_aged)
    for group in groups:
        if not (whole or contra_minor or _may_be_caught(group)):
            yield ()
            continue
        left, caught = group.invoices_minor, []
        if not overdue_counts:  # then the bit serves cross-ageing alone
            group = replace(group, mask=group.mask & ~_OVERDUE_BIT)
        for reason in terms.ineligible_reasons:
            amount = min(left, _caught(reason, group, debtor_flags, cross_aged, contra_minor))
            if amount > 0:
                caught.append((reason, amount))
                left -= amount
                contra_minor -= amount if reason is IneligibleReason.CONTRA else 0
        yield tuple(caught)


def _caught(
    reason: IneligibleReason,
    group: Group,
    debtor_flags: frozenset[IneligibleReason],
    cross_aged: bool,
    contra_minor: int,
) -> int:
    if reason is IneligibleReason.DISPUTED:
        return group.disputed_minor
    if reason is IneligibleReason.CONTRA:
        return contra_minor
    if reason is IneligibleReason.CROSS_AGED:
        return group.invoices_minor if cross_aged else 0
    dated = reason in DATED and group.mask & (1 << DATED.index(reason))
    applies = dated or reason in group.flags or reason in debtor_flags
    return group.invoices_minor if applies else 0


def _is_cross_aged(groups: Iterable[Group], terms: Terms) -> bool:
    if terms.cross_ageing_rate is None:
        return False
    total = sum(group.invoices_minor for group in groups)
    overdue = sum(group.invoices_minor for group in groups if group.mask & _OVERDUE_BIT)
    return total > 0 and Fraction(overdue, total) >= Fraction(terms.cross_ageing_rate)


def _may_be_caught(group: Group) -> bool:
    return bool(group.mask or group.flags or group.disputed_minor)
