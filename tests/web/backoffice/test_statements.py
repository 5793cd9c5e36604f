"""The statement of a contract says the same on screen and in every file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cessio.banking.formats.camt import read_camt
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from cessio.statements import contract_statement
from tests.counting import counted
from tests.web.backoffice.desk import Desk, make_desk, money_in


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


def test_screen_and_files_tell_the_same_figures(desk: Desk) -> None:
    desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    path = f"/backoffice/contracts/{desk.book.alpha}/statement"
    with counted(desk.engine) as statements:
        shown = desk.bruno.get(path)
    assert shown.status_code == 200
    assert len(statements) <= 50
    with transaction(desk.engine) as session:
        told = contract_statement(
            session, contract_id=desk.book.alpha, from_on=desk.today.replace(day=1),
            to_on=desk.today,
        )  # fmt: skip
    for section in told.sections:
        assert formats.money(section.closing_minor, "EUR", code="en") in shown.text
    period = f"?from=2026-11-01&to={desk.today.isoformat()}"
    pdf = desk.bruno.get(f"{path}/pdf{period}")
    assert pdf.content.startswith(b"%PDF")
    camt = read_camt(desk.bruno.get(f"{path}/camt053{period}").content)
    assert camt.statements[0].closing is not None
    assert camt.statements[0].closing.amount_minor == told.current.closing_minor
    assert desk.bruno.get(f"{path}/csv{period}").status_code == 200
    assert desk.bruno.get(f"{path}/xlsx{period}").content.startswith(b"PK")


def test_a_movement_opens_what_it_came_from(desk: Desk) -> None:
    desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    shown = desk.bruno.get(f"/backoffice/contracts/{desk.book.alpha}/statement").text
    assert "/backoffice/remittances/" in shown
    assert "/backoffice/bank/applications/1" in shown
    followed = desk.bruno.get("/backoffice/bank/applications/1")
    assert followed.headers["location"] == "/backoffice/bank/lines/1#history"
    assert desk.bruno.get("/backoffice/bank/applications/99").status_code == 404


def test_a_period_that_runs_backwards_or_a_format_nobody_knows_is_refused(desk: Desk) -> None:
    path = f"/backoffice/contracts/{desk.book.alpha}/statement"
    backwards = desk.bruno.get(f"{path}?from=2026-11-10&to=2026-11-01")
    assert backwards.status_code == 422
    assert "before it begins" in backwards.text
    assert desk.bruno.get(f"{path}?from=soon").status_code == 422
    assert desk.bruno.get(f"{path}/docx").status_code == 422
    assert desk.bruno.get("/backoffice/contracts/99/statement").status_code == 404
