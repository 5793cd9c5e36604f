"""Changing the terms of a contract: a new version, never an edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, house
from cessio.contracts import queries
from cessio.contracts.models import Contract, ContractTerms
from cessio.contracts.operations.agreements import refuse_if_ended
from cessio.contracts.queries import agreements
from cessio.contracts.queries import terms as terms_queries
from cessio.contracts.queries.terms import columns_of
from cessio.contracts.rules import TermChange, Terms, term_changes, terms_problems
from cessio.house import Act
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Conflict, Invalid, Problems


@dataclass(frozen=True, slots=True)
class TermsChanged:
    """The version recorded and what it changes.

    ``later`` are versions recorded before that take effect after it, each with its own whole set
    of terms: whoever decides must be told that this change ends there.
    """

    version: int
    effective_from: date
    changes: tuple[TermChange, ...]
    later: tuple[tuple[int, date], ...]


def change_terms(
    session: Session, *, contract_id: int, terms: Terms, effective_from: date,
    reason: str | None = None, by: str, at: datetime,
) -> TermsChanged:  # fmt: skip
    """Record terms that hold from a date until the next version; of one date the last holds.

    A date before today needs a reason: figures already shown change, those asked *as of* a past
    day do not. Raises ``Problems``, ``Conflict`` (``terms_unchanged``), ``ContractEnded``.
    """
    row = agreements.locked(session, contract_id)
    refuse_if_ended(row)
    faults = [*terms_problems(terms), *_date_faults(row, effective_from, reason, at)]
    if faults:
        raise Problems(faults)
    held = queries.terms_in_force(session, contract_id, effective_from)
    changes = term_changes(held, terms)
    if not changes:
        raise Conflict("terms_unchanged", "these are the terms of that date already")
    if terms.facility_limit_minor > held.facility_limit_minor:
        others = agreements.other_facilities(session, client_id=row.client_id,
                                             currency=row.currency, but=contract_id)  # fmt: skip
        house.check_authority(session, act=Act.SIGN_FACILITY, currency=row.currency, by=by, at=at,
                              amount_minor=terms.facility_limit_minor + others)  # fmt: skip
    version = terms_queries.last_version(session, contract_id) + 1
    changed = ContractTerms(
        contract_id=contract_id, version=version, effective_from=effective_from,
        decided_at=at, decided_by=by, reason=reason, **columns_of(terms),
    )  # fmt: skip
    session.add(changed)
    session.flush()
    audit.record(
        session, verb="change_terms", subject_kind="contract", subject_id=contract_id,
        client_id=row.client_id, why=reason, by=by, at=at,
        before={change.name: change.before for change in changes},
        after={"effective_from": effective_from, **{c.name: c.after for c in changes}},
    )  # fmt: skip
    later = queries.versions_after(session, contract_id, effective_from)
    return TermsChanged(version, effective_from, changes, tuple(later))


def _date_faults(
    row: Contract, effective_from: date, reason: str | None, at: datetime
) -> list[CessioError]:
    if effective_from < row.signed_on:
        return [
            Invalid("terms_before_signature", "the contract was signed on {signed_on}",
                    field="effective_from", signed_on=row.signed_on.isoformat())
        ]  # fmt: skip
    if effective_from < business_date(at) and not (reason or "").strip():
        return [
            Invalid("reason_missing", "terms of a past date need a reason", field="reason")
        ]  # fmt: skip
    return []
