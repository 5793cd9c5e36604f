"""Correcting lines: in a draft, or those an assignment refused, under their own number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, NotFound
from cessio.receivables import queries
from cessio.receivables.bulk import lines
from cessio.receivables.bulk.checking import Totals
from cessio.receivables.models import Remittance
from cessio.receivables.operations.drafts import (
    NewDocument,
    judge,
    keep,
    open_contract,
    open_draft,
    require,
    staged_row,
    staged_rows,
)
from cessio.receivables.rules import RemittanceState, Source


class NothingRefused(Conflict):
    """The remittance has no refused line to send again."""


def correct_line(
    session: Session, *, remittance_id: int, line: int, document: NewDocument, by: str,
    at: datetime,
) -> Totals:  # fmt: skip
    """Write a line of a draft anew, as ``document`` says, and check the remittance again.

    The line keeps its number; what could not be read in it before is forgotten. Raises
    ``WrongState``, ``NotFound``.
    """
    remittance = _draft(session, remittance_id)
    if not lines.remove(session, remittance_id, [line]):
        raise _no_line(line)
    return _write(session, remittance, [staged_row(line, document)], "correct", [line], by, at)


def add_lines(
    session: Session, *, remittance_id: int, rows: Sequence[NewDocument], by: str, at: datetime
) -> Totals:
    """Add documents at the end of a draft and check it again. Raises ``WrongState``."""
    remittance = _draft(session, remittance_id)
    first = queries.last_line(session, remittance_id) + 1
    numbers = list(range(first, first + len(rows)))
    staged = list(staged_rows(rows, first=first))
    return _write(session, remittance, staged, "add_lines", numbers, by, at)


def remove_line(
    session: Session, *, remittance_id: int, line: int, by: str, at: datetime
) -> Totals:
    """Take a line out of a draft and check it again. Raises ``WrongState``, ``NotFound``."""
    remittance = _draft(session, remittance_id)
    if not lines.remove(session, remittance_id, [line]):
        raise _no_line(line)
    return _write(session, remittance, [], "remove_line", [line], by, at)


def redraft_refused(session: Session, *, remittance_id: int, by: str, at: datetime) -> int:
    """A new draft of the lines that an assigned or refused remittance left out, to be corrected.

    Each keeps its document number, so that its invoice is sent again under it. Returns the new
    remittance's id. Raises ``WrongState``, ``NothingRefused``, ``ContractNotOpen``.
    """
    former = queries.locked_remittance(session, remittance_id)
    require(former, RemittanceState.ASSIGNED, RemittanceState.REFUSED, RemittanceState.REVERSED)
    refused_only = former.state == RemittanceState.ASSIGNED
    if refused_only and former.refused_count == 0:
        raise NothingRefused(
            "nothing_refused", "remittance {number} has no refused line", number=former.number
        )
    facts = open_contract(session, former.contract_id, on=business_date(at))
    fresh = open_draft(session, facts=facts, source=Source.RESENT, filename=former.filename,
                       by=by, at=at)  # fmt: skip
    lines.stage_again(session, remittance_id=remittance_id, refused_only=refused_only)
    keep(session, fresh, facts)
    return fresh.id


def _draft(session: Session, remittance_id: int) -> Remittance:
    remittance = queries.locked_remittance(session, remittance_id)
    require(remittance, RemittanceState.DRAFT)
    return remittance


def _no_line(line: int) -> NotFound:
    return NotFound("line_unknown", "the remittance has no line {line}", line=line)


def _write(
    session: Session, remittance: Remittance, staged: list[tuple[object, ...]], verb: str,
    numbers: list[int], by: str, at: datetime,
) -> Totals:  # fmt: skip
    on = business_date(at)
    facts = queries.contract_facts(session, remittance.contract_id, on=on)
    lines.stage_rows(session, staged)
    keep(session, remittance, facts)
    audit.record(
        session, verb=f"remittance.{verb}", subject_kind="remittance", subject_id=remittance.id,
        after={"lines": numbers}, by=by, at=at, client_id=facts.client_id,
    )  # fmt: skip
    return judge(session, remittance, facts, on=on, at=at)
