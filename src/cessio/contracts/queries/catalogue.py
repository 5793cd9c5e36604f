"""Products as the factor names them, and its fee grids: what holds on a date, and where used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, get_type_hints

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract, FeeGrid, FeeGridVersion, Offer, OfferVersion
from cessio.contracts.queries.terms import terms_of
from cessio.contracts.rules import Product, Terms, product_defaults
from cessio.contracts.rules.grids import FeeLine, in_order
from cessio.contracts.rules.options import FeeKind
from cessio.kernel.errors import NotFound

_DECIMALS = {name for name, kind in get_type_hints(Terms).items() if "Decimal" in str(kind)}


@dataclass(frozen=True, slots=True)
class OfferVersionView:
    """One version of an offer: the terms to start from."""

    version: int
    effective_from: date
    terms: Terms
    fee_grid_id: int | None
    note: str | None
    set_at: datetime
    set_by: str


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer with every version, latest first, and how many contracts were signed on it."""

    id: int
    code: str
    kind: Product
    name_fr: str
    name_en: str
    retired_at: datetime | None
    versions: tuple[OfferVersionView, ...]
    contracts: int

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.name_en if language == "en" else self.name_fr

    def on(self, day: date) -> OfferVersionView | None:
        """The version that holds on a day."""
        started = [one for one in self.versions if one.effective_from <= day]
        return max(started, key=lambda one: (one.effective_from, one.version), default=None)


@dataclass(frozen=True, slots=True)
class GridVersionView:
    """One version of a grid: its lines in order."""

    version: int
    effective_from: date
    lines: tuple[FeeLine, ...]
    note: str | None
    set_at: datetime
    set_by: str


@dataclass(frozen=True, slots=True)
class GridView:
    """A grid with every version, latest first, and how many contracts have it."""

    id: int
    code: str
    currency: str
    name_fr: str
    name_en: str
    retired_at: datetime | None
    versions: tuple[GridVersionView, ...]
    contracts: int

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.name_en if language == "en" else self.name_fr

    def on(self, day: date) -> GridVersionView | None:
        """The version that holds on a day."""
        started = [one for one in self.versions if one.effective_from <= day]
        return max(started, key=lambda one: (one.effective_from, one.version), default=None)


def offers(session: Session, *, offer_id: int | None = None) -> tuple[OfferView, ...]:
    """Every offer by name, or one of them."""
    query = select(Offer).order_by(Offer.name_fr, Offer.id)
    rows = session.scalars(query if offer_id is None else query.where(Offer.id == offer_id)).all()
    used = _used(session, Contract.offer_id)
    versions: dict[int, list[OfferVersionView]] = {}
    kinds = {row.id: Product(row.kind) for row in rows}
    for one in session.scalars(
        select(OfferVersion).where(OfferVersion.offer_id.in_(kinds))
        .order_by(OfferVersion.version.desc())
    ):  # fmt: skip
        versions.setdefault(one.offer_id, []).append(
            OfferVersionView(one.version, one.effective_from,
                             terms_read(one.terms, kinds[one.offer_id]), one.fee_grid_id, one.note,
                             one.set_at, one.set_by)
        )  # fmt: skip
    return tuple(
        OfferView(row.id, row.code, kinds[row.id], row.name_fr, row.name_en, row.retired_at,
                  tuple(versions.get(row.id, ())), used.get(row.id, 0))
        for row in rows
    )  # fmt: skip


def offer(session: Session, offer_id: int) -> OfferView:
    """One offer. Raises ``NotFound``."""
    found = offers(session, offer_id=offer_id)
    if not found:
        raise NotFound("offer_unknown", "there is no such product")
    return found[0]


def fee_grids(session: Session, *, grid_id: int | None = None) -> tuple[GridView, ...]:
    """Every fee grid by name, or one of them."""
    query = select(FeeGrid).order_by(FeeGrid.name_fr, FeeGrid.id)
    rows = session.scalars(query if grid_id is None else query.where(FeeGrid.id == grid_id)).all()
    used = _used(session, Contract.fee_grid_id)
    versions: dict[int, list[GridVersionView]] = {}
    for one in session.scalars(
        select(FeeGridVersion).where(FeeGridVersion.grid_id.in_([row.id for row in rows]))
        .order_by(FeeGridVersion.version.desc())
    ):  # fmt: skip
        versions.setdefault(one.grid_id, []).append(
            GridVersionView(one.version, one.effective_from, lines_read(one.lines), one.note,
                            one.set_at, one.set_by)
        )  # fmt: skip
    return tuple(
        GridView(row.id, row.code, row.currency, row.name_fr, row.name_en, row.retired_at,
                 tuple(versions.get(row.id, ())), used.get(row.id, 0))
        for row in rows
    )  # fmt: skip


def fee_grid(session: Session, grid_id: int) -> GridView:
    """One fee grid. Raises ``NotFound``."""
    found = fee_grids(session, grid_id=grid_id)
    if not found:
        raise NotFound("grid_unknown", "there is no such fee grid")
    return found[0]


def offer_row(session: Session, offer_id: int) -> Offer:
    """An offer's row, locked."""
    row = session.get(Offer, offer_id, with_for_update=True)
    if row is None:
        raise NotFound("offer_unknown", "there is no such product")
    return row


def grid_row(session: Session, grid_id: int) -> FeeGrid:
    """A grid's row, locked."""
    row = session.get(FeeGrid, grid_id, with_for_update=True)
    if row is None:
        raise NotFound("grid_unknown", "there is no such fee grid")
    return row


def code_taken(session: Session, of: type[Offer] | type[FeeGrid], code: str) -> bool:
    """Whether a code is in use, retired ones included."""
    return session.scalar(select(of.id).where(of.code == code)) is not None


def contracts_signed_on(session: Session, offer_id: int) -> list[int]:
    """Contracts of an offer."""
    found = select(Contract.id).where(Contract.offer_id == offer_id).order_by(Contract.id)
    return list(session.scalars(found))


def _used(session: Session, column: Any) -> dict[int, int]:
    counted = select(column, func.count()).where(column.is_not(None)).group_by(column)
    return {row[0]: row[1] for row in session.execute(counted)}


def terms_read(stored: Mapping[str, Any], kind: Product) -> Terms:
    """Terms as stored; a parameter that came later is the product's own."""
    usual = product_defaults(kind)
    values = {f.name: getattr(usual, f.name) for f in fields(Terms)}
    for name, value in stored.items():
        if name in values:
            values[name] = Decimal(value) if name in _DECIMALS and value is not None else value
    return terms_of(SimpleNamespace(**values))


def lines_read(stored: Sequence[Mapping[str, Any]]) -> tuple[FeeLine, ...]:
    """A grid's lines as stored."""
    return in_order([
        FeeLine(FeeKind(one["kind"]), one["from_minor"], one["flat_minor"], Decimal(one["rate"]))
        for one in stored
    ])  # fmt: skip
