"""Holding names against the lists: those that are due, and one by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.identity import Permission
from cessio.identity.queries import staff_who_may
from cessio.notifications import notify
from cessio.screening import bulk, queries
from cessio.screening.models import ScreeningAlert
from cessio.screening.rules import (
    AlertState,
    Listed,
    ListIndex,
    ListSource,
    Match,
    SubjectKind,
)


@dataclass(frozen=True, slots=True)
class Screened:
    """How many companies and names were held against the lists, and how many alerts are new."""

    companies: int = 0
    names: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A listed name that one searched by hand resembles."""

    match: Match
    source: ListSource
    listed: Listed


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists that hold, made ready once; by entry, its version and what tells it apart."""

    key: tuple[Any, ...]
    version_ids: tuple[int, ...]
    index: ListIndex
    entries: dict[int, tuple[int, ListSource, Listed]]


_ready: list[Lists] = []
_ready_lock = Lock()


def lists(session: Session) -> Lists | None:
    """The lists that hold; None while none was loaded. Kept ready until another is loaded."""
    version_ids = queries.current_ids(session)
    if not version_ids:
        return None
    marks = queries.version_marks(session, version_ids)
    key = (str(session.get_bind().engine.url), *marks)
    with _ready_lock:
        if not _ready or _ready[0].key != key:
            found = queries.entries(session, version_ids)
            index = ListIndex((entry_id, one) for entry_id, _, _, one in found)
            by_id = {entry_id: (version_id, source, one)
                     for entry_id, version_id, source, one in found}  # fmt: skip
            _ready[:] = [Lists(key, version_ids, index, by_id)]
        return _ready[0]


def search(session: Session, text: str) -> tuple[Found, ...]:
    """What a name or a number typed by hand resembles, from a low score on."""
    held = lists(session)
    if held is None or not text.strip():
        return ()
    low = max(60, queries.settings(session).threshold - 15)
    found = [*held.index.identified(text), *held.index.find(text, threshold=low)]
    return tuple(Found(one, *held.entries[one.entry_id][1:]) for one in found)


def screen_due(
    session: Session, *, most: int = 1000, company_ids: Collection[int] | None = None, by: str,
    at: datetime,
) -> Screened:  # fmt: skip
    """Hold the names of companies that are due against the lists: so many, or some of them.

    Without a list nothing is screened and everything stays due. Safe to run twice.
    """
    held = lists(session)
    if held is None:
        return Screened()
    ids = queries.due(session, most=most, company_ids=company_ids)
    if not ids:
        return Screened()
    threshold = queries.settings(session).threshold
    known = _Known(queries.known_alerts(session, ids))
    fresh: list[dict[str, Any]] = []
    names: dict[int, int] = {}
    for one in bulk.named(session, ids):
        names[one.company_id] = len(one.names)
        for (name, entry_id), (kind, match) in _matches(held, one, threshold).items():
            version_id, source, listed = held.entries[entry_id]
            if known.has(one.company_id, name, entry_id, source, listed.reference):
                continue
            fresh.append({
                "company_id": one.company_id, "subject_kind": kind.value, "name": name,
                "entry_id": entry_id, "version_id": version_id, "alias": match.alias,
                "score": match.score, "pairs": [asdict(pair) for pair in match.pairs],
                "found_at": at, "found_by": by, "state_at": at,
            })  # fmt: skip
            known.supersede(one.company_id, name, source, listed.reference)
    _write(session, fresh, known.superseded, at)
    bulk.mark_screened(session, names, versions=held.version_ids, at=at)
    _tell(session, fresh, at)
    return Screened(len(ids), sum(names.values()), len(fresh))


class _Known:
    """What was found before: pairs told already, true hits, and open alerts of changed entries."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.superseded: list[int] = []
        self._pairs = {(row[1], row[2], row[5]) for row in rows}
        self._hits = {tuple(row[1:5]) for row in rows if row[6] == AlertState.HIT.value}
        self._open: dict[tuple[Any, ...], list[int]] = {}
        for row in rows:
            if row[6] == AlertState.OPEN.value:
                self._open.setdefault(tuple(row[1:5]), []).append(row[0])

    def has(self, company_id: int, name: str, entry_id: int, source: str, reference: str) -> bool:
        told = (company_id, name, entry_id) in self._pairs
        return told or (company_id, name, str(source), reference) in self._hits

    def supersede(self, company_id: int, name: str, source: str, reference: str) -> None:
        self.superseded += self._open.pop((company_id, name, str(source), reference), [])


def _matches(
    held: Lists, one: bulk.Named, threshold: int
) -> dict[tuple[str, int], tuple[SubjectKind, Match]]:
    """By name and entry, the most alike."""
    found: dict[tuple[str, int], tuple[SubjectKind, Match]] = {}
    for kind, name, match in _all_matches(held, one, threshold):
        key = (name, match.entry_id)
        if key not in found or found[key][1].score < match.score:
            found[key] = (kind, match)
    return found


def _all_matches(
    held: Lists, one: bulk.Named, threshold: int
) -> Iterator[tuple[SubjectKind, str, Match]]:
    for kind, name in one.names:
        for match in held.index.find(name, threshold=threshold):
            yield kind, name, match
    main = next((name for kind, name in one.names if kind is SubjectKind.COMPANY), "")
    for number in one.numbers:
        for match in held.index.identified(number):
            yield SubjectKind.COMPANY, main, match


def _write(
    session: Session, fresh: Sequence[dict[str, Any]], superseded: Collection[int], at: datetime
) -> None:
    if fresh:
        session.execute(insert(ScreeningAlert).on_conflict_do_nothing(), list(fresh))
    if superseded:
        session.execute(
            update(ScreeningAlert).where(ScreeningAlert.id.in_(superseded))
            .values(state=AlertState.SUPERSEDED.value, state_at=at)
        )  # fmt: skip


def _tell(session: Session, fresh: Sequence[dict[str, Any]], at: datetime) -> None:
    """Those who decide hear of new alerts: once for all that were found together."""
    if not fresh:
        return
    first = fresh[0]
    notify(
        session, person_ids=staff_who_may(session, Permission.DECIDE_SCREENING),
        kind="screening_alerts", values={"count": len(fresh), "name": first["name"]},
        href="/backoffice/screening", at=at,
        key=f"screening/{first['company_id']}/{first['entry_id']}/{first['name']}"[:200],
    )  # fmt: skip
