"""Signing and ending a contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, house
from cessio.contracts.models import Contract, ContractTerms
from cessio.contracts.queries import agreements
from cessio.contracts.queries.terms import columns_of
from cessio.contracts.rules import Product, Terms, terms_problems
from cessio.house import Act
from cessio.kernel.errors import CessioError, Conflict, Invalid, NotFound, Problems
from cessio.kernel.ids import reference as numbered
from cessio.kernel.money import MINOR_DIGITS

LANGUAGES = ("fr", "en")


class ContractEnded(Conflict):
    """The contract was ended; nothing new may be decided under it."""


def sign_contract(
    session: Session,
    *,
    client_id: int,
    product: Product,
    terms: Terms,
    signed_on: date,
    starts_on: date | None = None,
    reference: str | None = None,
    currency: str = "EUR",
    language: str = "fr",
    offer_id: int | None = None,
    fee_grid_id: int | None = None,
    by: str,
    at: datetime,
) -> int:
    """Sign a contract and return its id; its first terms hold from the signature on.

    ``starts_on`` (the signature by default) is the first day on which invoices may be assigned.
    Raises ``Problems`` with everything that is wrong, ``NotFound`` for an unknown client,
    ``BeyondAuthority`` for a facility above what the signer's role decides.
    """
    starts_on = starts_on or signed_on
    faults = [*terms_problems(terms), *_faults(signed_on, starts_on, reference, currency, language)]
    if faults:
        raise Problems(faults)
    if not agreements.client_exists(session, client_id):
        raise NotFound("client_unknown", "there is no client {id}", id=client_id)
    others = agreements.other_facilities(session, client_id=client_id, currency=currency)
    house.check_authority(session, act=Act.SIGN_FACILITY, currency=currency, by=by, at=at,
                          amount_minor=terms.facility_limit_minor + others)  # fmt: skip
    contract_id = agreements.next_contract_id(session)
    signed = Contract(
        id=contract_id, client_id=client_id, product=product.value, currency=currency,
        reference=(reference or numbered("CT", contract_id)).strip(),
        signed_on=signed_on, starts_on=starts_on, language=language, created_at=at, created_by=by,
        offer_id=offer_id, fee_grid_id=fee_grid_id,
    )  # fmt: skip
    session.add(signed)
    session.flush()
    first = ContractTerms(
        contract_id=contract_id, version=1, effective_from=signed_on, decided_at=at,
        decided_by=by, reason=None, **columns_of(terms),
    )  # fmt: skip
    session.add(first)
    audit.record(
        session, verb="sign", subject_kind="contract", subject_id=contract_id,
        client_id=client_id, by=by, at=at,
        after={"reference": signed.reference, "product": product, "currency": currency,
               "signed_on": signed_on, "starts_on": starts_on, "terms": terms,
               "offer_id": offer_id, "fee_grid_id": fee_grid_id},
    )  # fmt: skip
    return contract_id


def end_contract(
    session: Session, *, contract_id: int, ended_on: date, reason: str, by: str, at: datetime
) -> None:
    """End a contract: from ``ended_on`` nothing new is assigned under it; what is open goes on.

    Raises ``ContractUnknown``, ``ContractEnded`` when it was, ``Invalid`` without a reason or
    with a date before the start.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "say why the contract ends", field="reason")
    row = agreements.locked(session, contract_id)
    refuse_if_ended(row)
    if ended_on < row.starts_on:
        raise Invalid(
            "end_before_start", "the contract started on {starts_on}", field="ended_on",
            starts_on=row.starts_on.isoformat(),
        )  # fmt: skip
    row.ended_on, row.ended_by, row.ended_at = ended_on, by, at
    session.flush()
    audit.record(
        session, verb="end", subject_kind="contract", subject_id=contract_id,
        client_id=row.client_id, before={"ended_on": None}, after={"ended_on": ended_on},
        why=reason, by=by, at=at,
    )  # fmt: skip


def refuse_if_ended(row: Contract) -> None:
    """Raise ``ContractEnded`` for a contract that was ended."""
    if row.ended_on is not None:
        raise ContractEnded(
            "contract_ended", "contract {reference} ended on {ended_on}",
            reference=row.reference, ended_on=row.ended_on.isoformat(),
        )  # fmt: skip


def _faults(
    signed_on: date, starts_on: date, reference: str | None, currency: str, language: str
) -> Iterator[CessioError]:
    if starts_on < signed_on:
        yield Invalid(
            "start_before_signature", "a contract starts on its signature or later",
            field="starts_on",
        )  # fmt: skip
    if reference is not None and not 1 <= len(reference.strip()) <= 40:
        yield Invalid("reference_length", "a reference has 1 to 40 characters", field="reference")
    if currency not in MINOR_DIGITS:
        yield Invalid(
            "currency_unknown", "{currency} is not a currency handled here", field="currency",
            currency=currency[:10],
        )  # fmt: skip
    if language not in LANGUAGES:
        yield Invalid("language_unknown", "the language is fr or en", field="language")
