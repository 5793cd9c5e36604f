"""Invoices to verify: the queue, one with its mails, what is foreseen before an assignment."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.contracts.rules import Terms
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest
from cessio.parties.models import Client, Company, Debtor
from cessio.plumbing.keyset import sorted_page
from cessio.receivables.models import Hold, Receivable, Verification
from cessio.receivables.queries.planned import PlannedDocument
from cessio.receivables.rules import DocumentKind, fingerprint
from cessio.receivables.rules.verification import (
    DRAWS,
    OPEN,
    VerificationFacts,
    VerificationMethod,
    VerificationReason,
    VerificationState,
    may_be_funded,
    reasons_to_verify,
)

#: The company of the client, beside the debtor's.
_HOUSE = Company.__table__.alias("house")


class VerificationOrder(StrEnum):
    """How the queue is read."""

    OLDEST = "oldest"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class VerificationView:
    """An invoice to verify, or that was. Amounts in minor units of its contract's currency."""

    id: int
    receivable_id: int
    number: str
    issue_date: date
    due_date: date
    amount_minor: int
    open_minor: int
    currency: str
    order_ref: str | None
    contract_id: int
    contract_reference: str
    client_id: int
    client_name: str
    debtor_id: int
    debtor_name: str
    debtor_company_id: int
    debtor_language: str
    reasons: tuple[VerificationReason, ...]
    state: VerificationState
    required_at: datetime
    asked_at: datetime | None
    asked_by: str | None
    asked_to: str | None
    method: VerificationMethod | None
    contact: str | None
    confirmed_minor: int | None
    note: str | None
    ended_at: datetime | None
    ended_by: str | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationFilter:
    """Which verifications a list shows; ``states`` empty: those that wait."""

    states: Collection[VerificationState] = ()
    reason: VerificationReason | None = None
    contract_id: int | None = None
    client_id: int | None = None
    debtor_id: int | None = None
    receivable_id: int | None = None
    from_minor: int | None = None
    before: datetime | None = None
    order: VerificationOrder = VerificationOrder.OLDEST
    sort: str | None = None


def verifications(
    session: Session, request: PageRequest, wanted: VerificationFilter
) -> Page[VerificationView]:
    """Invoices to verify, the oldest first or the largest, or by a column (``wanted.sort``)."""
    by_amount = wanted.order is VerificationOrder.AMOUNT
    return sorted_page(
        session, _views().where(*_where(wanted)), request, sort=wanted.sort, sorts=_SORTS,
        default="largest" if by_amount else "since", unique=Verification.id, read=_view,
    )  # fmt: skip


_SORTS: dict[str, Any] = {
    "since": Verification.id, "largest": -Receivable.amount_minor, "open": Receivable.open_minor,
    "number": Receivable.number, "client": _HOUSE.c.name, "state": Verification.state,
}  # fmt: skip


def verification_totals(
    session: Session, wanted: VerificationFilter
) -> tuple[tuple[str, int, int], ...]:
    """Of a list: currency, how many, and what is open of them."""
    query = (
        select(Contract.currency, func.count(), func.sum(Receivable.open_minor))
        .select_from(Verification)
        .join(Receivable, Receivable.id == Verification.receivable_id)
        .join(Contract, Contract.id == Verification.contract_id)
        .where(*_where(wanted)).group_by(Contract.currency).order_by(Contract.currency)
    )  # fmt: skip
    return tuple((row[0], row[1], int(row[2])) for row in session.execute(query))


def verification(session: Session, verification_id: int) -> VerificationView:
    """One of them. Raises ``NotFound``."""
    row = session.execute(_views().where(Verification.id == verification_id)).one_or_none()
    if row is None:
        raise _unknown(verification_id)
    return _view(row)


def verifications_of(session: Session, receivable_id: int) -> tuple[VerificationView, ...]:
    """Those of one invoice, latest first."""
    rows = session.execute(
        _views().where(Verification.receivable_id == receivable_id)
        .order_by(Verification.id.desc())
    )  # fmt: skip
    return tuple(_view(row) for row in rows)


def verification_by_code(session: Session, code: str) -> VerificationView | None:
    """The verification a debtor was asked for under a code."""
    digest = hashlib.sha256(code.encode()).digest()
    row = session.execute(_views().where(Verification.code_sha256 == digest)).one_or_none()
    return None if row is None else _view(row)


def next_to_verify(
    session: Session, wanted: VerificationFilter, *, after: VerificationView
) -> int | None:
    """The one that follows in the queue as it is read, from its top when it ended."""
    wanted = replace(wanted, sort=None)
    by_amount = wanted.order is VerificationOrder.AMOUNT
    key = (-after.amount_minor, after.id) if by_amount else (after.id,)
    for request in (PageRequest(1, after=key), PageRequest(1)):
        rows = verifications(session, request, wanted).rows
        if rows and rows[0].id != after.id:
            return rows[0].id
    return None


def waiting_verifications(session: Session) -> tuple[tuple[str, int, int, datetime], ...]:
    """For the work queue: currency, how many wait, for how much, since when."""
    query = (
        select(Contract.currency, func.count(), func.sum(Receivable.open_minor),
               func.min(Verification.required_at))
        .select_from(Verification)
        .join(Receivable, Receivable.id == Verification.receivable_id)
        .join(Contract, Contract.id == Verification.contract_id)
        .where(*_where(VerificationFilter())).group_by(Contract.currency)
        .order_by(Contract.currency)
    )  # fmt: skip
    return tuple((row[0], row[1], int(row[2]), row[3]) for row in session.execute(query))


def locked_verification(session: Session, verification_id: int) -> Verification:
    """A verification, locked until the transaction ends. Raises ``NotFound``."""
    found = session.scalar(
        select(Verification).where(Verification.id == verification_id).with_for_update()
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if found is None:
        raise _unknown(verification_id)
    return found


def latest_verifications(
    session: Session, receivable_ids: Collection[int]
) -> dict[int, Verification]:
    """The latest verification of each invoice that has one, locked in id order."""
    rows = session.scalars(
        select(Verification).where(Verification.receivable_id.in_(receivable_ids))
        .order_by(Verification.id).with_for_update().execution_options(populate_existing=True)
    )  # fmt: skip
    return {row.receivable_id: row for row in rows}


def is_unverified(session: Session, receivable_id: int) -> bool:
    """Whether the latest verification of an invoice is open or failed."""
    latest = session.scalar(
        select(Verification.state).where(Verification.receivable_id == receivable_id)
        .order_by(Verification.id.desc()).limit(1)
    )  # fmt: skip
    return latest is not None and not may_be_funded(VerificationState(latest))


def open_verification_holds(session: Session, receivable_ids: Collection[int]) -> dict[int, Hold]:
    """The holds that keep unverified invoices out of the availability."""
    rows = session.scalars(
        select(Hold).where(Hold.receivable_id.in_(receivable_ids), Hold.ended_at.is_(None),
                           Hold.reason == "not_verified")
        .order_by(Hold.id)
    )  # fmt: skip
    return {row.receivable_id: row for row in rows}


def assigned_among(session: Session, receivable_ids: Collection[int]) -> list[int]:
    """Those of some ids that are open invoices of the book."""
    return list(session.scalars(
        select(Receivable.id).where(
            Receivable.id.in_(receivable_ids), Receivable.kind == DocumentKind.INVOICE.value,
            Receivable.closed_on.is_(None),
        ).order_by(Receivable.id)
    ))  # fmt: skip


_DRAWS = text("SELECT verification_draws(CAST(:fingerprints AS bytea[]))")

_BEFORE = """
    SELECT debtor.id, debtor.segment IN ('new', 'at_risk'), (
             SELECT count(*) FROM (SELECT FROM ledger_entry AS entry
                                    WHERE entry.account_id = account.id AND entry.amount_minor > 0
                                    ORDER BY entry.account_version LIMIT :first) AS one)
      FROM unnest(CAST(:debtors AS bigint[])) AS asked (debtor_id)
      JOIN debtor ON debtor.id = asked.debtor_id
      LEFT JOIN ledger_account AS account ON account.kind = 'RECEIVABLE'
       AND account.contract_id = :contract_id AND account.debtor_id = asked.debtor_id
"""


def foreseen(
    session: Session, documents: Sequence[PlannedDocument], *, contract_id: int, terms: Terms,
    currency: str,
) -> dict[int, tuple[VerificationReason, ...]]:  # fmt: skip
    """Which documents an assignment will have verified, by their reserved id.

    Only a sample drawn among invoices of debtors nobody knew before cannot be foreseen.
    """
    debtors = {one.debtor_id for one in documents if one.debtor_id is not None}
    known = _known(session, contract_id, debtors, terms)
    drawn = _draws(session, documents, currency)
    places: dict[str, int] = {}
    found = {}
    for one in documents:
        if one.kind is not DocumentKind.INVOICE:
            continue
        is_risky, before = known.get(one.debtor_id or 0, (True, 0))
        facts = VerificationFacts(
            amount_minor=one.amount_minor, before=before + places.get(one.debtor_key, 0),
            is_risky=is_risky, has_signal=one.must_verify,
            drawn=drawn.get(one.receivable_id, DRAWS),
        )  # fmt: skip
        places[one.debtor_key] = places.get(one.debtor_key, 0) + 1
        if reasons := reasons_to_verify(facts, terms):
            found[one.receivable_id] = reasons
    return found


def _known(
    session: Session, contract_id: int, debtors: set[int], terms: Terms
) -> Mapping[int, tuple[bool, int]]:
    facts = {"contract_id": contract_id, "debtors": sorted(debtors),
             "first": terms.verification_first_invoices}  # fmt: skip
    rows = session.execute(text(_BEFORE), facts)
    return {row[0]: (row[1], row[2]) for row in rows}


def _draws(
    session: Session, documents: Sequence[PlannedDocument], currency: str
) -> dict[int, int]:  # fmt: skip
    """The draws by reserved id, from the database: the seed is not for who reads from outside."""
    asked = {
        one.receivable_id: fingerprint(
            debtor_id=one.debtor_id, number=one.number, issue_date=one.issue_date,
            amount_minor=one.amount_minor, currency=currency,
        )
        for one in documents
        if one.kind is DocumentKind.INVOICE and one.debtor_id is not None
    }  # fmt: skip
    found = session.scalars(_DRAWS, {"fingerprints": list(asked.values())})
    return dict(zip(asked, found, strict=False))


def _where(wanted: VerificationFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(Verification.state.in_([state.value for state in wanted.states]))
    elif wanted.receivable_id is None:
        found += [Verification.ended_at.is_(None), Receivable.closed_on.is_(None)]
    if wanted.reason is not None:
        found.append(Verification.reasons.contains([wanted.reason.value]))
    if wanted.contract_id is not None:
        found.append(Verification.contract_id == wanted.contract_id)
    if wanted.client_id is not None:
        found.append(Receivable.client_id == wanted.client_id)
    if wanted.debtor_id is not None:
        found.append(Receivable.debtor_id == wanted.debtor_id)
    if wanted.receivable_id is not None:
        found.append(Verification.receivable_id == wanted.receivable_id)
    if wanted.from_minor is not None:
        found.append(Receivable.amount_minor >= wanted.from_minor)
    if wanted.before is not None:
        found.append(Verification.required_at < wanted.before)
    return found


def _views() -> Select[*tuple[Any, ...]]:
    owing = Company.__table__.alias("owing")
    return (
        select(Verification, Receivable, Contract.reference, Contract.currency, _HOUSE.c.name,
               owing.c.name, owing.c.id, Debtor.language)
        .join(Receivable, Receivable.id == Verification.receivable_id)
        .join(Contract, Contract.id == Verification.contract_id)
        .join(Client, Client.id == Receivable.client_id)
        .join(_HOUSE, _HOUSE.c.id == Client.company_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .join(owing, owing.c.id == Debtor.company_id)
    )  # fmt: skip


def _view(found: Any) -> VerificationView:
    row, invoice, reference, currency, client_name, debtor_name, company_id, language = found
    return VerificationView(
        id=row.id, receivable_id=invoice.id, number=invoice.number,
        issue_date=invoice.issue_date, due_date=invoice.due_date,
        amount_minor=invoice.amount_minor, open_minor=invoice.open_minor, currency=currency,
        order_ref=invoice.order_ref, contract_id=row.contract_id, contract_reference=reference,
        client_id=invoice.client_id, client_name=client_name, debtor_id=invoice.debtor_id,
        debtor_name=debtor_name, debtor_company_id=company_id, debtor_language=language,
        reasons=tuple(VerificationReason(one) for one in row.reasons),
        state=VerificationState(row.state), required_at=row.required_at, asked_at=row.asked_at,
        asked_by=row.asked_by, asked_to=row.asked_to,
        method=VerificationMethod(row.method) if row.method else None, contact=row.contact,
        confirmed_minor=row.confirmed_minor, note=row.note, ended_at=row.ended_at,
        ended_by=row.ended_by,
    )  # fmt: skip


def _unknown(verification_id: int) -> NotFound:
    return NotFound("verification_unknown", "there is no verification {id}", id=verification_id)
