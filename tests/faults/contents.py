"""All that a database holds, row by row, so that two of them can be held against each other.

A transaction that was undone has used up numbers of the sequences, which PostgreSQL never gives
back: a test does, between the death of a worker and the next one, so that ids too must be equal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Engine, text

from cessio.plumbing.database import transaction

#: Instants of the machine's clock, which no test sets.
_BY_THE_MACHINE = frozenset({"outgoing_mail.sent_at", "outgoing_sms.sent_at"})
#: Columns that say how often and when a job was tried.
_NOT_COMPARED: dict[str, frozenset[str]] = {
    "job": frozenset({
        "attempts", "fence", "lease_until", "started_at", "finished_at", "woken_at",
        "progress_done", "progress_total", "progress_note", "worker",
    }),
}  # fmt: skip
_TABLES = text("""
    SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)
      FROM information_schema.columns
      JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' GROUP BY 1 ORDER BY 1
""")


def contents(engine: Engine, secret: Collection[str] = ()) -> dict[str, list[str]]:
    """Every row of every table as text, in order, without what is not compared.

    ``secret`` names columns drawn by chance (``table.column``); that they are filled is compared.
    """
    found: dict[str, list[str]] = {}
    with transaction(engine) as session:
        for name, columns in session.execute(_TABLES).all():
            hidden = {one for one in columns if f"{name}.{one}" in {*secret, *_BY_THE_MACHINE}}
            row = ", ".join(
                f'"{one}" IS NULL' if one in hidden else f'"{one}"'
                for one in columns
                if one not in _NOT_COMPARED.get(name, ())
            )
            query = f'SELECT CAST(ROW({row}) AS text) AS said FROM "{name}" ORDER BY 1'
            found[name] = list(session.scalars(text(query)))
    return found


def difference(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, Any]:
    """What only one of them holds, by table; empty when they are equal."""
    return {
        name: {"only here": sorted({*rows} - {*other[name]})[:5],
               "only there": sorted({*other[name]} - {*rows})[:5],
               "rows": (len(rows), len(other[name]))}
        for name, rows in one.items() if rows != other[name]
    }  # fmt: skip


def give_numbers_back(engine: Engine, numbers: Mapping[str, int | None]) -> None:
    """Set each sequence back to where it was when the last transaction was committed."""
    with transaction(engine) as session:
        session.execute(
            text("SELECT setval(name, coalesce(used, 1), used IS NOT NULL)"
                 " FROM unnest(CAST(:names AS text[]), CAST(:used AS bigint[]))"
                 " AS one (name, used)"),
            {"names": list(numbers), "used": list(numbers.values())},
        )  # fmt: skip
