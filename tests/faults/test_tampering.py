"""Whatever the DBA does to the book, to its seals or to both is found; how fast a million rows."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from inspect import signature
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import Connection, text

from cessio.closing.formats import seals as seal_format
from tests.closing import test_seals
from tests.closing.test_seals import START, TAMPERINGS, Sealed, dba, sealed
from tests.faults.report import REPORT
from tests.sharing import Shelf

__all__ = ["dba", "sealed"]
MILLION, SECONDS = int(os.environ.get("FAULT_ROWS", "1000000")), 60.0
#: Beyond single rows: each finds several ways of doing it.
WHOLE: dict[str, Callable[..., None]] = {
    "two entries exchanged": test_seals.test_two_entries_exchanged_are_both_named,
    "the tail cut": test_seals.test_a_cut_tail_is_found,
    "the tail cut with its seal": (
        test_seals.test_a_cut_tail_with_its_seal_is_found_by_the_code_on_paper),
    "all rewritten and sealed anew": test_seals.test_a_chain_made_anew_is_signed_by_another,
    "a seal taken out, changed or cut": test_seals.test_a_seal_taken_out_or_changed_is_found,
    "a row and the lists of rows": (
        test_seals.test_without_its_list_the_table_and_the_day_are_named),
    "an old backup put back": test_seals.test_an_older_copy_of_the_book_says_so,
}  # fmt: skip


def test_every_kind_of_tampering_is_found(sealed: Sealed, shelf: Shelf, tmp_path: Path) -> None:
    def undone(act: Callable[..., None], **more: Any) -> None:
        folder = tmp_path / str(len(found))
        folder.mkdir()
        given = {"sealed": sealed, "shelf": shelf, "tmp_path": folder, **more}
        asked = signature(act).parameters
        if "dba" not in asked:
            act(**{name: given[name] for name in asked})
            return
        with sealed.engine.connect() as connection:
            outer = connection.begin()
            given["dba"] = connection
            act(**{name: given[name] for name in asked})
            outer.rollback()

    found: list[str] = []
    for what in TAMPERINGS:
        undone(test_seals.test_each_tampering_is_found_and_named, what=what)
        found.append(what)
    for what, act in WHOLE.items():
        undone(act)
        found.append(what)
    REPORT.tell("tampering by the DBA", f"{len(found)} of {len(found)} kinds found and named:"
                f" {', '.join(WHOLE)} among them", promise=8, figure=len(found))  # fmt: skip


@pytest.mark.long
def test_a_million_rows_are_verified_within_a_minute(sealed: Sealed) -> None:
    day = START + timedelta(days=3)
    test_seals._live(sealed.engine, sealed.book, day)
    with sealed.engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO audit_event (at, by, verb, subject_kind, subject_id, after) SELECT"
            " :at, 'person:' || n % 40, 'drawdown_granted', 'drawdown', n,"
            " jsonb_build_object('amount_minor', n * 7) FROM generate_series(1, :count) AS n"
        ), {"at": day, "count": MILLION})  # fmt: skip
    made = test_seals._seal(sealed.engine, sealed.keeper, day + timedelta(days=1))
    assert made is not None
    assert made.row_count >= MILLION
    with sealed.engine.connect() as connection:
        took = _seconds(sealed, connection)
    assert took < SECONDS
    rows = sum(seal_format.read(sealed.keeper.read(name)).row_count
               for name in sealed.keeper.names("seal-*.txt"))  # fmt: skip
    REPORT.tell("sealed rows", f"{rows:,} rows verified in {took:.1f} s",
                promise=8, figure=rows)  # fmt: skip


def _seconds(sealed: Sealed, connection: Connection) -> float:
    start = perf_counter()
    assert test_seals._verified(sealed.keeper, connection).findings == []
    return perf_counter() - start
