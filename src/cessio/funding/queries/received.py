"""What a contract's availability becomes once money is applied to its receivables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.rules import Terms
from cessio.funding import bulk
from cessio.funding.queries.availability import BookChange, compute_book
from cessio.funding.rules import Availability


@dataclass(frozen=True, slots=True)
class Receipt:
    """A part of a payment: what it takes of a receivable, signed as the receivable is open.

    ``written_off_minor`` of it is not paid but debited to the client (discount, short payment).
    Without a receivable the money is held on account for the debtor.
    """

    contract_id: int
    debtor_id: int
    receivable_id: int | None
    taken_minor: int
    written_off_minor: int = 0


def availability_after(
    session: Session, *, receipts: Sequence[Receipt], on: date
) -> dict[int, tuple[Availability, Availability]]:
    """The availability of each contract touched, before and after. Nothing is written.

    Equal to what ``availability`` says once the same parts are applied.
    """
    ids = sorted({one.contract_id for one in receipts})
    terms = contracts.terms_of_all(session, on, contract_ids=ids)
    changes = [
        _change(session, terms[one], [r for r in receipts if r.contract_id == one], on)
        for one in terms
    ]
    before = compute_book(session, terms, on, None, {})
    after = compute_book(session, terms, on, None, {}, changes)
    return {one: (before[one], after[one]) for one in terms}


def _change(session: Session, terms: Terms, receipts: Sequence[Receipt], on: date) -> BookChange:
    contract_id = receipts[0].contract_id
    touched = sorted({one.debtor_id for one in receipts})

    def groups_after(groups: list[bulk.Group]) -> list[bulk.Group]:
        single = bulk.open_invoices(
            session, contract_id=contract_id, terms=terms, debtor_ids=touched, on=on
        )
        for one in receipts:
            if one.receivable_id is not None and one.receivable_id in single:
                single[one.receivable_id] = _less(single[one.receivable_id], one.taken_minor)
        held = [
            bulk.group_of(
                one.debtor_id, -one.taken_minor, issued_on=on, due_on=on, terms=terms, on=on
            )
            for one in receipts if one.receivable_id is None
        ]  # fmt: skip
        kept = [group for group in groups if group.debtor_id not in touched]
        return [*kept, *(one for one in single.values() if _is_open(one)), *held]

    return BookChange(
        contract_id, groups_after,
        current_minor=-sum(one.written_off_minor for one in receipts),
        retention_minor=0, charges_minor=0, flags={},
    )  # fmt: skip


def _less(group: bulk.Group, taken_minor: int) -> bulk.Group:
    """The group of one document once part of it is settled."""
    if group.credits_minor:
        return replace(group, credits_minor=group.credits_minor - taken_minor)
    return replace(group, invoices_minor=group.invoices_minor - taken_minor)


def _is_open(group: bulk.Group) -> bool:
    return group.invoices_minor != 0 or group.credits_minor != 0
