"""Does screening find what it must? Planted names by kind of change, and honest names beside.

EBA/GL/2024/14 and 15 ask for this test every year: run it with ``-s`` (or ``make faults``) for the
figures. The small set runs always, several large ones in the long tests.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from cessio.screening.rules import Listed, ListedKind, ListIndex, Settings
from tests.screening.names import VARIANTS, honest, listed

#: Of a thousand planted names, by what was changed, at least so many are found.
LEAST = {"two slips": 700, "one slip": 930, "transliteration": 930}
LEAST_OF_ANY, LEAST_OF_ALL = 950, 960
MOST_ALERTS_PER_THOUSAND = 5


def measured(seed: int, *, entries: int, each: int, clean: int) -> tuple[Counter[str], int]:
    """How many planted names of each kind were found, and how many honest names alert."""
    rng = Random(seed)
    names = [listed(rng) for _ in range(entries)]
    index = ListIndex(
        (at, Listed(str(at), ListedKind.PERSON, (name,))) for at, name in enumerate(names)
    )
    threshold = Settings().threshold
    found: Counter[str] = Counter()
    for kind, change in VARIANTS.items():
        for _ in range(each):
            at = rng.randrange(entries)
            written = change(rng, names[at])
            hits = {one.alias for one in index.find(written, threshold=threshold)}
            found[kind] += names[at] in hits
    alerts = sum(bool(index.find(honest(rng), threshold=threshold)) for _ in range(clean))
    return found, alerts


def told(found: Counter[str], alerts: int, *, each: int, clean: int) -> str:
    lines = [f"  {kind:16} {found[kind]:5} of {each}" for kind in VARIANTS]
    lines.append(f"  {'alerts':16} {alerts:5} of {clean} honest names")
    return "\n".join(["", *lines])


def check(found: Counter[str], alerts: int, *, each: int, clean: int) -> None:
    figures = told(found, alerts, each=each, clean=clean)
    print(figures)
    for kind in VARIANTS:
        assert 1000 * found[kind] >= LEAST.get(kind, LEAST_OF_ANY) * each, (kind, figures)
    assert 1000 * found.total() >= LEAST_OF_ALL * each * len(VARIANTS), figures
    assert 1000 * alerts <= MOST_ALERTS_PER_THOUSAND * clean, figures


def test_planted_names_are_found_and_honest_ones_seldom_disturb() -> None:
    size = {"each": 100, "clean": 2000}
    check(*measured(7, entries=1000, **size), **size)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_the_same_against_a_large_list(seed: int) -> None:
    size = {"each": 300, "clean": 10_000}
    check(*measured(100 + seed, entries=20_000, **size), **size)
