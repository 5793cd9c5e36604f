"""The reminders of one day: chosen out of 1,000,000 open receivables, then written as letters.

20,000 debtors are written to about 98,000 invoices. Floor of the choice: one sequential read of
the same rows that sums the exposure of each debtor, and one write of the chosen letters and lines
into tables like theirs, without foreign keys. Floor of the writing: the same letters as PDF
without a database; a part of the day is written, since each costs the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from time import perf_counter

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio import collections
from cessio.banking.operations import open_account
from cessio.collections import DunningChannel, Steps
from cessio.collections.queries import letters
from cessio.collections.queries import plan as plan_of
from cessio.collections.rules import Step
from cessio.contracts.operations import record_fixing
from cessio.contracts.rules import IndexName
from cessio.correspondence import queries as correspondence
from cessio.correspondence.operations import Addressee, letter_pdf
from cessio.correspondence.rules import Text
from cessio.plumbing.database import transaction
from tests.benchmarks.book import AT, CONTRACTS, ON, RECEIVABLES, timed

#: Begins with the big book.
BOOK = True
#: Nine in ten debtors of the big book reached the step on that day.
LETTERS, MORE, WRITTEN, BATCH = 20_000, 15_500, 1_000, 50
CHOICE_TARGET, WRITING_TARGET = 6.0, 2.0
BY = "job:bench"
_FLOOR = "SELECT debtor_id, sum(open_minor) FROM receivable WHERE closed_on IS NULL GROUP BY 1"
#: What the choice stored, written once more.
_STORED = ("dunning_letter", "dunning_line")
_FACTS = {"at": AT, "first": 1_000_000, "more": MORE, "contracts": CONTRACTS,
          "due": ON - timedelta(days=15)}  # fmt: skip

#: Debtors beside those of the big book, with two late invoices each, and addresses for all.
_DEBTORS = (
    """
    INSERT INTO company (id, name, name_key, siren, country)
    SELECT :first + i, 'Petit ' || i, 'petit ' || i, lpad((:first + i)::text, 9, '0'), 'FR'
      FROM generate_series(1, :more) AS i
    """,
    """
    INSERT INTO debtor (id, company_id, created_at, created_by)
    SELECT :first + i, :first + i, :at, 'job:bench' FROM generate_series(1, :more) AS i
    """,
    """
    INSERT INTO receivable (contract_id, client_id, debtor_id, kind, number, number_key,
                            issue_date, due_date, amount_minor, open_minor, assigned_on,
                            assigned_at)
    SELECT 1 + i % :contracts, 1 + i % :contracts, :first + i, 'invoice',
           'FC-' || i || '-' || n, 'fc' || i || n, date '2026-09-01', :due,
           10000 + (i * 37) % 400000, 10000 + (i * 37) % 400000, '2026-09-15', :at
      FROM generate_series(1, :more) AS i, generate_series(1, 2) AS n
    """,
    "UPDATE company SET street = '1 rue du Port', post_code = '69002', city = 'Lyon'",
    "ANALYZE",
)


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    with transaction(engine) as session:
        for statement in _DEBTORS:
            session.execute(text(statement), _FACTS)
        _prepare(session)
    start = perf_counter()
    with transaction(engine) as session:
        collections.choose_day(session, on=ON, by=BY, at=AT)
        waiting = letters.unwritten(session, ON)
    chosen = perf_counter() - start
    assert len(waiting) >= LETTERS, len(waiting)
    floor = min(timed(engine, _FLOOR) for _ in range(3)) + _stored_again(engine)
    part = waiting[:: LETTERS // WRITTEN][:WRITTEN]
    wrote = _write(engine, part)
    return [
        (f"choose {LETTERS:,} letters of {RECEIVABLES:,} receivables", floor, chosen,
         CHOICE_TARGET),
        (f"write {WRITTEN:,} of those letters", _render(engine, part), wrote, WRITING_TARGET),
    ]  # fmt: skip


def _prepare(session: Session) -> None:
    """A plan of one letter after fifteen days, a rate for its penalties, an account to pay to."""
    plan_id = collections.found_house_plan(session, name="Letters", by=BY, at=AT)
    steps = Steps((Step(days=15, channel=DunningChannel.LETTER, template="dunning_reminder"),))
    collections.change_plan(session, plan_id=plan_id, steps=steps, by=BY, at=AT)
    collections.switch_on(session, plan_id=plan_id, version_id=plan_of(session, plan_id).latest.id,
                          effective_from=ON, by=BY, at=AT)  # fmt: skip
    record_fixing(session, index=IndexName.ECB_REFI, fixed_on=ON.replace(month=1, day=1),
                  rate=Decimal("0.0215"), source="ECB", by=BY, at=AT)  # fmt: skip
    record_fixing(session, index=IndexName.ECB_REFI, fixed_on=ON.replace(month=7, day=1),
                  rate=Decimal("0.0215"), source="ECB", by=BY, at=AT)  # fmt: skip
    open_account(session, name="Collection", holder="Cessio", bic="AGRIFRPPXXX",
                 iban="FR7630006000011234567890189", by=BY, at=AT)  # fmt: skip


def _stored_again(engine: Engine) -> float:
    took = 0.0
    with transaction(engine) as session:
        for table in _STORED:
            session.execute(text(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)"))
            start = perf_counter()
            session.execute(text(f"INSERT INTO floor_{table} SELECT * FROM {table}"))
            took += perf_counter() - start
    return took


def _write(engine: Engine, ids: list[int]) -> float:
    """As the job does: a transaction for each batch."""
    start, wrote = perf_counter(), 0
    for first in range(0, len(ids), BATCH):
        with transaction(engine) as session:
            wrote += collections.write_letters(
                session, letter_ids=ids[first : first + BATCH], by=BY, at=AT
            )
    assert wrote == len(ids), wrote
    return perf_counter() - start


def _render(engine: Engine, ids: list[int]) -> float:
    """The words of those letters set as PDF once more; reading them is not counted."""
    with transaction(engine) as session:
        rows = [letters.letter(session, one) for one in ids]
        said = [correspondence.message(session, row.message_id) for row in rows if row.message_id]
        at = datetime.combine(ON, time(8), UTC)
        start = perf_counter()
        for number, one in enumerate(said):
            letter_pdf(
                session,
                number=str(number),
                at=at,
                text=Text(one.subject, one.body),
                code="X",
                to=Addressee(one.recipient, tuple(one.address.split("\n"))),
            )
        return perf_counter() - start
