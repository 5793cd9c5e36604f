"""Readers of all clients on two connections: the long form of tests/web/portal/test_readers.py."""

from __future__ import annotations

import os

import pytest

from cessio.plumbing import readers
from tests.faults.report import REPORT
from tests.outside import CONNECTIONS, Outside, Swaps
from tests.sharing import Shelf

SEED = 20261123


@pytest.mark.long
def test_a_connection_shows_each_reader_its_own(shelf: Shelf) -> None:
    number = int(os.environ.get("FAULT_SWAPS", "10000"))
    with shelf.demo() as engine:
        own = readers.reader_engine(engine, pool_size=5)
        swaps = Swaps(Outside(engine, own), SEED)
        swaps.run(number)
        own.dispose()
    assert not swaps.faults, "\n".join(swaps.faults[:20])
    assert swaps.done == number
    REPORT.tell(
        "pool swaps",
        f"{swaps.done:,} turns on {CONNECTIONS} connections, {swaps.handed_on:,} of them after"
        " another client's reader: 0 foreign rows",
        promise=7, figure=swaps.done, seed=SEED,
    )  # fmt: skip
