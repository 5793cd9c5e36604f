"""A month is closed on its page by two persons, who see the same figures as the books hold."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cessio.closing import close_day, queries, settle_until
from cessio.closing.rules import month_of
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.web.backoffice.desk import Desk, make_desk, money_in

PAGE = "/backoffice/settlement/close"
JOB = "job:closing.daily"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found is not None, page
    return found.group(1)


def test_two_persons_close_a_month_and_nobody_opens_it_again(desk: Desk) -> None:
    desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    with counted(desk.engine) as statements:
        page = desk.ines.get(PAGE).text
    assert len(statements) <= 50
    assert "Close of October 2026" in page
    assert "days are not closed" in page
    assert "Ask to close" not in page
    with transaction(desk.engine) as session:
        settle_until(session, on=date(2026, 10, 31), by=JOB, at=desk.now)
        close_day(session, on=date(2026, 10, 31), by=JOB, at=desk.now)
    page = desk.ines.get(PAGE).text
    if "Issue the fee invoices" in page:
        assert desk.ines.post(f"{PAGE}/202610/invoices").status_code == 303
        page = desk.ines.get(PAGE).text
    assert "Ready to close" in page, page
    asked = desk.ines.post(
        f"{PAGE}/202610/request", data={"seen": _seen(page), "note": "Read twice"}
    )
    assert asked.status_code == 303
    own = desk.ines.get(f"{PAGE}?month=202610").text
    assert "You asked: somebody else decides." in own
    assert (
        "/backoffice/settlement/close?month=202610" in desk.bruno.get("/backoffice/approvals").text
    )
    shown = desk.bruno.get(f"{PAGE}?month=202610").text
    assert "Read twice" in shown
    answer = {"seen": _seen(shown), "answer": "approve"}
    refused = desk.ines.post(f"{PAGE}/202610/decision", data=answer)
    assert refused.status_code == 422
    assert desk.bruno.post(f"{PAGE}/202610/decision", data=answer).status_code == 303
    closed = desk.bruno.get(f"{PAGE}?month=202610").text
    assert "A closed month does not open again" in closed
    again = desk.ines.post(f"{PAGE}/202610/request", data={"seen": answer["seen"]})
    assert again.status_code == 422
    assert "reverse what is wrong in the open period" in again.text
    assert "Close of November 2026" in desk.ines.get(PAGE).text


def test_the_page_and_its_file_say_what_the_books_say(desk: Desk) -> None:
    desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    with transaction(desk.engine) as session:
        found = queries.books(session, month_of(202611), at=desk.now)
    assert found.lines
    page = desk.visit(desk.book.people.ines, "fr").get(f"{PAGE}?month=202611").text
    file = desk.ines.get(f"{PAGE}?month=202611&format=csv").text
    for line in found.lines:
        if line.minor:
            assert formats.money(abs(line.minor), line.currency, code="fr") in page
            assert f"{abs(line.minor) // 100}" in file.replace(",", "").replace(" ", "")
    assert not any(one.difference_minor for one in found.sub_ledgers)
    assert desk.ines.get(f"{PAGE}?month=202613").status_code == 422
    assert desk.denis.post(f"{PAGE}/202610/request", data={}).status_code == 403


def test_the_months_entries_are_a_file_once_its_days_are_closed(desk: Desk) -> None:
    assert "Entries (FEC)" not in desk.ines.get(f"{PAGE}?month=202610").text
    early = desk.ines.get(f"{PAGE}/202610/fec")
    assert early.status_code == 409
    assert "validated when their day is closed" in early.text
    with transaction(desk.engine) as session:
        settle_until(session, on=date(2026, 10, 31), by=JOB, at=desk.now)
        close_day(session, on=date(2026, 10, 31), by=JOB, at=desk.now)
    assert f'href="{PAGE}/202610/fec"' in desk.ines.get(f"{PAGE}?month=202610").text
    file = desk.ines.get(f"{PAGE}/202610/fec")
    assert file.content.startswith(b"JournalCode\tJournalLib\tEcritureNum\t")
    assert "FEC20261031.txt" in file.headers["content-disposition"]
