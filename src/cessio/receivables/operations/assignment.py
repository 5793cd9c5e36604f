"""From the client's confirmation to the assignment: submit, accept, refuse, withdraw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, house, screening
from cessio.contracts import rules as contract_rules
from cessio.kernel.calendar import business_date, start_of_day
from cessio.kernel.errors import Conflict
from cessio.kernel.money import to_text
from cessio.ledger import AccountKind
from cessio.ledger import bulk as ledger_bulk
from cessio.plumbing import outbox
from cessio.receivables import queries
from cessio.receivables.bulk import assigning, checking, receipts, verification
from cessio.receivables.bulk.assigning import Charges
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.models import Remittance
from cessio.receivables.operations.debtors import ensure_debtors
from cessio.receivables.operations.drafts import Progress, enter, judge, require
from cessio.receivables.operations.telling import tell_arrival, tell_decision
from cessio.receivables.operations.verification import require_verification
from cessio.receivables.queries.facts import ContractFacts
from cessio.receivables.rules import RemittanceState, hold_reasons
from cessio.receivables.rules.verification import VerificationReason

_STEPS = 5


class NothingToAssign(Conflict):
    """No line of the remittance can be assigned."""


@dataclass(frozen=True, slots=True)
class Bases:
    """What a contract's retention rate may apply to, beside the outstanding (funding knows)."""

    eligible_minor: int
    fundable_minor: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """What was assigned, and what it cost. Amounts in minor units of the contract's currency."""

    remittance_id: int
    receipt_number: str
    document_count: int
    amount_minor: int
    commission_minor: int
    vat_minor: int
    retention_minor: int
    refused_count: int


@dataclass(frozen=True, slots=True)
class Submission:
    """A confirmed remittance: assigned at once, or waiting for the reasons given."""

    remittance_id: int
    state: RemittanceState
    hold_reasons: tuple[str, ...] = ()
    assignment: Assignment | None = None


def submit(
    session: Session, *, remittance_id: int, by: str, at: datetime,
    progress: Progress | None = None, bases: Bases | None = None,
) -> Submission:  # fmt: skip
    """The client confirms a draft. Assigned at once where the contract's rules allow.

    Refused lines are left out. Raises ``WrongState``, ``NothingToAssign``.
    """
    remittance = queries.locked_remittance(session, remittance_id)
    require(remittance, RemittanceState.DRAFT)
    on = business_date(at)
    facts = queries.contract_facts(session, remittance.contract_id, on=on)
    if remittance.checked_at is None or business_date(remittance.checked_at) != on:
        judge(session, remittance, facts, on=on, at=at)
    _require_lines(remittance)
    reasons = hold_reasons(
        holding_codes=checking.holding_codes(session, remittance_id),
        invoices_minor=remittance.invoices_minor,
        credit_notes_minor=remittance.credit_notes_minor,
        auto_accept_max_minor=facts.terms.auto_accept_max_minor,
        minimum_remittance_minor=facts.terms.minimum_remittance_minor,
    )
    if _is_checked(session, remittance, facts):
        reasons = (*reasons, "being_checked")
    remittance.hold_reasons = list(reasons)
    enter(session, remittance, RemittanceState.SUBMITTED, client_id=facts.client_id, by=by, at=at,
          after={"hold_reasons": reasons})  # fmt: skip
    if reasons:
        tell_arrival(session, remittance, facts, by=by, at=at)
        return Submission(remittance_id, RemittanceState.SUBMITTED, reasons)
    done = _assign(session, remittance, facts, on=on, by=by, at=at, progress=progress, bases=bases)
    return Submission(remittance_id, RemittanceState(remittance.state), assignment=done)


def accept(
    session: Session, *, remittance_id: int, by: str, at: datetime,
    leave_out: Sequence[int] = (), why: str | None = None, progress: Progress | None = None,
    bases: Bases | None = None,
) -> Assignment:  # fmt: skip
    """The account manager accepts a submitted remittance, which assigns it.

    ``leave_out`` are line numbers refused by hand, ``why`` what the client is told of them. Lines
    are checked again as of today. Raises ``WrongState``, ``NothingToAssign``.
    """
    remittance = queries.locked_remittance(session, remittance_id)
    require(remittance, RemittanceState.SUBMITTED)
    on = business_date(at)
    others = queries.accepted_since(session, remittance.contract_id, since=start_of_day(on))
    house.check_authority(session, act=house.Act.ACCEPT_REMITTANCE, by=by, at=at,
                          amount_minor=remittance.invoices_minor + others)  # fmt: skip
    facts = queries.contract_facts(session, remittance.contract_id, on=on)
    if leave_out:
        checking.withhold(session, remittance_id=remittance_id, lines=list(leave_out), why=why)
    if leave_out or remittance.checked_at is None or business_date(remittance.checked_at) != on:
        judge(session, remittance, facts, on=on, at=at)
    _require_lines(remittance)
    done = _assign(session, remittance, facts, on=on, by=by, at=at, progress=progress, bases=bases)
    if done is None:
        raise _nothing(remittance)
    tell_decision(session, remittance, facts, RemittanceState.ASSIGNED, by=by, at=at)
    return done


def assign(
    session: Session, *, remittance_id: int, by: str, at: datetime,
    progress: Progress | None = None, bases: Bases | None = None,
) -> Assignment:  # fmt: skip
    """Confirm and assign in one go, whatever the contract would hold back.

    For the factor's own people and programs acting for it (demo, take-over of a book). Raises
    ``WrongState``, ``NothingToAssign``.
    """
    done = submit(session, remittance_id=remittance_id, by=by, at=at, progress=progress,
                  bases=bases)  # fmt: skip
    if done.assignment is not None:
        return done.assignment
    if done.state is RemittanceState.REFUSED:
        raise _nothing(queries.locked_remittance(session, remittance_id))
    return accept(session, remittance_id=remittance_id, by=by, at=at, progress=progress,
                  bases=bases)  # fmt: skip


def take(
    session: Session, *, remittance_id: int, by: str, at: datetime,
    leave_out: Sequence[int] = (), why: str | None = None, verify: Sequence[int] = (),
    progress: Progress | None = None,
) -> Assignment:  # fmt: skip
    """Staff assign a remittance: a submitted one but for some lines, or a draft they made.

    The lines of ``verify`` are not funded until their invoices are verified. Raises
    ``WrongState``, ``NothingToAssign``.
    """
    if queries.locked_remittance(session, remittance_id).state == RemittanceState.DRAFT:
        done = assign(session, remittance_id=remittance_id, by=by, at=at, progress=progress)
    else:
        done = accept(session, remittance_id=remittance_id, by=by, at=at, leave_out=leave_out,
                      why=why, progress=progress)  # fmt: skip
    if verify:
        ids = queries.ids_of_lines(session, remittance_id, verify)
        require_verification(session, receivable_ids=ids, reason=VerificationReason.BY_HAND,
                             by=by, at=at)  # fmt: skip
    return done


def refuse(session: Session, *, remittance_id: int, reason: str, by: str, at: datetime) -> None:
    """The account manager refuses a submitted remittance, saying why. Raises ``WrongState``."""
    _leave(session, remittance_id, RemittanceState.REFUSED, reason, by, at,
           RemittanceState.SUBMITTED)  # fmt: skip


def withdraw(
    session: Session, *, remittance_id: int, by: str, at: datetime, reason: str | None = None
) -> None:
    """The client takes back a remittance that was not decided yet. Raises ``WrongState``."""
    _leave(session, remittance_id, RemittanceState.WITHDRAWN, reason, by, at,
           RemittanceState.DRAFT, RemittanceState.SUBMITTED)  # fmt: skip


def _leave(
    session: Session, remittance_id: int, state: RemittanceState, reason: str | None, by: str,
    at: datetime, *allowed: RemittanceState,
) -> None:  # fmt: skip
    remittance = queries.locked_remittance(session, remittance_id)
    require(remittance, *allowed)
    facts = queries.contract_facts(session, remittance.contract_id, on=business_date(at))
    enter(session, remittance, state, client_id=facts.client_id, by=by, at=at, reason=reason)
    session.flush()
    if state is RemittanceState.REFUSED:
        tell_decision(session, remittance, facts, state, reason=reason, by=by, at=at)


def _require_lines(remittance: Remittance) -> None:
    if remittance.accepted_count + remittance.warning_count == 0:
        raise _nothing(remittance)


def _is_checked(session: Session, remittance: Remittance, facts: ContractFacts) -> bool:
    return queries.is_frozen(session, remittance_id=remittance.id, company_id=facts.company_id)


def _nothing(remittance: Remittance) -> NothingToAssign:
    return NothingToAssign(
        "nothing_to_assign", "remittance {number} has no line that can be assigned",
        number=remittance.number,
    )  # fmt: skip


def _assign(
    session: Session, remittance: Remittance, facts: ContractFacts, *, on: date, by: str,
    at: datetime, progress: Progress | None, bases: Bases | None,
) -> Assignment | None:  # fmt: skip
    """Everything an assignment does, in the caller's transaction.

    ``None`` when every line turned out to be assigned elsewhere meanwhile: the remittance is then
    refused, and its lines say so.
    """
    tell = _teller(progress, remittance.line_count)
    queries.lock_contract(session, facts.contract_id)
    ensure_debtors(session, remittance_id=remittance.id, by=by, at=at)
    if _is_checked(session, remittance, facts):
        raise screening.being_checked()
    assigning.gather(session, remittance_id=remittance.id, currency=facts.currency)
    tell(1)
    assigning.insert_receivables(session, remittance_id=remittance.id, facts=facts, on=on, at=at)
    total = assigning.sums(session, facts.terms)
    tell(2)
    if total.document_count != remittance.accepted_count + remittance.warning_count:
        _recount(session, remittance)
    if total.document_count == 0:
        assigning.finish(session)
        enter(session, remittance, RemittanceState.REFUSED, client_id=facts.client_id, by=by,
              at=at, reason="nothing_to_assign")  # fmt: skip
        session.flush()
        return None
    assigning.set_off_credit_notes(session, remittance_id=remittance.id,
                                   contract_id=facts.contract_id, on=on, by=by, at=at)  # fmt: skip
    retention = retention_of(session, facts, total.amount_minor, bases)
    charges = Charges.of(total, facts.terms, retention)
    _post(session, remittance, facts, charges, by=by, at=at)
    tell(3)
    verification.require(session, facts=facts, by=by, at=at)
    done = _written(remittance, facts, charges, total.document_count)
    _write_receipt(session, remittance, facts, done, on=on, by=by, at=at)
    tell(4)
    debtor_ids = assigning.debtor_ids(session)
    assigning.finish(session)
    enter(session, remittance, RemittanceState.ASSIGNED, client_id=facts.client_id, by=by, at=at,
          after=audit.json_safe(done))  # fmt: skip
    session.flush()
    recompute_cover(session, contract_id=facts.contract_id, debtor_ids=debtor_ids, on=on, at=at)
    outbox.publish(
        session, "remittance.assigned",
        {"remittance_id": remittance.id, "contract_id": facts.contract_id, "on": on.isoformat()},
        by=by, at=at, client_id=facts.client_id,
    )  # fmt: skip
    tell(5)
    return done


def _teller(progress: Progress | None, lines: int) -> Callable[[int], None]:
    """Tells the steps done as so many of the lines."""

    def tell(step: int) -> None:
        if progress is not None:
            progress(lines * step // _STEPS, lines)

    return tell


def retention_of(
    session: Session, facts: ContractFacts, remitted_minor: int, bases: Bases | None
) -> int:
    """The call on the retention fund, counting this remittance in the base.

    Without ``bases`` a contract on another base than the outstanding is called on the
    outstanding, the larger; the daily settlement releases what is too much.
    """
    balances = queries.contract_balances(session, facts.contract_id)
    outstanding = balances.get(AccountKind.RECEIVABLE, 0) + remitted_minor
    base = contract_rules.retention_base(
        facts.terms, outstanding_minor=outstanding,
        eligible_minor=bases.eligible_minor if bases else outstanding,
        fundable_minor=bases.fundable_minor if bases else outstanding,
    )  # fmt: skip
    return contract_rules.retention_call(
        facts.terms, base_minor=base,
        balance_minor=-balances.get(AccountKind.RETENTION_FUND, 0),
        remittance_minor=remitted_minor,
    )  # fmt: skip


def _post(
    session: Session, remittance: Remittance, facts: ContractFacts, charges: Charges, *,
    by: str, at: datetime,
) -> None:  # fmt: skip
    ledger_bulk.stage(session)
    counted_on = house.counted_on(session, what=house.Counted.REMITTANCE, at=at)
    assigning.stage_entries(session, remittance_id=remittance.id, facts=facts, charges=charges,
                            on=counted_on)  # fmt: skip
    ledger_bulk.post_staged(session, by=by, at=at)


def _written(
    remittance: Remittance, facts: ContractFacts, charges: Charges, count: int
) -> Assignment:
    return Assignment(
        remittance_id=remittance.id,
        receipt_number=f"{facts.reference}-{remittance.number:05d}",
        document_count=count,
        amount_minor=charges.amount_minor,
        commission_minor=charges.commission_minor,
        vat_minor=charges.vat_minor,
        retention_minor=charges.retention_minor,
        refused_count=remittance.refused_count,
    )


def _write_receipt(
    session: Session, remittance: Remittance, facts: ContractFacts, done: Assignment, *,
    on: date, by: str, at: datetime,
) -> None:  # fmt: skip
    receipts.write(
        session, remittance_id=remittance.id, number=done.receipt_number,
        facts={
            "contract": facts.reference, "client": facts.client_name,
            "client_code": facts.client_code, "client_siren": facts.client_siren or "",
            "transfer_mode": facts.terms.transfer_mode.value,
            "remittance": str(remittance.number), "assigned_on": on.isoformat(),
            "assigned_at": at.isoformat(), "by": by, "currency": facts.currency,
            "documents": str(done.document_count),
            "amount": to_text(done.amount_minor, facts.currency),
            "commission": to_text(done.commission_minor, facts.currency),
            "vat": to_text(done.vat_minor, facts.currency),
            "retention": to_text(done.retention_minor, facts.currency),
        },
        document_count=done.document_count, amount_minor=done.amount_minor, by=by, at=at,
    )  # fmt: skip


def _recount(session: Session, remittance: Remittance) -> None:
    found = checking.totals(session, remittance.id)
    remittance.accepted_count = found.accepted_count
    remittance.warning_count = found.warning_count
    remittance.refused_count = found.refused_count
    remittance.invoices_minor = found.invoices_minor
    remittance.credit_notes_minor = found.credit_notes_minor
    session.flush()
