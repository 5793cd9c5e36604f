"""Amounts and dates as people write them, read column by column without a guess.

How a column writes its decimals and the order of its dates follow from all of its values; a value
that does not fit is a fault of its line, never something else silently.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from cessio.kernel.money import MAX_MINOR
from cessio.plumbing.deferred import deferred

if TYPE_CHECKING:
    import polars as pl
else:
    pl = deferred("polars")


_SPACES = r"[\s\u00a0\u202f\u2009\u2007\u2060'’`]"
#: A space that parts digits otherwise than in groups of three: ``12 34`` is no amount.
_TORN = rf"([0-9]){_SPACES}+([0-9]{{1,2}}(?:[^0-9]|$)|[0-9]{{4}})"
_CURRENCY = r"(?i)(eur|euros?|€|usd|us\$|\$|gbp|£|chf|fr\.|ttc|ht)"
_MINUS = r"[\u2212\u2013\u2012\ufe63\uff0d]"


class Decimals(StrEnum):
    """The sign that a column writes before its decimals."""

    COMMA = ","
    POINT = "."


class DateOrder(StrEnum):
    """In what order a column writes day, month and year."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


def _shapes(values: pl.Series) -> pl.Series:
    """The different ways a column is written, each digit as 9: few, however long the column."""
    return values.drop_nulls().str.replace_all(r"[0-9]", "9").unique()


#: What is taken off an amount, in order; a pass over the column is made only where it is needed.
_PASSES = (
    (_MINUS, "-"), (_TORN, "$1?$2"), (_SPACES, ""), (_CURRENCY, ""), (r"^\((.+)\)$", "-$1"),
    (r"^([^-]+)-$", "-$1"), (r"^\+", ""),
)  # fmt: skip


def _signs(values: pl.Series, shapes: pl.Series) -> pl.Series:
    """Amounts without spaces and currency, their sign in front as a plain minus."""
    for pattern, replacement in _PASSES:
        if shapes.str.contains(pattern).any():
            values = values.str.replace_all(pattern, replacement)
            shapes = shapes.str.replace_all(pattern, replacement)
    return values


def decimals_of(values: pl.Series) -> tuple[Decimals | None, bool]:
    """The decimal sign of a column of amounts, and whether the column contradicts itself.

    ``None`` when nothing tells: whole amounts, or groups of three digits only.
    """
    shapes = _shapes(values)
    texts = _signs(shapes, shapes)
    mixed = texts.str.contains(r"[.].*,|,.*[.]") & ~_grouped_twice(texts)
    votes = pl.concat(
        [
            texts.filter(mixed).str.extract(r"9([.,])9*$"),
            texts.str.extract(r"^-?9*([.,])(?:9{1,2}|9{4,})$"),
            texts.str.extract(r"^-?9{4,}([.,])9+$"),
            values.str.extract(r"^[^0-9]*0([.,])[0-9]").unique(),  # a zero is no group
        ]
    )
    comma, point = int((votes == ",").sum()), int((votes == ".").sum())
    if comma == point == 0:
        return None, False
    return (Decimals.COMMA if comma >= point else Decimals.POINT), comma > 0 and point > 0


def _grouped_twice(texts: pl.Series) -> pl.Series:
    """``1,234,567``: one sign more than once can only group."""
    return texts.str.contains(r"^-?9{1,3}(?:(?:,9{3}){2,}|(?:\.9{3}){2,})$")


def read_amounts(
    values: pl.Series, decimals: Decimals | None, digits: int, *, torn: bool = False
) -> tuple[pl.Series, pl.Series]:
    """Minor units of a column of amounts, and the fault of each that is not one.

    ``torn``: the column writes decimals in two ways; each amount that can be read in one way only
    is, the others are ambiguous. Faults: ``amount_unreadable``, ``amount_ambiguous``,
    ``amount_too_precise``, ``amount_too_large``.
    """
    text = _signs(values, _shapes(values))
    readable, point_form, ambiguous = (
        _in_one_way(text) if torn else _in_the_way(text, decimals)
    )  # fmt: skip
    cut = point_form.str.strip_prefix("-").str.split_exact(".", 1).struct.unnest()
    parts = pl.DataFrame(
        {
            "given": values.is_not_null(), "readable": readable.fill_null(False),
            "ambiguous": ambiguous.fill_null(False),
            "negative": point_form.str.starts_with("-"),
            "whole": cut["field_0"].str.strip_chars_start("0"),
            "after": cut["field_1"].str.strip_chars_end("0").fill_null(""),
        }
    )  # fmt: skip
    precise = pl.col("after").str.len_bytes() <= digits
    fits = pl.col("whole").str.len_bytes() <= len(str(MAX_MINOR)) - digits
    judged = parts.with_columns(
        pl.when(~pl.col("given")).then(None)
        .when("ambiguous").then(pl.lit("amount_ambiguous"))
        .when(~pl.col("readable")).then(pl.lit("amount_unreadable"))
        .when(~precise).then(pl.lit("amount_too_precise"))
        .when(~fits).then(pl.lit("amount_too_large"))
        .alias("fault")
    )  # fmt: skip
    size = pl.concat_str("whole", pl.col("after").str.pad_end(digits, "0"))
    amounts = judged.with_columns(
        pl.when(pl.col("given") & pl.col("fault").is_null())
        .then(size.cast(pl.Int64, strict=False) * (1 - 2 * pl.col("negative").cast(pl.Int64)))
        .alias("minor")
    )
    return amounts["minor"], amounts["fault"]


def _is_written(text: pl.Series, mark: Decimals) -> pl.Series:
    """Whether amounts can be read with this sign before their decimals."""
    other = "," if mark is Decimals.POINT else "."
    groups = rf"[1-9][0-9]{{0,2}}(?:\{other}[0-9]{{3}})+"
    return text.str.contains(rf"^-?(?:{groups}|[0-9]+)(?:\{mark}[0-9]+)?$")


def _with_point(text: pl.Series, mark: Decimals) -> pl.Series:
    """Amounts ungrouped, with a point before their decimals."""
    other = "," if mark is Decimals.POINT else "."
    ungrouped = text.str.replace_all(other, "", literal=True)
    return ungrouped.str.replace(mark, ".", literal=True)


def _in_the_way(
    text: pl.Series, decimals: Decimals | None
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Readable, form with a point, ambiguity, when the column has one way; without any, groups."""
    never = pl.repeat(False, len(text), eager=True)
    if decimals is not None:
        return _is_written(text, decimals), _with_point(text, decimals), never
    groups = text.str.contains(r"^-?[0-9]+$|^-?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?:\.[0-9]{3})+)$")
    return groups, text.str.replace_all(r"[.,]", ""), never


def _in_one_way(text: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Readable, form with a point, ambiguity, of amounts of which each tells its own way."""
    comma, point = _is_written(text, Decimals.COMMA), _is_written(text, Decimals.POINT)
    form = _with_point(text, Decimals.COMMA).zip_with(
        (comma & ~point).fill_null(False), _with_point(text, Decimals.POINT)
    )
    return comma | point, form, comma & point & text.str.contains(r"[.,]")


_MONTHS = {
    1: "janvier|janv|january|jan", 2: "fevrier|février|fevr|févr|fev|fév|february|feb",
    3: "mars|march|mar", 4: "avril|avr|april|apr", 5: "mai|may", 6: "juin|june|jun",
    7: "juillet|juil|july|jul", 8: "aout|août|august|aug", 9: "septembre|september|sept|sep",
    10: "octobre|october|oct", 11: "novembre|november|nov",
    12: "decembre|décembre|december|dec|déc",
}  # fmt: skip


def _spelled(text: pl.Series) -> pl.Series:
    """Dates with their month in digits: ``31 janv. 2026`` is ``31/1/2026``."""
    lower = text.str.to_lowercase()
    for month, names in _MONTHS.items():
        lower = lower.str.replace(rf"\b(?:{names})\b\.?", f" {month} ")
    return lower.str.replace_all(r"(\d)(?:er|st|nd|rd|th)\b", "$1")


def _parts(values: pl.Series) -> pl.DataFrame:
    """Each different date once, cut into three numbers ``a``, ``b``, ``c`` in the order written.

    ``spelled``: the month was a word, ``month_first``: and came first. Eight digits are cut where
    a year can be; a time of day is left out.
    """
    unique = values.drop_nulls().unique().alias("text")
    plain = unique.str.replace(r"[T ][0-9]{1,2}:[0-9:.]+(?:Z|[+-][0-9:]+)?$", "")
    spelled = plain.str.contains(r"\p{L}{3}")
    cut = plain.zip_with(~spelled, _spelled(plain)) if spelled.any() else plain
    cut = cut.str.replace_all(r"[\s,.\-/_]+", "/").str.strip_chars("/")
    cut = cut.str.replace(
        r"^((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$", "$1/$2/$3"
    ).str.replace(r"^([0-9]{2})([0-9]{2})((?:19|20)[0-9]{2})$", "$1/$2/$3")
    pattern = r"^([0-9]{1,4})/([0-9]{1,2})/([0-9]{1,4})$"
    return pl.DataFrame(
        {
            "text": unique, "spelled": spelled,
            "month_first": plain.str.contains(r"^\p{L}{3}"),
            "a": cut.str.extract(pattern, 1), "b": cut.str.extract(pattern, 2),
            "c": cut.str.extract(pattern, 3),
        }
    )  # fmt: skip


def date_order_of(values: pl.Series) -> tuple[DateOrder | None, bool]:
    """The order of a column of dates, and whether the column contradicts itself.

    ``None`` when days and months can not be told apart (all of them at most twelve).
    """
    parts = _parts(values)
    years_first = int(parts["a"].str.len_bytes().eq(4).sum())
    if years_first and years_first == parts["a"].drop_nulls().len():
        return DateOrder.YMD, False
    first, second = parts["a"].cast(pl.Int64), parts["b"].cast(pl.Int64)
    day_first = int(((first > 12) | (parts["spelled"] & ~parts["month_first"])).sum())
    month_first = int(((second > 12) | parts["month_first"]).sum())
    if day_first == month_first == 0:
        return None, False
    order = DateOrder.DMY if day_first >= month_first else DateOrder.MDY
    return order, day_first > 0 and month_first > 0


def read_dates(values: pl.Series, order: DateOrder) -> tuple[pl.Series, pl.Series]:
    """The dates of a column, and ``date_unreadable`` where there is none to be read.

    A year written first is one whatever the order; two digits of a year are of this century.
    """
    day, month, year = {
        DateOrder.DMY: ("a", "b", "c"), DateOrder.MDY: ("b", "a", "c"),
        DateOrder.YMD: ("c", "b", "a"),
    }[order]  # fmt: skip
    year_first = pl.col("a").str.len_bytes() == 4
    turned = _parts(values).select(
        "text",
        pl.when(year_first).then("c").otherwise(day).str.pad_start(2, "0").alias("day"),
        pl.when(year_first).then("b").otherwise(month).str.pad_start(2, "0").alias("month"),
        pl.when(year_first).then("a").otherwise(year).alias("year"),
    )
    whole = pl.when(pl.col("year").str.len_bytes() == 2).then(
        pl.concat_str(pl.lit("20"), "year")
    ).when(pl.col("year").str.len_bytes() == 4).then("year")  # fmt: skip
    iso = pl.concat_str(whole, "month", "day", separator="-").str.to_date("%Y-%m-%d", strict=False)
    dated = turned.select("text", iso.alias("on")).filter(
        pl.col("on").dt.year().is_between(1990, 2100)
    )
    found = pl.DataFrame({"text": values}).join(dated, on="text", how="left", maintain_order="left")
    unread = found["text"].is_not_null() & found["on"].is_null()
    return found["on"], pl.select(pl.when(unread).then(pl.lit("date_unreadable")).alias("f"))["f"]
