"""A report to a bank is issued on its page, kept, and found again by its code."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from cessio.reporting.queries.loan_tape import loan_tape
from cessio.web.backoffice import reports
from tests.counting import counted
from tests.web.backoffice.desk import Desk, make_desk, money_in

PAGE = "/backoffice/reports"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


def test_a_report_is_issued_kept_and_verified_by_its_code(desk: Desk) -> None:
    desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    with counted(desk.engine) as statements:
        page = desk.bruno.get(PAGE)
    assert page.status_code == 200
    assert len(statements) <= 50
    with transaction(desk.engine) as session:
        (total,) = loan_tape(session, on=desk.today).totals
    assert formats.money(total.outstanding_minor, "EUR", code="en") in page.text
    for file_format, start in (("csv", b""), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        done = desk.bruno.post(f"{PAGE}/portfolio", data={"format": file_format, "language": "fr"})
        assert done.status_code == 303, done.text
        page = desk.bruno.get(PAGE)
        address = re.search(r'href="(/backoffice/reports/\d+/file)"', page.text)
        assert address is not None
        file = desk.bruno.get(address.group(1))
        assert file.content.startswith(start)
        assert file.headers["content-disposition"].startswith("attachment")
    codes = set(re.findall(r'href="/verify/([0-9A-Z-]+)"', page.text))
    assert len(codes) == 1
    verified = desk.bruno.get(f"/verify/{codes.pop()}")
    assert verified.status_code == 200
    assert "Portfolio report" in verified.text
    assert formats.money(total.outstanding_minor, "EUR", code="en") in verified.text


def test_who_may_not_export_issues_and_downloads_nothing(desk: Desk) -> None:
    assert desk.denis.post(f"{PAGE}/portfolio", data={"format": "pdf"}).status_code in (403, 422)
    assert desk.bruno.post(f"{PAGE}/portfolio", data={"format": "docx"}).status_code == 422
    assert desk.bruno.get(f"{PAGE}/99/file").status_code == 404


def test_a_large_portfolio_is_read_for_who_asks_for_a_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "LIVE_MOST", 0)
    page = desk.bruno.get(PAGE)
    assert "The portfolio is read when you ask for it" in page.text
    assert "Aged balance" not in page.text
    assert "Issue the report" in page.text
    assert "Aged balance" in desk.bruno.get(f"{PAGE}?on={desk.today}").text
