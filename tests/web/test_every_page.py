"""Every page of the back office on a filled book: it opens, and asks the database little.

A new page is found by the links that lead to it, or by its address if that has no part left open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lxml import html
from sqlalchemy import text

from cessio import app
from cessio.plumbing.settings import Settings
from tests.counting import counted
from tests.sharing import Shelf
from tests.walking import NOW, Visit, Walk, found

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


@pytest.fixture(scope="module")
def walk(shelf: Shelf) -> Iterator[Walk]:
    """The small demonstration, walked through once."""
    with shelf.walked() as engine:
        yield Walk(app.build(engine, Settings.load({}), now=lambda: NOW), engine)


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


def test_every_table_is_given_as_a_file(walk: Walk) -> None:
    """CSV and XLSX: by the list itself, or read off the page."""
    wrong = {
        visit.route: _files(walk, visit)
        for visit in found(walk.engine).visits
        if 'data-n="1"' in walk.browser(visit.role).get(visit.path).text
    }
    assert len(wrong) > 30
    assert not {route: why for route, why in wrong.items() if why}


def test_no_page_fails(walk: Walk) -> None:
    assert not found(walk.engine).failures


def test_every_page_is_reached(walk: Walk) -> None:
    """Whatever has no part left open is opened; of the rest, what the book has something for."""
    missed = found(walk.engine).missed - NOT_ON_THE_BOOK
    print("\nnothing on this book leads to:", *sorted(missed), sep="\n  ")
    assert not [route for route in missed if "{" not in route]
    assert len(missed) < 15


def test_no_page_needs_more_than_fifty_statements(walk: Walk) -> None:
    needed = {}
    for visit in found(walk.engine).visits:
        with counted(walk.engine) as seen:
            assert walk.browser(visit.role).get(visit.path).status_code == 200, visit
        needed[visit.route] = len(seen)
    worst = sorted(needed.items(), key=lambda pair: -pair[1])
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
def test_the_foot_of_a_list_is_what_the_books_say(walk: Walk, path: str, column: str) -> None:
    kind = IN_THE_LEDGER.get((path, column))
    with walk.engine.connect() as connection:
        if kind is not None:
            wanted = connection.execute(text(LEDGER), {"kind": kind}).scalar_one()
        else:
            wanted = connection.execute(text(IN_THE_BOOKS[path, column])).scalar_one()
    assert wanted
    assert _foot(walk, path, column) == abs(wanted)
