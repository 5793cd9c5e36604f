"""What a client could draw once a remittance is assigned: told before it confirms."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.models import Contract
from cessio.contracts.rules import IneligibleReason, Terms
from cessio.funding import bulk
from cessio.funding.queries.availability import BookChange, compute_book
from cessio.funding.rules import Availability
from cessio.parties.models import Client, Company
from cessio.receivables.bulk.assigning import Charges
from cessio.receivables.models import Receivable
from cessio.receivables.queries import PlannedDocument
from cessio.receivables.queries.verification import foreseen
from cessio.receivables.rules import DocumentKind, number_key

NOT_VERIFIED = frozenset({IneligibleReason.NOT_VERIFIED})


@dataclass(frozen=True, slots=True)
class _Original:
    """An invoice that a credit note may name, in the book or in the remittance."""

    receivable_id: int
    open_minor: int
    issue_date: date


def planned_availability(
    session: Session, *, contract_id: int, documents: Sequence[PlannedDocument], charges: Charges,
    on: date,
) -> Availability:  # fmt: skip
    """The availability of a contract if these documents were assigned on a date at this charge.

    Nothing is written. Equal to what ``availability`` says after the assignment; only a sample
    drawn for verification among invoices of debtors nobody knew before cannot be foreseen.
    Raises ``ContractUnknown``, ``TermsMissing``.
    """
    contract = contracts.contract(session, contract_id)
    terms = contracts.terms_in_force(session, contract_id, on)
    debtors = _debtor_ids(documents)
    taken = _set_offs(session, contract_id, documents, debtors)

    def groups_after(groups: list[bulk.Group]) -> list[bulk.Group]:
        touched = sorted({debtors[one.debtor_key] for one in documents if one.original_key})
        single = bulk.open_invoices(
            session, contract_id=contract_id, terms=terms, debtor_ids=touched, on=on
        )
        unverified = foreseen(session, documents, contract_id=contract_id, terms=terms,
                              currency=contract.currency)  # fmt: skip
        single |= _planned_groups(documents, debtors, terms, unverified, on)
        kept = [group for group in groups if group.debtor_id not in touched]
        return [*kept, *(_less(group, taken.get(key, 0)) for key, group in single.items())]

    change = BookChange(
        contract_id,
        groups_after,
        current_minor=charges.amount_minor - charges.commission_minor - charges.vat_minor
        - charges.retention_minor,
        retention_minor=charges.retention_minor,
        charges_minor=charges.commission_minor + charges.vat_minor,
        flags=_flags_of_unknown(session, contract_id, debtors),
    )  # fmt: skip
    return compute_book(session, {contract_id: terms}, on, None, {}, [change])[contract_id]


def _debtor_ids(documents: Iterable[PlannedDocument]) -> dict[str, int]:
    """An id for each debtor of the remittance; those nobody knew before get one below zero."""
    found: dict[str, int] = {}
    for one in documents:
        found.setdefault(one.debtor_key, one.debtor_id or -1 - len(found))
    return found


def _planned_groups(
    documents: Iterable[PlannedDocument], debtors: Mapping[str, int], terms: Terms,
    unverified: Container[int], on: date,
) -> dict[int, bulk.Group]:  # fmt: skip
    return {
        one.receivable_id: bulk.group_of(
            debtors[one.debtor_key], one.amount_minor, issued_on=one.issue_date,
            due_on=one.due_date, terms=terms, on=on,
            flags=NOT_VERIFIED if one.receivable_id in unverified else frozenset(),
        )
        for one in documents
    }  # fmt: skip


def _less(group: bulk.Group, taken_minor: int) -> bulk.Group:
    """The group of one document after a set-off took part of it (positive of an invoice)."""
    if group.credits_minor:
        return replace(group, credits_minor=group.credits_minor - taken_minor)
    return replace(group, invoices_minor=group.invoices_minor - taken_minor)


def _set_offs(
    session: Session, contract_id: int, documents: Sequence[PlannedDocument],
    debtors: Mapping[str, int],
) -> dict[int, int]:  # fmt: skip
    """What set-offs take of each document: above zero of invoices, below of credit notes.

    Each credit note takes what the invoice it names still owes after those before it.
    """
    notes = [one for one in documents if one.kind is DocumentKind.CREDIT_NOTE and one.original_key]
    if not notes:
        return {}
    originals = _originals(session, contract_id, notes)
    for one in documents:
        if one.kind is DocumentKind.INVOICE:
            key = (debtors[one.debtor_key], number_key(one.number))
            planned = _Original(one.receivable_id, one.amount_minor, one.issue_date)
            originals.setdefault(key, []).append(planned)
    taken: dict[int, int] = {}
    for note in sorted(notes, key=lambda one: one.receivable_id):
        named = originals.get((debtors[note.debtor_key], note.original_key or ""), [])
        if not named:
            continue
        original = max(
            named, key=lambda one: (one.open_minor > 0, one.issue_date, one.receivable_id)
        )
        left = max(0, original.open_minor - taken.get(original.receivable_id, 0))
        amount = min(-note.amount_minor, left)
        taken[note.receivable_id] = -amount
        taken[original.receivable_id] = taken.get(original.receivable_id, 0) + amount
    return taken


def _originals(
    session: Session, contract_id: int, notes: Sequence[PlannedDocument]
) -> dict[tuple[int, str], list[_Original]]:
    model = Receivable
    rows = session.execute(
        select(model.debtor_id, model.number_key, model.id, model.open_minor, model.issue_date)
        .where(
            model.contract_id == contract_id, model.kind == DocumentKind.INVOICE.value,
            model.reversed_at.is_(None),
            model.debtor_id.in_({note.debtor_id for note in notes if note.debtor_id}),
            model.number_key.in_({note.original_key for note in notes}),
        )
    )  # fmt: skip
    found: dict[tuple[int, str], list[_Original]] = {}
    for debtor_id, key, receivable_id, open_minor, issued in rows:
        found.setdefault((debtor_id, key), []).append(_Original(receivable_id, open_minor, issued))
    return found


def _flags_of_unknown(
    session: Session, contract_id: int, debtors: Mapping[str, int]
) -> dict[int, frozenset[IneligibleReason]]:
    """Debtors not in the book yet whose company is of the client's own group."""
    unknown = {key: debtor_id for key, debtor_id in debtors.items() if debtor_id < 0}
    if not unknown:
        return {}
    group_id = (
        select(Company.group_id)
        .join(Client, Client.company_id == Company.id)
        .join(Contract, Contract.client_id == Client.id)
        .where(Contract.id == contract_id)
        .scalar_subquery()
    )
    identity = func.coalesce(Company.siren, Company.vat_number)
    related = session.scalars(
        select(identity).where(identity.in_(unknown), Company.group_id == group_id)
    )
    return {unknown[key]: frozenset({IneligibleReason.RELATED_PARTY}) for key in related}
