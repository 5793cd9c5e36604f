"""Two currencies are never added up: each sum is said in its own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from cessio import banking
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.cash import queries as cash
from cessio.plumbing.database import transaction
from tests.web.backoffice.desk import Desk, make_desk, money_in

DOLLARS = "DE89370400440532013000"
BOTH = "€77.77 · US$900.00"


def receive_dollars(desk: Desk, minor: int) -> None:
    """The bank of our dollar account reports one receipt of somebody unknown."""
    detail = ParsedDetail(debtor=Party(name="Unknown Inc"), remittance=("wire",))
    entry = ParsedEntry(
        amount_minor=minor, currency="USD", booked_on=desk.today, value_date=desk.today,
        bank_ref="D1", details=(detail,),
    )  # fmt: skip
    ends = Balance("OPBD", 0, desk.today), Balance("CLBD", minor, desk.today)
    statement = ParsedStatement(
        kind="camt.053", statement_ref="USD-1", currency="USD", iban=DOLLARS,
        from_on=desk.today, to_on=desk.today, balances=ends, entries=(entry,),
    )  # fmt: skip
    data = camt053_bytes([statement], message_id="USD-1", created_at=desk.now)
    with transaction(desk.engine) as session:
        banking.open_account(
            session, name="Dollars", iban=DOLLARS, bic="COBADEFFXXX", holder="CESSIO FACTOR",
            currency="USD", by="system:setup", at=desk.now,
        )  # fmt: skip
        banking.import_statement(session, data=data, filename="usd.xml",
                                 by=desk.book.people.denis.by, at=desk.now)  # fmt: skip


def test_money_to_match_is_told_in_each_currency(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    desk.receive(money_in(desk, 77_77, name="Nobody", iban=None))
    receive_dollars(desk, 900_00)
    with transaction(desk.engine) as session:
        waits = cash.unallocated(session)
    assert (waits.count, waits.sums, waits.oldest) == (2, {"EUR": 77_77, "USD": 900_00}, desk.today)
    for page in ("/backoffice/bank/matching", "/backoffice/bank"):
        assert BOTH in desk.denis.get(page).text, page
    assert BOTH in desk.bruno.get("/backoffice/funding/position").text
    today = desk.denis.get("/backoffice?scope=all").text
    assert BOTH in today
    assert "977.77" not in today
