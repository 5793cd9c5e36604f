"""A contract over days: the series of a chart, drawn from what was kept at each day's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from cessio.funding.queries import KeptDay
from cessio.funding.rules import Availability
from cessio.plumbing import formats
from cessio.web.render import _

#: How far back one may look, in months.
SPANS = (1, 3, 12)


@dataclass(frozen=True, slots=True)
class Evolution:
    """Days and series in minor units; ``opens`` is where a day is looked at closely."""

    days: list[date]
    series: list[tuple[str, list[int]]]
    currency: str
    opens: str

    @property
    def labels(self) -> list[str]:
        """The days, as a reader writes them."""
        return [formats.date(day) for day in self.days]

    @property
    def json(self) -> str:
        """What the script draws from."""
        said = {
            "days": self.days, "currency": self.currency, "opens": self.opens,
            "series": [{"name": name, "values": values} for name, values in self.series],
        }  # fmt: skip
        return msgspec.json.encode(said).decode()


def evolution(
    days: Sequence[KeptDay], now: Availability, *, on: date, currency: str, opens: str
) -> Evolution:
    """Outstanding, drawn, withheld and what could be drawn by day; the last point is now."""
    before = [one for one in days if one.on < on]
    series = [
        (_("Outstanding"), [*(one.outstanding_minor for one in before), now.outstanding_minor]),
        (_("Drawn"), [*(one.drawings_net_minor for one in before), now.drawings_net_minor]),
        (_("Withheld"), [*(one.withheld_minor for one in before), now.withheld_minor]),
        (_("Available"), [*(one.payable_minor for one in before), now.payable_now_minor]),
    ]
    return Evolution([*(one.on for one in before), on], series, currency, opens)
