"""Which receivables add up to an amount: oldest first, or the only combination there is."""

from __future__ import annotations

from collections.abc import Sequence

from cessio.cash.rules.facts import Candidate

#: More open receivables than this are not searched for combinations: too many would exist.
MAX_CANDIDATES = 24
MAX_STEPS = 50_000


def oldest_first(
    candidates: Sequence[Candidate], amount_minor: int
) -> tuple[Candidate, ...] | None:
    """The run of oldest receivables (credits included) that sums to the amount exactly."""
    total = 0
    for count, candidate in enumerate(sorted(candidates, key=lambda c: c.order), start=1):
        total += candidate.open_minor
        if total == amount_minor:
            return tuple(sorted(candidates, key=lambda c: c.order)[:count])
    return None


def subset_of(
    candidates: Sequence[Candidate], amount_minor: int
) -> tuple[tuple[Candidate, ...], bool] | None:
    """A combination that sums to the amount, and whether it is the only one.

    None when there is none, or when the search would be too long to be worth anything: with many
    receivables nearly every amount is some sum of them.
    """
    if len(candidates) > MAX_CANDIDATES:
        return None
    ordered = sorted(candidates, key=lambda c: c.order)
    rest_up = [0] * (len(ordered) + 1)
    rest_down = [0] * (len(ordered) + 1)
    for i in range(len(ordered) - 1, -1, -1):
        rest_up[i] = rest_up[i + 1] + max(0, ordered[i].open_minor)
        rest_down[i] = rest_down[i + 1] + min(0, ordered[i].open_minor)
    found: list[tuple[Candidate, ...]] = []
    steps = 0
    stack: list[tuple[int, int, tuple[Candidate, ...]]] = [(0, amount_minor, ())]
    while stack and len(found) < 2:
        steps += 1
        if steps > MAX_STEPS:
            return None
        place, left, chosen = stack.pop()
        if left == 0 and chosen:
            found.append(chosen)
            continue
        if place == len(ordered) or not rest_down[place] <= left <= rest_up[place]:
            continue
        stack.append((place + 1, left, chosen))
        one = ordered[place]
        stack.append((place + 1, left - one.open_minor, (*chosen, one)))
    return (found[0], len(found) == 1) if found else None
