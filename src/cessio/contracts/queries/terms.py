"""Terms in force: on a date, as known before an instant, for one contract or all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any, get_type_hints

from sqlalchemy import ARRAY, BigInteger, any_, func, literal, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from cessio.contracts.models import ContractTerms
from cessio.contracts.rules import IneligibleReason, TermChange, Terms, term_changes
from cessio.kernel.errors import NotFound

#: "As known now": every fact was recorded before it.
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)

#: One row per contract: its terms on ``:on`` as recorded before ``:recorded_before``. For the
#: set-based statements of the capabilities above, as a subquery or a CTE.
TERMS_IN_FORCE = """
    SELECT DISTINCT ON (contract_id) *
      FROM contract_terms
     WHERE effective_from <= :on AND decided_at < :recorded_before
     ORDER BY contract_id, effective_from DESC, version DESC
"""

_OF_ONE = text(TERMS_IN_FORCE.replace("WHERE", "WHERE contract_id = :contract_id AND"))
_OF_SOME = text(TERMS_IN_FORCE.replace("WHERE", "WHERE contract_id = ANY(:contract_ids) AND"))
_OF_ALL = text(TERMS_IN_FORCE)


class TermsMissing(NotFound):
    """The contract has no terms on that date, as far as was known."""


@dataclass(frozen=True, slots=True)
class TermVersion:
    """One recorded version, and what it changed of the terms that held on its date until then."""

    version: int
    effective_from: date
    decided_at: datetime
    decided_by: str
    reason: str | None
    terms: Terms
    changes: tuple[TermChange, ...]


def terms_in_force(
    session: Session, contract_id: int, on: date, *, recorded_before: datetime | None = None
) -> Terms:
    """The terms of a contract on a date. Raises ``TermsMissing``."""
    facts = {
        "contract_id": contract_id,
        "on": on,
        "recorded_before": recorded_before or END_OF_TIME,
    }
    row = session.execute(_OF_ONE, facts).one_or_none()
    if row is None:
        raise TermsMissing(
            "terms_missing", "contract {contract_id} has no terms on {on}",
            contract_id=contract_id, on=on.isoformat(),
        )  # fmt: skip
    return terms_of(row)


def version_in_force(session: Session, contract_id: int, on: date) -> int | None:
    """The number of the version that holds on a date, if one does."""
    return session.scalar(
        select(ContractTerms.version)
        .where(ContractTerms.contract_id == contract_id, ContractTerms.effective_from <= on)
        .order_by(ContractTerms.effective_from.desc(), ContractTerms.version.desc())
        .limit(1)
    )


def terms_of_all(
    session: Session, on: date, *, recorded_before: datetime | None = None,
    contract_ids: Collection[int] | None = None,
) -> dict[int, Terms]:  # fmt: skip
    """Terms by contract on a date, of all contracts that have any then, or of some."""
    facts: dict[str, Any] = {"on": on, "recorded_before": recorded_before or END_OF_TIME}
    if contract_ids is not None:
        facts["contract_ids"] = list(contract_ids)
    rows = session.execute(_OF_ALL if contract_ids is None else _OF_SOME, facts)
    places = {name: place for place, name in enumerate(rows.keys())}
    its, values = places["contract_id"], itemgetter(*(places[name] for name in _READERS))
    return {row[its]: _of_contract(values(row)) for row in rows}


def _of_contract(values: tuple[Any, ...]) -> Terms:
    """The terms of the columns of a row; most contracts of a house have the same ones."""
    its = list(values)
    its[_REASONS] = tuple(its[_REASONS])
    return _read_once(tuple(its))


def parts_of_all(
    session: Session, on: date, *names: str, contract_ids: Collection[int] | None = None
) -> dict[int, tuple[Any, ...]]:
    """Some columns of the terms in force of every contract, or of some: a tenth of the work."""
    model = ContractTerms
    query = (
        select(model.contract_id, *(getattr(model, name) for name in names))
        .ext(distinct_on(model.contract_id))
        .where(model.effective_from <= on)
        .order_by(model.contract_id, model.effective_from.desc(), model.version.desc())
    )
    if contract_ids is not None:
        query = query.where(model.contract_id == any_(literal([*contract_ids], ARRAY(BigInteger))))
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}


def term_history(session: Session, contract_id: int) -> tuple[TermVersion, ...]:
    """Every version ever recorded, latest first, each with its difference by field."""
    rows = session.scalars(
        select(ContractTerms)
        .where(ContractTerms.contract_id == contract_id)
        .order_by(ContractTerms.version)
    ).all()
    history: list[TermVersion] = []
    for row in rows:
        terms = terms_of(row)
        base = _held(history, row.effective_from)
        changes = term_changes(base, terms) if base is not None else ()
        history.append(
            TermVersion(row.version, row.effective_from, row.decided_at, row.decided_by,
                        row.reason, terms, changes)
        )  # fmt: skip
    return tuple(reversed(history))


def versions_after(session: Session, contract_id: int, on: date) -> list[tuple[int, date]]:
    """Versions (number, date) already recorded that take effect later than a date."""
    rows = session.execute(
        select(ContractTerms.version, ContractTerms.effective_from)
        .where(ContractTerms.contract_id == contract_id, ContractTerms.effective_from > on)
        .order_by(ContractTerms.effective_from, ContractTerms.version)
    )
    return [(version, effective_from) for version, effective_from in rows]


def last_version(session: Session, contract_id: int) -> int:
    """The number of the version recorded last; zero before the first."""
    last = select(func.max(ContractTerms.version)).where(ContractTerms.contract_id == contract_id)
    return session.scalar(last) or 0


def terms_of(row: Any) -> Terms:
    """The terms a row holds, mapped or plain."""
    return _read(_values(row))


def _read(values: Sequence[Any]) -> Terms:
    return Terms(
        **{name: read(value) for (name, read), value in zip(_READERS.items(), values, strict=True)}
    )


def columns_of(terms: Terms) -> dict[str, Any]:
    """Terms as the columns of a row."""
    columns = {field.name: getattr(terms, field.name) for field in fields(Terms)}
    return {**columns, "ineligible_reasons": [reason.value for reason in terms.ineligible_reasons]}


def _held(history: list[TermVersion], on: date) -> Terms | None:
    """What held on a date, of the versions recorded so far in order."""
    started = [version for version in history if version.effective_from <= on]
    if not started:
        return None
    return max(started, key=lambda version: (version.effective_from, version.version)).terms


def _reader(kind: Any) -> Callable[[Any], Any]:
    if kind == tuple[IneligibleReason, ...]:
        return lambda values: tuple(IneligibleReason(value) for value in values)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    return lambda value: value


_READERS = {name: _reader(kind) for name, kind in get_type_hints(Terms).items()}
_read_once = lru_cache(maxsize=4096)(_read)
_values = attrgetter(*_READERS)
_REASONS = list(_READERS).index("ineligible_reasons")
