"""Every page of the back office on a filled book: it opens, and asks the database little.

A new page is found by the links that lead to it, or by its address if that has no part left open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from lxml import html
from sqlalchemy import text
from sqlalchemy.engine import URL

from cessio import app
from cessio.plumbing.database import make_engine
from cessio.plumbing.settings import Settings
from tests.conftest import _copied
from tests.walking import NOW, Visit, Walk, counted, fill

#: Issue 3: no page needs more.
MOST_STATEMENTS = 50
WORST = 10
#: The demonstration has nothing for these: a draft being read, a signal, ticked invoices.
NOT_ON_THE_BOOK = {
    "/backoffice/receivables/acts", "/backoffice/remittances/{remittance_id:int}/columns",
    "/backoffice/remittances/{remittance_id:int}/progress/{job_id:int}",
    "/backoffice/signals/{signal_id:int}", "/backoffice/notifications/{notification_id:int}",
}  # fmt: skip

#: By address and head of a column: the kind of account whose entries its foot must equal.
IN_THE_LEDGER = {
    ("/backoffice/receivables", "Open amount"): "RECEIVABLE",
    ("/backoffice/contracts", "Outstanding"): "RECEIVABLE",
    ("/backoffice/portfolio?scope=all", "Outstanding"): "RECEIVABLE",
    ("/backoffice/bank/lines?state=open", "To match"): "SUSPENSE_CASH",
    ("/backoffice/settlement/funds", "Balance"): "RETENTION_FUND",
    ("/backoffice/funding/reconciliation", "Amount"): "PAYOUT_CLEARING",
}
#: The others: what the books say, asked in another way than the page does.
IN_THE_BOOKS = {
    ("/backoffice/disputes", "Disputed"):
        "SELECT sum(amount_minor) FROM dispute WHERE ended_at IS NULL",
    ("/backoffice/remittances?state=all", "Documents"):
        "SELECT count(*) FROM remittance_line",
    ("/backoffice/limits", "Amount"):
        "SELECT sum(amount_minor) FROM limit_request WHERE answer IS NULL",
    ("/backoffice/contracts", "Facility limit"):
        "SELECT sum(facility_limit_minor) FROM (SELECT DISTINCT ON (contract_id) *"
        " FROM contract_terms WHERE effective_from <= '2026-11-20'"
        " ORDER BY contract_id, effective_from DESC, id DESC) held",
    ("/backoffice/settlement/ledger", "Debit"):
        "SELECT sum(balance) FROM (SELECT kind, sum(amount_minor) AS balance FROM ledger_entry"
        " JOIN ledger_account ON ledger_account.id = account_id GROUP BY kind) kinds"
        " WHERE balance > 0",
    ("/backoffice/settlement/ledger", "Credit"):
        "SELECT -sum(balance) FROM (SELECT kind, sum(amount_minor) AS balance FROM ledger_entry"
        " JOIN ledger_account ON ledger_account.id = account_id GROUP BY kind) kinds"
        " WHERE balance < 0",
}  # fmt: skip
LEDGER = """
    SELECT sum(amount_minor) FROM ledger_entry
      JOIN ledger_account ON ledger_account.id = account_id WHERE kind = :kind
"""


@dataclass(frozen=True)
class Filled:
    """The small demonstration, walked through once."""

    walk: Walk
    statements: dict[str, int]
    files: dict[str, str]


@pytest.fixture(scope="module")
def filled(server_url: URL, template: str) -> Iterator[Filled]:
    """Every page opened by somebody who may, and how many statements each needed."""
    with _copied(server_url, template) as url:
        engine = make_engine(url, pool_size=10)
        fill(engine)
        walk = Walk(app.build(engine, Settings.load({}), now=lambda: NOW), engine)
        found, files = {}, {}
        for visit in walk.visits:
            with counted(engine) as seen:
                page = walk.browser(visit.role).get(visit.path)
            found[visit.route] = len(seen)
            if 'data-n="1"' in page.text:
                files[visit.route] = _files(walk, visit)
        yield Filled(walk, found, files)
        engine.dispose()


def _files(walk: Walk, visit: Visit) -> str:
    """What is wrong with the files of a page's table; empty if both are right."""
    for name, start in (("csv", b""), ("xlsx", b"PK")):
        joint = "&" if "?" in visit.path else "?"
        answer = walk.browser(visit.role).get(f"{visit.path}{joint}format={name}")
        kind = answer.headers.get("content-disposition", "")
        if answer.status_code != 200 or not kind.startswith("attachment"):
            return f"{name} answered {answer.status_code} {kind}"
        if not answer.content.startswith(start) or not answer.content:
            return f"{name} is no {name}"
    return ""


def test_every_table_is_given_as_a_file(filled: Filled) -> None:
    """CSV and XLSX: by the list itself, or read off the page."""
    assert len(filled.files) > 30
    assert not {route: wrong for route, wrong in filled.files.items() if wrong}


def test_no_page_fails(filled: Filled) -> None:
    assert not filled.walk.failures


def test_every_page_is_reached(filled: Filled) -> None:
    """Whatever has no part left open is opened; of the rest, what the book has something for."""
    missed = filled.walk.missed - NOT_ON_THE_BOOK
    print("\nnothing on this book leads to:", *sorted(missed), sep="\n  ")
    assert not [route for route in missed if "{" not in route]
    assert len(missed) < 15


def test_no_page_needs_more_than_fifty_statements(filled: Filled) -> None:
    worst = sorted(filled.statements.items(), key=lambda pair: -pair[1])
    print(f"\n{len(worst)} pages; most statements:")
    for route, count in worst[:WORST]:
        print(f"{count:5} {route}")
    assert not [f"{route}: {count}" for route, count in worst if count > MOST_STATEMENTS]


def _foot(walk: Walk, path: str, column: str) -> int | None:
    """What the foot of a page's table says under a head, without its sign; in minor units."""
    page = walk.browser("account_manager").get(path)
    if page.status_code != 200:
        page = walk.browser("treasury").get(path)
    for table in html.fromstring(page.text).iter("table"):
        heads = [each.text_content().strip() for each in table.findall("thead/tr/th")]
        place = next((n for n, head in enumerate(heads) if head.startswith(column)), None)
        foot = table.find("tfoot/tr")
        if place is None or foot is None:
            continue
        said = " ".join(foot[place].text_content().split())
        figure = re.search(r"[\d,]+(\.\d\d)?", said)
        assert figure is not None, f"{path} {column}: {said}"
        return int(figure[0].replace(",", "").replace(".", ""))
    return None


@pytest.mark.parametrize(("path", "column"), [*IN_THE_LEDGER, *IN_THE_BOOKS])
def test_the_foot_of_a_list_is_what_the_books_say(filled: Filled, path: str, column: str) -> None:
    kind = IN_THE_LEDGER.get((path, column))
    with filled.walk.engine.connect() as connection:
        if kind is not None:
            wanted = connection.execute(text(LEDGER), {"kind": kind}).scalar_one()
        else:
            wanted = connection.execute(text(IN_THE_BOOKS[path, column])).scalar_one()
    assert wanted
    assert _foot(filled.walk, path, column) == abs(wanted)
