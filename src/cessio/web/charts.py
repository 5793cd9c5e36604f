"""Geometry of small charts: exact numbers in, coordinates for SVG attributes out.

Every plot is 1000 × 100 units, stretched by the page; macros in ``components/charts.html`` draw it
and show the same numbers as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cessio.plumbing import formats

WIDTH, HEIGHT = 1000, 100


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a waterfall. ``kind``: start, plus, minus, sum or result."""

    label: str
    amount_minor: int
    kind: str = "minus"
    href: str | None = None
    term: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; ``tone`` is the class that paints it."""

    x: int
    y: int
    width: int
    height: int
    tone: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """The gridlines of an axis: position (0 at the top) and text."""

    lines: tuple[tuple[int, str], ...]
    zero: int


def waterfall(steps: Sequence[Step]) -> list[tuple[Step, Bar, int]]:
    """Each step with its bar and where the running total ends (x, for the connector)."""
    running, spans = 0, []
    for step in steps:
        if step.kind in ("start", "sum", "result"):
            running = step.amount_minor
            spans.append((min(0, running), max(0, running), running))
        else:
            after = running + step.amount_minor
            spans.append((min(running, after), max(running, after), after))
            running = after
    low = min([0, *(span[0] for span in spans)])
    high = max([1, *(span[1] for span in spans)])

    def place(value: int) -> int:
        return (value - low) * WIDTH // (high - low)

    drawn = []
    for step, (left, right, end) in zip(steps, spans, strict=True):
        tone = "neg" if step.kind in ("sum", "result") and end < 0 else _TONES[step.kind]
        drawn.append(
            (step, Bar(place(left), 0, max(2, place(right) - place(left)), 10, tone), place(end))
        )
    return drawn


_TONES = {"start": "sum", "sum": "sum", "result": "in", "plus": "in", "minus": "out"}


def nice_scale(low: int, high: int, lines: int = 4) -> tuple[int, int, int]:
    """Round bounds and step (minor units or any integers) that hold ``low`` to ``high``."""
    span = max(1, high - low)
    magnitude = 10 ** max(0, len(str(span // lines)) - 1)
    step = next(s * magnitude for s in (1, 2, 5, 10, 20) if s * magnitude * lines >= span)
    bottom = low // step * step
    top = -(-high // step) * step
    return bottom, max(top, bottom + step), step


def _scale(values: Sequence[int], currency: str | None) -> tuple[int, int, Scale]:
    bottom, top, step = nice_scale(min([0, *values]), max([0, *values]))
    lines = []
    for value in range(bottom, top + 1, step):
        y = HEIGHT - (value - bottom) * HEIGHT // (top - bottom)
        lines.append((y, short_amount(value) if currency else formats.number(value)))
    return bottom, top, Scale(tuple(reversed(lines)), HEIGHT + bottom * HEIGHT // (top - bottom))


def short_amount(minor: int) -> str:
    """An amount for an axis: ``120 k``, ``1,5 M``, in units of the currency."""
    units = Decimal(minor) / 100
    for size, suffix in ((Decimal(10**6), "M"), (Decimal(10**3), "k")):
        if abs(units) >= size:
            scaled = (units / size).normalize()
            return (
                formats.number(scaled, 0 if scaled == scaled.to_integral() else 1)
                + formats.NNBSP
                + suffix
            )
    return formats.number(units, 0)


def bars(values: Sequence[int], *, currency: str | None = "EUR") -> tuple[list[Bar], Scale]:
    """Vertical bars on a scale that includes zero."""
    bottom, top, scale = _scale(values, currency)
    slot = WIDTH // max(1, len(values))
    width = max(2, min(slot * 7 // 10, 90))
    drawn = []
    for i, value in enumerate(values):
        size = abs(value) * HEIGHT // (top - bottom)
        y = scale.zero - size if value >= 0 else scale.zero
        tone = "neg" if value < 0 else "in"
        drawn.append(
            Bar(i * slot + (slot - width) // 2, y, width, max(size, 1 if value else 0), tone)
        )
    return drawn, scale


def lines(
    series: Sequence[Sequence[int]], *, currency: str | None = "EUR"
) -> tuple[list[str], Scale]:
    """One ``points`` attribute per series, on a common scale that includes zero."""
    bottom, top, scale = _scale([value for one in series for value in one], currency)
    return [_points(one, bottom, top) for one in series], scale


def _points(values: Sequence[int], bottom: int, top: int) -> str:
    last = max(1, len(values) - 1)
    return " ".join(
        f"{i * WIDTH // last},{HEIGHT - (value - bottom) * HEIGHT // (top - bottom)}"
        for i, value in enumerate(values)
    )


def spark(values: Sequence[int]) -> str:
    """The ``points`` of a line without axis, filling its box."""
    low, high = min(values, default=0), max(values, default=0)
    return _points(values, low, max(high, low + 1))


def share(part: int, whole: int) -> tuple[int, bool]:
    """How much of 1000 units a part fills, and whether it goes over the whole."""
    if whole <= 0:
        return (WIDTH if part > 0 else 0), part > 0
    return max(0, min(WIDTH, part * WIDTH // whole)), part > whole
