"""The statements of 1,000 contracts for a month, each in all formats, on the book of a million.

Floor: the same files rendered from statements already read, without a database. What is issued is
undone: the book is only read.
"""

from __future__ import annotations

from time import perf_counter

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from cessio.kernel.calendar import previous_month
from cessio.statements import queries
from cessio.statements.formats import Posted, StatementFormat, render
from cessio.statements.operations import issue_all
from tests.benchmarks.office_book import NOW, UNTIL

#: Begins with the office's book.
BOOK = "office"
CONTRACTS, BATCH, TARGET = 1_000, 50, 1.5
FORMATS = tuple(StatementFormat)
MONTH = previous_month(UNTIL)


def run(engine: Engine) -> list[tuple[str, float, float, float]]:
    """(job, seconds of the floor, our seconds, target ratio)."""
    with Session(engine) as session:
        query = text("SELECT id FROM contract WHERE starts_on <= :day ORDER BY id LIMIT :most")
        ids = list(session.scalars(query, {"day": MONTH.start, "most": CONTRACTS}))
    assert len(ids) == CONTRACTS, len(ids)
    ours = floor = 0.0
    for first in range(0, CONTRACTS, BATCH):
        part = ids[first : first + BATCH]
        ours += _issue(engine, part)
        floor += _render(engine, part)
    return [(f"{CONTRACTS:,} statements in {len(FORMATS)} formats", floor, ours, TARGET)]


def _issue(engine: Engine, ids: list[int]) -> float:
    start = perf_counter()
    with Session(engine) as session:
        for contract_id in ids:
            statement = queries.contract_statement(
                session, contract_id=contract_id, from_on=MONTH.start, to_on=MONTH.end
            )
            made = issue_all(session, statement, FORMATS, language="fr", by="job:bench", at=NOW)
            assert all(one.content for one in made)
        session.rollback()
    return perf_counter() - start


def _render(engine: Engine, ids: list[int]) -> float:
    took = 0.0
    with Session(engine) as session:
        for contract_id in ids:
            period = {"contract_id": contract_id, "from_on": MONTH.start, "to_on": MONTH.end}
            statement = queries.contract_statement(session, **period)
            parties = queries.parties_of(session, contract_id=contract_id)
            figures = queries.closing_figures(session, statement)
            chart = queries.client_chart(session, client_id=statement.client_id)
            posted = Posted(queries.client_journal(session, **period), chart)
            start = perf_counter()
            for one in FORMATS:
                render(statement, parties, one, code="AAAA-BBBB-CCCC", figures=figures,
                       language="fr", at=NOW, posted=posted)  # fmt: skip
            took += perf_counter() - start
    return took
