"""Amounts and dates as people write them, read column by column without a guess.

How a column writes its decimals and the order of its dates follow from all of its values; a value
that does not fit is a fault of its line, never something else silently.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from cessio.kernel.money import MAX_MINOR

_SPACES = r"[\s\u00a0\u202f\u2009\u2007\u2060'’`]"
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


def _signs(column: pl.Expr) -> pl.Expr:
    """An amount without spaces and currency, its sign in front as a plain minus."""
    text = (
        column.str.replace_all(_MINUS, "-")
        .str.replace_all(_SPACES, "")
        .str.replace_all(_CURRENCY, "")
    )
    text = text.str.replace(r"^\((.+)\)$", "-$1").str.replace(r"^([^-]+)-$", "-$1")
    return text.str.replace(r"^\+", "")


def decimals_of(values: pl.Series) -> tuple[Decimals | None, bool]:
    """The decimal sign of a column of amounts, and whether the column contradicts itself.

    ``None`` when nothing tells: whole amounts, or groups of three digits only.
    """
    texts = pl.DataFrame({"text": values.drop_nulls()}).select(_signs(pl.col("text")))["text"]
    both = texts.str.extract(r"[0-9]([.,])[0-9]*$")
    last = texts.filter(texts.str.contains(r"[.].*,|,.*[.]") & ~_grouped_twice(texts))
    ends = texts.str.extract(r"^-?[0-9]*([.,])(?:[0-9]{1,2}|[0-9]{4,})$")
    wide = texts.str.extract(r"^-?(?:[0-9]{4,}|0)([.,])[0-9]+$")
    votes = pl.concat([ends.drop_nulls(), wide.drop_nulls(), both.filter(
        texts.is_in(last.implode()))])  # fmt: skip
    comma, point = int((votes == ",").sum()), int((votes == ".").sum())
    if comma == point == 0:
        return None, False
    return (Decimals.COMMA if comma >= point else Decimals.POINT), comma > 0 and point > 0


def _grouped_twice(texts: pl.Series) -> pl.Series:
    """``1,234,567``: one sign more than once can only group."""
    return texts.str.contains(r"^-?[0-9]{1,3}(?:(?:,[0-9]{3}){2,}|(?:\.[0-9]{3}){2,})$")


def amount_columns(
    column: str, decimals: Decimals | None, digits: int, *, torn: bool = False
) -> list[pl.Expr]:
    """Expressions of ``<column>_minor`` and ``<column>_fault`` for a column of amounts.

    ``torn``: the column writes decimals in two ways; each amount that can be read in one way only
    is, the others are ambiguous. The fault is null, ``amount_unreadable``, ``amount_ambiguous``,
    ``amount_too_precise`` or ``amount_too_large``.
    """
    text = _signs(pl.col(column))
    readable, plain, ambiguous = _in_one_way(text) if torn else _in_the_way(text, decimals)
    negative = plain.str.starts_with("-")
    bare = plain.str.strip_prefix("-")
    whole = bare.str.extract(r"^0*([0-9]+?)(?:\.|$)")
    after = bare.str.extract(r"\.([0-9]+)$").fill_null("").str.strip_chars_end("0")
    fits = whole.str.len_bytes() <= len(str(MAX_MINOR)) - digits
    precise = after.str.len_bytes() <= digits
    minor = pl.concat_str(whole, after.str.pad_end(digits, "0")).cast(pl.Int64, strict=False)
    given = pl.col(column).is_not_null()
    sound = given & readable.fill_null(False) & whole.is_not_null()
    fault = (
        pl.when(given & ambiguous.fill_null(False)).then(pl.lit("amount_ambiguous"))
        .when(given & ~sound).then(pl.lit("amount_unreadable"))
        .when(given & ~precise).then(pl.lit("amount_too_precise"))
        .when(given & ~fits).then(pl.lit("amount_too_large"))
    )  # fmt: skip
    value = pl.when(sound & precise & fits & fault.is_null()).then(
        pl.when(negative).then(-minor).otherwise(minor)
    )
    return [value.alias(f"{column}_minor"), fault.alias(f"{column}_fault")]


def _is_written(text: pl.Expr, mark: Decimals) -> pl.Expr:
    """Whether an amount can be read with this sign before its decimals."""
    other = "," if mark is Decimals.POINT else "."
    grouped = rf"^-?[0-9]{{1,3}}(?:\{other}[0-9]{{3}})*(?:\{mark}[0-9]+)?$"
    return text.str.contains(grouped) | text.str.contains(rf"^-?[0-9]+(?:\{mark}[0-9]+)?$")


def _with_point(text: pl.Expr, mark: Decimals) -> pl.Expr:
    """The amount ungrouped, with a point before its decimals."""
    other = "," if mark is Decimals.POINT else "."
    return text.str.replace_all(rf"\{other}", "").str.replace(rf"\{mark}", ".")


def _in_the_way(
    text: pl.Expr, decimals: Decimals | None
) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Readable, plain form and ambiguity when the column has one way; without any, groups."""
    never = pl.lit(False)
    if decimals is not None:
        return _is_written(text, decimals), _with_point(text, decimals), never
    groups = text.str.contains(r"^-?[0-9]+$|^-?[0-9]{1,3}(?:(?:,[0-9]{3})+|(?:\.[0-9]{3})+)$")
    return groups, text.str.replace_all(r"[.,]", ""), never


def _in_one_way(text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Readable, plain form and ambiguity of amounts of which each tells its own way."""
    comma, point = _is_written(text, Decimals.COMMA), _is_written(text, Decimals.POINT)
    plain = (
        pl.when(comma & ~point).then(_with_point(text, Decimals.COMMA))
        .otherwise(_with_point(text, Decimals.POINT))
    )  # fmt: skip
    return comma | point, plain, comma & point & text.str.contains(r"[.,]")


_MONTHS = {
    1: "janvier|janv|january|jan", 2: "fevrier|février|fevr|févr|fev|fév|february|feb",
    3: "mars|march|mar", 4: "avril|avr|april|apr", 5: "mai|may", 6: "juin|june|jun",
    7: "juillet|juil|july|jul", 8: "aout|août|august|aug", 9: "septembre|september|sept|sep",
    10: "octobre|october|oct", 11: "novembre|november|nov",
    12: "decembre|décembre|december|dec|déc",
}  # fmt: skip


def _spelled(column: pl.Expr) -> pl.Expr:
    """A date with its month in digits: ``31 janv. 2026`` is ``31/1/2026``."""
    text = column.str.to_lowercase().str.strip_chars()
    for month, names in _MONTHS.items():
        text = text.str.replace(rf"\b(?:{names})\b\.?", f" {month} ")
    spaced = text.str.replace_all(r"(\d)(?:er|st|nd|rd|th)\b", "$1")
    return spaced.str.replace_all(r"[\s,.\-/_]+", "/").str.strip_chars("/")


def _digits_apart(column: pl.Expr) -> pl.Expr:
    """Dates as ``a/b/c``; eight digits are cut where a year can be."""
    plain = column.str.replace(r"[T ][0-9]{1,2}:[0-9:.]+(?:Z|[+-][0-9:]+)?$", "")
    text = pl.when(plain.str.contains(r"(?i)[a-zé]")).then(_spelled(plain)).otherwise(
        plain.str.replace_all(r"[\s.\-/_]+", "/")
    )
    first_year = text.str.replace(
        r"^((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$", "$1/$2/$3"
    )
    return first_year.str.replace(r"^([0-9]{2})([0-9]{2})((?:19|20)[0-9]{2})$", "$1/$2/$3")


def _three(column: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    text = _digits_apart(column)
    pattern = r"^([0-9]{1,4})/([0-9]{1,2})/([0-9]{1,4})$"
    one, two, three = (text.str.extract(pattern, n) for n in (1, 2, 3))
    return one, two, three


def date_order_of(values: pl.Series) -> tuple[DateOrder | None, bool]:
    """The order of a column of dates, and whether the column contradicts itself.

    ``None`` when days and months can not be told apart (all of them at most twelve).
    """
    parts = pl.DataFrame({"text": values.drop_nulls().unique()}).select(
        *(part.alias(name) for part, name in zip(_three(pl.col("text")), "abc", strict=True)),
        pl.col("text").str.contains(r"(?i)^[a-zé]{3}").alias("month_first"),
        pl.col("text").str.contains(r"(?i)[a-zé]{3}").alias("spelled"),
    )
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


def date_columns(column: str, order: DateOrder) -> list[pl.Expr]:
    """Expressions of ``<column>_date`` and ``<column>_fault`` for a column of dates."""
    one, two, three = _three(pl.col(column))
    year_first = one.str.len_bytes() == 4
    day, month, year = (three, two, one) if order is DateOrder.YMD else (
        (one, two, three) if order is DateOrder.DMY else (two, one, three)
    )  # fmt: skip
    day = pl.when(year_first).then(three).otherwise(day)
    month = pl.when(year_first).then(two).otherwise(month)
    year = pl.when(year_first).then(one).otherwise(year)
    full_year = pl.when(year.str.len_bytes() == 2).then(pl.concat_str(pl.lit("20"), year)).when(
        year.str.len_bytes() == 4).then(year)  # fmt: skip
    iso = pl.concat_str(full_year, pl.lit("-"), month.str.pad_start(2, "0"), pl.lit("-"),
                        day.str.pad_start(2, "0"))  # fmt: skip
    found = iso.str.to_date("%Y-%m-%d", strict=False)
    sane = pl.when(found.dt.year().is_between(1990, 2100)).then(found)
    fault = pl.when(pl.col(column).is_not_null() & sane.is_null()).then(pl.lit("date_unreadable"))
    return [sane.alias(f"{column}_date"), fault.alias(f"{column}_fault")]
