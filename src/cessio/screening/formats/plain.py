"""A plain table: one line an entry, its columns named on the first line.

``reference`` and ``name`` must be there; ``type`` (person or entity), ``aliases``, ``born``,
``countries``, ``identifiers`` (several parted by ``|``) and ``programme`` may be.
"""

from __future__ import annotations

import csv
import io

from cessio.screening.formats.reading import ReadList, entry, unique, wrong
from cessio.screening.rules import Listed, ListedKind

COLUMNS = ("reference", "type", "name", "aliases", "born", "countries", "identifiers", "programme")
_MUST = ("reference", "name")
_KINDS = {"": ListedKind.ENTITY, "person": ListedKind.PERSON, "entity": ListedKind.ENTITY}


def read_plain(data: bytes) -> ReadList:
    """Every line. Raises ``Invalid`` with its number."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong(data[: error.start].count(b"\n") + 1, "not_text") from None
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True,
                        delimiter=";" if head.count(";") >= head.count(",") else ",")  # fmt: skip
    found: list[tuple[int | None, Listed]] = []
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        _check_head(names)
        found.extend(
            (reader.line_num, _row(reader.line_num, names, row))
            for row in reader
            if any(cell.strip() for cell in row)
        )
    except csv.Error as error:
        raise wrong(reader.line_num, "quotes", error) from None
    return ReadList(unique(found))


def _check_head(names: list[str]) -> None:
    for must in _MUST:
        if must not in names:
            raise wrong(1, "no_column", must)
    odd = [name for name in names if name not in COLUMNS]
    if odd or len(set(names)) != len(names):
        raise wrong(1, "odd_columns", ", ".join(odd or names))


def _row(line: int, names: list[str], row: list[str]) -> Listed:
    if any("\n" in cell or "\r" in cell for cell in row):
        raise wrong(line, "quotes", "a cell over several lines")
    if len(row) != len(names):
        raise wrong(line, "cells", len(row))
    cell = dict(zip(names, row, strict=True))
    kind = cell.get("type", "").strip().casefold()
    if kind not in _KINDS:
        raise wrong(line, "kind", kind)
    return entry(
        line, reference=cell["reference"], kind=_KINDS[kind],
        names=[cell["name"], *_many(cell, "aliases")], born=_many(cell, "born"),
        countries=_many(cell, "countries"), identifiers=_many(cell, "identifiers"),
        programme=cell.get("programme", ""),
    )  # fmt: skip


def _many(cell: dict[str, str], name: str) -> list[str]:
    return cell.get(name, "").split("|")
