"""Every total the cash and the book-keeping pages show is a balance of the ledger, to the cent."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cessio import funding
from cessio.funding import queries as drawn
from cessio.funding.queries.listing import DrawdownFilter, DrawdownOrder, listed_drawdowns
from cessio.kernel.paging import PageRequest, decode_cursor
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import enqueue
from cessio.settlement.operations import run_day
from tests.counting import counted
from tests.web.agreed import agree
from tests.web.backoffice.desk import Desk, make_desk, money_in, money_out


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    """Two drawdowns on Alpha's contract, nothing received yet."""
    made = make_desk(engine, now, tmp_path, payout_approval_threshold_minor=50_000_00)
    with transaction(engine) as session:
        for minor in (4_000_00, 1_500_00):
            funding.request_drawdown(
                session, contract_id=made.book.alpha, amount_minor=minor,
                by=made.book.people.fanny.by, at=now,
            )  # fmt: skip
    return made


def balance(desk: Desk, kind: AccountKind) -> int:
    with transaction(desk.engine) as session:
        return sum(minor for (one, _currency), minor in ledger.trial_balance(session).items()
                   if one is kind)  # fmt: skip


def shows(page: str, minor: int) -> bool:
    return formats.money(minor, "EUR", code="en") in page


def exported(desk: Desk, path: str) -> list[dict[str, str]]:
    """A list as its CSV has it."""
    answer = desk.bruno.get(path)
    assert answer.headers["content-type"].startswith("text/csv"), answer.text[:200]
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text else ","))


def cents(text: str) -> int:
    return int(re.sub(r"[^\d-]", "", text.replace("\N{MINUS SIGN}", "-")) or 0)


def test_money_to_match_is_the_suspense_account(desk: Desk) -> None:
    desk.receive(money_in(desk, 3_210_99, "VIREMENT", name="CENTRALE", iban=None),
                 money_in(desk, 12_000_00, "FACTURE FA-1001"))  # fmt: skip
    waiting = -balance(desk, AccountKind.SUSPENSE_CASH)
    assert waiting == 3_210_99
    for path in ("/backoffice/bank", "/backoffice/bank/matching", "/backoffice/bank/statements/1"):
        assert shows(desk.bruno.get(path).text, waiting), path
    lines = exported(desk, "/backoffice/bank/statements/1?format=csv")
    assert sum(cents(row["Amount"]) for row in lines) == balance(desk, AccountKind.BANK)
    assert sum(cents(row["To match"]) for row in lines) == waiting
    statements = exported(desk, "/backoffice/bank?format=csv")
    assert cents(statements[0]["Closing"]) == balance(desk, AccountKind.BANK)


def test_what_is_unknown_is_the_payout_account(desk: Desk) -> None:
    with transaction(desk.engine) as session:
        granted = drawn.drawdowns(session)
    assert [one.state for one in granted] == ["granted", "granted"]
    total = sum(one.amount_minor for one in granted)
    assert -balance(desk, AccountKind.PAYOUT_CLEARING) == total
    answer = desk.bruno.post(
        "/backoffice/funding/orders",
        data={"account": desk.account_id, "execute_on": "2026-11-16",
              "drawdown": [str(one.drawdown_id) for one in granted]},
    )  # fmt: skip
    address = answer.headers["location"]
    desk.sign(str(address))
    desk.bruno.post(f"{address}/sending")
    assert "2 unknown" in desk.bruno.get("/backoffice/funding").text
    with transaction(desk.engine) as session:
        first = drawn.drawdown_view(session, drawdown_id=granted[0].drawdown_id)
    desk.receive(money_out(desk, first.amount_minor, first.end_to_end_id or ""))
    unknown = -balance(desk, AccountKind.PAYOUT_CLEARING)
    assert unknown == total - first.amount_minor
    with counted(desk.engine) as statements:
        page = desk.bruno.get(address).text
    assert len(statements) <= 50
    for minor in (total, first.amount_minor, unknown):
        assert shows(page, minor)
    listed = desk.bruno.get("/backoffice/funding").text
    assert shows(listed, unknown)
    assert "1 unknown" in listed
    assert "1 paid" in listed


def test_funds_and_commissions_are_their_accounts(desk: Desk) -> None:
    for day in range(1, 3):
        with transaction(desk.engine) as session:
            run_day(session, on=desk.today.replace(day=day), by="job:settlement.daily", at=desk.now)
    funds = exported(desk, "/backoffice/settlement/funds?format=csv")
    assert sum(cents(row["Balance"]) for row in funds) == -balance(desk, AccountKind.RETENTION_FUND)
    charged = exported(desk, "/backoffice/settlement/financing?format=csv")
    assert sum(cents(row["Amount"]) for row in charged) == -balance(
        desk, AccountKind.INTEREST_INCOME
    )
    trial = exported(desk, "/backoffice/settlement/ledger?format=csv")
    assert sum(cents(row["Debit"]) for row in trial) == sum(cents(row["Credit"]) for row in trial)


def test_every_figure_of_the_position_opens_the_lines_it_is_the_sum_of(desk: Desk) -> None:
    desk.receive(money_in(desk, 3_210_99, "VIREMENT", name="CENTRALE", iban=None),
                 money_in(desk, 12_000_00, "FACTURE FA-1001"))  # fmt: skip
    with counted(desk.engine) as statements:
        page = desk.bruno.get("/backoffice/funding/position").text
    assert len(statements) <= 50
    granted = exported(desk, "/backoffice/funding/drawdowns?state=granted&format=csv")
    assert sum(cents(row["Amount"]) for row in granted) == 5_500_00
    assert -balance(desk, AccountKind.PAYOUT_CLEARING) == 5_500_00
    books = exported(desk, f"/backoffice/bank?account={desk.account_id}&format=csv")
    assert sum(cents(row["Movements"]) for row in books) == balance(desk, AccountKind.BANK)
    listed = desk.bruno.get(f"/backoffice/bank?account={desk.account_id}").text
    assert "As our books" in listed
    weeks = re.findall(r'href="(/backoffice/receivables\?due_from=[^"]+)"', page)
    due = [
        sum(cents(row["Open amount"]) for row in exported(desk, f"{html.unescape(one)}&format=csv"))
        for one in weeks
    ]
    assert due
    assert all(shows(page, minor) for minor in due)
    for path in ("/backoffice/funding/drawdowns?state=granted", *map(html.unescape, weeks)):
        assert path.replace("&", "&amp;") in page
        assert desk.bruno.get(path).status_code == 200


def test_drawdowns_are_found_sorted_and_added_up_over_all_pages(desk: Desk) -> None:
    path = "/backoffice/funding/drawdowns"

    def listed(query: str) -> list[int]:
        return [cents(row["Amount"]) for row in exported(desk, f"{path}?{query}&format=csv")]

    assert listed("sort=amount") == [1_500_00, 4_000_00]
    assert listed("sort=-amount") == [4_000_00, 1_500_00]
    assert listed("amount=1500") == [1_500_00]
    assert listed("q=alpha&state=granted&debited=no") == [1_500_00, 4_000_00]
    assert listed("q=nobody") == listed("from=2099-01-01") == listed("state=paid") == []
    assert shows(desk.bruno.get(path).text, 5_500_00)
    with transaction(desk.engine) as session:
        wanted = DrawdownFilter(order=DrawdownOrder.SMALLEST)
        first = listed_drawdowns(session, PageRequest(1), wanted)
        assert first.next is not None
        later = listed_drawdowns(session, PageRequest(1, after=decode_cursor(first.next)), wanted)
        assert [row.amount_minor for row in (*first.rows, *later.rows)] == [1_500_00, 4_000_00]


def test_a_file_is_named_after_the_day_and_no_total_is_a_line_of_it(desk: Desk) -> None:
    desk.receive(money_in(desk, 3_210_99, "VIREMENT", name="CENTRALE", iban=None))
    for path in ("/backoffice/bank?", "/backoffice/jobs?", "/backoffice/funding/position?table=1&",
                 "/backoffice/funding/drawdowns?"):  # fmt: skip
        for file_format in ("csv", "xlsx"):
            answer = desk.bruno.get(f"{path}format={file_format}")
            named = answer.headers["content-disposition"]
            assert f"-{desk.today}.{file_format}" in named, named
    for row in exported(desk, "/backoffice/funding/position?table=1&format=csv"):
        assert row["Account"] != "Total"


def test_jobs_are_exported_with_those_of_every_page(desk: Desk) -> None:
    with transaction(desk.engine) as session:
        for number in range(60):
            enqueue(session, kind="cash.match", key=str(number), payload={"statement_id": number},
                    by=desk.book.people.denis.by, at=desk.now)  # fmt: skip
    rows = exported(desk, "/backoffice/jobs?kind=cash.match&format=csv")
    assert len(rows) == 60
    assert {row["Asked by"] for row in rows} == {desk.book.people.denis.name}
    assert exported(desk, "/backoffice/jobs?state=dead&format=csv") == []


def test_the_treasury_books_its_own_means_and_nobody_else_does(desk: Desk) -> None:
    desk.receive(money_in(desk, 900_000_00, "AVANCE RCF", name="BANQUE DU RHONE", iban=None))
    offered = desk.bruno.get("/backoffice/funding/means").text
    line = re.search(r"/backoffice/funding/means\?line=(\d+)#book", html.unescape(offered))
    assert line is not None
    wanted = {"line": line.group(1), "means": "refinancing", "reference": "RCF-2"}
    assert desk.denis.post("/backoffice/funding/means", data=wanted).status_code == 403
    asked = desk.bruno.post("/backoffice/funding/means", data=wanted)
    assert -balance(desk, AccountKind.SUSPENSE_CASH) == 900_000_00
    ines = desk.visit(desk.book.people.ines)
    shown = ines.get(asked.headers["location"]).text
    assert "BANQUE DU RHONE" in shown
    assert "AVANCE RCF" in shown
    agree(ines, asked)
    assert -balance(desk, AccountKind.REFINANCING) == 900_000_00
    assert balance(desk, AccountKind.SUSPENSE_CASH) == 0
    again = desk.bruno.post("/backoffice/funding/means", data=wanted)
    assert again.status_code == 422
    assert "nothing of this bank line is left" in again.text.lower()
    for path in ("means", "position"):
        assert shows(desk.bruno.get(f"/backoffice/funding/{path}").text, 900_000_00)
    rows = exported(desk, "/backoffice/funding/means?format=csv")
    assert [(cents(row["Amount"]), row["Reference"]) for row in rows] == [(900_000_00, "RCF-2")]
    undo = re.search(r"/backoffice/funding/means/\d+/undo",
                     desk.bruno.get("/backoffice/funding/means").text)  # fmt: skip
    assert undo is not None
    back = desk.bruno.post(undo.group(), data={"reason": "Wrong line"})
    assert back.status_code == 303
    assert balance(desk, AccountKind.REFINANCING) == 0
    assert -balance(desk, AccountKind.SUSPENSE_CASH) == 900_000_00
