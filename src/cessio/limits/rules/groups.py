"""Caps over a group: the limits of its companies together may not exceed them.

A cap takes no cover from any invoice: it bounds what may be *decided* (decision record 14). The
sum is of limits in force, not of what they are used for, since a limit given may be used at any
time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemberLimit:
    """A limit in force on a company of the group under one contract, and its use."""

    contract_id: int
    debtor_id: int
    limit_minor: int
    used_minor: int = 0


@dataclass(frozen=True, slots=True)
class GroupUse:
    """A cap, the limits granted under it, and what they are used for."""

    cap_minor: int
    granted_minor: int
    used_minor: int

    @property
    def room_minor(self) -> int:
        """What may still be granted."""
        return max(0, self.cap_minor - self.granted_minor)

    @property
    def excess_minor(self) -> int:
        """What is granted beyond the cap."""
        return max(0, self.granted_minor - self.cap_minor)


def group_use(cap_minor: int, members: Iterable[MemberLimit]) -> GroupUse:
    """How a cap is taken up by the limits of its members."""
    limits = list(members)
    return GroupUse(
        cap_minor,
        sum(member.limit_minor for member in limits),
        sum(member.used_minor for member in limits),
    )


def beyond_cap(
    cap_minor: int, members: Iterable[MemberLimit], *, contract_id: int, debtor_id: int,
    after_minor: int,
) -> int:  # fmt: skip
    """By how much a member's limit would take the group beyond its cap.

    Zero when it fits, and for a limit that is not raised: a cut is never refused, even while the
    group is beyond its cap.
    """
    limits = list(members)
    pair = (contract_id, debtor_id)
    before = sum(one.limit_minor for one in limits if (one.contract_id, one.debtor_id) == pair)
    if after_minor <= before:
        return 0
    granted = sum(one.limit_minor for one in limits) - before + after_minor
    return max(0, granted - cap_minor)
