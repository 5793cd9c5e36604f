"""Issuing a statement: the file, and a record of it that its verification code finds again.

And the account numbers that a client's journal is posted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cessio import audit
from cessio.kernel.errors import Problems
from cessio.plumbing import i18n
from cessio.plumbing.pdf import verification_code
from cessio.statements import queries
from cessio.statements.formats import Posted, StatementFormat, render
from cessio.statements.formats.files import MEDIA_TYPES
from cessio.statements.models import ClientChart, IssuedStatement
from cessio.statements.rules import Chart, ChartAccount, Statement, check_chart


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A statement as a file."""

    content: bytes
    filename: str
    media_type: str
    code: str


def issue_statement(
    session: Session, *, contract_id: int, from_on: date, to_on: date,
    file_format: StatementFormat, language: str, by: str, at: datetime,
    client_id: int | None = None, verify_at: str = "",
) -> StatementFile:  # fmt: skip
    """Make a contract's statement in a format and keep what was issued.

    ``client_id`` is who may see it; ``verify_at`` is printed beside the code. The same period and
    books give the same code in every format. Raises ``NotFound``, ``PeriodError``.
    """
    statement = queries.contract_statement(
        session, contract_id=contract_id, from_on=from_on, to_on=to_on, client_id=client_id
    )
    [made] = issue_all(
        session, statement, [file_format], language=language, by=by, at=at, verify_at=verify_at
    )
    return made


def issue_all(
    session: Session, statement: Statement, formats: Sequence[StatementFormat], *, language: str,
    by: str, at: datetime, verify_at: str = "",
) -> list[StatementFile]:  # fmt: skip
    """A statement that was read, in several formats: who it is from and for is read once."""
    code = verification_code(statement.sha256)
    with i18n.use_language(language):
        parties = queries.parties_of(session, contract_id=statement.contract_id)
        figures = (
            queries.closing_figures(session, statement) if StatementFormat.PDF in formats else []
        )
    posted = _posted(session, statement) if StatementFormat.FEC in formats else None
    made, kept = [], []
    for one in formats:
        content = render(
            statement, parties, one, code=code, figures=figures, language=language, at=at,
            verify_at=verify_at, posted=posted,
        )  # fmt: skip
        kept.append(_record(statement, one, code, content, by=by, at=at))
        media_type, extension = MEDIA_TYPES[one]
        name = f"{statement.reference}_{statement.from_on:%Y%m%d}_{statement.to_on:%Y%m%d}"
        if one is StatementFormat.FEC and parties.client_siren:
            name = f"{parties.client_siren}FEC{statement.to_on:%Y%m%d}"  # what packages look for
        made.append(StatementFile(content, f"{name}.{extension}", media_type, code))
    session.execute(insert(IssuedStatement), kept)
    return made


def set_client_chart(
    session: Session, *, client_id: int, chart: Chart, by: str, at: datetime
) -> None:
    """Say on which accounts a client's journal is posted from now on. Raises ``Problems``."""
    if faults := check_chart(chart):
        raise Problems(faults)
    before = queries.client_chart(session, client_id=client_id)
    if chart == before:
        return
    numbers = {account.value: chart.accounts[account] for account in ChartAccount}
    session.add(
        ClientChart(client_id=client_id, journal=chart.journal, set_at=at, set_by=by, **numbers)
    )
    session.flush()
    audit.record(
        session, verb="set_client_chart", subject_kind="client", subject_id=client_id,
        before=_told(before), after=_told(chart), by=by, at=at,
    )  # fmt: skip


def _told(chart: Chart) -> dict[str, str]:
    return {"journal": chart.journal} | {one.value: chart.accounts[one] for one in ChartAccount}


def _posted(session: Session, statement: Statement) -> Posted:
    """The journal of a statement's period, on its client's accounts."""
    lines = queries.client_journal(
        session, contract_id=statement.contract_id, from_on=statement.from_on,
        to_on=statement.to_on,
    )  # fmt: skip
    return Posted(lines, queries.client_chart(session, client_id=statement.client_id))


def _record(
    statement: Statement, file_format: StatementFormat, code: str, content: bytes, *, by: str,
    at: datetime,
) -> dict[str, Any]:  # fmt: skip
    """What is kept of a file that was issued."""
    return {
        "contract_id": statement.contract_id, "from_on": statement.from_on,
        "to_on": statement.to_on, "format": file_format.value,
        "opening_minor": statement.current.opening_minor,
        "closing_minor": statement.current.closing_minor, "lines_sha256": statement.sha256,
        "verification_code": code, "file_sha256": sha256(content).digest(), "issued_at": at,
        "issued_by": by,
    }  # fmt: skip
