"""Charts draw exactly the numbers they are given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cessio.plumbing.i18n import use_language
from cessio.web import charts
from cessio.web.charts import Step


def test_a_waterfall_goes_down_from_the_outstanding_to_the_availability() -> None:
    steps = [
        Step("O", 230, "start"),
        Step("-", -78, "minus"),
        Step("F", 152, "sum"),
        Step("R", 152, "result"),
    ]
    drawn = charts.waterfall(steps)
    assert [bar.x for _, bar, _ in drawn] == [0, 152 * 1000 // 230, 0, 0]
    assert drawn[1][1].x + drawn[1][1].width == 1000
    assert [bar.tone for _, bar, _ in drawn] == ["sum", "out", "sum", "in"]


def test_a_negative_availability_is_drawn_left_of_zero_and_named_so() -> None:
    steps = [Step("O", 100, "start"), Step("-", -150, "minus"), Step("R", -50, "result")]
    drawn = charts.waterfall(steps)
    assert drawn[2][1].tone == "neg"
    assert drawn[2][1].x == 0
    assert drawn[0][1].x == 1000 * 50 // 150


@given(st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=40))
def test_bars_and_lines_stay_inside_their_box(values: list[int]) -> None:
    drawn, scale = charts.bars(values)
    assert all(0 <= bar.y <= 100 and bar.y + bar.height <= 101 for bar in drawn)
    assert all(0 <= y <= 100 for y, _ in scale.lines)
    [points], _ = charts.lines([values])
    for point in points.split():
        x, y = map(int, point.split(","))
        assert 0 <= x <= 1000
        assert 0 <= y <= 100
    assert len(scale.lines) <= 8


@given(st.integers(-(10**13), 10**13), st.integers(0, 10**13))
def test_a_scale_is_round_and_holds_its_values(low: int, span: int) -> None:
    bottom, top, step = charts.nice_scale(low, low + span)
    assert bottom <= low
    assert low + span <= top
    assert bottom % step == top % step == 0
    assert (top - bottom) // step <= 7


def test_axes_are_short() -> None:
    with use_language("fr"):
        assert charts.short_amount(12000000) == "120\u202fk"
        assert charts.short_amount(150000000) == "1,5\u202fM"
        assert charts.short_amount(-500000) == "\u22125\u202fk"
        assert charts.short_amount(0) == "0"


def test_a_share_never_leaves_its_bar() -> None:
    assert charts.share(50, 100) == (500, False)
    assert charts.share(150, 100) == (1000, True)
    assert charts.share(1, 0) == (1000, True)
    assert charts.share(0, 0) == (0, False)
    assert charts.share(-5, 100) == (0, False)


def test_an_empty_series_draws_nothing() -> None:
    assert charts.bars([])[0] == []
    assert charts.lines([[]])[0] == [""]
    assert charts.spark([]) == ""
