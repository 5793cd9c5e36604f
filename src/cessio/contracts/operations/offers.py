"""Naming products and pricing fees: a change is a new version from a date on, never an edit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts.models import FeeGrid, FeeGridVersion, Offer, OfferVersion
from cessio.contracts.queries import catalogue as queries
from cessio.contracts.rules import Product, Terms, term_changes, terms_problems
from cessio.contracts.rules.grids import FeeLine, grid_problems, in_order
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Conflict, Invalid, Problems
from cessio.kernel.money import MINOR_DIGITS

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class Named:
    """What a product or grid is called: a short code for lists, a name in each language."""

    code: str
    name_fr: str
    name_en: str


def add_offer(
    session: Session, *, named: Named, kind: Product, terms: Terms, effective_from: date,
    fee_grid_id: int | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Sell a product under a name of ours; returns its id. Raises ``Problems``, ``Conflict``."""
    if faults := [*_name_faults(named), *terms_problems(terms)]:
        raise Problems(faults)
    _refuse_taken(session, Offer, named.code)
    row = Offer(code=named.code, kind=kind.value, name_fr=named.name_fr.strip(),
                name_en=named.name_en.strip(), created_at=at, created_by=by)  # fmt: skip
    session.add(row)
    session.flush()
    _keep_offer(session, row.id, 1, effective_from, terms, fee_grid_id, None, by=by, at=at)
    audit.record(session, verb="add_offer", subject_kind="offer", subject_id=row.id,
                 after={"code": row.code, "name_fr": row.name_fr, "name_en": row.name_en,
                        "kind": kind, "effective_from": effective_from, "terms": terms},
                 by=by, at=at)  # fmt: skip
    return row.id


def change_offer(
    session: Session, *, offer_id: int, terms: Terms, effective_from: date,
    fee_grid_id: int | None = None, note: str | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Start new contracts of a product from other terms; returns the version.

    Contracts signed before keep theirs. Raises ``Problems``, ``Conflict`` (``offer_unchanged``).
    """
    queries.offer_row(session, offer_id)
    held = queries.offer(session, offer_id)
    faults = [*terms_problems(terms), *_date_faults(effective_from, at)]
    if faults:
        raise Problems(faults)
    before = held.on(effective_from) or held.versions[-1]
    changes = term_changes(before.terms, terms)
    if not changes and before.fee_grid_id == fee_grid_id:
        raise Conflict("offer_unchanged", "these are its terms of that date already")
    version = held.versions[0].version + 1
    _keep_offer(session, offer_id, version, effective_from, terms, fee_grid_id, note, by=by, at=at)
    audit.record(
        session, verb="change_offer", subject_kind="offer", subject_id=offer_id, why=note,
        before={change.name: change.before for change in changes},
        after={"effective_from": effective_from, **{c.name: c.after for c in changes}},
        by=by, at=at,
    )  # fmt: skip
    return version


def retire_offer(
    session: Session, *, offer_id: int, retired: bool = True, by: str, at: datetime
) -> None:
    """No longer sign contracts of a product, or sign them again."""
    row = queries.offer_row(session, offer_id)
    if (row.retired_at is not None) == retired:
        return
    row.retired_at, row.retired_by = (at, by) if retired else (None, None)
    session.flush()
    audit.record(session, verb="retire_offer" if retired else "offer_again",
                 subject_kind="offer", subject_id=offer_id, by=by, at=at)  # fmt: skip


def add_fee_grid(
    session: Session, *, named: Named, lines: Sequence[FeeLine], effective_from: date,
    currency: str = "EUR", by: str, at: datetime,
) -> int:  # fmt: skip
    """Set up a price list of fees; returns its id. Raises ``Problems``, ``Conflict``."""
    faults = [*_name_faults(named), *grid_problems(lines)]
    if currency not in MINOR_DIGITS:
        faults.append(Invalid("currency_unknown", "{currency} is not a currency handled here",
                              field="currency", currency=currency[:10]))  # fmt: skip
    if faults:
        raise Problems(faults)
    _refuse_taken(session, FeeGrid, named.code)
    row = FeeGrid(code=named.code, currency=currency, name_fr=named.name_fr.strip(),
                  name_en=named.name_en.strip(), created_at=at, created_by=by)  # fmt: skip
    session.add(row)
    session.flush()
    _keep_grid(session, row.id, 1, effective_from, lines, None, by=by, at=at)
    audit.record(session, verb="add_fee_grid", subject_kind="fee_grid", subject_id=row.id,
                 after={"code": row.code, "name_fr": row.name_fr, "name_en": row.name_en,
                        "effective_from": effective_from, "lines": _stored(lines)},
                 by=by, at=at)  # fmt: skip
    return row.id


def change_fee_grid(
    session: Session, *, grid_id: int, lines: Sequence[FeeLine], effective_from: date,
    note: str | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Price fees otherwise from a date on; returns the version. Raises ``Problems``."""
    queries.grid_row(session, grid_id)
    held = queries.fee_grid(session, grid_id)
    if faults := [*grid_problems(lines), *_date_faults(effective_from, at)]:
        raise Problems(faults)
    before = held.on(effective_from) or held.versions[-1]
    if before.lines == in_order(lines):
        raise Conflict("grid_unchanged", "these are its fees of that date already")
    version = held.versions[0].version + 1
    _keep_grid(session, grid_id, version, effective_from, lines, note, by=by, at=at)
    audit.record(session, verb="change_fee_grid", subject_kind="fee_grid", subject_id=grid_id,
                 before={"lines": _stored(before.lines)}, why=note, by=by, at=at,
                 after={"effective_from": effective_from, "lines": _stored(lines)})  # fmt: skip
    return version


def _keep_offer(
    session: Session, offer_id: int, version: int, effective_from: date, terms: Terms,
    fee_grid_id: int | None, note: str | None, *, by: str, at: datetime,
) -> None:  # fmt: skip
    session.add(
        OfferVersion(
            offer_id=offer_id, version=version, effective_from=effective_from,
            terms=audit.json_safe(terms), fee_grid_id=fee_grid_id,
            note=(note or "").strip() or None, set_at=at, set_by=by,
        )
    )  # fmt: skip
    session.flush()


def _keep_grid(
    session: Session, grid_id: int, version: int, effective_from: date,
    lines: Sequence[FeeLine], note: str | None, *, by: str, at: datetime,
) -> None:  # fmt: skip
    session.add(
        FeeGridVersion(
            grid_id=grid_id, version=version, effective_from=effective_from,
            lines=_stored(lines), note=(note or "").strip() or None, set_at=at, set_by=by,
        )
    )  # fmt: skip
    session.flush()


def _stored(lines: Sequence[FeeLine]) -> list[Any]:
    stored: list[Any] = audit.json_safe(in_order(lines))
    return stored


def _refuse_taken(session: Session, of: type[Offer] | type[FeeGrid], code: str) -> None:
    if queries.code_taken(session, of, code):
        raise Conflict("code_taken", "the code {name} is in use", field="code", name=code)


def _date_faults(effective_from: date, at: datetime) -> list[CessioError]:
    if effective_from >= business_date(at):
        return []
    return [Invalid("version_past", "a version holds from today on, or later",
                    field="effective_from")]  # fmt: skip


def _name_faults(named: Named) -> list[CessioError]:
    faults: list[CessioError] = []
    if not _CODE.fullmatch(named.code):
        faults.append(Invalid("offer_code", "a code is capital letters, digits and hyphens",
                              field="code"))  # fmt: skip
    faults.extend(
        Invalid("name_both", "name it in both languages", field=name)
        for name in ("name_fr", "name_en")
        if not 1 <= len(getattr(named, name).strip()) <= MAX_NAME
    )
    return faults
