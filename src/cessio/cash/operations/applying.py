"""Applying money by hand: a proposal, a free choice, a client's own money, a direct payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cessio import audit, banking, ledger
from cessio.cash import bulk, queries
from cessio.cash.models import CashAllocation, CashApplication
from cessio.cash.operations.aliases import learn_payer
from cessio.cash.operations.matching import decide, propose_again
from cessio.cash.rules import Allocation, AllocationKind, Proposal
from cessio.contracts import queries as contracts
from cessio.kernel.calendar import business_date, value_date
from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.operations.open_amounts import (
    DoesNotFit,
    Moved,
    hold_on_account,
    take_open,
)


class LineApplied(Conflict):
    """The bank line has no money left to apply."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A part of a line's money and where a person sends it.

    With ``receivable_id``: to settle it; ``difference_minor`` more of it is written off to the
    client's account (discount, short payment accepted). Without: held on account for the debtor
    under the contract.
    """

    amount_minor: int
    receivable_id: int | None = None
    difference_minor: int = 0
    contract_id: int | None = None
    debtor_id: int | None = None


def apply_proposal(session: Session, *, proposal_id: int, by: str, at: datetime) -> int:
    """Apply one of the matcher's proposals as it stands; returns the application's id.

    Raises ``NotFound`` when the proposal is gone, ``DoesNotFit`` when the book moved under it.
    """
    stored = queries.proposal(session, proposal_id=proposal_id)
    if stored is None:
        raise NotFound("proposal_gone", "this proposal was replaced: reload the line")
    return _apply(session, stored.line_id, stored.proposal, kind="confirmed", by=by, at=at)


def apply_line(
    session: Session, *, line_id: int, chosen: Sequence[Chosen], by: str, at: datetime
) -> int:
    """Apply a line as a person says: over invoices, credit notes, clients, or on account.

    What is not chosen stays unallocated. Raises ``Invalid`` on a choice that says nothing,
    ``DoesNotFit``, ``LineApplied``.
    """
    allocations: list[Allocation] = []
    for number, part in enumerate(chosen, start=1):
        if part.receivable_id is None:
            allocations.append(_on_account(session, part, number, at=at))
            continue
        if part.amount_minor:
            allocations.append(Allocation(part.receivable_id, part.amount_minor))
        if part.difference_minor:
            allocations.append(
                Allocation(part.receivable_id, part.difference_minor, AllocationKind.DIFFERENCE)
            )
    if not allocations:
        raise Invalid("nothing_chosen", "choose at least one receivable", field="chosen")
    proposal = Proposal(tuple(allocations), 0, queries.BY_HAND, ())
    return _apply(session, line_id, proposal, kind="manual", by=by, at=at)


def apply_to_client(
    session: Session, *, line_id: int, contract_id: int, amount_minor: int, by: str, at: datetime
) -> int:
    """Book money that is the client's own (it forwards or repays) to its current account."""
    line = _open_line(session, line_id)
    if not 0 < amount_minor <= line.open_minor:
        raise DoesNotFit(
            "amount_above_line", "the line has {open_minor} left", open_minor=line.open_minor
        )
    contract = contracts.contract(session, contract_id)
    application_id = _record(
        session, line_id=line_id, kind="client", amount_minor=amount_minor,
        contract_id=contract_id, by=by, at=at,
    )  # fmt: skip
    posting = Posting(
        kind=TransactionKind.CASH_FROM_CLIENT, source_kind="cash_application",
        source_id=application_id, effect=f"client:{contract_id}", value_date=line.value_date,
        contract_id=contract_id,
        lines=(
            Line(
                AccountKey(
                    AccountKind.SUSPENSE_CASH, line.currency, bank_id=line.bank_account_id
                ),
                amount_minor,
            ),
            Line(
                AccountKey(AccountKind.CLIENT_CURRENT, contract.currency, contract_id),
                -amount_minor,
            ),
        ),
    )  # fmt: skip
    ledger.post(session, posting, by=by, at=at)
    banking.use_line(session, line_id=line_id, amount_minor=amount_minor)
    bulk.forget_proposals(session, [line_id])
    return application_id


def record_direct_payment(
    session: Session, *, receivable_id: int, amount_minor: int, paid_on: date, by: str,
    at: datetime, client_id: int | None = None,
) -> int:  # fmt: skip
    """The debtor paid the client: debit its account and settle the receivable (§4.1, §7).

    ``client_id`` is who may see it, when a client declares. Raises ``NotFound``, ``DoesNotFit``.
    """
    if paid_on > business_date(at):
        raise Invalid("paid_in_future", "the payment cannot be later than today", field="paid_on")
    moved = take_open(
        session, receivable_id=receivable_id, amount_minor=amount_minor, at=at,
        client_id=client_id,
    )  # fmt: skip
    application_id = _record(
        session, line_id=None, kind="direct", amount_minor=amount_minor,
        contract_id=moved.contract_id, by=by, at=at,
    )  # fmt: skip
    session.execute(
        insert(CashAllocation).values(
            application_id=application_id, receivable_id=receivable_id,
            amount_minor=amount_minor, kind=AllocationKind.PAYMENT.value,
        )
    )  # fmt: skip
    currency = contracts.contract(session, moved.contract_id).currency
    _post_direct(session, application_id, moved, amount_minor, paid_on, currency, by=by, at=at)
    recompute_cover(
        session, contract_id=moved.contract_id, debtor_ids=[moved.debtor_id],
        on=business_date(at), at=at,
    )  # fmt: skip
    return application_id


def _apply(
    session: Session, line_id: int, proposal: Proposal, *, kind: str, by: str, at: datetime
) -> int:
    line = _open_line(session, line_id)
    on = business_date(at)
    if not 0 <= proposal.payment_minor <= line.open_minor:
        raise DoesNotFit(
            "amount_above_line", "the line has {open_minor} left", open_minor=line.open_minor
        )
    decisions, locked = decide(session, [line], {line_id: proposal}, kind=kind, on=on)
    if not decisions:
        raise DoesNotFit(
            "does_not_fit", "a receivable is no longer open for the chosen amount: reload"
        )
    applied = bulk.apply_decisions(session, decisions, locked, on=on, by=by, at=at)
    application_id = applied.applications[line_id]
    learned = len(applied.debtor_ids) == 1 and learn_payer(
        session, debtor_id=next(iter(applied.debtor_ids)), application_id=application_id,
        iban=line.party_iban, name=line.party_name, by=by, at=at,
    )  # fmt: skip
    _after(session, line_id, application_id, applied, by=by, at=at)
    again = set(bulk.lines_proposing(session, list(locked)))
    if learned:
        again |= set(bulk.lines_of_payer(session, iban=line.party_iban, name=line.party_name))
    propose_again(session, line_ids=again, at=at)
    return application_id


def _after(
    session: Session, line_id: int, application_id: int, applied: bulk.Applied, *, by: str,
    at: datetime,
) -> None:  # fmt: skip
    bulk.forget_proposals(session, [line_id])
    queries.end_parking(session, line_id=line_id, by=by, at=at)
    recompute_cover(session, debtor_ids=applied.debtor_ids, on=business_date(at), at=at)
    audit.record(
        session, verb="applied_cash", subject_kind="bank_line", subject_id=line_id,
        after={"application_id": application_id}, by=by, at=at,
    )  # fmt: skip


def _open_line(session: Session, line_id: int) -> bulk.OpenLine:
    queries.lock_line(session, line_id=line_id)
    lines = bulk.open_lines(session, line_ids=[line_id])
    if not lines:
        raise LineApplied("line_applied", "nothing of this bank line is left to apply")
    return lines[0]


def _on_account(session: Session, part: Chosen, number: int, *, at: datetime) -> Allocation:
    """Make the credit that holds money for a debtor whose invoices are not known."""
    if part.contract_id is None or part.debtor_id is None or part.amount_minor <= 0:
        raise Invalid(
            "on_account_incomplete", "name the contract, the debtor and an amount above zero",
            field=f"chosen.{number}",
        )  # fmt: skip
    credit_id = hold_on_account(
        session, contract_id=part.contract_id, debtor_id=part.debtor_id,
        amount_minor=part.amount_minor, at=at,
    )  # fmt: skip
    return Allocation(credit_id, part.amount_minor, AllocationKind.ON_ACCOUNT)


def _record(
    session: Session, *, line_id: int | None, kind: str, amount_minor: int, contract_id: int,
    by: str, at: datetime,
) -> int:  # fmt: skip
    application = CashApplication(
        bank_line_id=line_id, kind=kind, amount_minor=amount_minor,
        applied_on=business_date(at), at=at, by=by, reasons=[], contract_id=contract_id,
    )  # fmt: skip
    session.add(application)
    session.flush()
    return application.id


def _post_direct(
    session: Session, application_id: int, receivable: Moved, amount_minor: int,
    paid_on: date, currency: str, *, by: str, at: datetime,
) -> None:  # fmt: skip
    contract_id = receivable.contract_id
    posting = Posting(
        kind=TransactionKind.DIRECT_PAYMENT, source_kind="cash_application",
        source_id=application_id, effect=f"direct:{contract_id}",
        value_date=value_date(paid_on, 0), contract_id=contract_id, memo=receivable.number,
        lines=(
            Line(AccountKey(AccountKind.CLIENT_CURRENT, currency, contract_id), amount_minor),
            Line(
                AccountKey(
                    AccountKind.RECEIVABLE, currency, contract_id, receivable.debtor_id
                ),
                -amount_minor, receivable.receivable_id,
            ),
        ),
    )  # fmt: skip
    ledger.post(session, posting, by=by, at=at)
