"""What is written off, what is taken back in bulk, what of the bank is the house's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from cessio.agreeing.deeds.base import Deed, deed
from cessio.cash import operations as cash
from cessio.cash import queries as lines
from cessio.cash.rules import OwnMeans
from cessio.identity import Permission
from cessio.kernel.errors import Conflict, NotFound
from cessio.receivables import operations, queries
from cessio.settlement import queries as settlement
from cessio.settlement.operations import settle_chosen


@deed
@dataclass(frozen=True, slots=True)
class WriteOff(Deed):
    """Unpaid invoices are indemnified as a loss or given back, as their contracts say."""

    kind: ClassVar[str] = "write_off"
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.TRANSFER_BACK,)
    agreed_with: ClassVar[Permission] = Permission.APPROVE_WRITE_OFFS

    receivable_ids: tuple[int, ...]
    on: date

    def state(self, session: Session) -> Mapping[str, Any]:
        """What each comes to."""
        return {
            str(one.receivable_id): {
                "number": one.number, "debtor": one.debtor_name, "currency": one.currency,
                "open_minor": one.open_minor, "indemnity_minor": one.outcome.indemnity_minor,
                "own_share_minor": one.outcome.own_share_minor,
                "transfer_back_minor": one.outcome.transfer_back_minor,
            }
            for one in settlement.unpaid(session, on=self.on, receivable_ids=self.receivable_ids)
        }  # fmt: skip

    def told(self, session: Session) -> Mapping[str, Any]:
        """Of whom, and how much, where that is one client and one currency."""
        rows = settlement.unpaid(session, on=self.on, receivable_ids=self.receivable_ids)
        clients, currencies = {one.client_name for one in rows}, {one.currency for one in rows}
        told: dict[str, Any] = {"invoices": len(rows), "client": ", ".join(sorted(clients)[:3])}
        if len(currencies) == 1:
            told |= {"currency": currencies.pop(), "amount_minor": sum(
                one.outcome.indemnity_minor + one.outcome.own_share_minor
                + one.outcome.transfer_back_minor for one in rows)}  # fmt: skip
        return told

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Each invoice: what is open, and what is left open."""
        return [
            (f"invoice:{one['number']} · {one['debtor']}", (one["open_minor"], one["currency"]),
             (one["open_minor"] - one["indemnity_minor"] - one["own_share_minor"]
              - one["transfer_back_minor"], one["currency"]))
            for one in state.values()
        ]  # fmt: skip

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Settle each; at least one."""
        if not settle_chosen(session, receivable_ids=self.receivable_ids, on=self.on, by=by,
                             at=at):  # fmt: skip
            raise Conflict("nothing_unpaid", "nothing is due of these invoices any more")
        return None


@deed
@dataclass(frozen=True, slots=True)
class ReverseRemittance(Deed):
    """A whole remittance is taken back, as if it had never been."""

    kind: ClassVar[str] = "remittance_reversal"
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.DECIDE_REMITTANCES,)
    agreed_with: ClassVar[Permission] = Permission.APPROVE_REMITTANCES

    remittance_id: int
    reason: str

    def subject(self) -> int:
        """The remittance."""
        return self.remittance_id

    def client(self, session: Session) -> int | None:
        """Its client."""
        return queries.remittance(session, self.remittance_id).remittance.client_id

    def state(self, session: Session) -> Mapping[str, Any]:
        """What it holds."""
        row = queries.remittance(session, self.remittance_id).remittance
        return {"state": row.state.value, "documents": row.accepted_count,
                "amount_minor": row.invoices_minor + row.credit_notes_minor}  # fmt: skip

    def told(self, session: Session) -> Mapping[str, Any]:
        """Client, contract and amount."""
        row = queries.remittance(session, self.remittance_id).remittance
        return {
            "client": row.client_name, "contract": row.contract_reference,
            "currency": row.currency, "why": self.reason,
            "amount_minor": row.invoices_minor + row.credit_notes_minor,
        }  # fmt: skip

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Its state."""
        return [("state", state["state"], "reversed"), ("documents", state["documents"], 0)]

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Take everything back."""
        operations.reverse(session, remittance_id=self.remittance_id, reason=self.reason, by=by,
                           at=at)  # fmt: skip
        return None


@deed
@dataclass(frozen=True, slots=True)
class BookMeans(Deed):
    """A line of the bank is no debtor's and no client's: capital, refinancing, cost, transfer."""

    kind: ClassVar[str] = "own_means"
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.BOOK_OWN_MEANS,)
    agreed_with: ClassVar[Permission] = Permission.BOOK_OWN_MEANS

    line_id: int
    means: OwnMeans
    reference: str
    amount_minor: int | None = None

    def subject(self) -> int:
        """The line."""
        return self.line_id

    def state(self, session: Session) -> Mapping[str, Any]:
        """What is left of it."""
        return {"open_minor": _line(session, self.line_id).open_minor}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Who paid or was paid, what the bank wrote, how much."""
        line = _line(session, self.line_id)
        minor = abs(line.open_minor) if self.amount_minor is None else self.amount_minor
        return {
            "name": line.party_name or "–", "iban": line.party_iban, "text": line.text,
            "account": line.account_name, "value_date": line.value_date,
            "amount_minor": minor if line.open_minor > 0 else -minor, "currency": line.currency,
            "reference": self.reference,
        }  # fmt: skip

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """What it is, and what is left to match."""
        left = state["open_minor"]
        used = abs(left) if self.amount_minor is None else self.amount_minor
        return [("means", None, self.means),
                ("to_match_minor", left, left - used if left > 0 else left + used)]  # fmt: skip

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Book it."""
        return cash.book_own_means(
            session, line_id=self.line_id, means=self.means, reference=self.reference,
            amount_minor=self.amount_minor, by=by, at=at,
        )  # fmt: skip


def _line(session: Session, line_id: int) -> lines.WorkbenchLine:
    found = lines.workbench_line(session, line_id=line_id)
    if found is None:
        raise NotFound("line_unknown", "there is no such bank line")
    return found
