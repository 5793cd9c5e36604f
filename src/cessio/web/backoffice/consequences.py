"""What applying money would change, told before it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from cessio.cash import Chosen
from cessio.cash.queries import ReceivableLabel, StoredProposal, WorkbenchLine
from cessio.cash.rules import AllocationKind
from cessio.contracts import queries as contracts
from cessio.funding import queries as funding
from cessio.funding.queries import Receipt
from cessio.kernel.errors import CessioError, Conflict
from cessio.web.backoffice.choosing import Choice, starting


@dataclass(frozen=True, slots=True)
class Effect:
    """A contract's availability before and after, in minor units of its currency."""

    contract_id: int
    reference: str
    client_name: str
    currency: str
    before_minor: int
    after_minor: int

    @property
    def change_minor(self) -> int:
        """What is added to the availability, negative when some is lost."""
        return self.after_minor - self.before_minor


@dataclass(frozen=True, slots=True)
class Consequence:
    """The effects by contract, or why it cannot be done."""

    effects: tuple[Effect, ...] = ()
    refused: CessioError | None = None


class _TakenBack(Exception):
    """Ends the savepoint of a trial."""


def of_proposal(session: Session, stored: StoredProposal, *, on: date) -> Consequence:
    """What confirming a proposal changes; refused when the book moved under it."""
    labels = {one.receivable_id: one for one in stored.receivables}
    left = {one.receivable_id: one.open_minor for one in stored.receivables}
    receipts = []
    for part in stored.proposal.allocations:
        known = labels.get(part.receivable_id)
        if known is None or abs(part.amount_minor) > abs(left[part.receivable_id]):
            return Consequence(
                refused=Conflict(
                    "does_not_fit",
                    "a receivable is no longer open for the chosen amount: reload",
                )
            )
        left[part.receivable_id] -= part.amount_minor
        written_off = part.amount_minor if part.kind is AllocationKind.DIFFERENCE else 0
        receipts.append(_receipt(known, part.amount_minor, written_off))
    return Consequence(_effects(session, receipts, on))


def of_choice(
    session: Session, chosen: Sequence[Chosen], labels: dict[int, ReceivableLabel],
    act: Callable[[], object], *, on: date,
) -> Consequence:  # fmt: skip
    """What applying by hand changes; tried and taken back, to learn whether it would be refused."""
    receipts = [
        _receipt(
            labels[part.receivable_id], part.amount_minor + part.difference_minor,
            part.difference_minor,
        )
        if part.receivable_id is not None
        else Receipt(part.contract_id or 0, part.debtor_id or 0, None, part.amount_minor)
        for part in chosen
        if part.receivable_id is None or part.receivable_id in labels
    ]  # fmt: skip
    refused = _tried(session, act)
    return Consequence(refused=refused) if refused else Consequence(
        _effects(session, receipts, on)
    )  # fmt: skip


def of_picked(session: Session, choice: Choice, line: WorkbenchLine, *, on: date) -> Consequence:
    """What the documents taken change, with the amounts they start from; nothing is tried."""
    receipts = []
    for row, minor in starting(choice.picked, line):
        if minor:
            receipts.append(Receipt(row.contract_id, row.debtor_id, row.id, minor, 0))
    return Consequence(_effects(session, receipts, on))


def _receipt(label: ReceivableLabel, taken_minor: int, written_off_minor: int) -> Receipt:
    return Receipt(
        label.contract_id, label.debtor_id, label.receivable_id, taken_minor, written_off_minor
    )


def _effects(session: Session, receipts: Iterable[Receipt], on: date) -> tuple[Effect, ...]:
    found = funding.availability_after(session, receipts=list(receipts), on=on)
    known = {one.id: one for one in contracts.contracts(session) if one.id in found}
    return tuple(
        Effect(
            one, known[one].reference, known[one].client_name, known[one].currency,
            before.available_minor, after.available_minor,
        )
        for one, (before, after) in found.items()
    )  # fmt: skip


def _tried(session: Session, act: Callable[[], object]) -> CessioError | None:
    """Do it inside a savepoint and take it back; its locks are held for that moment only."""
    try:
        with suppress(_TakenBack), session.begin_nested():
            act()
            raise _TakenBack
    except CessioError as error:
        return error
    except OperationalError:
        return Conflict("busy", "somebody is changing this just now: try again")
    return None
