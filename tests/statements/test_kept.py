"""Statements made by themselves: each period once, whatever runs twice, and never changed."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from email import message_from_string, policy

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.receivables.books import assigned, invoice, open_book

from cessio import delivery, documents, statements
from cessio.contracts import queries as contracts
from cessio.delivery import queries as delivered
from cessio.kernel.calendar import Period
from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.notifications.operations import stop_mails
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.sharing import Part, ShareRole, share_with_guest
from cessio.sharing.operations import Reader
from cessio.statements import StatementFormat, queries
from cessio.statements.operations import plan_day
from cessio.statements.queries.kept import due_periods
from cessio.statements.rules.rhythm import Rhythm, Wanted, period_ending, periods_until
from cessio.worker import load_jobs

BY = "person:1"
LAST = date(2026, 10, 31)
ALL = tuple(one.value for one in StatementFormat)


@pytest.mark.parametrize("rhythm", [Rhythm.MONTHLY, Rhythm.WEEKLY, Rhythm.DAILY])
def test_periods_follow_each_other_without_gap_or_overlap(rhythm: Rhythm) -> None:
    found: list[Period] = []
    for day in range(800):
        one = period_ending(rhythm, date(2027, 1, 1) + timedelta(days=day))
        if one is not None:
            assert not found or one.start == found[-1].stop
            found.append(one)
    assert len(found) == {"monthly": 26, "weekly": 114, "daily": 571}[rhythm.value]
    assert list(periods_until(Rhythm.NONE, LAST)) == []


def test_a_months_end_is_told_once_in_each_format_and_put_into_the_folder(
    engine: Engine, now: datetime
) -> None:
    load_jobs()
    with transaction(engine) as session:
        book = open_book(session, now)
        assigned(session, book, now, invoice(book, "F-1", 100_00))
        wanted = Wanted(Rhythm.MONTHLY, ALL, "en")
        statements.set_order(
            session, contract_id=book.alpha, wanted=wanted, by=BY, at=now - timedelta(days=30)
        )
        client = contracts.contract(session, book.alpha).client_id
        delivery.open_recipient(session, name="Alpha", folder="alpha", client_id=client, by=BY,
                                at=now)  # fmt: skip
        assert plan_day(session, on=LAST, by="job:x", at=now) > 0
    run_pending(engine, clock=lambda: now, raising=True)
    with transaction(engine) as session:
        [period] = queries.kept_periods(session, contract_id=book.alpha)
        assert (period.from_on, period.to_on) == (date(2026, 10, 1), LAST)
        assert sorted(one.format for one in period.files) == sorted(ALL)
        assert len({one.verification_code for one in period.files}) == 1
        for one in period.files:
            kept = documents.read(session, one.document_id, client_id=client)
            assert hashlib.sha256(kept.content).hexdigest() == one.sha256
        names = {one.filename for one in delivered.deliveries(session)}
        assert len(names) == len(ALL)
        assert all(one.delivered_at == now for one in delivered.deliveries(session))
        assert plan_day(session, on=LAST, by="job:x", at=now) == 0
        assert statements.operations.make_period(
            session, contract_id=book.alpha, period=Period(period.from_on, period.to_on),
            rhythm=Rhythm.MONTHLY, by=BY, at=now,
        ) == 0  # fmt: skip
        assert queries.issued(session, code=period.files[0].verification_code) is not None
        with pytest.raises(NotFound):
            queries.kept_statement(session, period.files[0].id, client_id=client + 1)
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text("UPDATE kept_statement SET format = 'csv'"))


def test_what_a_client_chose_holds_from_the_day_it_chose(
    worker_engine: Engine, now: datetime
) -> None:
    with Session(worker_engine) as session:
        book = open_book(session, now)

        def due(on: date) -> set[tuple[date, date]]:
            return {(one.period.start, one.period.end) for one in due_periods(session, until=on)
                    if one.contract_id == book.alpha}  # fmt: skip

        assert due(LAST) == {(date(2026, 10, 1), LAST)}
        daily = Wanted(Rhythm.DAILY, ("pdf", "camt053"), "fr")
        statements.set_order(session, contract_id=book.alpha, wanted=daily, by=BY, at=now)
        assert due(date(2026, 11, 15)) == set()
        assert due(date(2026, 11, 17)) == {
            (date(2026, 11, 14), date(2026, 11, 16)), (date(2026, 11, 17), date(2026, 11, 17)),
        }  # fmt: skip
        with pytest.raises(Conflict):
            statements.set_order(session, contract_id=book.alpha, wanted=daily, by=BY, at=now)
        with pytest.raises(Invalid, match="one format"):
            statements.set_order(session, contract_id=book.alpha, by=BY, at=now,
                                 wanted=Wanted(Rhythm.WEEKLY, ("exe",), "fr"))  # fmt: skip
        statements.set_order(session, contract_id=book.alpha, by=BY, at=now,
                             wanted=Wanted(Rhythm.NONE, (), "fr"))  # fmt: skip
        assert due(date(2026, 11, 30)) == set()
        session.rollback()


def test_what_is_asked_for_is_kept_once_while_its_figures_are_the_same(
    worker_engine: Engine, now: datetime
) -> None:
    with Session(worker_engine) as session:
        book = open_book(session, now)

        def ask() -> int:
            return statements.ask_statement(
                session, contract_id=book.alpha, from_on=date(2026, 11, 1),
                to_on=date(2026, 11, 30), file_format=StatementFormat.CSV, language="fr", by=BY,
                at=now,
            )  # fmt: skip

        first = ask()
        assert ask() == first
        assigned(session, book, now, invoice(book, "F-1", 100_00))
        assert ask() != first
        assert queries.kept_periods(session, contract_id=book.alpha) == []
        session.rollback()


def test_a_guest_is_told_by_mail_of_the_statements_it_may_read_until_it_stops_them(
    engine: Engine, now: datetime
) -> None:
    load_jobs()
    with transaction(engine) as session:
        book = open_book(session, now)
        client = contracts.contract(session, book.alpha).client_id
        for name, part in (("paul", Part.STATEMENTS), ("nadia", Part.COSTS)):
            reader = Reader(name, "Cabinet", ShareRole.ACCOUNTANT, "en", f"{name}@renaud.example")
            share_with_guest(session, client_id=client, reader=reader, parts=[part],
                             contract_ids=[book.alpha], until_on=date(2027, 6, 30),
                             by=book.people.fanny.by, at=now)  # fmt: skip
        plan_day(session, on=LAST, by="job:x", at=now)
    run_pending(engine, clock=lambda: now, raising=True)

    def told() -> list[tuple[str, str]]:
        with transaction(engine) as session:
            rows = session.execute(text(
                "SELECT recipient, convert_from(content, 'UTF8') FROM outgoing_mail"
                " WHERE business_key LIKE 'notification/%' ORDER BY id"
            ))  # fmt: skip
            return [(row[0], row[1]) for row in rows]

    [(recipient, content)] = told()
    assert recipient == "paul@renaud.example"
    body = message_from_string(content, policy=policy.default).get_content()
    assert f"statements?contract={book.alpha}&from=2026-10-01&to=2026-10-31" in body
    assert "/guest/" in body
    assert "bell" not in body
    with transaction(engine) as session:
        paul = session.scalar(text("SELECT id FROM person WHERE email = 'paul@renaud.example'"))
        assert paul is not None
        stop_mails(session, person_id=paul, kind="shared_statement", at=now)
        statements.operations.make_period(
            session, contract_id=book.alpha, period=Period(date(2026, 9, 1), date(2026, 9, 30)),
            rhythm=Rhythm.MONTHLY, by=BY, at=now,
        )  # fmt: skip
    run_pending(engine, clock=lambda: now, raising=True)
    assert len(told()) == 1
