"""Making a remittance and having it checked, before its client confirms it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid
from cessio.kernel.money import MAX_MINOR
from cessio.plumbing import outbox
from cessio.receivables import queries
from cessio.receivables.bulk import checking, lines
from cessio.receivables.bulk.checking import Totals
from cessio.receivables.models import Remittance
from cessio.receivables.models import RemittanceState as StateRow
from cessio.receivables.queries.facts import ContractFacts
from cessio.receivables.rules import DocumentKind, RemittanceState, Source, number_key
from cessio.receivables.rules.identities import read_siren, read_vat_number

#: More lines than this come in as a file, and a remittance never holds more than a million.
MAX_ROWS = 10_000
_LONGEST = 200

Progress = Callable[[int, int], None]


class ContractNotOpen(Conflict):
    """The contract takes no invoices on this date: not started, or ended."""


class WrongState(Conflict):
    """What is asked can not be done to a remittance in its present state."""


class TooManyRows(Invalid):
    """So many lines come in as a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """An invoice or credit note as sent by a program or typed by hand.

    ``amount_minor`` is gross of VAT, in the contract's currency; a negative invoice is a credit
    note, and a credit note may be given with either sign. The debtor is named by its SIREN (or
    SIRET), its VAT number, or our own id. Without a due date the debtor's terms decide.
    """

    number: str
    issue_date: date
    amount_minor: int
    due_date: date | None = None
    kind: DocumentKind = DocumentKind.INVOICE
    debtor_siren: str | None = None
    debtor_vat: str | None = None
    debtor_id: int | None = None
    debtor_name: str | None = None
    vat_minor: int | None = None
    currency: str | None = None
    order_ref: str | None = None
    original_number: str | None = None


def draft_from_rows(
    session: Session, *, contract_id: int, rows: Sequence[NewDocument],
    source: Source = Source.API, by: str, at: datetime,
) -> int:  # fmt: skip
    """Write a draft of documents given one by one; returns the remittance's id.

    Raises ``ContractNotOpen``, ``TooManyRows``. What is wrong with a line is told by ``check``.
    """
    if len(rows) > MAX_ROWS:
        raise TooManyRows(
            "too_many_rows", "at most {most} lines at once; send larger remittances as a file",
            most=MAX_ROWS,
        )  # fmt: skip
    facts = open_contract(session, contract_id, on=business_date(at))
    remittance = open_draft(session, facts=facts, source=source, by=by, at=at)
    lines.stage_rows(session, staged_rows(rows))
    keep(session, remittance, facts)
    return remittance.id


def open_contract(session: Session, contract_id: int, *, on: date) -> ContractFacts:
    """The contract's facts if it takes invoices on a date. Raises ``ContractNotOpen``."""
    facts = queries.contract_facts(session, contract_id, on=on)
    if on < facts.starts_on or (facts.ended_on is not None and on >= facts.ended_on):
        raise ContractNotOpen(
            "contract_not_open", "contract {reference} takes no invoices on {on}",
            reference=facts.reference, on=on,
        )  # fmt: skip
    return facts


def open_draft(
    session: Session, *, facts: ContractFacts, source: Source, filename: str | None = None,
    by: str, at: datetime,
) -> Remittance:  # fmt: skip
    """A new remittance without lines, with the next number of its contract."""
    number = queries.next_remittance_number(session, facts.contract_id)
    remittance = Remittance(
        contract_id=facts.contract_id, number=number, state=RemittanceState.DRAFT.value,
        source=source.value, filename=filename, created_at=at, created_by=by,
    )  # fmt: skip
    session.add(remittance)
    session.flush()
    enter(session, remittance, RemittanceState.DRAFT, client_id=facts.client_id, by=by, at=at)
    return remittance


def keep(session: Session, remittance: Remittance, facts: ContractFacts) -> None:
    """Write the staged lines of a draft and its totals."""
    lines.keep_staged(
        session, remittance_id=remittance.id, terms_days=facts.terms.payment_terms_days_default
    )
    remittance.checked_at = None
    _count(remittance, checking.totals(session, remittance.id))
    session.flush()


def check(
    session: Session, *, remittance_id: int, on: date, by: str, at: datetime,
    progress: Progress | None = None,
) -> Totals:  # fmt: skip
    """Give every line of a draft or submitted remittance its verdict and all its reasons.

    Safe to run again: what was said before and holds no more is taken back. Raises
    ``WrongState`` once the remittance was decided.
    """
    remittance = queries.locked_remittance(session, remittance_id)
    require(remittance, RemittanceState.DRAFT, RemittanceState.SUBMITTED)
    facts = queries.contract_facts(session, remittance.contract_id, on=on)
    found = judge(session, remittance, facts, on=on, at=at, progress=progress)
    outbox.publish(
        session, "remittance.checked", {"remittance_id": remittance_id, "at": at.isoformat()},
        by=by, at=at, client_id=facts.client_id,
    )  # fmt: skip
    return found


def judge(
    session: Session, remittance: Remittance, facts: ContractFacts, *, on: date, at: datetime,
    progress: Progress | None = None,
) -> Totals:  # fmt: skip
    """``check`` for a remittance already locked."""
    tell = progress or _silent
    tell(0, remittance.line_count)
    checking.judge(
        session, remittance_id=remittance.id, facts=facts, on=on, lines=remittance.line_count
    )
    found = checking.totals(session, remittance.id)
    _count(remittance, found)
    remittance.checked_at = at
    session.flush()
    tell(found.line_count, found.line_count)
    return found


def require(remittance: Remittance, *states: RemittanceState) -> None:
    """Raise ``WrongState`` unless the remittance is in one of the states."""
    if remittance.state not in states:
        raise WrongState(
            "remittance_state", "remittance {number} is {state}",
            number=remittance.number, state=RemittanceState(remittance.state),
        )  # fmt: skip


def enter(
    session: Session, remittance: Remittance, state: RemittanceState, *, client_id: int,
    by: str, at: datetime, reason: str | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Put a remittance in a state, with who, when and why, and write it to the audit trail."""
    before = None if state is RemittanceState.DRAFT else {"state": remittance.state}
    remittance.state = state.value
    session.add(
        StateRow(remittance_id=remittance.id, state=state.value, at=at, by=by, reason=reason)
    )
    audit.record(
        session, verb=f"remittance.{_VERBS[state]}", subject_kind="remittance",
        subject_id=remittance.id, before=before, after={"state": state.value, **(after or {})},
        why=reason, by=by, at=at, client_id=client_id,
    )  # fmt: skip


_VERBS = {
    RemittanceState.DRAFT: "draft", RemittanceState.SUBMITTED: "submit",
    RemittanceState.ASSIGNED: "assign", RemittanceState.REFUSED: "refuse",
    RemittanceState.WITHDRAWN: "withdraw", RemittanceState.REVERSED: "reverse",
}  # fmt: skip


def staged_rows(rows: Sequence[NewDocument], *, first: int = 1) -> Iterator[tuple[Any, ...]]:
    """Documents as tuples of ``lines.COLUMNS``, numbered from ``first``."""
    for line, row in enumerate(rows, start=first):
        yield staged_row(line, row)


def staged_row(line: int, row: NewDocument) -> tuple[Any, ...]:
    """One document as it is written: kinds signed, identities read, faults told."""
    faults: list[dict[str, str]] = []
    raw: dict[str, str] = {}
    siren = _identity("siren_invalid", "debtor_siren", row.debtor_siren, read_siren, faults, raw)
    vat = _identity("vat_number_invalid", "debtor_vat", row.debtor_vat, read_vat_number, faults,
                    raw)  # fmt: skip
    if siren is None and vat is not None and vat.startswith("FR"):
        siren = vat[4:]
    number, order = _text(row.number, faults), _text(row.order_ref, faults)
    name, original = _text(row.debtor_name, faults), _text(row.original_number, faults)
    kind, amount, vat_amount = signed(row.kind, row.amount_minor, row.vat_minor)
    if abs(amount) > MAX_MINOR:
        faults.append({"code": "amount_too_large", "field": "amount_minor"})
        amount = 0
    return (
        line, kind.value, number or None, number_key(number), row.debtor_id, siren, vat,
        name or None, row.issue_date, row.due_date, amount, vat_amount, row.currency,
        order or None, original or None, number_key(original) or None,
        json.dumps(faults) if faults else None, json.dumps(raw) if raw else None,
    )  # fmt: skip


def signed(
    kind: DocumentKind, amount_minor: int, vat_minor: int | None
) -> tuple[DocumentKind, int, int | None]:
    """Kind and amounts as the book writes them: an invoice above zero, a credit note below."""
    if amount_minor < 0:
        return DocumentKind.CREDIT_NOTE, amount_minor, vat_minor
    if kind is DocumentKind.CREDIT_NOTE:
        return kind, -amount_minor, None if vat_minor is None else -abs(vat_minor)
    return kind, amount_minor, vat_minor


def _identity(
    code: str, field: str, value: str | None, read: Callable[[str], str | None],
    faults: list[dict[str, str]], raw: dict[str, str],
) -> str | None:  # fmt: skip
    if value is None or not value.strip():
        return None
    found = read(value)
    if found is None:
        faults.append({"code": code, "field": field})
        raw[field] = value.replace("\0", "")[:200]
    return found


def _text(value: str | None, faults: list[dict[str, str]]) -> str:
    """A text as it may be stored; PostgreSQL refuses NUL, and other controls are never meant.

    Nor what is not seen or turns the direction: a number is on letters to others.
    """
    if value is None:
        return ""
    seen = (each for each in value if unicodedata.category(each) != "Cf")
    plain = "".join(" " if ord(character) < 32 else character for character in seen)
    if "\0" in value:
        faults.append({"code": "text_unreadable"})
    said = " ".join(plain.split())
    if len(said) > _LONGEST:
        faults.append({"code": "text_too_long"})
    return said[:_LONGEST]


def _count(remittance: Remittance, found: Totals) -> None:
    remittance.line_count = found.line_count
    remittance.accepted_count = found.accepted_count
    remittance.warning_count = found.warning_count
    remittance.refused_count = found.refused_count
    remittance.invoices_minor = found.invoices_minor
    remittance.credit_notes_minor = found.credit_notes_minor


def _silent(_done: int, _total: int) -> None:
    return
