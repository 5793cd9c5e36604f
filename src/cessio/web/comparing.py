"""Two availabilities side by side: what moved, line by line, and that it adds up."""

from __future__ import annotations

from dataclasses import dataclass

from cessio.funding.rules import Availability, Line
from cessio.plumbing.i18n import gettext as _
from cessio.web import explaining


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line of the explanation before and after; ``href`` opens its invoices of today."""

    words: str
    before_minor: int
    after_minor: int
    href: str | None = None
    is_result: bool = False

    @property
    def delta_minor(self) -> int:
        """What it adds to the availability, or takes."""
        return self.after_minor - self.before_minor


def compared(
    before: Availability, after: Availability, *, lines_url: str | None = None
) -> tuple[LineChange, ...]:
    """Every line that either has, in order of display, and the availability they lead to."""
    old, new = ({_key(line): line for line in found.lines} for found in (before, after))
    rows = [
        LineChange(
            explaining.words(new.get(key) or old[key]),
            old[key].amount_minor if key in old else 0,
            new[key].amount_minor if key in new else 0,
            explaining.href(new[key], lines_url) if lines_url and key in new else None,
        )
        for key in _keys(before, after)
    ]
    result = LineChange(
        _("Available"), before.available_minor, after.available_minor, is_result=True
    )
    return (*rows, result)


def _key(line: Line) -> tuple[str, str]:
    return line.kind.value, line.reason.value if line.reason is not None else ""


def _keys(before: Availability, after: Availability) -> list[tuple[str, str]]:
    """Keys of both, those of the second first in their order, the gone ones after their kind."""
    order = [_key(line) for line in after.lines]
    for line in before.lines:
        if _key(line) not in order:
            order.append(_key(line))
    kinds = list(type(after.lines[0].kind))
    return sorted(order, key=lambda key: [kind.value for kind in kinds].index(key[0]))
