"""The report to a bank says what the ledger and the portfolio's pages say, in every format."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from decimal import Decimal

import fastexcel
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.walking import NOW, UNTIL

from cessio import documents
from cessio.funding import queries as funding
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.reporting.formats import ReportFormat
from cessio.reporting.operations import issue_portfolio_report
from cessio.reporting.queries import concentration, indicators, waiting_work
from cessio.reporting.queries.loan_tape import (
    issued_report,
    issued_reports,
    loan_tape,
    report_document,
)


def test_every_figure_is_the_ledgers_and_that_of_the_pages(session: Session) -> None:
    tape = loan_tape(session, on=UNTIL)
    assert tape.lines
    balances = ledger.trial_balance(session)
    for total in tape.totals:
        assert total.outstanding_minor == balances[(AccountKind.RECEIVABLE, total.currency)]
        assert total.retention_minor == -balances.get(
            (AccountKind.RETENTION_FUND, total.currency), 0
        )
        current = balances[(AccountKind.CLIENT_CURRENT, total.currency)]
        assert total.funded_minor == total.outstanding_minor + current
        assert sum(total.ages.values()) == total.outstanding_minor
    found = funding.book_availability(session, on=UNTIL)
    waiting = waiting_work(session)
    for line in tape.lines:
        one = found[line.contract_id]
        assert (line.outstanding_minor, line.eligible_minor, line.fundable_minor) == (
            one.outstanding_minor, one.eligible_minor, one.fundable_minor
        )  # fmt: skip
        assert line.funded_minor == one.funds_in_use_minor
        shown = indicators(session, contract_id=line.contract_id, on=UNTIL)
        assert line.ages == shown.aged.buckets
        assert line.diluted == shown.diluted
        if line.contract_id in waiting:
            assert line.disputed_minor == waiting[line.contract_id].disputes_minor
        greatest = concentration(session, contract_ids=[line.contract_id])[0]
        assert (line.largest_name, line.largest_minor) == (greatest.name, greatest.open_minor)


def test_all_formats_have_one_code_the_same_lines_and_are_found_again(session: Session) -> None:
    tape = loan_tape(session, on=UNTIL)
    read: dict[str, bytes] = {}
    for file_format in ReportFormat:
        number = issue_portfolio_report(
            session, on=UNTIL, file_format=file_format, language="en", by="person:1", at=NOW
        )
        document = report_document(session, number)
        assert document is not None
        read[file_format.value] = documents.read(session, document).content
    (code,) = {one.verification_code for one in issued_reports(session)}
    found = issued_report(session, code=code)
    assert found is not None
    assert {one["currency"]: one["outstanding_minor"] for one in found.totals} == {
        one.currency: one.outstanding_minor for one in tape.totals
    }
    assert read["pdf"].startswith(b"%PDF")
    rows = list(csv.DictReader(io.StringIO(read["csv"].decode("utf-8-sig"))))
    assert [one["Contract"] for one in rows] == [line.reference for line in tape.lines]
    assert {one["Verification code"] for one in rows} == {code}
    summed: dict[str, Decimal] = defaultdict(Decimal)
    for one in rows:
        summed[one["Currency"]] += Decimal(one["Outstanding"])
    assert summed == {one.currency: Decimal(one.outstanding_minor) / 100 for one in tape.totals}
    sheet = fastexcel.read_excel(read["xlsx"]).load_sheet(0).to_polars()
    assert sheet["Contract"].to_list() == [line.reference for line in tape.lines]
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE issued_report SET issued_by = 'x'"))
