"""What clients sign: contracts, their terms, products and prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import msgspec
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.base import Deed, deed
from cessio.contracts import operations, queries, sign_contract
from cessio.contracts.operations.offers import Named
from cessio.contracts.queries import catalogue
from cessio.contracts.rules import Product, Terms, product_defaults, term_changes
from cessio.contracts.rules.grids import FeeLine, in_order
from cessio.identity import Permission
from cessio.parties import client_names


class OfTerms(Deed):
    """A deed about terms: they are compared to those of its state, or to what is usual."""

    __slots__ = ()
    terms: Terms

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Every parameter that differs."""
        held = msgspec.convert(state["terms"], type=Terms, strict=False)
        return [(one.name, one.before, one.after) for one in term_changes(held, self.terms)]


@deed
@dataclass(frozen=True, slots=True)
class SignContract(OfTerms):
    """A contract with a client."""

    kind: ClassVar[str] = "new_contract"
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.EDIT_CONTRACTS,)
    agreed_with: ClassVar[Permission] = Permission.APPROVE_CONTRACTS

    client_id: int
    product: Product
    terms: Terms
    currency: str
    language: str
    signed_on: date
    starts_on: date | None = None
    reference: str | None = None
    offer_id: int | None = None
    fee_grid_id: int | None = None

    def client(self, session: Session) -> int | None:
        """The client, if there is one."""
        return self.client_id if self.client_id in client_names(session, [self.client_id]) else None

    def state(self, session: Session) -> Mapping[str, Any]:
        """What contracts of the product usually say."""
        return {"terms": product_defaults(self.product)}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Client and facility."""
        return {
            "client": client_names(session, [self.client_id]).get(self.client_id),
            "product": self.product.value, "currency": self.currency,
            "amount_minor": self.terms.facility_limit_minor,
            "signed_on": self.signed_on, "starts_on": self.starts_on,
        }  # fmt: skip

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Sign it."""
        facts = {name: getattr(self, name) for name in SignContract.__slots__}
        return sign_contract(session, **facts, by=by, at=at)


@deed
@dataclass(frozen=True, slots=True)
class ChangeTerms(OfTerms):
    """Other terms of a contract from a date on."""

    kind: ClassVar[str] = "contract_terms"
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.EDIT_CONTRACTS,)
    agreed_with: ClassVar[Permission] = Permission.APPROVE_CONTRACTS

    contract_id: int
    terms: Terms
    effective_from: date
    reason: str | None = None

    def subject(self) -> int:
        """The contract."""
        return self.contract_id

    def client(self, session: Session) -> int | None:
        """Its client."""
        return queries.contract(session, self.contract_id).client_id

    def state(self, session: Session) -> Mapping[str, Any]:
        """The terms of that date, and how many versions there are."""
        return {
            "terms": queries.terms_in_force(session, self.contract_id, self.effective_from),
            "versions": len(queries.term_history(session, self.contract_id)),
        }  # fmt: skip

    def told(self, session: Session) -> Mapping[str, Any]:
        """Client, contract and facility."""
        held = queries.contract(session, self.contract_id)
        return {
            "client": client_names(session, [held.client_id]).get(held.client_id),
            "contract": held.reference, "currency": held.currency,
            "amount_minor": self.terms.facility_limit_minor,
            "effective_from": self.effective_from, "why": self.reason,
        }  # fmt: skip

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Record the version."""
        operations.change_terms(
            session, contract_id=self.contract_id, terms=self.terms, reason=self.reason,
            effective_from=self.effective_from, by=by, at=at,
        )  # fmt: skip
        return None


@deed
@dataclass(frozen=True, slots=True)
class EndContract(Deed):
    """From a day on nothing new is assigned under a contract."""

    kind: ClassVar[str] = "contract_end"
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.EDIT_CONTRACTS,)
    agreed_with: ClassVar[Permission] = Permission.APPROVE_CONTRACTS

    contract_id: int
    ended_on: date
    reason: str

    def subject(self) -> int:
        """The contract."""
        return self.contract_id

    def client(self, session: Session) -> int | None:
        """Its client."""
        return queries.contract(session, self.contract_id).client_id

    def state(self, session: Session) -> Mapping[str, Any]:
        """Whether it ends already."""
        return {"ended_on": queries.contract(session, self.contract_id).ended_on}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Client, contract and facility."""
        held = queries.contract(session, self.contract_id)
        terms = queries.terms_in_force(session, self.contract_id,
                                       max(self.ended_on, held.starts_on))  # fmt: skip
        return {
            "client": client_names(session, [held.client_id]).get(held.client_id),
            "contract": held.reference, "currency": held.currency,
            "amount_minor": terms.facility_limit_minor, "ended_on": self.ended_on,
            "why": self.reason,
        }  # fmt: skip

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """When it ends."""
        return [("ended_on", state["ended_on"], self.ended_on)]

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """End it."""
        operations.end_contract(session, contract_id=self.contract_id, ended_on=self.ended_on,
                                reason=self.reason, by=by, at=at)  # fmt: skip
        return None


class OfCatalogue(Deed):
    """What the house sells, and for how much."""

    __slots__ = ()
    asked_with: ClassVar[tuple[Permission, ...]] = (Permission.MANAGE_SETTINGS,)
    agreed_with: ClassVar[Permission] = Permission.APPROVE_SETTINGS


@deed
@dataclass(frozen=True, slots=True)
class AddOffer(OfCatalogue, OfTerms):
    """A product under a name of the house."""

    kind: ClassVar[str] = "new_offer"

    named: Named
    product: Product
    terms: Terms
    effective_from: date
    fee_grid_id: int | None = None

    def state(self, session: Session) -> Mapping[str, Any]:
        """What is usual."""
        return {"terms": product_defaults(self.product)}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Its name."""
        return {"name": self.named.name_fr, "effective_from": self.effective_from}

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Add it."""
        return operations.add_offer(
            session, named=self.named, kind=self.product, terms=self.terms,
            effective_from=self.effective_from, fee_grid_id=self.fee_grid_id, by=by, at=at,
        )  # fmt: skip


@deed
@dataclass(frozen=True, slots=True)
class ChangeOffer(OfCatalogue, OfTerms):
    """Other terms of a product, for contracts to come."""

    kind: ClassVar[str] = "offer_terms"

    offer_id: int
    terms: Terms
    effective_from: date
    fee_grid_id: int | None = None
    note: str | None = None

    def subject(self) -> int:
        """The product."""
        return self.offer_id

    def state(self, session: Session) -> Mapping[str, Any]:
        """Its terms of that date, and how many versions there are."""
        held = catalogue.offer(session, self.offer_id)
        before = held.on(self.effective_from) or held.versions[-1]
        return {"terms": before.terms, "fee_grid_id": before.fee_grid_id,
                "versions": len(held.versions)}  # fmt: skip

    def told(self, session: Session) -> Mapping[str, Any]:
        """Its name."""
        held = catalogue.offer(session, self.offer_id)
        return {"name": held.name("fr"), "effective_from": self.effective_from, "why": self.note}

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Record the version."""
        return operations.change_offer(
            session, offer_id=self.offer_id, terms=self.terms, note=self.note,
            effective_from=self.effective_from, fee_grid_id=self.fee_grid_id, by=by, at=at,
        )  # fmt: skip


def _lines(lines: Sequence[FeeLine]) -> dict[str, tuple[int, Any]]:
    return {f"{one.kind.value}/{one.from_minor}": (one.flat_minor, one.rate)
            for one in in_order(lines)}  # fmt: skip


class OfPrices(OfCatalogue):
    """A deed about fees: its lines beside those of its state."""

    __slots__ = ()
    lines: tuple[FeeLine, ...]

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Each fee that differs: what it costs, by the amount it starts from."""
        held = _lines(msgspec.convert(state["lines"], type=list[FeeLine], strict=False))
        asked = _lines(self.lines)
        return [(f"fee:{name}", held.get(name), asked.get(name))
                for name in dict.fromkeys([*held, *asked])
                if held.get(name) != asked.get(name)]  # fmt: skip


@deed
@dataclass(frozen=True, slots=True)
class AddFeeGrid(OfPrices):
    """A price list of fees."""

    kind: ClassVar[str] = "new_fee_grid"

    named: Named
    lines: tuple[FeeLine, ...]
    effective_from: date

    def state(self, session: Session) -> Mapping[str, Any]:
        """Nothing is priced yet."""
        return {"lines": []}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Its name."""
        return {"name": self.named.name_fr, "effective_from": self.effective_from}

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Add it."""
        return operations.add_fee_grid(
            session, named=self.named, lines=self.lines, effective_from=self.effective_from,
            by=by, at=at,
        )  # fmt: skip


@deed
@dataclass(frozen=True, slots=True)
class ChangePrices(OfPrices):
    """Fees priced otherwise from a date on."""

    kind: ClassVar[str] = "fee_prices"

    grid_id: int
    lines: tuple[FeeLine, ...]
    effective_from: date
    note: str | None = None

    def subject(self) -> int:
        """The grid."""
        return self.grid_id

    def state(self, session: Session) -> Mapping[str, Any]:
        """Its fees of that date, and how many versions there are."""
        held = catalogue.fee_grid(session, self.grid_id)
        before = held.on(self.effective_from) or held.versions[-1]
        return {"lines": before.lines, "versions": len(held.versions)}

    def told(self, session: Session) -> Mapping[str, Any]:
        """Its name."""
        held = catalogue.fee_grid(session, self.grid_id)
        return {"name": held.name("fr"), "effective_from": self.effective_from, "why": self.note}

    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Record the version."""
        return operations.change_fee_grid(
            session, grid_id=self.grid_id, lines=self.lines, note=self.note,
            effective_from=self.effective_from, by=by, at=at,
        )  # fmt: skip
