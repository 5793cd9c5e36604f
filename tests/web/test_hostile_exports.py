"""No file that is downloaded runs in a spreadsheet, whatever the names in the book begin with."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from tests.sharing import Shelf
from tests.walking import NO_PAGES
from tests.web.asking import Asking
from tests.who_may.askers import Asker
from tests.who_may.book import make_book
from tests.who_may.doors import Answer

#: Whatever people or their files call things: table and columns.
NAMED = {
    "company": ("name",), "receivable": ("number", "order_ref"), "remittance": ("filename",),
    "remittance_line": ("number", "debtor_name"), "person": ("name",), "document": ("filename",),
    "share": ("name", "firm"), "limit_request": ("comment",), "dispute": ("comment",),
    "note": ("body",), "drawdown": ("creditor_name",), "party_account": ("holder",),
    "bank_line": ("party_name", "remittance_text"), "promise": ("comment",),
    "contract": ("reference",), "contact": ("name",), "company_group": ("name",),
}  # fmt: skip
STARTS = ("=1+1|", "+1+1|", "-1+1|", "@SUM(1)|", "\t=1|", "\r=1|")
#: What a spreadsheet begins a formula with, a command, or either behind what is not seen.
RUNNING = frozenset("=+-@\t\r\n\0＝＋－＠")
#: A number, and what is no formula in any spreadsheet: a dash alone.
RUNS = re.compile(r"<f[ >].{40}|<hyperlink.{40}|<ddeLink|External")
HARMLESS = re.compile(r"[+-]?\d[\d ]*([.,]\d+)?%?|-")


_RENAMED = """
    UPDATE {table}
       SET {column} = (CAST(:starts AS text[]))[CAST(1 + place_no % 6 AS int)] || {column}
      FROM (SELECT ctid AS place, row_number() OVER () AS place_no FROM {table}) numbered
     WHERE {table}.ctid = place AND {column} IS NOT NULL
"""


def _rename(engine: Engine) -> int:
    """Let every name begin like a formula; how many."""
    renamed = 0
    with engine.begin() as connection:
        for table, columns in NAMED.items():
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            for column in columns:
                statement = text(_RENAMED.format(table=table, column=column))
                renamed += connection.execute(statement, {"starts": list(STARTS)}).rowcount
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    return renamed


@pytest.fixture(scope="module")
def asking(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with shelf.demo() as engine:
        book = make_book(engine, tmp_path_factory.mktemp("data"))
        assert _rename(engine) > 1000
        made = Asking(book)
        yield made
        made.close()


def _files(asking: Asking) -> Iterator[tuple[str, Answer]]:
    """Every file there is, and of every page the files of its list and of its tables."""
    for way in asking.ways:
        if way.method != "GET" or way.path.startswith("/static/"):
            continue
        asker = asking.who_may(way)
        address = asking.address(way, asker)
        if way.audience == "api" or NO_PAGES.search(way.path):
            yield from _file(asking, asker, address)
        if way.audience == "api":
            continue
        listed = [*_file(asking, asker, f"{address}?format=csv")]
        yield from listed
        if listed:  # a page without a list has neither of the others
            yield from _file(asking, asker, f"{address}?format=xlsx")
            yield from _file(asking, asker, f"{address}?format=csv&table=2")


def _file(asking: Asking, asker: Asker, address: str) -> Iterator[tuple[str, Answer]]:
    answer = asking.ask("GET", address, asker)
    if answer.status == 200 and "content-disposition" in answer.headers:
        yield address, answer


def _running(answer: Answer) -> list[str]:
    """What of a file a spreadsheet would run."""
    if answer.headers["content-type"].startswith("text/csv"):
        told = answer.body.decode("utf-8-sig")
        mark = ";" if ";" in told.partition("\n")[0] else ","
        cells = [one for row in csv.reader(io.StringIO(told, newline=""), delimiter=mark)
                 for one in row]  # fmt: skip
        return [one for one in cells if one[:1] in RUNNING and one
                and not HARMLESS.fullmatch(one)]  # fmt: skip
    if answer.body.startswith(b"PK") and "spreadsheet" in answer.headers["content-type"]:
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            sheets = [archive.read(name).decode() for name in archive.namelist()
                      if name.endswith((".xml", ".rels"))]  # fmt: skip
        return [found for one in sheets for found in RUNS.findall(one)]
    return []


def test_no_file_begins_a_formula(asking: Asking) -> None:
    faults, files, disarmed, numbers = [], 0, 0, 0
    for address, answer in _files(asking):
        files += 1
        disarmed += any(f"'{start}".encode() in answer.body for start in STARTS)
        numbers += bool(re.search(rb"[,;\n]-\d+[.,]\d\d[,;\r]", answer.body))
        faults += [f"{address}: {one[:60]!r}" for one in _running(answer)[:3]]
    print(f"\n{files} files, {disarmed} CSV with disarmed texts, {numbers} with negative amounts")
    assert not faults, "\n".join(faults)
    assert files > 100
    assert disarmed > 20
    assert numbers
