"""Every page of the back office on a filled book: it opens, and asks the database little.

A new page is found by the links that lead to it, or by its address if that has no part left open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
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
