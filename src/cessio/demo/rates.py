"""Reference rates of the demonstration: invented, near what was published in those years."""

from __future__ import annotations

from datetime import date
from random import Random

from cessio.contracts.rules import IndexName
from cessio.kernel.calendar import half_year

SOURCE = "valeur inventée pour la démonstration"

#: Thousandths of a percent at the start, and how far a day may move them.
_STARTS = {IndexName.EURIBOR_3M: 2_080, IndexName.ESTR: 1_925}
#: The legal interest rate of each half-year, thousandths of a percent.
_LEGAL = 3_710
_REFI = ((date(2000, 1, 1), 2_650), (date(2025, 3, 12), 2_650), (date(2025, 4, 23), 2_400),
         (date(2025, 6, 11), 2_150))  # fmt: skip


class Rates:
    """Daily values, each made from the day before."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._now = dict(_STARTS)
        self._halves: set[date] = set()

    def csv(self, *days: date) -> bytes:
        """The file of some days' values, as the treasury imports it."""
        lines = [line for on in days for line in self._lines(on)]
        halves = sorted({half_year(on).start for on in days} - self._halves)
        self._halves.update(halves)
        lines += [f"{on};{IndexName.LEGAL};{_percent(_LEGAL)};{SOURCE}" for on in halves]
        return "\n".join(["date;index;rate;source", *lines]).encode()

    def _lines(self, on: date) -> list[str]:
        for index, value in self._now.items():
            pull = (_STARTS[index] - value) // 40
            self._now[index] = value + self._rng.randrange(-9, 10) + pull
        refi = max((row for row in _REFI if row[0] <= on), default=_REFI[0])[1]
        values = {**self._now, IndexName.ECB_REFI: refi}
        return [f"{on};{index};{_percent(value)};{SOURCE}" for index, value in values.items()]


def _percent(thousandths: int) -> str:
    whole, rest = divmod(thousandths, 1000)
    return f"{whole},{rest:03d}"
